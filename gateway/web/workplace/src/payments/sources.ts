import type { Schemas } from "../api/client";
import { fen, yuan } from "../words/money";

type Source = Schemas["Source"];
export type Mode = "one" | "weights" | "order";

// A source as it is typed: its share is a weight, or what it pays at most before the next one does.
export interface Row {
  tranche: string;
  share: string;
}

const most = 10;

// read and write keep rows in a draft, which has texts alone.
export const read = (text: string): Row[] => text.split(" ").filter(Boolean).map((each) => ({ tranche: each.split("=")[0] ?? "", share: each.split("=")[1] ?? "" }));
export const write = (rows: Row[]): string => rows.map((each) => `${each.tranche}=${each.share}`).join(" ");

// sourcesOf are the sources that the rows say, and undefined while they say too little: two to ten tranches, each once; all with weights, or each but
// the last with an amount above zero.
export function sourcesOf(mode: Mode, rows: Row[]): Source[] | undefined {
  if (rows.length < 2 || rows.length > most || new Set(rows.map((each) => each.tranche)).size < rows.length) return undefined;
  const sources = rows.map(({ tranche, share }, n): Source | undefined => {
    if (!tranche) return undefined;
    if (mode === "weights") return /^[1-9]\d{0,3}$|^10000$/.test(share) ? { tranche, weight: Number(share) } : undefined;
    if (share === "" && n === rows.length - 1) return { tranche };
    const cap = fen(share);
    return cap !== undefined && cap > 0n ? { tranche, cap: yuan(cap) } : undefined;
  });
  return sources.every((each) => each !== undefined) ? sources : undefined;
}

// moved has a row at the place before its own.
export const moved = (rows: Row[], n: number): Row[] => (n < 1 ? rows : [...rows.slice(0, n - 1), rows[n]!, rows[n - 1]!, ...rows.slice(n + 1)]);
