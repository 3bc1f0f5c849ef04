import type { Schemas } from "../api/client";
import type { Series } from "../parts/BarChart.vue";
import { programmeName, regionName } from "../shell/reference";
import { language } from "../words";
import { money } from "../words/money";

export type Figures = Schemas["ChartFigures"];
type Column = Schemas["ChartColumn"];
type Row = Schemas["ChartRow"];

// said is the half of a text in the language of the page.
export const said = (text: Schemas["BothLanguages"]) => (language() === "en" ? text.en : text.zh);

export const numeric = (column: Column) => column.kind === "integer" || column.kind === "amount";

// cell is what a cell of the table says.
export function cell(column: Column, row: Row): string {
  const value = String(row[column.name] ?? "");
  if (column.kind === "amount") return money(value);
  if (column.kind === "integer") return value.replace(/\B(?=(\d{3})+$)/g, ",");
  if (column.kind === "word") return column.words?.[value] ? said(column.words[value]) : value;
  if (column.name === "region") return regionName(value);
  if (column.name === "programmes") return value.split(" ").map(programmeName).join(" · ");
  return value;
}

// What a chart of values beside targets draws: percentages alone, for yuan have another scale.
const percent = / %$/;
const figure = (text: string) => text.replace(/^[≥≤] /, "").replace(percent, "");

export const drawnRows = (figures: Figures): Row[] => (figures.form === "targets" ? figures.rows.filter((row) => percent.test(String(row.value))) : figures.rows);

// labels name the rows of the picture: what stands before the first figure.
export function labels(figures: Figures): string[] {
  const first = figures.columns.findIndex(numeric);
  return drawnRows(figures).map((row) => figures.columns.slice(0, first).map((column) => cell(column, row)).join(" · "));
}

// series are the figures of the picture; those that no row has are left out where there are several.
export function series(figures: Figures): Series[] {
  const rows = drawnRows(figures);
  const all = figures.columns.filter((column) => column.drawn).map((column) => ({ name: said(column.title), values: rows.map((row) => figure(String(row[column.name] ?? ""))) }));
  const some = all.filter((each) => each.values.some((value) => Number(value) !== 0));
  return some.length > 0 ? some : all.slice(0, 1);
}

// shades are which fifth of the places each is among: from 0, the least money, to 4, the most.
export function shades(values: string[]): number[] {
  const order = values.map(Number).toSorted((a, b) => a - b);
  return values.map((value) => Math.floor((order.indexOf(Number(value)) * 5) / order.length));
}
