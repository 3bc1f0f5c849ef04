import type { Schemas } from "../api/client";
import { amountOf } from "../parts/forms";
import { fen, yuan } from "../words/money";

export type Kind = Schemas["ChangeKind"];
export type Body = Schemas["ChangeBody"];

// What is typed into the form of a change. Fields have the names of the gateway's.
export const empty = {
  name: "", id_number: "", account: "", bank: "", phone: "", household_no: "", reason: "", died_on: "", last_period: "", from: "", class: "", persons: "", amount: "", document: "", region: "", to_county: "", to_programme: "", change: "", evidence: "",
};
export type Form = typeof empty;
export type Field = keyof Form;

// duty is that of proposing a change of a kind.
export const duty: Record<Kind, string> = {
  payee: "roll.change_payee", exit: "roll.exit", suspend: "roll.suspend", resume: "roll.resume", terms: "roll.set_terms", head: "roll.replace_head", move: "roll.move", move_out: "roll.move_out", move_in: "roll.move_in",
};

export const exits = ["death", "income", "moved", "voluntary", "ineligible", "other"] as const;
export const termsReasons = ["standard", "class", "household", "appeal", "correction"] as const;

// Of each kind, the fields that have to be filled in, and those that may be.
const required: Record<Kind, Field[]> = {
  payee: ["evidence"], exit: ["reason"], suspend: ["from", "reason"], resume: ["from"], terms: ["from", "class", "persons", "amount"], head: ["name", "id_number", "account", "class", "persons", "amount", "evidence"],
  move: ["region"], move_out: ["to_county", "to_programme", "last_period"], move_in: ["change", "region", "id_number", "name", "account", "class", "persons", "amount", "evidence"],
};
const optional: Record<Kind, Field[]> = {
  payee: ["account", "bank", "name", "phone", "household_no"], exit: [], suspend: [], resume: ["reason"], terms: ["reason", "document"], head: ["bank", "phone", "died_on", "from"], move: [], move_out: [], move_in: ["bank", "phone"],
};

// needed are the fields that have to be filled in, by what is filled in already: a death has its day, terms of the past a reason and a paper.
export function needed(kind: Kind, form: Form, now: string): Field[] {
  if (kind === "exit" && form.reason) return [...required.exit, form.reason === "death" ? "died_on" : "last_period"];
  if (kind === "terms" && form.from !== "" && form.from < now) return [...required.terms, "reason", "document"];
  return required[kind];
}

export const fieldsOf = (kind: Kind, form: Form, now: string): Field[] => [...new Set([...optional[kind], ...needed(kind, form, now)])];

// ready reports whether a form says enough: of a payee what changes, of a new head from when.
export function ready(kind: Kind, form: Form, now: string): boolean {
  if (needed(kind, form, now).some((field) => form[field] === "")) return false;
  if (form.amount !== "" && amountOf(form.amount) === undefined) return false;
  if (kind === "payee") return optional.payee.some((field) => form[field] !== "");
  if (kind === "head") return (form.died_on !== "") !== (form.from !== "");
  return true;
}

// bodyOf is what is sent, but for the hash of the evidence: its text stays at the office.
export function bodyOf(kind: Kind, form: Form, now: string, of: { programme: string; subject?: string }): Body {
  const body: Record<string, unknown> = { kind, ...of };
  for (const field of fieldsOf(kind, form, now)) {
    if (field === "evidence" || form[field] === "") continue;
    body[field] = field === "persons" ? Number(form.persons) : field === "amount" ? amountOf(form.amount) : form[field];
  }
  return body as Body;
}

// byStandard is what the standards of a programme say for a class and a number of persons; undefined where they say nothing.
export function byStandard(amounts: Record<string, string> | undefined, form: Form): string | undefined {
  const one = fen(amounts?.[form.class] ?? "");
  return one !== undefined && /^[1-9]\d?$/.test(form.persons) ? yuan(one * BigInt(form.persons)) : undefined;
}

// possible are the changes of an entry: of one that has left only those of the payee, for what is still paid.
export const possible = (state: Schemas["Entry"]["state"]): Kind[] => (state === "in_force" ? ["terms", "payee", "suspend", "resume", "exit", "head", "move", "move_out"] : ["payee"]);
