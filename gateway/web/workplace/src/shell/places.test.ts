import { beforeEach, expect, test } from "vitest";
import { router } from "../router";
import { official } from "./official";
import { covers, groups } from "./places";

beforeEach(() => {
  official.me = { agency: "AuditMSP", id: "sj1", name: "a", role: "reader", acts: ["read", "reading.list"] };
});

test("every place has a page, and a page that an official may not see is not offered", () => {
  const names = groups().flatMap((group) => group.places.map((each) => each.name));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(router.hasRoute(name), name).toBe(true);
  for (const { places } of groups()) for (const each of places) expect(router.resolve({ name: each.name }).path).toBe(each.path);
  expect(names).toContain("readings");
  expect(names).not.toContain("cases");
  official.me!.acts = [];
  expect(groups()).toEqual([expect.objectContaining({ name: "mine" })]);
});

test("the page of a record belongs to the place of its kind alone", () => {
  const of = (path: string) => groups().flatMap((group) => group.places).filter((each) => covers(each, path)).map((each) => each.name);
  expect(of("/batches/b-1")).toEqual(["batches"]);
  expect(of("/")).toEqual(["home"]);
  expect(of("/search")).toEqual([]);
});
