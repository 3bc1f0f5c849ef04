// The pages of published lists: what is shown is held against the month's statement, and that against the log that all agencies have
// cosigned. Rows lead to the village's root, the villages' lines to the root in the statement (RFC 6962).
import { both, startLanguage } from "./desk-kit.js";
import { fromHex, hex, leafHash, prove, root, Said, sha256 } from "./proof.js";

const $ = (id) => document.getElementById(id);
startLanguage({ "zh-CN": "公开名单", en: "Published lists" });

const fen = (yuan) => BigInt(yuan.replace(".", ""));
const yuan = (f) => String(f).padStart(3, "0").replace(/(..)$/, ".$1");
const leads = async (hashes, to) => hex(await root(await Promise.all(hashes))) === to;

// texts makes the canonical text (RFC 8785) of each row of the table from what is shown in it. A name heads its row: it is not proved.
const texts = (table, make) => [...table.tBodies[0].rows].map((row) => JSON.stringify(make([...row.querySelectorAll("td")].map((cell) => cell.textContent.trim()), row.dataset)));

// lineOf and rowOf have their members in the order of their names. A dash is a figure that is not told.
const lineOf = ([, households, persons, rows, sum], { code, root, deducted }) => sum === "–"
  ? { code, households: Number(households), root, rows: Number(rows), schema: "relieftrail/village-counts/v1" }
  : { code, deducted, households: Number(households), persons: Number(persons), root, rows: Number(rows), schema: "relieftrail/village/v1", sum };

const rowOf = ([cls, persons, amount, paid_on, period], { leaf, kind, deducted }) =>
  ({ amount, class: cls, deducted, kind, leaf, paid_on, period, persons: Number(persons), schema: "relieftrail/row/v1" });

function counted(zh, en, shown, told) {
  if (shown < told) throw new Said(`少了 ${told - shown} ${zh}`, `${told - shown} ${en} left out`);
  if (shown > told) throw new Said(`多了 ${shown - told} ${zh}`, `${shown - told} ${en} added`);
}

// villages holds the lines of the page against the statement.
async function villages(table, statement) {
  const lines = texts(table, lineOf);
  counted("个村", "villages", lines.length, statement.villages.count);
  if (!await leads(lines.map(leafHash), statement.villages.root)) {
    throw new Said("有村的数字被改动、调换，或属于另一版本", "A village was changed or swapped, or is of another version");
  }
  return both(`这份名单完整：${lines.length} 个村，${statement.rows} 笔，${statement.sum} 元`, `This list is complete: ${lines.length} villages, ${statement.rows} payments, ${statement.sum} yuan`);
}

// climb is the root that a path leads to from a hash at an index (RFC 9162, 2.1.3.2); nothing for a path of another length.
async function climb(hash, index, size, path) {
  let at = index, last = size - 1, up = hash;
  for (const node of path) {
    if (last === 0) return [];
    if (at % 2 || at === last) {
      up = await sha256([1], node, up);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else up = await sha256([1], up, node);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? up : [];
}

// village holds the rows of the page against the village's line, and the line against the statement.
async function village(table, statement, code) {
  const { line: text, index, path } = table.dataset;
  const line = JSON.parse(text);
  if (line.code !== code) throw new Said(`这是另一个村（${line.code}）的名单`, `This is the list of another village (${line.code})`);
  const up = await climb(await leafHash(text), Number(index), statement.villages.count, path ? path.split(" ").map(fromHex) : []);
  if (hex(up) !== statement.villages.root) {
    throw new Said("月度声明里没有这个村的这些数字：属于另一版本、另一月份，或被改动", "The month's statement does not have these figures of the village: they are of another version or month, or were changed");
  }
  if (line.sum === undefined) return both(`这个村 ${line.households} 户、${line.rows} 笔，属实`, `${line.households} households and ${line.rows} payments: true`);
  const rows = texts(table, rowOf);
  counted("笔", "payments", rows.length, line.rows);
  const sum = rows.reduce((all, row) => all + fen(JSON.parse(row).amount), 0n);
  if (sum !== fen(line.sum)) throw new Said(`合计 ${yuan(sum)} 元，应为 ${line.sum} 元：有金额被改动`, `The rows add up to ${yuan(sum)} yuan instead of ${line.sum}: an amount was changed`);
  if (!await leads(rows.map(leafHash), line.root)) {
    throw new Said("有行被改动、调换，或来自另一个村、另一版本", "A row was changed or swapped, or is of another village or version");
  }
  return both(`这份名单完整：${rows.length} 笔，${line.sum} 元，一笔不少、一分不差`, `This list is complete: ${rows.length} payments, ${line.sum} yuan`);
}

async function check() {
  const table = $("list"), [, , programme, county, period, code] = location.pathname.split("/");
  const statement = JSON.parse(table.dataset.statement);
  if (statement.kind !== "month" || statement.programme !== programme || statement.county !== county || statement.period !== period) {
    throw new Said("声明属于另一县、项目或月份", "The statement is of another county, programme or period");
  }
  const verdict = code ? await village(table, statement, code) : await villages(table, statement);
  const signed = (await prove(table.dataset.statement)).signed_by;
  verdict.append(both(`。${signed.map((s) => s.zh).join("、")}共同签名；月度结账第 ${statement.version} 版。`, `. Signed by ${signed.map((s) => s.en).join(", ")}; version ${statement.version} of the month.`));
  return verdict;
}

$("check")?.addEventListener("click", async () => {
  $("check").disabled = true;
  try {
    const verdict = await check();
    $("result").className = "tell good";
    $("result").replaceChildren(verdict);
  } catch (e) {
    $("result").className = "tell bad";
    $("result").replaceChildren(e instanceof Said ? both(e.zh, e.en) : both("未能核验，请检查网络后再试", "Not checked: look at the network and try again"));
  }
  $("check").disabled = false;
});
