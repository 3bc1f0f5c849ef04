import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { noTargets, others, targetsOf } from "./targets";

test("what is left empty of the other indicators is no target", () => {
  const needed = { coverage: "98.00", timeliness: "100.00", accuracy: "99.50", satisfaction: "95.00" };
  expect(targetsOf({ ...noTargets(), ...needed })).toEqual(needed);
  expect(targetsOf({ ...noTargets(), ...needed, unspent: "5.00" })).toEqual({ ...needed, others: { unspent: "5.00" } });
});

test("the other indicators are those that the interface takes", () => {
  const document = readFileSync(join(__dirname, "../../../../internal/httpapi/openapi.yaml"), "utf8");
  const listed = /Targets of other indicators that are computed from the ledger: ([^"]+)"/.exec(document)![1]!;
  expect(listed.replace(" (at most)", "").split(", ")).toEqual([...others]);
});
