import type { Schemas } from "../api/client";
import type { Row } from "./sections";

type Version = Schemas["ProgrammeVersion"];
type Inside<Name extends "budget" | "township"> = `${Name}.${Extract<keyof NonNullable<Version[Name]>, string>}`;
// The type has the build fail when a term of the interface is not here.
export type Term = Exclude<keyof Version, "id" | "version" | "budget" | "township"> | Inside<"budget"> | Inside<"township">;
type Kind = "text" | "long" | "count" | "amount" | "month" | "day" | "list" | "counts" | "amounts" | "flag" | readonly string[];

// terms are what a version of a programme says. A list is written with spaces between, values by class as A:12 B:6.
export const terms: Record<Term, Kind> = {
  name: "text", name_en: "text", region: "text", unit: ["household", "person"], cycle: ["monthly", "quarterly", "once", "grant"], min_amount: "amount", max_amount: "amount", starts: "month", notice_days: "count", pay_by_day: "count",
  recheck_months: "counts", recheck_months_rural: "counts", class_amounts: "amounts", rate_by: ["", "person", "household", "class"], entitled_from: ["", "next_period", "same_period"], required_evidence: "list", required_matches: "list", match_valid_days: "count",
  decision_days: "count", objection_days: "count", appeal_days: "count", appeal_decision_days: "count", appeal_guide: "long", overlap_refused: "list", overlap_flagged: "list", exclusion_groups: "list", from_programmes: "list", import_until: "day", retention_months: "count", segment_size: "count",
  grants_a_month: "count", bill_required: "flag", papers_workdays: "count", "township.max_amount": "amount", "township.max_year": "amount", "township.by": ["", "two", "county_confirms"], "township.confirm_workdays": "count",
  "budget.functional": "text", "budget.functional_rural": "text", "budget.economic": "text",
};
export const termNames = Object.keys(terms) as Term[];
export const needed: Term[] = ["name", "region", "unit", "cycle", "min_amount", "max_amount", "starts", "notice_days", "pay_by_day", "budget.functional", "budget.economic"];

function text(value: unknown): string {
  if (value === undefined || value === null || value === false) return "";
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value === "object") return Object.entries(value).map(([name, each]) => `${name}:${each}`).join(" ");
  return value === true ? "yes" : String(value);
}

// told are the terms of a version as texts.
export function told(version: Version): Row {
  return Object.fromEntries(termNames.map((name) => {
    const [first, second] = name.split(".") as [keyof Version, string | undefined];
    const value = version[first] as unknown;
    return [name, text(second === undefined ? value : (value as Record<string, unknown> | undefined)?.[second])];
  }));
}

const pairs = <T>(value: string, read: (text: string) => T) => Object.fromEntries(value.split(/[\s,，]+/).filter(Boolean).map((each) => [each.split(/[:：]/)[0]!, read(each.split(/[:：]/)[1] ?? "")]));

function value(kind: Kind, of: string): unknown {
  if (kind === "count") return Number(of);
  if (kind === "list") return of.split(/\s+/).filter(Boolean);
  if (kind === "flag") return of === "yes";
  if (kind === "counts") return pairs(of, Number);
  return kind === "amounts" ? pairs(of, String) : of;
}

// version is what texts say. A term without a text is left out.
export function version(id: string, number: number, of: Row): Version {
  const out: Record<string, unknown> = { id, version: number };
  for (const name of termNames) {
    if (!of[name]) continue;
    const [first, second] = name.split(".") as [string, string | undefined];
    const found = value(terms[name], of[name]);
    if (second === undefined) out[first] = found;
    else out[first] = { ...(out[first] as object | undefined), [second]: found };
  }
  return out as unknown as Version;
}

// differing are the terms in which two versions differ.
export const differing = (before: Row | undefined, after: Row): Term[] => termNames.filter((name) => (before?.[name] ?? "") !== (after[name] ?? ""));

// waiting is the version that finance has not put in force yet.
export const waiting = (programme: Schemas["Programme"]) => programme.versions.find((each) => each.state === "drafted");
