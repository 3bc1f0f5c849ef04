import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { en } from "./en";
import { add, fen, less, money, yuan } from "./money";
import { dueOf } from "./time";
import { half, speak } from "./index";
import { zh } from "./zh";

type Texts = { [name: string]: string | Texts };

const flat = (texts: Texts, before = ""): Map<string, string> =>
  new Map(Object.entries(texts).flatMap(([name, value]) => (typeof value === "string" ? [[before + name, value] as const] : [...flat(value, `${before}${name}.`)])));

const chinese = flat(zh);
const english = flat(en);
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).toSorted();

describe("texts", () => {
  test("both languages say the same things of the same values", () => {
    expect([...english.keys()].toSorted()).toEqual([...chinese.keys()].toSorted());
    for (const [name, text] of chinese) expect([name, ...holes(english.get(name)!)]).toEqual([name, ...holes(text)]);
  });

  test("no text has a sign that a message gives another meaning", () => {
    for (const [name, text] of [...chinese, ...english]) expect(text, name).not.toMatch(/[|@]/);
  });

  test("each text that a page asks for by name is there, and each that is there is asked for", () => {
    const sources = readdirSync(join(__dirname, ".."), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(vue|ts)$/.test(name) && !/(test|schema\.d)\.ts$|words\/(zh|en)\.ts$/.test(name))
      .map((name) => readFileSync(join(__dirname, "..", name), "utf8"));
    const whole = new Set<string>();
    const stems = new Set<string>();
    for (const source of sources) {
      for (const found of source.matchAll(/\bt\((?:[^()"']*\? *)?["']([\w.]+?)(\.)?["']( \+)?(?: : ["']([\w.]+)["'])?/g)) {
        if (found[2]) stems.add(found[1] + ".");
        else whole.add(found[1]!);
        if (found[4]) whole.add(found[4]);
      }
    }
    for (const name of whole) expect(chinese.has(name), name).toBe(true);
    for (const stem of stems) expect([...chinese.keys()].some((name) => name.startsWith(stem)), stem).toBe(true);
    const idle = [...chinese.keys()].filter((name) => !whole.has(name) && ![...stems].some((stem) => name.startsWith(stem)));
    expect(idle).toEqual([]);
  });

  test("a text of two languages is halved", () => {
    speak("zh-CN");
    expect(half("民政 · Civil affairs · and more")).toBe("民政");
    speak("en");
    expect(half("民政 · Civil affairs · and more")).toBe("Civil affairs · and more");
    expect(half("only one")).toBe("only one");
    expect(half(undefined)).toBe("");
    speak("zh-CN");
  });
});

describe("money", () => {
  test.each([
    ["318640.00", 31864000n], ["0.5", 50n], ["12", 1200n], ["1,234.50", 123450n], ["-3.07", -307n], [" 7.10 ", 710n],
    ["", undefined], ["1.234", undefined], ["1e3", undefined], ["１２", undefined], [".5", undefined], ["1234567890123456", undefined], ["12元", undefined],
  ])("%s is %s fen", (text, value) => expect(fen(text)).toBe(value));

  test("is written as it was read", () => {
    for (const text of ["0.00", "0.07", "-0.07", "9999999999999.99"]) expect(yuan(fen(text)!)).toBe(text);
    expect(money("1234567.80")).toBe("1,234,567.80");
    expect(money("-1234.00")).toBe("-1,234.00");
    expect(money(undefined)).toBe("—");
    expect(less("100.00", "40.50")).toBe("+59.50");
    expect(less("40.50", "100.00")).toBe("-59.50");
    expect(add(["0.10", "0.20", "9007199254740993.00".slice(1)])).toBe("7199254740993.30");
  });
});

test.each([
  ["2026-11", 10, "2026-11-10"], ["2026-02", 31, "2026-02-28"], ["2028-02", 30, "2028-02-29"], ["2026-Q4", 15, "2026-12-15"], ["november", 10, undefined],
])("%s is paid by day %i: %s", (period, by, day) => expect(dueOf(period, by)).toBe(day));
