import { expect, test } from "vitest";
import { noAnswer, troubleOf } from "../api/problem";
import { orNone } from "./none";

test("what is not there is nothing, other trouble stays trouble", async () => {
  expect(await orNone(Promise.resolve(7))).toBe(7);
  expect(await orNone(Promise.reject(troubleOf(404, undefined)))).toBeUndefined();
  await expect(orNone(Promise.reject(noAnswer()))).rejects.toThrow();
});
