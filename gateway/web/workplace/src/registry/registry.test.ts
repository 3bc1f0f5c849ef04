import { describe, expect, test } from "vitest";
import { compare, lapses, missing, names, sections, sectionsOf, type Registry, type Row } from "./sections";

const registry: Registry = {
  agencies: [{ msp_id: "CivilAffairsMSP", kind: "civil_affairs", name: "民政局", name_en: "Civil affairs" }],
  regions: [{ code: "530181", name: "安宁市", valid_from: "1995-10-13" }, { code: "530182", name: "旧县", valid_from: "1995-10-13", valid_to: "2026-12-31", successors: ["530181", "530129"], residence: "rural" }],
  duties: [{ act: "read", agency: "CivilAffairsMSP", roles: ["preparer", "approver"] }],
  calendar: { holidays: ["2027-01-01"], workdays: ["2027-01-03"], utc_offset: 480 },
  cosigning_keys: [{ agency: "CivilAffairsMSP", key: "AAAA", until_size: 1200, until_statements: 30 }, { agency: "CivilAffairsMSP", key: "BBBB", use: "log" }],
  reference_key: { epoch: 2, check: "0".repeat(32) },
  sources: [{ id: "tax", name: "税务局", keys: ["CCCC", "DDDD"] }],
  thresholds: { over: 500000 },
  contacts: [{ region: "53", kind: "hotline", name: "政务服务便民热线", phone: "12345" }],
  parameters: { min_notice_days: 7 },
};

test.each(names)("the rows of %s say all that the registry has", (name) => {
  const section = sections[name];
  expect(section.write(section.rows(registry), registry)).toEqual({ [name]: registry[name] });
});

describe("a comparison", () => {
  const { columns, rows } = sections.regions;

  test("tells what is added, taken away and changed, and in which columns", () => {
    const before = rows(registry);
    const after: Row[] = [{ ...before[0]!, valid_to: "2027-12-31" }, { code: "530183", name: "新县", valid_from: "2027-01-01", valid_to: "", successors: "", residence: "" }];
    const found = compare(before, after, columns);
    expect(found.map(({ kind, old, new: now }) => [kind, (now ?? old)!["code"]])).toEqual([["changed", "530181"], ["added", "530183"], ["removed", "530182"]]);
    expect(found[0]!.columns).toEqual(["valid_to"]);
  });

  test("of the same rows in another order finds nothing", () => expect(compare(rows(registry), rows(registry).toReversed(), columns)).toEqual([]));

  test("keeps rows with one key apart", () => {
    const twice = [...rows(registry), ...rows(registry)];
    expect(compare(rows(registry), twice, columns).map(({ kind }) => kind)).toEqual(["added", "added"]);
  });
});

test("a proposal names its sections, lapses after 90 days and lacks agencies", () => {
  expect(sectionsOf({ thresholds: {}, calendar: registry.calendar })).toEqual(["calendar", "thresholds"]);
  expect(lapses({ acts: [{ act: "registry.propose", by: { agency: "AuditMSP", name: "a" }, at: "2026-11-30T10:00:00Z", tx: "0" }] })).toBe("2027-02-28");
  expect(missing({ agreed_by: ["AuditMSP"] } as never, [{ msp_id: "AuditMSP" }, { msp_id: "FinanceMSP" }] as never)).toEqual(["FinanceMSP"]);
});
