import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { open, possible, proposer } from "./adjustments";
import { rows, type Branch } from "./tree";

const by = (name: string) => ({ agency: "FinanceMSP", name });
const adjustment = (number: number, state: "proposed" | "confirmed"): Schemas["Adjustment"] => ({ number, kind: "topped_up", amount: "1.00", reason: "r", sha256: "0".repeat(64), state, act: number });
const tranche = {
  id: "t-1", region: "53", amount: "10.00", state: "issued",
  acts: [{ act: "fund.issue", by: by("a"), at: "2026-11-30T00:00:00Z", tx: "0" }, { act: "fund.top_up", by: by("b"), at: "2026-11-30T00:00:00Z", tx: "1" }],
  adjustments: [adjustment(1, "proposed"), adjustment(2, "confirmed")],
} as unknown as Schemas["Tranche"];

test("what was proposed waits for another official than who proposed it", () => {
  expect(open(tranche).map((each) => each.number)).toEqual([1]);
  expect(proposer(tranche, open(tranche)[0]!)?.name).toBe("b");
});

test("an issued tranche is refunded, an allocated one is taken back", () => {
  expect(possible(tranche)).toEqual(["topped_up", "carried_over", "refunded"]);
  expect(possible({ ...tranche, parent: "t-0" })).toEqual(["topped_up", "taken_back", "carried_over"]);
});

test("a tree is told from above to below", () => {
  const branch = (id: string, children?: Branch[]) => ({ id, children }) as Branch;
  expect(rows(branch("p", [branch("c1", [branch("t")]), branch("c2")])).map(({ branch, depth }) => branch.id + depth)).toEqual(["p0", "c11", "t2", "c21"]);
});
