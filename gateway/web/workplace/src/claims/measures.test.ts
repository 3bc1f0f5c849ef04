import { beforeEach, expect, test } from "vitest";
import { official } from "../shell/official";
import { plan, waiting, type Measure, type Overpayment } from "./measures";

const by = (agency: string, name: string) => ({ agency, name });
const measure = (number: number, kind: Measure["kind"], state: Measure["state"] = "proposed", amount = "10.00"): Measure => ({ number, kind, state, amount, sha256: "0".repeat(64), act: number - 1 });
const overpayment = {
  acts: [by("CivilAffairsMSP", "a"), by("FinanceMSP", "f"), by("CivilAffairsMSP", "b")].map((who) => ({ act: "x", by: who, at: "2026-11-30T00:00:00Z", tx: "0" })),
  measures: [measure(1, "write_off"), measure(2, "write_off"), measure(3, "deduction")],
} as Overpayment;

beforeEach(() => (official.me = { agency: "CivilAffairsMSP", id: "mz2", name: "b", role: "approver", acts: ["overpayment.confirm_write_off", "overpayment.confirm_deduction"] }));
const may = (duty: string) => official.me!.acts.includes(duty);

test("a write-off is decided by the other agency, and nobody decides what they proposed", () => {
  expect(waiting(overpayment, may).map((each) => each.number)).toEqual([2]);
  official.me!.agency = "FinanceMSP";
  official.me!.name = "g";
  expect(waiting(overpayment, may).map((each) => each.number)).toEqual([1, 3]);
});

test("a measure that is decided waits for nobody, and one without the duty for others", () => {
  expect(waiting({ ...overpayment, measures: [measure(2, "write_off", "confirmed"), measure(2, "recovery")] }, may)).toEqual([]);
});

test("a plan is the deduction in force, until one of nothing ends it", () => {
  expect(plan({ ...overpayment, measures: [measure(1, "deduction", "replaced"), measure(2, "deduction", "confirmed")] })?.number).toBe(2);
  expect(plan({ ...overpayment, measures: [measure(2, "deduction", "confirmed", "0.00")] })).toBeUndefined();
});
