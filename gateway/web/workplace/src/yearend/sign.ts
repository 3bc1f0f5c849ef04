import type { Schemas } from "../api/client";

type YearEnd = Schemas["YearEnd"];

// states is where a year's end is: nobody has signed it, some have, all have, or the list has changed since all had.
export function states(of: YearEnd): "unsigned" | "begun" | "signed" | "changed" {
  if (!of.signed) return "unsigned";
  if (of.signed.sha256 !== of.sha256) return "changed";
  return of.signed.state;
}

// signers are those who signed the list as it is now.
export const signers = (of: YearEnd) =>
  of.signed?.sha256 === of.sha256 ? of.signed.signatures.map((each) => ({ agency: each.agency, by: of.signed?.acts[each.act]?.by, at: of.signed?.acts[each.act]?.at })) : [];

// toCarry are the tranches that still have money: it is carried over, taken back or refunded before the year ends.
export const toCarry = (of: YearEnd) => of.tranches.filter((each) => each.state === "issued" && each.balances.available !== "0.00");
