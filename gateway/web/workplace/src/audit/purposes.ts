import type { Schemas } from "../api/client";

type Purpose = Schemas["ReadingPurpose"];

// The type has the build fail when a purpose is not here.
const known: Record<Purpose, true> = {
  "look-up": true, application: true, need: true, upload: true, "case-facts": true, evidence: true, match: true, "change-payee": true, "change-details": true, "roll-people": true, taking: true, "import-lines": true,
  "make-file": true, "payment-file": true, "payee-check": true, "bank-exception": true, receipt: true, "own-copy": true, notice: true, resealing: true, "year-export": true, "over-the-budget": true,
};

// purposes are why officials read personal data.
export const purposes = Object.keys(known) as Purpose[];
