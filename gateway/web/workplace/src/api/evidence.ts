import { hex, sha256 } from "./acts";

// Proof is what the office keeps with a paper: with it anybody can show that the hash on the ledger is of this text. Who has only the hash cannot
// try texts.
export interface Proof {
  how: "sha256(salt ‖ content)";
  salt: string; // 32 bytes in hexadecimal digits
  sha256: string;
  text: string;
}

export const newSalt = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32));

// salted is the hash of a text with a salt. The same text with the same salt is the same hash.
export async function salted(text: string, salt: Uint8Array): Promise<Proof> {
  const content = new TextEncoder().encode(text.trim());
  const all = new Uint8Array(salt.length + content.length);
  all.set(salt);
  all.set(content, salt.length);
  return { how: "sha256(salt ‖ content)", salt: hex(salt), sha256: await sha256(all), text: text.trim() };
}
