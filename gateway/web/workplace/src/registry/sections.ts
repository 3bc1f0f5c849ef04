import type { Schemas } from "../api/client";

export type Registry = Schemas["Registry"];
export type Change = Schemas["RegistryChange"];
export type Row = Record<string, string>;

// A column of a section's rows. Those with key tell rows apart; a list is written with spaces between.
export interface Column {
  name: string;
  key?: true;
  needed?: true;
  input?: "date" | "number" | "list";
  choices?: readonly string[];
}

// A section of the registry as rows of texts: they are shown, edited and compared in one way. rows reads the registry's section or a
// change's; write makes the section that rows say, in place of what is there now.
export interface Section {
  columns: Column[];
  rows: (of: Change) => Row[];
  write: (rows: Row[], now: Registry) => Change;
}

export const names = ["agencies", "regions", "duties", "calendar", "cosigning_keys", "reference_key", "sources", "thresholds", "contacts"] as const;
export type Name = (typeof names)[number];

const text = (value: unknown): string => (Array.isArray(value) ? value.join(" ") : value === undefined || value === null || value === 0 ? "" : String(value));
const list = (value: string | undefined) => (value ?? "").split(/\s+/).filter(Boolean);
const compact = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ""));
const each = <T extends object>(items: readonly T[] | undefined, columns: Column[]): Row[] =>
  (items ?? []).map((item) => Object.fromEntries(columns.map(({ name }) => [name, text((item as Record<string, unknown>)[name])])));

const kinds = ["civil_affairs", "finance", "audit"] as const;
const columns = {
  agencies: [{ name: "msp_id", key: true, needed: true }, { name: "kind", needed: true, choices: kinds }, { name: "name", needed: true }, { name: "name_en", needed: true }],
  regions: [{ name: "code", key: true, needed: true }, { name: "name", needed: true }, { name: "valid_from", needed: true, input: "date" }, { name: "valid_to", input: "date" }, { name: "successors", input: "list" }, { name: "residence", choices: ["", "urban", "rural"] }],
  duties: [{ name: "act", key: true, needed: true }, { name: "agency", key: true, needed: true }, { name: "roles", needed: true, input: "list" }],
  calendar: [{ name: "day", key: true, needed: true, input: "date" }, { name: "kind", needed: true, choices: ["holiday", "workday"] }],
  cosigning_keys: [{ name: "agency", key: true, needed: true }, { name: "use", key: true, choices: ["", "log"] }, { name: "key", key: true, needed: true }, { name: "until_size", input: "number" }, { name: "until_statements", input: "number" }],
  reference_key: [{ name: "epoch", key: true, needed: true, input: "number" }, { name: "check", needed: true }],
  sources: [{ name: "id", key: true, needed: true }, { name: "name", needed: true }, { name: "name_en" }, { name: "keys", needed: true, input: "list" }],
  thresholds: [{ name: "name", key: true, needed: true }, { name: "value", needed: true, input: "number" }],
  contacts: [{ name: "region", key: true, needed: true }, { name: "kind", needed: true, choices: ["hotline", "office", "letter_box"] }, { name: "name", key: true, needed: true }, { name: "name_en" }, { name: "phone" }, { name: "address" }, { name: "hours" }],
} satisfies Record<Name, Column[]>;

export const sections: Record<Name, Section> = {
  agencies: {
    columns: columns.agencies, rows: (of) => each(of.agencies, columns.agencies),
    write: (rows) => ({ agencies: rows as unknown as Schemas["Agency"][] }),
  },
  regions: {
    columns: columns.regions, rows: (of) => each(of.regions, columns.regions),
    write: (rows) => ({ regions: rows.map((row) => ({ ...compact(row), ...(row["successors"] ? { successors: list(row["successors"]) } : {}) }) as unknown as Schemas["RegionEntry"]) }),
  },
  duties: {
    columns: columns.duties, rows: (of) => each(of.duties, columns.duties),
    write: (rows) => ({ duties: rows.map((row) => ({ act: row["act"]!, agency: row["agency"]!, roles: list(row["roles"]) })) }),
  },
  calendar: {
    columns: columns.calendar,
    rows: (of) => [...(of.calendar?.holidays ?? []).map((day) => ({ day, kind: "holiday" })), ...(of.calendar?.workdays ?? []).map((day) => ({ day, kind: "workday" }))].toSorted((a, b) => a.day.localeCompare(b.day)),
    write: (rows, now) => {
      const days = (kind: string) => rows.filter((row) => row["kind"] === kind).map((row) => row["day"]!).toSorted();
      return { calendar: { holidays: days("holiday"), workdays: days("workday"), utc_offset: now.calendar.utc_offset } };
    },
  },
  cosigning_keys: {
    columns: columns.cosigning_keys, rows: (of) => each(of.cosigning_keys, columns.cosigning_keys),
    write: (rows) => ({ cosigning_keys: rows.map((row) => ({ ...compact(row), ...(row["until_size"] ? { until_size: Number(row["until_size"]), until_statements: Number(row["until_statements"]) } : {}) }) as unknown as Schemas["CosigningKey"]) }),
  },
  reference_key: {
    columns: columns.reference_key, rows: (of) => each(of.reference_key ? [of.reference_key] : [], columns.reference_key),
    write: (rows) => (rows[0] ? { reference_key: { epoch: Number(rows[0]["epoch"]), check: rows[0]["check"]! } } : {}),
  },
  sources: {
    columns: columns.sources, rows: (of) => each(of.sources, columns.sources),
    write: (rows) => ({ sources: rows.map((row) => ({ ...compact(row), keys: list(row["keys"]) }) as unknown as Schemas["Department"]) }),
  },
  thresholds: {
    columns: columns.thresholds, rows: (of) => Object.entries(of.thresholds ?? {}).map(([name, value]) => ({ name, value: String(value) })),
    write: (rows) => ({ thresholds: Object.fromEntries(rows.map((row) => [row["name"]!, Number(row["value"])])) }),
  },
  contacts: {
    columns: columns.contacts, rows: (of) => each(of.contacts, columns.contacts),
    write: (rows) => ({ contacts: rows.map((row) => compact(row) as unknown as Schemas["Contact"]) }),
  },
};

// sectionsOf are those that a change replaces.
export const sectionsOf = (change: Change): Name[] => names.filter((name) => change[name] !== undefined);

// A Difference is a row that a change adds, takes away, or changes in some columns.
export interface Difference {
  kind: "added" | "removed" | "changed";
  old?: Row;
  new?: Row;
  columns: string[];
}

// compare tells how rows differ from those before. Equal keys are taken in their order.
export function compare(before: Row[], after: Row[], of: Column[]): Difference[] {
  const keyed = (rows: Row[]) => {
    const found = new Map<string, Row>();
    for (const row of rows) {
      const key = of.filter((column) => column.key).map(({ name }) => row[name]).join("\n");
      let n = 0;
      while (found.has(`${key}\n${n}`)) n++;
      found.set(`${key}\n${n}`, row);
    }
    return found;
  };
  const [old, now] = [keyed(before), keyed(after)];
  const found: Difference[] = [];
  for (const [key, row] of now) {
    const was = old.get(key);
    if (!was) found.push({ kind: "added", new: row, columns: of.map(({ name }) => name) });
    else {
      const changed = of.map(({ name }) => name).filter((name) => was[name] !== row[name]);
      if (changed.length > 0) found.push({ kind: "changed", old: was, new: row, columns: changed });
    }
  }
  for (const [key, row] of old) if (!now.has(key)) found.push({ kind: "removed", old: row, columns: of.map(({ name }) => name) });
  return found;
}

// A proposal can be agreed to for 90 days. lapses is the last of them.
export function lapses(proposal: Pick<Schemas["Proposal"], "acts">): string {
  const made = proposal.acts[0];
  if (!made) return "";
  const until = new Date(made.at);
  until.setUTCDate(until.getUTCDate() + 90);
  return until.toISOString().slice(0, 10);
}

// missing are the agencies that have not agreed yet.
export const missing = (proposal: Schemas["Proposal"], agencies: Schemas["Agency"][]) => agencies.map((agency) => agency.msp_id).filter((id) => !proposal.agreed_by.includes(id));
