import { beforeEach, describe, expect, test, vi } from "vitest";
import { idle, perform } from "./acts";
import { Trouble, noAnswer, notKnownYet } from "./problem";

const refused = (status: number) => new Trouble(status, { type: "/problems/x", title: "no", status });

describe("an act", () => {
  const keys: string[] = [];
  const failing = (e: Error) => (key: string) => {
    keys.push(key);
    return Promise.reject(e);
  };
  const passing = (key: string) => {
    keys.push(key);
    return Promise.resolve(key);
  };
  beforeEach(() => {
    keys.length = 0;
    sessionStorage.clear();
  });

  test.each([["no answer came", noAnswer()], ["it is not known yet", notKnownYet()], ["the gateway failed", refused(503)], ["too many came", refused(429)], ["the session ended", refused(401)]])(
    "is sent again under its key when %s", async (_, trouble) => {
      await expect(perform("payment.seal b-1", {}, failing(trouble))).rejects.toBe(trouble);
      await perform("payment.seal b-1", {}, passing);
      expect(keys[1]).toBe(keys[0]);
    });

  test("with other content is another act", async () => {
    await expect(perform("payment.cancel b-1", { reason: "a" }, failing(noAnswer()))).rejects.toThrow();
    await perform("payment.cancel b-1", { reason: "b" }, passing);
    expect(keys[1]).not.toBe(keys[0]);
  });

  test("that was done, or refused for good, is another one the next time", async () => {
    await perform("payment.seal b-1", {}, passing);
    await expect(perform("payment.seal b-1", {}, failing(refused(409)))).rejects.toThrow();
    await perform("payment.seal b-1", {}, passing);
    expect(new Set(keys).size).toBe(3);
  });

  test("leaves no content in the browser", async () => {
    await expect(perform("payment.cancel b-1", { reason: "a secret" }, failing(noAnswer()))).rejects.toThrow();
    expect(JSON.stringify(sessionStorage)).not.toContain("secret");
  });

  test("ends before others hear that it was written", async () => {
    let answer: (value: unknown) => void = () => {};
    const order: string[] = [];
    const act = perform("payment.seal b-2", {}, () => new Promise((resolve) => (answer = resolve))).then(() => order.push("said"));
    await vi.waitFor(() => expect(sessionStorage.getItem("act:payment.seal b-2")).not.toBeNull());
    await Promise.resolve();
    const heard = idle().then(() => order.push("heard"));
    answer("done");
    await Promise.all([act, heard]);
    await idle();
    expect(order).toEqual(["said", "heard"]);
  });
});
