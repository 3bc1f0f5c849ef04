import { describe, expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { asks, proposedBy, shown, unexplained } from "./classify";

describe("a statement that is typed", () => {
  const sums = { opening: "100.00", closing: "620.00", paid: "480.00", paidBack: "", entries: ["1000.00"] };
  test.each([
    [sums, "0.00"], [{ ...sums, closing: "619.50" }, "-0.50"], [{ ...sums, paidBack: "480" }, "-480.00"], [{ ...sums, entries: ["1000.00", "-12.34"] }, "12.34"],
    [{ ...sums, entries: ["x"] }, undefined], [{ ...sums, opening: "" }, undefined],
  ])("is added up to the fen (%#)", (of, left) => expect(unexplained(of)).toBe(left));
});

test("a withdrawal goes before the entries, and is asked for by who proposed it", () => {
  const acts = ["r", "w"].map((name) => ({ act: "x", by: { agency: "FinanceMSP", name }, at: "2026-11-30T00:00:00Z", tx: "0" }));
  const recorded = { acts, proposed: { act: 0, entries: [] } } as unknown as Schemas["AccountStatement"];
  expect([asks(recorded), proposedBy(recorded)?.name]).toEqual(["entries", "r"]);
  const withdrawing = { ...recorded, withdrawal: { reason: "x", act: 1 } };
  expect([asks(withdrawing), proposedBy(withdrawing)?.name]).toEqual(["withdrawal", "w"]);
  const decided = { acts, confirmed: recorded.proposed } as unknown as Schemas["AccountStatement"];
  expect([asks(decided), proposedBy(decided), shown(decided)]).toEqual([undefined, undefined, recorded.proposed]);
});
