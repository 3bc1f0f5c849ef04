// The page of a draw: what is shown is held against the draw's statement, that against the log that all agencies have cosigned, and the
// whole draw is worked out again from the leaves of its frame. Whose household is looked for never leaves the page.
import { both, startLanguage } from "./desk-kit.js";
import { apportion, commitment, inOrder, rootOf, seedOf } from "./draw.js";
import { fromHex, hex, leafHash, prove, root, Said, utf8, verifier } from "./proof.js";

const $ = (id) => document.getElementById(id);
startLanguage({ "zh-CN": "公开抽查", en: "Public draws" });

// A hash behind # is the leaf of somebody's receipt, from the page that checks receipts. It goes on to whichever draw is looked at.
const asked = () => (/^#leaf=[0-9a-f]{64}$/.test(location.hash) ? location.hash.slice(6) : "");
if (asked()) for (const a of document.querySelectorAll("a[data-draw]")) a.href += location.hash;

const purposes = { follow_up: ["回访", "Follow-up visits"], evaluation: ["第三方评估", "A third party's evaluation"], audit: ["审计", "Audit"] };
const beijing = (time) => new Date(Date.parse(time) + 8 * 3600e3).toISOString().slice(0, 16).replace("T", " ");
const shownHash = (hash) => hash || "–";

// facts are what the cells with data-fact must say by the statement.
function facts(s) {
  const all = { ...s, purpose: purposes[s.purpose].join(""), close_at: beijing(s.close_at), seed: shownHash(s.seed) };
  if (s.frame) Object.assign(all, { frame_size: s.frame.size, frame_root: s.frame.root, reveal_by: beijing(s.frame.reveal_by) });
  for (const [name, n] of Object.entries(s.visited || {})) all["visited." + name] = n;
  if (s.open_by) all.open_by = beijing(s.open_by);
  return all;
}

const cells = (row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent.trim());
const rowsOf = (id) => [...($(id)?.tBodies[0].rows || [])];
const same = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);

// plan holds the terms, the nonces and the months that are shown against the statement.
async function plan(s) {
  if (s.kind !== "plan" || location.pathname !== "/draws/" + s.id) throw new Said("这是另一次抽查的声明", "This is the statement of another draw");
  const told = facts(s);
  for (const cell of document.querySelectorAll("[data-fact]")) {
    if (cell.textContent.trim() !== String(told[cell.dataset.fact])) {
      throw new Said(`页面上的“${cell.textContent.trim()}”与声明不符：应为 ${told[cell.dataset.fact]}`, `The page says “${cell.textContent.trim()}” where the statement has ${told[cell.dataset.fact]}`);
    }
  }
  const shown = rowsOf("nonces").map((row) => cells(row).slice(0, 3).concat(row.dataset.withheld));
  if (!same(shown.map(String), s.nonces.map((n) => String([n.agency, shownHash(n.commitment), shownHash(n.nonce), n.withheld])))) {
    throw new Said("承诺值或随机数与声明不符", "A commitment or nonce is not as in the statement");
  }
  for (const n of s.nonces) {
    if (n.nonce && hex(await commitment(n.agency, s.id, fromHex(n.nonce))) !== n.commitment) {
      throw new Said(`${n.agency} 的随机数与其承诺值不符`, `The nonce of ${n.agency} does not fit its commitment`);
    }
  }
}

// strata holds the strata that are shown against the root in the statement, and how many are drawn of each against the plan.
async function strata(s) {
  const lines = rowsOf("strata").map((row) => {
    const [, , cls, units, take, reserves] = cells(row);
    return { class: cls, region: row.dataset.region, reserves: Number(reserves), root: row.dataset.root, schema: "relieftrail/stratum/v1", take: Number(take), units: Number(units) };
  });
  if (lines.length !== s.frame.strata.count || hex(await root(await Promise.all(lines.map((l) => leafHash(JSON.stringify(l)))))) !== s.frame.strata.root) {
    throw new Said("有层被改动、去掉或调换", "A stratum was changed, left out or swapped");
  }
  const take = apportion(s.size, s.min_per_stratum, lines.map((l) => l.units));
  if (!lines.every((l, i) => l.take === take[i] && l.reserves === Math.min(s.reserves, l.units - take[i]))) {
    throw new Said("各层抽取户数与方案不符", "The strata are not drawn from as the plan says");
  }
  return lines;
}

// months holds the frame's root against the cosigned statements of the months.
async function months(s) {
  const texts = rowsOf("months").map((row) => row.dataset.statement);
  let rows = 0;
  for (const [i, of] of s.frame.months.entries()) {
    const m = JSON.parse(texts[i] || "{}");
    if (m.kind !== "month" || m.county !== s.county || m.programme !== of.programme || m.period !== of.period || m.version !== of.version || m.villages.root !== of.root) {
      throw new Said(`抽样框与 ${of.period} 的月度声明不符`, `The frame is not that of the statement of ${of.period}`);
    }
    rows += m.rows;
    await prove(texts[i]);
  }
  if (texts.length !== s.frame.months.length || rows !== s.frame.size || hex(await rootOf(s.frame.months.map((m) => fromHex(m.root)))) !== s.frame.root) {
    throw new Said("抽样框与各月声明不符", "The frame is not that of its months");
  }
}

let frame; // the leaves of each stratum, fetched once

// leaves fetches the frame and holds it against the roots of the strata.
async function leaves(s, lines) {
  const answer = await fetch(`/public/v1/draws/${s.id}/frame`);
  if (!answer.ok) throw new Said("读不到抽样框，请稍后再试", "The frame cannot be read: try again later");
  const all = new Uint8Array(await answer.arrayBuffer());
  if (all.length !== 32 * s.frame.size) throw new Said(`抽样框有 ${all.length / 32} 笔，应为 ${s.frame.size} 笔`, `The frame has ${all.length / 32} payments instead of ${s.frame.size}`);
  let at = 0;
  const out = [];
  for (const line of lines) {
    const units = Array.from({ length: line.units }, () => all.subarray(at, at += 32));
    if (hex(await rootOf(units)) !== line.root) throw new Said("抽样框中有支付被改动、去掉或换层", "A payment of the frame was changed, left out or moved to another stratum");
    out.push(units);
  }
  return out;
}

// drawn works the draw out again and compares it with what is shown.
async function drawn(s, lines) {
  const nonces = s.nonces.filter((n) => n.nonce).map((n) => fromHex(n.nonce));
  const seed = await seedOf(s.id, s.frame.size, fromHex(s.frame.root), nonces);
  if (hex(seed) !== s.seed) throw new Said("种子不是由抽样框和随机数得出的", "The seed does not follow from frame and nonces");
  const shown = rowsOf("drawn").map((row) => `${row.dataset.stratum} ${row.dataset.reserve} ${cells(row).slice(1, 3).join(" ")}`), want = [], hashes = [];
  for (const [i, line] of lines.entries()) {
    const order = await inOrder(seed, frame[i]);
    order.slice(0, line.take + line.reserves).forEach(({ leaf }, n) => {
      want.push(`${i + 1} ${n >= line.take} ${n + 1} ${leaf}`);
      hashes.push(fromHex(leaf));
    });
  }
  if (!s.drawn) return want.length;
  if (hex(await rootOf(hashes)) !== s.drawn.root) throw new Said("声明的结果不是由种子得出的", "What the statement says was drawn does not follow from the seed");
  const odd = shown.find((row) => !want.includes(row)), gone = want.find((row) => !shown.includes(row));
  if (odd) throw new Said(`名单中有未抽中的：${odd.slice(-64)}`, `The list has one that was not drawn: ${odd.slice(-64)}`);
  if (gone) throw new Said(`名单中少了抽中的：${gone.slice(-64)}`, `One that was drawn is left out: ${gone.slice(-64)}`);
  if (!same(shown, want)) throw new Said("名单的次序被改动", "The order of the list was changed");
  return want.length;
}

async function check() {
  const text = $("plan").dataset.statement, s = JSON.parse(text);
  await plan(s);
  const signed = (await prove(text)).signed_by;
  const verdict = document.createDocumentFragment();
  if (!s.frame) verdict.append(both("至此属实：方案和承诺值已共同签名，抽样框尚未固定", "True so far: plan and commitments are signed by all; the frame is not fixed yet"));
  else {
    await months(s);
    const lines = await strata(s);
    frame = await leaves(s, lines);
    if (s.state === "void") verdict.append(both(`此次抽查作废：${s.keeper} 未按期公开随机数，没有抽取任何家庭`, `This draw is void: ${s.keeper} did not tell its nonce in time, and nobody was drawn`));
    else if (s.state === "sealed") verdict.append(both(`至此属实：结果已由承诺值固定并密封，${s.keeper} 最迟于 ${beijing(s.open_by)} 公开`, `True so far: what is drawn is fixed by the commitments and sealed; ${s.keeper} opens it by ${beijing(s.open_by)}`));
    else if (!s.seed) verdict.append(both(`至此属实：抽样框 ${s.frame.size} 笔已固定，种子尚未得出`, `True so far: the frame of ${s.frame.size} payments is fixed, the seed is not known yet`));
    else {
      const n = await drawn(s, lines);
      verdict.append(s.drawn ? both(`抽查属实：从 ${s.frame.size} 笔中重新抽取，${s.drawn.units} 户和 ${s.drawn.reserves} 户备选全部一致`, `This draw is true: drawn again from ${s.frame.size} payments, all ${s.drawn.units} and ${s.drawn.reserves} reserves are the same`)
        : both(`至此属实：种子已得出，将抽出 ${n} 户（含备选）`, `True so far: the seed is known; ${n} will be drawn, reserves among them`));
    }
  }
  const withheld = s.nonces.filter((n) => n.withheld).map((n) => n.agency);
  if (withheld.length) verdict.append(both(`。未提供随机数：${withheld.join("、")}`, `. No nonce from: ${withheld.join(", ")}`));
  verdict.append(both(`。${signed.map((a) => a.zh).join("、")}共同签名。`, `. Signed by ${signed.map((a) => a.en).join(", ")}.`));
  return verdict;
}

// leafOf is the hash of the leaf of a receipt: of a hash as it is, of a link, or of a receipt whose signatures are checked.
async function leafOf(content) {
  await verifier();
  if (typeof content === "string") {
    const where = relieftrail.locate(content);
    if (where.error) throw new Said(where.error.zh, where.error.en);
    if (where.hash) return where.hash;
  }
  const keys = await fetch("/public/v1/keys?format=policy"), statements = await fetch("/public/v1/statement-keys?format=policy");
  if (!keys.ok || !statements.ok) throw new Said("读不到各部门的公钥，请稍后再试", "The agencies' keys cannot be read: try again later");
  relieftrail.trust(await keys.text());
  const report = relieftrail.check(typeof content === "string" ? content : new Uint8Array(content));
  relieftrail.trust(await statements.text()); // the draw's statement is checked by these
  if (report.error) throw new Said(report.error.zh, report.error.en);
  return report.leaf_hash;
}

// mine says whether a payment was drawn, after the draw was checked.
async function mine(leaf) {
  const s = JSON.parse($("plan").dataset.statement);
  await check();
  if (!frame) return both("抽样框尚未固定，还没有抽取", "The frame is not fixed: nothing is drawn yet");
  const at = frame.findIndex((units) => units.some((u) => hex(u) === leaf));
  if (at < 0) return both("这笔支付不在本次抽查的范围内", "This payment is not among those that are drawn from");
  if (!s.seed) return both("这笔支付在抽查范围内；种子尚未得出", "This payment is among those that are drawn from; the seed is not known yet");
  const [, , , units, take, reserves] = cells(rowsOf("strata")[at]).map(Number);
  const order = await inOrder(fromHex(s.seed), frame[at]), place = order.findIndex((u) => u.leaf === leaf) + 1;
  const among = [`本层 ${units} 笔中抽签第 ${place} 位，抽取前 ${take} 位`, `number ${place} of the ${units} of its stratum, of which ${take} are drawn`];
  if (place <= take) return both(`抽中：${among[0]}`, `Drawn: ${among[1]}`);
  if (place <= take + reserves) return both(`备选第 ${place - take} 位：${among[0]}`, `Reserve ${place - take}: ${among[1]}`);
  return both(`未抽中：${among[0]}`, `Not drawn: ${among[1]}`);
}

// answer shows in a place what comes out, or what is wrong.
async function answer(place, button, make) {
  button.disabled = true;
  place.className = "tell";
  place.replaceChildren(both("正在核验…", "Checking…"));
  try {
    place.replaceChildren(await make());
    place.className = "tell good";
  } catch (e) {
    place.className = "tell bad";
    place.replaceChildren(e instanceof Said ? both(e.zh, e.en) : both("未能核验，请检查网络后再试", "Not checked: look at the network and try again"));
  }
  button.disabled = false;
}

$("check")?.addEventListener("click", () => answer($("result"), $("check"), check));
$("find")?.addEventListener("click", () => {
  const text = $("receipt").value.trim();
  if (text) answer($("found"), $("find"), async () => mine(await leafOf(text.startsWith("c2sp.org/") ? utf8(text + "\n") : text)));
});
$("file")?.addEventListener("change", async (e) => {
  const file = e.target.files[0];
  if (file) await answer($("found"), $("find"), async () => mine(await leafOf(await file.slice(0, 1 << 20).arrayBuffer())));
  e.target.value = ""; // the same file may be chosen again
});
if ($("find") && asked()) answer($("found"), $("find"), () => mine(asked()));
