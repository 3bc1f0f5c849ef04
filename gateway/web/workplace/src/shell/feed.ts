import { onScopeDispose, shallowReactive } from "vue";
import { idle } from "../api/acts";
import { api, ask, type Schemas } from "../api/client";
import { troubled } from "../api/problem";

export type Written = Schemas["FeedItem"];

// What others write is read from the feed every few seconds while the page is looked at. Streams are not used: an official with
// several windows would have more of them than a browser opens to one address.
const every = 5000;

type Listener = (item: Written) => void;
const listeners = new Set<Listener>();
export const feed = shallowReactive({ behind: false });

// A page that nobody works at for a while asks no more, so that a session which is not used comes to its end.
const quiet = 5 * 60_000;
let touched = Date.now();
for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => (touched = Date.now()), { capture: true, passive: true });

let timer: ReturnType<typeof setTimeout> | undefined;
let since = "";
let running = 0;

async function look(run: number): Promise<void> {
  let wait = every;
  try {
    if (document.visibilityState === "visible" && Date.now() - touched < quiet) {
      const { data } = await ask(api.GET("/v1/feed", { params: { query: { since } } }));
      const page = data as Schemas["FeedPage"];
      if (run !== running) return;
      // What is written by an act of this page changes it only once the act has said what it did: its form may go with the change.
      await idle();
      if (run !== running) return;
      since = page.next;
      for (const item of page.items) for (const listener of listeners) listener(item);
      if (page.more) wait = 0;
      feed.behind = false;
    }
  } catch (e) {
    feed.behind = troubled(e).passing;
    wait = 3 * every;
  }
  if (run === running) timer = setTimeout(() => void look(run), wait);
}

// follow begins to read what is written after a block.
export function follow(block: number): void {
  stop();
  since = String(block);
  const run = running;
  timer = setTimeout(() => void look(run), every);
}

export function stop(): void {
  running++;
  clearTimeout(timer);
}

// onWritten calls a listener for each record that is written, as long as the component that asks is there.
export function onWritten(listener: Listener): void {
  listeners.add(listener);
  onScopeDispose(() => listeners.delete(listener));
}
