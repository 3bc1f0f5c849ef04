import { expect, test } from "vitest";
import { halved } from "./language";

test("a document is given in one language, and its examples as they are", () => {
  const document = { info: { title: "网关 · Gateway" }, tags: [{ name: "批次 · Batches" }], paths: { "/a": { get: { tags: ["批次 · Batches"], summary: "取 · Get · all", example: { title: "无效 · Invalid" }, deprecated: false } } } };
  expect(halved(document, "zh-CN")).toEqual({ info: { title: "网关" }, tags: [{ name: "批次" }], paths: { "/a": { get: { tags: ["批次"], summary: "取", example: { title: "无效 · Invalid" }, deprecated: false } } } });
  expect(halved(document, "en").paths["/a"].get.summary).toBe("Get · all");
});
