import Papa from "papaparse";
import type { Schemas } from "../api/client";

export interface Refused {
  refusal: Schemas["Refusal"];
  cells: string[]; // of the line in the file, empty where it is not at hand
}

export interface Table {
  header: string[];
  refused: Refused[];
  text: string; // the file to correct: the header and the lines that were refused
}

// decode reads a text as the gateway does: UTF-8, or else GB18030.
export function decode(bytes: BufferSource): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("gb18030").decode(bytes);
  }
}

// beside puts refusals beside the lines of the file that they are of. The file is read in this browser and goes nowhere.
export function beside(text: string, refusals: Schemas["Refusal"][]): Table {
  const wanted = new Map(refusals.map((each) => [each.line, each]));
  const refused: Refused[] = [];
  const kept: string[][] = [];
  let header: string[] = [];
  let line = 1;
  // Lines are counted as the gateway counts them: a field may hold line ends.
  for (const row of Papa.parse<string[]>(text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"), { newline: "\n" }).data) {
    const refusal = wanted.get(line);
    if (line === 1) header = row;
    else if (refusal) {
      refused.push({ refusal, cells: row });
      kept.push(row);
      wanted.delete(line);
    }
    line += 1 + row.reduce((ends, cell) => ends + (cell.match(/\n/g)?.length ?? 0), 0);
  }
  for (const refusal of wanted.values()) refused.push({ refusal, cells: [] });
  return { header, refused, text: "\uFEFF" + Papa.unparse([header, ...kept], { newline: "\r\n" }) + "\r\n" };
}

// readRefusals reads the gateway's list of refused lines, one JSON object a line.
export function readRefusals(ndjson: string): Schemas["Refusal"][] {
  return ndjson.split("\n").filter((each) => each.trim() !== "").map((each) => JSON.parse(each) as Schemas["Refusal"]);
}
