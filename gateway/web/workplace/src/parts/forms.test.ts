import { expect, test } from "vitest";
import { amountOf, filled, recordId } from "./forms";
import { query } from "./query";

test.each([["1", "1.00"], ["1,234.5", "1234.50"], ["0", undefined], ["0.00", undefined], ["-1", undefined], ["1.234", undefined], ["", undefined]])("%s is the amount %s", (text, amount) => expect(amountOf(text)).toBe(amount));

test("what is empty is not sent", () => {
  expect(filled({ a: "", b: "x" })).toEqual({ b: "x" });
  expect(query({ region: "", programme: "dibao", name: "低保 A", state: undefined })).toBe("programme=dibao&name=%E4%BD%8E%E4%BF%9D+A");
});

test.each([["t-1", true], ["t_1.a", true], ["-t", false], ["T", false], ["t".repeat(41), false]])("%s is an id: %s", (id, is) => expect(new RegExp(`^(?:${recordId.pattern})$`, "v").test(id)).toBe(is));
