import type { Schemas } from "../api/client";

// The targets that are frozen when money is given: those of the regulation, and those of other indicators that are computed from the ledger.
export const names = ["coverage", "timeliness", "accuracy", "satisfaction"] as const;
export const others = [
  "budget_execution", "unspent", "passed_down", "timeliness_amount", "by_class", "returned_again", "published", "decision", "recheck", "exit_death", "accuracy_known", "coverage_known",
] as const;

export type Targets = Record<(typeof names)[number] | (typeof others)[number], string>;

// noTargets is a form in which nothing was filled in.
export const noTargets = () => Object.fromEntries([...names, ...others].map((name) => [name, ""])) as Targets;

// targetsOf are the targets that a form says; what is left empty of the others is no target.
export function targetsOf(form: Targets): Schemas["Targets"] {
  const given = others.filter((name) => form[name] !== "");
  return {
    ...(Object.fromEntries(names.map((name) => [name, form[name]])) as Record<(typeof names)[number], string>),
    ...(given.length > 0 ? { others: Object.fromEntries(given.map((name) => [name, form[name]])) } : {}),
  };
}
