// What this browser works out of the transparency log by itself: what a checkpoint says, and to which root a leaf leads.

// A Checkpoint is a signed note (C2SP tlog-checkpoint): the state of the log after so many records, and who signed it.
export interface Checkpoint {
  origin: string;
  size: number;
  root: string; // base64
  signers: string[];
}

// checkpoint reads a signed note; undefined for a text that is none.
export function checkpoint(note: string): Checkpoint | undefined {
  const [text = "", signatures = ""] = note.split("\n\n");
  const [origin, size, root] = text.split("\n");
  if (!origin || !root || !/^(0|[1-9][0-9]{0,15})$/.test(size ?? "")) return undefined;
  return { origin, size: Number(size), root, signers: [...signatures.matchAll(/^— (\S+) \S+$/gm)].map((found) => found[1]!) };
}

const bytes = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const base64 = (of: Uint8Array) => btoa(String.fromCharCode(...of));
export const hex = (of: Uint8Array) => Array.from(of, (b) => b.toString(16).padStart(2, "0")).join("");
export const hexOf = (root: string) => hex(bytes(root));
const fromHex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

async function node(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.of(1, ...left, ...right)));
}

// rootOf is the root, in base64, to which a leaf's hash leads by the path of its inclusion proof (RFC 9162, 2.1.3.2); undefined for a path
// that does not fit a log of this size.
export async function rootOf(leaf: string, index: number, size: number, path: string[]): Promise<string | undefined> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size || !/^[0-9a-f]{64}$/.test(leaf)) return undefined;
  let [fn, sn] = [index, size - 1];
  let hash = fromHex(leaf);
  for (const each of path) {
    if (sn === 0) return undefined;
    const sibling = bytes(each);
    if (fn % 2 === 1 || fn === sn) {
      hash = (await node(sibling, hash)) as typeof hash;
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else hash = (await node(hash, sibling)) as typeof hash;
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 ? base64(hash) : undefined;
}
