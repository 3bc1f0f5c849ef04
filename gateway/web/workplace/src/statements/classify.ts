import { add, fen, yuan } from "../words/money";
import type { Schemas } from "../api/client";

type AccountStatement = Schemas["AccountStatement"];

// What a statement that is typed says: balances, payments in it, and its other entries with their signs.
export interface Sums {
  opening: string;
  closing: string;
  paid: string;
  paidBack: string;
  entries: string[];
}

// unexplained is what no entry explains of the way from the opening to the closing balance; undefined while something is no amount.
export function unexplained(of: Sums): string | undefined {
  const all = [of.opening, of.closing, of.paid || "0", of.paidBack || "0", ...of.entries];
  if (all.some((each) => fen(each) === undefined)) return undefined;
  const leads = fen(add([of.opening, of.paidBack || "0", ...of.entries]))! - fen(of.paid || "0")!;
  return yuan(fen(of.closing)! - leads);
}

// asks is whether a statement waits for the word on its entries, or on its withdrawal.
export const asks = (of: AccountStatement): "withdrawal" | "entries" | undefined => (of.withdrawal ? "withdrawal" : of.proposed ? "entries" : undefined);

// proposedBy is who proposed that which waits.
export const proposedBy = (of: AccountStatement) => of.acts[(of.withdrawal ?? of.proposed)?.act ?? -1]?.by;

// shown is the classification that counts, or the one that is proposed.
export const shown = (of: AccountStatement) => of.proposed ?? of.confirmed;

export const colours: Record<AccountStatement["state"], string> = { recorded: "amber", confirmed: "green", refused: "red", withdrawn: "" };
