import { describe, expect, test } from "vitest";
import { moved, read, sourcesOf, write, type Mode, type Row } from "./sources";

const row = (tranche: string, share: string): Row => ({ tranche, share });

describe("the sources of a list", () => {
  test.each<[Mode, Row[], unknown]>([
    ["weights", [row("a", "60"), row("b", "40")], [{ tranche: "a", weight: 60 }, { tranche: "b", weight: 40 }]],
    ["weights", [row("a", "10000"), row("b", "1")], [{ tranche: "a", weight: 10000 }, { tranche: "b", weight: 1 }]],
    ["weights", [row("a", "60"), row("b", "")], undefined], ["weights", [row("a", "0"), row("b", "1")], undefined], ["weights", [row("a", "10001"), row("b", "1")], undefined],
    ["order", [row("a", "1000"), row("b", "")], [{ tranche: "a", cap: "1000.00" }, { tranche: "b" }]],
    ["order", [row("a", ""), row("b", "5")], undefined], ["order", [row("a", "0"), row("b", "")], undefined],
    ["order", [row("a", "1"), row("a", "")], undefined], ["order", [row("a", "1")], undefined], ["order", [row("", "1"), row("b", "")], undefined],
  ])("%s %j", (mode, rows, sources) => expect(sourcesOf(mode, rows)).toEqual(sources));

  test("have ten tranches at most", () => {
    const rows = Array.from({ length: 11 }, (_, n) => row("t" + n, "1"));
    expect(sourcesOf("weights", rows)).toBeUndefined();
    expect(sourcesOf("weights", rows.slice(1))).toHaveLength(10);
  });

  test("are kept in a draft, and change their order", () => {
    const rows = [row("a", "1"), row("b", ""), row("", "")];
    expect(read(write(rows))).toEqual(rows);
    expect(moved(rows, 1).map((each) => each.tranche)).toEqual(["b", "a", ""]);
    expect(moved(rows, 0)).toEqual(rows);
  });
});
