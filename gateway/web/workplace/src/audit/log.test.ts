import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkpoint, hexOf, rootOf } from "./log";

const sha = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
const leaves = (n: number) => Array.from({ length: n }, (_, i) => sha(Buffer.from([0]), Buffer.from(`leaf ${i}`)));
const split = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);
// The tree by its definition (RFC 9162, 2.1.1 and 2.1.3.1), which shares nothing with what is tested.
function tree(of: Buffer[]): Buffer {
  return of.length === 1 ? of[0]! : sha(Buffer.from([1]), tree(of.slice(0, split(of.length))), tree(of.slice(split(of.length))));
}
function path(index: number, of: Buffer[]): Buffer[] {
  if (of.length === 1) return [];
  const k = split(of.length);
  return index < k ? [...path(index, of.slice(0, k)), tree(of.slice(k))] : [...path(index - k, of.slice(k)), tree(of.slice(0, k))];
}
const texts = (of: Buffer[]) => of.map((each) => each.toString("base64"));

test.each([1, 2, 3, 7, 8, 13])("every leaf of a log of %i leads to its root, and to no other", async (size) => {
  const all = leaves(size);
  const root = tree(all).toString("base64");
  for (const [index, leaf] of all.entries()) {
    expect(await rootOf(leaf.toString("hex"), index, size, texts(path(index, all)))).toBe(root);
    expect(await rootOf("0".repeat(64), index, size, texts(path(index, all)))).not.toBe(root);
  }
});

test("a path that does not fit is none", async () => {
  const all = leaves(5);
  const [leaf, way] = [all[2]!.toString("hex"), texts(path(2, all))];
  expect(await rootOf(leaf, 2, 5, way.slice(1))).toBeUndefined();
  expect(await rootOf(leaf, 2, 5, [...way, way[0]!])).toBeUndefined();
  expect(await rootOf(leaf, 5, 5, way)).toBeUndefined();
  expect(await rootOf("nonsense", 2, 5, way)).toBeUndefined();
});

test("a checkpoint says how many records it is of, their root, and who signed", () => {
  const note = "relief.example\n3\n4hX5VgzhikDPDC8pyEPJ9W50L4nKhLwibukCkGIYP5M=\n\n— relief.example gxDc\n— relief.example/audit sC52\n";
  expect(checkpoint(note)).toEqual({ origin: "relief.example", size: 3, root: "4hX5VgzhikDPDC8pyEPJ9W50L4nKhLwibukCkGIYP5M=", signers: ["relief.example", "relief.example/audit"] });
  expect(hexOf("4hX5VgzhikDPDC8pyEPJ9W50L4nKhLwibukCkGIYP5M=")).toHaveLength(64);
  for (const bad of ["", "relief.example\n-3\nx\n\n", "relief.example\n3\n"]) expect(checkpoint(bad)).toBeUndefined();
});
