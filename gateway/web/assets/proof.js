// What the pages of statements and lists are checked by: the browser's SHA-256, the trees of RFC 6962, and the verifier (receipt.wasm)
// for the agencies' signatures. Nothing but hashes leaves the page.

const bytes = new TextEncoder();

export const hex = (hash) => [...hash].map((b) => b.toString(16).padStart(2, "0")).join("");

export const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));

export async function sha256(...parts) {
  if (!globalThis.crypto?.subtle) throw new Said("本页须经 https 打开才能核验", "This page checks only when it was opened by https");
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

// Said is what is wrong, for the reader.
export class Said extends Error {
  constructor(zh, en) {
    super(en);
    this.zh = zh;
    this.en = en;
  }
}

// leafHash and root are RFC 6962's, of texts and of their hashes.
export const leafHash = (text) => sha256([0], bytes.encode(text));

export const utf8 = (text) => bytes.encode(text);

export async function root(hashes) {
  if (!hashes.length) return sha256();
  let level = hashes;
  while (level.length > 1) { // a node without a neighbour goes up as it is: the same tree as by the largest power of two
    const next = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(await sha256([1], level[i], level[i + 1]));
    if (level.length % 2) next.push(level[level.length - 1]);
    level = next;
  }
  return level[0];
}

let started;

// verifier starts the verifier once, which trusts the agencies' keys for statements.
export function verifier() {
  started ||= (async () => {
    const go = new Go();
    const ready = new Promise((resolve) => { globalThis.relieftrailReady = resolve; });
    const { instance } = await WebAssembly.instantiateStreaming(fetch("/assets/receipt.wasm"), go.importObject);
    go.run(instance);
    await ready;
    const answer = await fetch("/public/v1/statement-keys?format=policy");
    if (!answer.ok) throw new Said("读不到各部门的公钥，请稍后再试", "The agencies' keys cannot be read: try again later");
    const who = relieftrail.trust(await answer.text());
    if (who.error) throw new Said(who.error.zh, who.error.en);
    return who.agencies;
  })();
  started.catch(() => { started = undefined; });
  return started;
}

// prove shows that a statement is in the log that all agencies have cosigned: its number, the log's size, and who signed.
export async function prove(statement) {
  await verifier();
  const hash = hex(await leafHash(statement));
  const answer = await fetch("/public/v1/statements/" + hash);
  if (answer.status === 404) throw new Said("共同签名的声明日志中没有这份声明；刚登记的请稍后再试", "The log that all agencies have signed does not have this statement; if it was made just now, try again later");
  if (!answer.ok) throw new Said("服务器繁忙，请稍后再试", "The server is busy: try again later");
  const p = await answer.json();
  const found = relieftrail.prove(hash, `c2sp.org/tlog-proof@v1\nindex ${p.index}\n${p.path.map((h) => h + "\n").join("")}\n${p.checkpoint}`);
  if (found.error) throw new Said(found.error.zh, found.error.en);
  return found;
}
