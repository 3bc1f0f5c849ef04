import { expect, test } from "vitest";
import { all, useList } from "./list";

const answer = (items: string[], next?: string) => ({ data: { items, next }, response: new Response("{}") });

test("a list grows by its pages and ends with the last one", async () => {
  const cursors: (string | undefined)[] = [];
  const list = useList<string>((cursor) => {
    cursors.push(cursor);
    return Promise.resolve(cursor ? answer(["c"]) : answer(["a", "b"], "2"));
  });
  await list.first();
  await list.more();
  expect([list.items.value, list.next.value, cursors]).toEqual([["a", "b", "c"], undefined, [undefined, "2"]]);
});

test("what is asked for anew takes the place of what is under way", async () => {
  const waiting: ((items: string[]) => void)[] = [];
  const list = useList<string>(() => new Promise((resolve) => waiting.push((items) => resolve(answer(items)))));
  const [slow, fast] = [list.first(), list.first()];
  waiting[1]!(["new"]);
  waiting[0]!(["old"]);
  await Promise.all([slow, fast]);
  expect([list.items.value, list.busy.value]).toEqual([["new"], false]);
});

test("a page that fails is told, and what was there stays", async () => {
  let fails = false;
  const list = useList<string>(() => (fails ? Promise.reject(new Error("cut off")) : Promise.resolve(answer(["a"], "2"))));
  await list.first();
  fails = true;
  await list.more();
  expect([list.items.value, list.trouble.value?.status, list.busy.value]).toEqual([["a"], 0, false]);
});

test("a short list is read to its end, a long one to a bound", async () => {
  const call = (cursor: string | undefined) => Promise.resolve(answer([cursor ?? "0"], String(Number(cursor ?? "0") + 1)));
  expect(await all<string>(call, 3)).toEqual({ items: ["0", "1", "2"], more: true });
  expect(await all<string>((cursor) => Promise.resolve(cursor ? answer([]) : answer(["a"], "1")))).toEqual({ items: ["a"], more: false });
});
