import type { Schemas } from "../api/client";

export type Adjustment = Schemas["Adjustment"];
type Tranche = Schemas["Tranche"];

// open are the adjustments that wait for another official.
export const open = (tranche: Tranche): Adjustment[] => (tranche.adjustments ?? []).filter((each) => each.state === "proposed");

// proposer is who asked for an adjustment.
export const proposer = (tranche: Tranche, adjustment: Adjustment): Schemas["Identity"] | undefined => tranche.acts?.[adjustment.act]?.by;

export const moves = ["topped_up", "taken_back", "carried_over", "refunded"] as const;
export type MoveKind = (typeof moves)[number];

// possible are the moves that a tranche can have: an allocated one gives back to the one above, an issued one to where its money came from.
export const possible = (tranche: Tranche): MoveKind[] => (tranche.parent ? ["topped_up", "taken_back", "carried_over"] : ["topped_up", "carried_over", "refunded"]);

// duty is the act of a move.
export const duty: Record<MoveKind, string> = { topped_up: "fund.top_up", taken_back: "fund.take_back", carried_over: "fund.carry_over", refunded: "fund.refund" };
