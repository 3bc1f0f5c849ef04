import type { Schemas } from "../api/client";

export const accountColours: Record<Schemas["SharedAccount"]["state"], string> = { proposed: "amber", declared: "green", refused: "red", ended: "" };
