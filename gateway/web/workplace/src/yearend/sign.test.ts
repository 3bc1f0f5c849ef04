import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { signers, states, toCarry } from "./sign";

const at = "2026-12-31T00:00:00Z";
const list = { id: "2026-530181", sha256: "a", tranches: [{ id: "t-1", state: "issued", balances: { available: "1.00" } }, { id: "t-2", state: "issued", balances: { available: "0.00" } }] } as unknown as Schemas["YearEnd"];
const signed = (sha256: string, state: "begun" | "signed") => ({ ...list, signed: { ...list, sha256, state, signatures: [{ agency: "FinanceMSP", act: 1 }], acts: [{ by: { name: "old" }, at }, { by: { name: "f" }, at }] } }) as unknown as Schemas["YearEnd"];

test.each([
  [list, "unsigned"], [signed("a", "begun"), "begun"], [signed("a", "signed"), "signed"], [signed("b", "signed"), "changed"],
])("a year's end is as its signatures say (%#)", (of, state) => expect(states(of)).toBe(state));

test("who signed another list has not signed this one", () => {
  expect(signers(signed("a", "begun"))).toEqual([{ agency: "FinanceMSP", by: { name: "f" }, at }]);
  expect(signers(signed("b", "signed"))).toEqual([]);
  expect(signers(list)).toEqual([]);
});

test("money that is left is told", () => expect(toCarry(list).map((each) => each.id)).toEqual(["t-1"]));
