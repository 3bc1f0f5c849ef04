import type { Done } from "./DoneNote.vue";

// What was done on one page and is said on the next: told once.
let waiting: { id: string; done: Done } | undefined;

export function tell(id: string, done: Done): void {
  waiting = { id, done };
}

export function told(id: string): Done | undefined {
  const found = waiting?.id === id ? waiting.done : undefined;
  if (found) waiting = undefined;
  return found;
}
