import { describe, expect, test } from "vitest";
import { newSalt, salted } from "../api/evidence";
import { bodyOf, byStandard, empty, fieldsOf, ready, type Form, type Kind } from "./proposals";

const form = (filled: Partial<Form>): Form => ({ ...empty, ...filled });
const now = "2026-11";

describe("a change of an entry", () => {
  test.each<[Kind, Partial<Form>, boolean]>([
    ["payee", { evidence: "card seen" }, false], ["payee", { evidence: "card seen", bank: "b" }, true], ["payee", { bank: "b" }, false],
    ["exit", { reason: "moved" }, false], ["exit", { reason: "moved", last_period: now }, true], ["exit", { reason: "death", last_period: now }, false], ["exit", { reason: "death", died_on: "2026-11-03" }, true],
    ["terms", { from: "2026-12", class: "B", persons: "2", amount: "960" }, true], ["terms", { from: "2026-10", class: "B", persons: "2", amount: "960" }, false],
    ["terms", { from: "2026-10", class: "B", persons: "2", amount: "960", reason: "correction", document: "〔2026〕1" }, true], ["terms", { from: "2026-12", class: "B", persons: "2", amount: "0" }, false],
    ["head", { name: "n", id_number: "1", account: "2", class: "A", persons: "1", amount: "1.00", evidence: "e" }, false],
    ["head", { name: "n", id_number: "1", account: "2", class: "A", persons: "1", amount: "1.00", evidence: "e", from: now }, true],
    ["head", { name: "n", id_number: "1", account: "2", class: "A", persons: "1", amount: "1.00", evidence: "e", from: now, died_on: "2026-11-01" }, false],
  ])("%s with %j is ready: %s", (kind, filled, is) => expect(ready(kind, form(filled), now)).toBe(is));

  test("sends what its kind has, and no other field that was typed before", () => {
    expect(bodyOf("exit", form({ reason: "death", died_on: "2026-11-03", last_period: "2026-11", account: "6222" }), now, { programme: "dibao", subject: "s" })).toEqual({ kind: "exit", programme: "dibao", subject: "s", reason: "death", died_on: "2026-11-03" });
    expect(bodyOf("terms", form({ from: "2026-12", class: "B", persons: "2", amount: "960" }), now, { programme: "dibao", subject: "s" })).toEqual({ kind: "terms", programme: "dibao", subject: "s", from: "2026-12", class: "B", persons: 2, amount: "960.00" });
  });

  test("never sends its evidence", () => expect(JSON.stringify(bodyOf("payee", form({ evidence: "a secret", bank: "b" }), now, { programme: "dibao" }))).not.toContain("secret"));

  test("asks each field once", () => {
    for (const reason of ["", "moved", "death"]) {
      const fields = fieldsOf("exit", form({ reason }), now);
      expect(new Set(fields).size).toBe(fields.length);
    }
  });
});

test("a standard is for each person, to the fen", () => {
  expect(byStandard({ B: "480.10" }, form({ class: "B", persons: "3" }))).toBe("1440.30");
  expect(byStandard({ B: "480.10" }, form({ class: "C", persons: "3" }))).toBeUndefined();
  expect(byStandard(undefined, form({ class: "B", persons: "" }))).toBeUndefined();
});

test("the hash of evidence is of its salt and its text", async () => {
  const salt = newSalt();
  const [one, same, other] = await Promise.all([salted("card seen", salt), salted(" card seen ", salt), salted("card seen", newSalt())]);
  expect(one.sha256).toBe(same.sha256);
  expect(other.sha256).not.toBe(one.sha256);
  expect(one.salt).toMatch(/^[0-9a-f]{64}$/);
});
