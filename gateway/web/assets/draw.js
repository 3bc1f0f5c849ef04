// A draw, worked out from its frame and nonces as the contracts do: the hashes of decision 0116.
import { hex, root, sha256, utf8 } from "./proof.js";

const domain = (name) => utf8(`relieftrail/draw-${name}/v1\0`);

// commitment is what an agency says of its nonce before it tells it.
export const commitment = (agency, plan, nonce) => sha256(domain("commit"), utf8(agency), [0], utf8(plan), [0], nonce);

// seedOf is the seed of a frame of so many units and of the nonces in the order of their agencies' MSP ids.
export function seedOf(plan, size, frameRoot, nonces) {
  const units = new Uint8Array(8);
  new DataView(units.buffer).setBigUint64(0, BigInt(size));
  return sha256(domain("seed"), utf8(plan), [0], units, frameRoot, ...nonces);
}

export const ticket = (seed, leaf) => sha256(domain("ticket"), seed, leaf);

// rootOf is the RFC 6962 root over hashes as entries.
export const rootOf = async (hashes) => root(await Promise.all(hashes.map((h) => sha256([0], h))));

// inOrder are the leaves of a stratum by their tickets, the smallest first: {leaf, ticket}, in hexadecimal digits.
export async function inOrder(seed, leaves) {
  const all = await Promise.all(leaves.map(async (leaf) => ({ leaf: hex(leaf), ticket: hex(await ticket(seed, leaf)) })));
  return all.sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
}

// apportion says how many units are drawn from each stratum: size by largest remainder, the first stratum where remainders are equal,
// and at least so many of each, or all that it has.
export function apportion(size, least, strata) {
  const all = strata.reduce((sum, n) => sum + n, 0), wanted = Math.min(size, all);
  const take = strata.map((n) => Math.floor(wanted * n / all)), left = wanted - take.reduce((sum, n) => sum + n, 0);
  const order = strata.map((_, i) => i).sort((a, b) => wanted * strata[b] % all - wanted * strata[a] % all);
  for (const i of order.slice(0, left)) take[i]++;
  return take.map((n, i) => Math.max(n, Math.min(least, strata[i])));
}
