import type { Schemas } from "../api/client";

type End = Schemas["CertificateEnd"];

export const certificateColours: Record<End["state"], string> = { valid: "green", ending: "amber", ended: "red", revoked: "red", retired: "" };

// ends reports whether a certificate has to be renewed: it has ended or ends soon, and its official works on.
export const ends = (of: Pick<End, "state">) => of.state === "ending" || of.state === "ended";
