import { describe, expect, test } from "vitest";
import { differences, empty, formOf, versionOf, wrong, type Version } from "./version";

const version: Version = {
  id: "dibao", version: 1, name: "低保", region: "530181", unit: "household", cycle: "monthly", min_amount: "330.00", max_amount: "6000.00", starts: "2026-01", notice_days: 7, pay_by_day: 10,
  recheck_months: { C: 6, A: 12 }, required_evidence: ["home-visit", "application"], class_amounts: { B: "480.00", A: "620.00" }, budget: { functional: "2081901", economic: "50901" }, segment_size: 1000, bill_required: false,
  township: { max_amount: "500.00", max_year: "1000.00", by: "two" },
};

describe("a version of a programme", () => {
  test("is the same after it was typed", () => {
    const { bill_required: _, ...same } = version;
    expect(versionOf(formOf(version), version)).toEqual(same);
  });

  test("has a field for each of its members: the next version begins with what the last one says", () => {
    const members: Record<Exclude<keyof Version, "id" | "version" | "segment_size">, true> = {
      name: true, name_en: true, region: true, unit: true, cycle: true, min_amount: true, max_amount: true, starts: true, notice_days: true, recheck_months: true, required_evidence: true, pay_by_day: true, pay_by_month: true, publish_workdays: true, online_days: true, weights: true, budget: true,
      decision_days: true, objection_days: true, appeal_days: true, appeal_decision_days: true, appeal_guide: true, recheck_months_rural: true, required_matches: true, match_valid_days: true, class_amounts: true, entitled_from: true, overlap_refused: true, overlap_flagged: true, exclusion_groups: true,
      import_until: true, retention_months: true, grants_a_month: true, bill_required: true, papers_workdays: true, from_programmes: true, rate_by: true, township: true,
    };
    expect([...new Set(Object.keys(empty).map((name) => name.split(".")[0]))].toSorted()).toEqual(Object.keys(members).toSorted());
  });

  test("has classes in their order, and lists in that of their importance", () => {
    const form = formOf(version);
    expect([form["class_amounts"], form["recheck_months"], form["required_evidence"]]).toEqual(["A=620.00 B=480.00", "A=12 C=6", "home-visit application"]);
  });

  test("names what it changes, and nothing else", () => {
    const next = versionOf({ ...formOf(version), class_amounts: "A=650, B=500.5", starts: "2026-07" }, { ...version, version: 2 });
    expect(differences(version, next)).toEqual([{ name: "starts", old: "2026-01", now: "2026-07" }, { name: "class_amounts", old: "A=620.00 B=480.00", now: "A=650.00 B=500.50" }]);
    expect(differences(version, version)).toEqual([]);
    expect(differences(undefined, version).length).toBeGreaterThan(10);
  });

  test.each([
    ["class_amounts", "A620"], ["class_amounts", "A=x"], ["class_amounts", "AB=1.00"], ["recheck_months", "A=1.5"], ["notice_days", "seven"], ["min_amount", "-1"], ["max_amount", "1.234"], ["name", " "],
  ])("does not take %s: %s", (name, typed) => expect(wrong({ ...formOf(version), [name]: typed })).toEqual([name]));

  test("needs its basics", () => expect(wrong(empty)).toEqual(["name", "region", "unit", "cycle", "starts", "pay_by_day", "min_amount", "max_amount", "budget.functional", "budget.economic", "notice_days"]));
});
