import type { paths } from "../api/schema";

type Query = NonNullable<paths["/v1/payments"]["get"]["parameters"]["query"]>;

// What the interface has of filters, without paging and formats. The type has the build fail when one is not here.
type Name = Exclude<keyof Query, "limit" | "cursor" | "at_least_block" | "format" | "headers" | "bom">;
export type Filters = Record<Name, string>;

type Input = "text" | "date" | "programme" | "state" | "kind";

// filters are all that payments can be searched by: the first ones are always shown.
export const filters: Record<Name, { input: Input; first?: boolean; placeholder?: string }> = {
  subject: { input: "text", first: true, placeholder: "1-…" },
  programme: { input: "programme", first: true },
  region: { input: "text", first: true, placeholder: "530181" },
  period: { input: "text", first: true, placeholder: "2026-11" },
  state: { input: "state", first: true },
  batch: { input: "text", first: true },
  tranche: { input: "text" },
  kind: { input: "kind" },
  min_amount: { input: "text", placeholder: "0.00" },
  max_amount: { input: "text", placeholder: "9999.00" },
  preparer: { input: "text", placeholder: "CivilAffairsMSP/…" },
  approver: { input: "text", placeholder: "CivilAffairsMSP/…" },
  authoriser: { input: "text", placeholder: "FinanceMSP/…" },
  return_reason: { input: "text", placeholder: "AC04" },
  from_period: { input: "text", placeholder: "2026-01" },
  to_period: { input: "text", placeholder: "2026-12" },
  accounting_period: { input: "text", placeholder: "2026-11" },
  from_accounting_period: { input: "text", placeholder: "2026-01" },
  to_accounting_period: { input: "text", placeholder: "2026-12" },
  from_approved: { input: "date" },
  to_approved: { input: "date" },
  from_credited: { input: "date" },
  to_credited: { input: "date" },
  from_returned: { input: "date" },
  to_returned: { input: "date" },
};

export const names = Object.keys(filters) as Name[];

// chosen are the filters that say something.
export const chosen = (values: Filters): Partial<Query> => Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value.trim() ? [[name, value.trim()]] : [])));
