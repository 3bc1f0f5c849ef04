// What the desk's pages are made of: elements, two languages, and requests to /v1 in the official's name.
import { credentials } from "./desk-session.js";

// el makes an element; texts become text and nothing else. An attribute that is a function hears an event.
export function el(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) {
    if (v === undefined || v === false || v === null) continue;
    if (typeof v === "function") e.addEventListener(k, v);
    else e.setAttribute(k, v === true ? "" : v);
  }
  e.append(...children.filter((c) => c !== "" && c !== null && c !== undefined));
  return e;
}

// both is a text in two languages; the style sheet shows the one of the page.
export function both(zh, en) {
  const f = document.createDocumentFragment();
  f.append(el("span", { lang: "zh-CN" }, zh), el("span", { lang: "en" }, en));
  return f;
}

// option is an entry of a selection, which cannot hold two elements: startLanguage changes its text.
export function option(value, zh, en, selected) {
  const o = el("option", { value, selected }, english() ? en : zh);
  o.dataset.zh = zh;
  o.dataset.en = en;
  return o;
}

export const english = () => document.documentElement.lang === "en";

function speak(lang, titles) {
  document.documentElement.lang = lang;
  document.title = titles[lang];
  for (const o of document.querySelectorAll("option[data-zh]")) o.textContent = lang === "en" ? o.dataset.en : o.dataset.zh;
}

// startLanguage shows the language chosen last, and has #language change it.
export function startLanguage(titles) {
  try { if (localStorage.getItem("lang") === "en") speak("en", titles); } catch { /* Chinese */ }
  document.getElementById("language").addEventListener("click", () => {
    const lang = english() ? "zh-CN" : "en";
    speak(lang, titles);
    try { localStorage.setItem("lang", lang); } catch { /* the choice is not kept */ }
  });
}

// say tells something to those who listen to the page.
export function say(zh, en) { document.getElementById("said").replaceChildren(both(zh, en)); }

const two = (n) => String(n).padStart(2, "0");

// day and moment show a time in the reader's zone.
export function day(time) {
  const t = new Date(time);
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
}

export function moment(time) {
  const t = new Date(time);
  return `${day(time)} ${two(t.getHours())}:${two(t.getMinutes())}`;
}

export const today = () => day(new Date());

export function inDays(n) {
  const t = new Date();
  t.setDate(t.getDate() + n);
  return day(t);
}

// --- the official, and what the gateway has told of the ledger
export const session = { me: null, programmes: [], regions: new Map(), sources: new Map() };

export const may = (act) => session.me !== null && session.me.acts.includes(act);

export function placeName(code) {
  const names = [6, 9, 12].filter((n) => code.length >= n).map((n) => session.regions.get(code.slice(0, n))).filter(Boolean);
  return names.join("") || code;
}

// sourceName is a department's name, as the registry has it.
export function sourceName(id) {
  const s = session.sources.get(id);
  return s ? both(s.name, s.name_en || s.name) : document.createTextNode(id);
}

export function programme(id) {
  const p = session.programmes.find((each) => each.id === id);
  const v = p && (p.versions.find((each) => each.version === p.in_force) || p.versions[p.versions.length - 1]);
  return v || { id, name: id, name_en: id, class_amounts: {}, required_evidence: [], recheck_months: {} };
}

export function programmeName(id) {
  const v = programme(id);
  return both(v.name, v.name_en || v.name);
}

// Trouble is an answer that says no: an RFC 9457 problem, or that no answer came.
export class Trouble extends Error {
  constructor(status, problem) {
    super(problem.title || "trouble");
    this.status = status;
    this.problem = problem;
    this.slug = (problem.type || "").replace("/problems/", "");
  }
}

const asJSON = (answer) => answer.json().catch(() => ({}));

async function request(method, path, body, key, read = asJSON) {
  const file = body instanceof Blob;
  const headers = { ...credentials(method), Accept: read === asJSON ? "application/json" : "*/*" };
  if (body !== undefined) headers["Content-Type"] = file ? body.type : "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined || file ? body : JSON.stringify(body), cache: "no-store", credentials: "same-origin" });
  } catch {
    throw new Trouble(0, { type: "/problems/no-network", title: "网关没有回应 · The gateway does not answer" });
  }
  const document = await (answer.ok ? read : asJSON)(answer);
  if (answer.status === 202) throw new Trouble(202, { ...document, type: "/problems/not-known-yet", title: "已提交，结果尚未确定 · Sent; not known yet" });
  if (!answer.ok) throw new Trouble(answer.status, document);
  return document;
}

export const get = (path) => request("GET", path);

// getFile gives a file whole or not at all; putFile sends one.
export const getFile = (path) => request("GET", path, undefined, undefined, (answer) => answer.blob().catch(() => {
  throw new Trouble(0, { type: "/problems/cut-off", title: "文件没有完整传到，请再试 · The file did not arrive whole: try again" });
}));
export const putFile = (path, file, key) => request("PUT", path, file, key);

// writer sends a form's body. The same body keeps its Idempotency-Key, so that sending again does nothing twice; another
// body is another request.
export function writer(path) {
  let sent = "", key = "";
  return (body, to = path) => {
    const text = to + JSON.stringify(body);
    if (text !== sent) {
      sent = text;
      key = "desk-" + random(16);
    }
    return request("POST", to, body, key);
  };
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export function random(bytes) { return hex(crypto.getRandomValues(new Uint8Array(bytes))); }

// salted is the SHA-256 of 32 random bytes and the content: who has only the hash cannot try contents.
export async function salted(content) {
  if (!crypto.subtle) throw new Trouble(0, { type: "/problems/no-https", title: "请用 https 打开本页 · Open this page over https" });
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const all = new Uint8Array(32 + content.length);
  all.set(salt);
  all.set(content, 32);
  return { salt: hex(salt), sha256: hex(new Uint8Array(await crypto.subtle.digest("SHA-256", all))) };
}
