import { expect, test } from "vitest";
import type { Schemas } from "../api/client";
import { lastBy } from "../parts/decision";
import { next, preparers } from "./next";

const act = (act: string, name: string) => ({ act, by: { agency: "CivilAffairsMSP", name }, at: "2026-11-30T00:00:00Z", tx: "0" });
const batch = (more: Partial<Schemas["Batch"]>): Schemas["Batch"] => ({
  id: "b-1", programme: "dibao", region: "530181", period: "2026-11", control: { count: 1, sum: "1.00" }, state: "open", acts: [act("payment.open", "a")], ...more,
});
const totals = (pending: number) => ({ listed: 1, listed_sum: "1.00", credited: 1 - pending, credited_sum: "0.00", returned: 0, returned_sum: "0.00", pending, pending_sum: "0.00" });

test.each<[Partial<Schemas["Batch"]>, string | undefined]>([
  [{ state: "open" }, "payment.seal"],
  [{ state: "sealed" }, "payment.approve"],
  [{ state: "approved" }, "payment.make_file"],
  [{ state: "approved", file_sha256: "0".repeat(64) }, "payment.authorise"],
  [{ state: "authorised" }, "payment.instruct"],
  [{ state: "instructed", totals: totals(1) }, "payment.settle"],
  [{ state: "instructed", totals: totals(0) }, "payment.close"],
  [{ state: "instructed", totals: totals(1), take_back_reason: "recalled" }, "payment.confirm_take_back"],
  [{ state: "closed" }, undefined],
  [{ state: "cancelled" }, undefined],
])("%o waits for %s", (more, act) => expect(next(batch(more))).toBe(act));

test("who prepares a batch is who opened it, or took it over", () => {
  expect(preparers(batch({}))[0]?.name).toBe("a");
  expect(preparers(batch({ preparers: [{ agency: "CivilAffairsMSP", name: "a" }, { agency: "CivilAffairsMSP", name: "b" }] })).at(-1)?.name).toBe("b");
  expect(lastBy(batch({ acts: [act("payment.approve", "a"), act("payment.approve", "c")] }), "payment.approve")?.name).toBe("c");
});
