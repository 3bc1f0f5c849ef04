import type { Schemas } from "../api/client";
import { isMe, official } from "../shell/official";

export type Overpayment = Schemas["Overpayment"];
export type Measure = Schemas["Measure"];
export type Kind = Measure["kind"];

export const measureColours: Record<Measure["state"], string> = { proposed: "amber", confirmed: "green", refused: "red", withdrawn: "", replaced: "" };

// Of each kind of measure, the duty of proposing it and that of deciding.
export const duties: Record<Kind, { propose: string; confirm: string }> = {
  recovery: { propose: "overpayment.recover", confirm: "overpayment.confirm_recovery" },
  deduction: { propose: "overpayment.deduct", confirm: "overpayment.confirm_deduction" },
  write_off: { propose: "overpayment.write_off", confirm: "overpayment.confirm_write_off" },
};

// proposer is who asked for a measure.
export const proposer = (of: Overpayment, measure: Measure) => of.acts[measure.act]?.by;

// ofOwnAgency reports whether a write-off was proposed by the official's own agency: another one decides it.
export const ofOwnAgency = (of: Overpayment, measure: Measure) => measure.kind === "write_off" && proposer(of, measure)?.agency === official.me?.agency;

// waiting are the measures that this official is to decide.
export const waiting = (of: Overpayment, may: (duty: string) => boolean): Measure[] =>
  of.measures.filter((each) => each.state === "proposed" && may(duties[each.kind].confirm) && !isMe(proposer(of, each)) && !ofOwnAgency(of, each));

// plan is the deduction in force.
export const plan = (of: Overpayment): Measure | undefined => of.measures.find((each) => each.kind === "deduction" && each.state === "confirmed" && each.amount !== "0.00");
