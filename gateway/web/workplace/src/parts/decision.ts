import type { Schemas } from "../api/client";

// What one official proposes and another decides.
export const decisionColours: Record<Schemas["ImportState"] | Schemas["ChangeState"], string> = { proposed: "amber", confirmed: "green", refused: "red", withdrawn: "" };

// proposer is who asked for it: the first act is theirs.
export const proposer = (of: { acts?: Schemas["Acts"] }) => of.acts?.[0]?.by;

// lastBy is who did an act on a record the last time.
export const lastBy = (of: { acts?: Schemas["Acts"] }, act: string): Schemas["Identity"] | undefined => of.acts?.filter((each) => each.act === act).at(-1)?.by;
