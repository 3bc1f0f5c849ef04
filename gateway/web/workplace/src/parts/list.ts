import { ref, shallowRef } from "vue";
import { ask } from "../api/client";
import { troubled, type Trouble } from "../api/problem";

interface Page<T> {
  items: T[];
  next?: string;
}

type Call<T> = (cursor: string | undefined) => Promise<{ data?: Page<T>; error?: unknown; response: Response }>;

// useList reads a list page by page. What is asked for anew takes the place of an answer that is still under way.
export function useList<T>(call: Call<T>) {
  const items = shallowRef<T[]>([]);
  const next = ref<string>();
  const busy = ref(false);
  const trouble = shallowRef<Trouble>();
  let asked = 0;

  async function load(more: boolean) {
    const mine = ++asked;
    busy.value = true;
    trouble.value = undefined;
    try {
      const { data } = await ask(call(more ? next.value : undefined));
      if (mine !== asked) return;
      items.value = more ? [...items.value, ...data.items] : data.items;
      next.value = data.next || undefined;
    } catch (e) {
      if (mine === asked) trouble.value = troubled(e);
    } finally {
      if (mine === asked) busy.value = false;
    }
  }

  return { items, next, busy, trouble, first: () => load(false), more: () => load(true) };
}

// all reads the pages of a short list until its end, or until there are more than anybody wants to wait for: more says so.
export async function all<T>(call: Call<T>, pages = 20): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let n = 0; n < pages; n++) {
    const { data } = await ask(call(cursor));
    items.push(...data.items);
    cursor = data.next || undefined;
    if (!cursor) return { items, more: false };
  }
  return { items, more: true };
}
