import type { Schemas } from "../api/client";

export const proposalColours: Record<Schemas["Proposal"]["state"], string> = { open: "amber", effective: "green", withdrawn: "" };
export const officialColours: Record<Schemas["OfficialEntry"]["state"], string> = { active: "green", retired: "red" };
export const versionColours: Record<Schemas["VersionRecord"]["state"], string> = { drafted: "amber", in_force: "green", superseded: "", ended: "red" };
