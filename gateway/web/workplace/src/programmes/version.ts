import type { Schemas } from "../api/client";
import { fen, yuan } from "../words/money";

export type Version = Schemas["ProgrammeVersion"];

type Kind = "text" | "number" | "amount" | "list" | "amounts" | "months" | "yes" | "unit" | "cycle" | "rate_by" | "entitled_from" | "township_by" | "period" | "day";
export interface Field {
  name: string;
  kind: Kind;
  required?: boolean;
}

const field = (kind: Kind, ...names: string[]): Field[] => names.map((name) => ({ name, kind }));
const must = (...fields: Field[]): Field[] => fields.map((each) => ({ ...each, required: true }));

// The parts of a version, in the order of its form. Members of budget, weights and township have the name of their object before theirs.
export const groups: Record<"basics" | "standards" | "handling" | "exclusion" | "roll" | "grants", Field[]> = {
  basics: [
    ...must(...field("text", "name")), ...field("text", "name_en"), ...must(...field("text", "region"), ...field("unit", "unit"), ...field("cycle", "cycle"), ...field("period", "starts"), ...field("number", "pay_by_day"), ...field("amount", "min_amount", "max_amount"), ...field("text", "budget.functional", "budget.economic")), ...field("text", "budget.functional_rural"), ...field("number", "pay_by_month", "publish_workdays", "online_days", "weights.execution", "weights.output", "weights.benefit", "weights.satisfaction"),
  ],
  standards: [...field("amounts", "class_amounts"), ...field("months", "recheck_months", "recheck_months_rural")],
  handling: [
    ...must(...field("number", "notice_days")), ...field("number", "decision_days", "objection_days", "appeal_days", "appeal_decision_days"), ...field("text", "appeal_guide"), ...field("list", "required_evidence", "required_matches"), ...field("number", "match_valid_days"), ...field("entitled_from", "entitled_from"),
  ],
  exclusion: field("list", "overlap_refused", "overlap_flagged", "exclusion_groups"),
  roll: [...field("day", "import_until"), ...field("number", "retention_months"), ...field("list", "from_programmes"), ...field("rate_by", "rate_by")],
  grants: [...field("number", "grants_a_month"), ...field("yes", "bill_required"), ...field("number", "papers_workdays"), ...field("amount", "township.max_amount", "township.max_year"), ...field("township_by", "township.by"), ...field("number", "township.confirm_workdays")],
};
export const fields = Object.values(groups).flat();

export const choices = {
  unit: ["household", "person"], cycle: ["monthly", "quarterly", "once", "grant"], rate_by: ["person", "household", "class"], entitled_from: ["next_period", "same_period"], township_by: ["two", "county_confirms"], yes: ["true"],
} as const satisfies Partial<Record<Kind, readonly string[]>>;

export type Form = Record<string, string>;
export const empty: Form = Object.fromEntries(fields.map(({ name }) => [name, ""]));

const get = (of: object, name: string): unknown => name.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], of);

// text is a value as it is typed: lists and maps on one line.
function text(value: unknown): string {
  if (value === undefined || value === null || value === false) return "";
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value === "object") return Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b)).map(([key, each]) => `${key}=${String(each)}`).join(" ");
  return String(value);
}

// formOf is a version as it is typed.
export const formOf = (of: Version): Form => Object.fromEntries(fields.map(({ name }) => [name, text(get(of, name))]));

const pair = /^([A-Z])=(.+)$/;

// value reads what was typed; undefined for nothing, and null for what cannot be read.
function value({ kind }: Field, typed: string): unknown {
  const words = typed.trim().split(/[\s,，、]+/).filter(Boolean);
  if (words.length === 0) return undefined;
  const amount = (one: string) => {
    const sum = fen(one);
    return sum === undefined || sum < 0n ? null : yuan(sum);
  };
  const whole = (one: string) => (/^\d{1,4}$/.test(one) ? Number(one) : null);
  switch (kind) {
    case "number":
      return whole(typed.trim());
    case "amount":
      return amount(typed);
    case "yes":
      return true;
    case "list":
      return words;
    case "amounts":
    case "months": {
      const read = words.map((each) => pair.exec(each)).map((found) => (found ? ([found[1]!, kind === "amounts" ? amount(found[2]!) : whole(found[2]!)] as const) : null));
      return read.some((each) => each === null || each[1] === null) ? null : Object.fromEntries(read as [string, unknown][]);
    }
    default:
      return typed.trim();
  }
}

// wrong are the fields that cannot be read, and those that are missing.
export const wrong = (form: Form): string[] => fields.filter((each) => value(each, form[each.name] ?? "") === null || (each.required && !form[each.name]?.trim())).map(({ name }) => name);

// versionOf is the version that a form says.
export function versionOf(form: Form, of: { id: string; version: number; segment_size?: number | undefined }): Version {
  const made: Record<string, unknown> = { id: of.id, version: of.version, ...(of.segment_size && { segment_size: of.segment_size }) };
  for (const each of fields) {
    const read = value(each, form[each.name] ?? "");
    if (read === undefined) continue;
    const [first = "", second] = each.name.split(".");
    if (second === undefined) made[first] = read;
    else made[first] = { ...(made[first] as object | undefined), [second]: read };
  }
  return made as Version;
}

// differences are what a version changes of another one.
export function differences(old: Version | undefined, now: Version): { name: string; old: string; now: string }[] {
  const [before, after] = [old ? formOf(old) : empty, formOf(now)];
  return fields.flatMap(({ name }) => (before[name] === after[name] ? [] : [{ name, old: before[name] ?? "", now: after[name] ?? "" }]));
}
