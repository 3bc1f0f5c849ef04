import { nextTick } from "vue";
import { beforeEach, expect, test } from "vitest";
import { official } from "../shell/official";
import { useDraft } from "./draft";

beforeEach(() => {
  localStorage.clear();
  official.me = { agency: "CivilAffairsMSP", id: "mz1", name: "a", role: "preparer", acts: [] };
});

test("what was typed is there again, for the same official alone, until it was sent", async () => {
  const first = useDraft("batch", { id: "", sum: "0" });
  first.draft.id = "b-1";
  await nextTick();
  expect(useDraft("batch", { id: "", sum: "0" }).draft).toEqual({ id: "b-1", sum: "0" });
  official.me!.name = "b";
  expect(useDraft("batch", { id: "", sum: "0" }).draft.id).toBe("");
  official.me!.name = "a";
  first.forget();
  expect(useDraft("batch", { id: "", sum: "0" }).draft.id).toBe("");
});

test.each(["nonsense", "[]", '{"id": 7, "other": "x"}'])("a draft that reads %s is none", (text) => {
  localStorage.setItem("draft:CivilAffairsMSP:a:batch", text);
  expect(useDraft("batch", { id: "" }).draft).toEqual({ id: "" });
});
