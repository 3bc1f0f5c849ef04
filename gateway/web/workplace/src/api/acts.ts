import { notSecure, Trouble } from "./problem";

// An act keeps its Idempotency-Key until its end is known, also when this page is closed in between: sent again, it does nothing twice. The
// same act with other content is another act. The browser keeps the key and a digest of the content, never the content.
interface Kept {
  key: string;
  digest: string;
}

const place = (name: string) => "act:" + name;

export const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export const newKey = () => "work-" + hex(crypto.getRandomValues(new Uint8Array(16)));

export async function sha256(content: BufferSource): Promise<string> {
  if (!crypto.subtle) throw notSecure(); // browsers hash at secure addresses only
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", content)));
}

async function digestOf(content: unknown): Promise<string> {
  return sha256(new TextEncoder().encode(JSON.stringify(content)));
}

function kept(name: string): Kept | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(place(name)) ?? "") as Kept;
  } catch {
    return undefined;
  }
}

let under = 0; // acts under way
const waiting: (() => void)[] = [];

// idle is when no act is under way any more, and its page has said what it did.
export const idle = (): Promise<void> => (under === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve)));

function ended(): void {
  if (--under === 0) setTimeout(() => under === 0 && waiting.splice(0).forEach((resume) => resume()));
}

// perform sends an act under a key of its own. name says what it is done to, such as "payment.seal b-1"; content is all that decides what it does.
export async function perform<T>(name: string, content: unknown, send: (key: string) => Promise<T>): Promise<T> {
  const digest = await digestOf(content);
  const before = kept(name);
  const key = before?.digest === digest ? before.key : newKey();
  sessionStorage.setItem(place(name), JSON.stringify({ key, digest } satisfies Kept));
  const forget = () => sessionStorage.removeItem(place(name));
  under++;
  try {
    const result = await send(key);
    forget();
    return result;
  } catch (e) {
    if (!(e instanceof Trouble && e.passing)) forget();
    throw e;
  } finally {
    ended();
  }
}
