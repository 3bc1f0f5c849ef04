import type { Schemas } from "../api/client";

export type Branch = Schemas["TrancheBranch"];

// rows are the tranches of a tree from above to below, each with its depth.
export function rows(branch: Branch, depth = 0): { branch: Branch; depth: number }[] {
  return [{ branch, depth }, ...(branch.children ?? []).flatMap((child) => rows(child, depth + 1))];
}

// parts are what the money of a tranche is, beside what it got: they add up to it.
export const parts = ["allocated", "paid", "reserved", "in_return", "refunded", "taken_back", "carried_over", "available"] as const;
