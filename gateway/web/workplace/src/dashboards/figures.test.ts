import { expect, test } from "vitest";
import { speak } from "../words";
import { cell, drawnRows, labels, series, shades, type Figures } from "./figures";

const both = (zh: string, en: string) => ({ zh, en });
const base = { title: both("", ""), reading: both("", ""), programme: true, period: true, wide: false, of: { today: "2026-11-30" }, block: 7 };
const progress: Figures = {
  ...base, code: "progress", form: "bars",
  columns: [
    { name: "stands", kind: "word", title: both("所处环节", "stands"), drawn: false, words: { credited: both("已到账", "credited") } },
    { name: "people", kind: "integer", title: both("户（人）数", "people"), drawn: true }, { name: "sum", kind: "amount", title: both("金额合计", "yuan"), drawn: false },
  ],
  rows: [{ stands: "credited", people: 1096, sum: "59520.00" }, { stands: "dreamt", people: 1, sum: "0.50" }],
};

test("the table and the picture say the same in both languages", () => {
  speak("zh-CN");
  expect(progress.rows.map((row) => progress.columns.map((column) => cell(column, row)))).toEqual([["已到账", "1,096", "59,520.00"], ["dreamt", "1", "0.50"]]);
  expect([labels(progress), series(progress)]).toEqual([["已到账", "dreamt"], [{ name: "户（人）数", values: ["1096", "1"] }]]);
  speak("en");
  expect([labels(progress), series(progress)[0]!.name]).toEqual([["credited", "dreamt"], "people"]);
  speak("zh-CN");
});

test("parts that no row has are left out of the picture, unless there are no others", () => {
  const column = (name: string) => ({ name, kind: "amount" as const, title: both(name, name), drawn: true });
  const money: Figures = { ...base, code: "money", form: "stack", columns: [{ name: "region", kind: "text", title: both("", ""), drawn: false }, column("paid"), column("available"), column("refunded")], rows: [{ region: "530181", paid: "1.00", available: "2.00", refunded: "0.00" }] };
  expect(series(money).map((each) => each.name)).toEqual(["paid", "available"]);
  expect(series({ ...money, rows: [] }).map((each) => each.name)).toEqual(["paid"]);
});

test("percentages are drawn beside their targets, and yuan are not", () => {
  const text = (name: string, drawn: boolean) => ({ name, kind: "text" as const, title: both(name, name), drawn });
  const indicators: Figures = {
    ...base, code: "indicators", form: "targets",
    columns: [{ name: "indicator", kind: "word", title: both("", ""), drawn: false, words: {} }, { name: "numerator", kind: "integer", title: both("", ""), drawn: false }, text("value", true), text("target", true)],
    rows: [{ indicator: "timeliness", numerator: 90, value: "89.11 %", target: "≥ 98.00 %" }, { indicator: "level_person", numerator: 5952000, value: "330.67", target: "" }, { indicator: "satisfaction", numerator: 0, value: "–", target: "≥ 98.00 %" }, { indicator: "unspent", numerator: 1, value: "38.62 %", target: "≤ 50.00 %" }],
  };
  expect(drawnRows(indicators)).toHaveLength(2);
  expect(series(indicators)).toEqual([{ name: "value", values: ["89.11", "38.62"] }, { name: "target", values: ["98.00", "50.00"] }]);
});

test.each([
  [["49600.00", "9920.00"], [2, 0]], [["1.00", "2.00", "3.00", "4.00", "5.00"], [0, 1, 2, 3, 4]], [["7.00", "7.00", "7.00"], [0, 0, 0]], [[], []],
])("places %j are shaded %j", (values, fifths) => expect(shades(values)).toEqual(fifths));
