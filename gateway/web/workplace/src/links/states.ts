import type { Schemas } from "../api/client";

export const linkColours: Record<Schemas["Link"]["state"], string> = { proposed: "amber", linked: "green", refused: "red", withdrawn: "" };
