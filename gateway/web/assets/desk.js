// The officials' page: signing in, finding the way by the address's fragment, and the keys.
import { both, el, get, session, startLanguage, Trouble } from "./desk-kit.js";
import { begin, end, keepPlace, resume, takePlace, ways } from "./desk-session.js";
import { form, why } from "./desk-form.js";
import { agencies, roles, word } from "./desk-words.js";
import { lists, listPage, needsPage } from "./desk-lists.js";
import { rollPage } from "./desk-roll.js";
import { casePage } from "./desk-case.js";
import { applyPage } from "./desk-apply.js";

const $ = (id) => document.getElementById(id);
const main = $("main");
startLanguage({ "zh-CN": "救助经办工作台", en: "Relief desk" });

// --- signing in

async function start() {
  const [me, programmes, registry] = await Promise.all([get("/v1/me"), get("/v1/programmes"), get("/v1/registry")]);
  session.me = me;
  session.programmes = programmes.items;
  session.regions = new Map(registry.regions.map((r) => [r.code, r.name]));
  session.sources = new Map((registry.sources || []).map((s) => [s.id, s]));
  $("who").replaceChildren(me.name + " ", el("small", {}, word(agencies, me.agency), " · ", word(roles, me.role), " ", me.region || ""));
  $("leave").hidden = $("lists").hidden = $("keys").hidden = false;
  $("lists").replaceChildren(...lists.map((l, i) => el("a", { href: "#/list/" + l.id, "data-list": l.id }, both(...l.name), i < 9 ? el("kbd", {}, String(i + 1)) : "")));
  help();
}

// tokenForm is for networks of tests, whose gateways take tokens.
function tokenForm() {
  const f = form({
    title: ["用令牌登录", "Sign in with a token"], note: ["登录后，令牌不会留在浏览器中。", "The token is not kept in the browser."],
    fields: [{ name: "token", label: ["令牌", "Token"], wide: true }], button: ["登录", "Sign in"],
    send: async (v) => {
      let answer;
      try { answer = await begin(v.token); } catch { throw new Trouble(0, { type: "/problems/no-network", title: "网关没有回应 · The gateway does not answer" }); }
      if (answer.status === 401) throw new Trouble(401, { own: ["令牌无效或已过期。", "The token is not valid."] });
      if (!answer.ok) throw new Trouble(answer.status, await answer.json().catch(() => ({})));
      await start();
    },
    done: route,
  });
  const input = f.field("token").input;
  input.type = "password";
  input.spellcheck = false;
  return f;
}

async function signIn(wrong) {
  session.me = null;
  for (const id of ["leave", "lists", "keys"]) $(id).hidden = true;
  $("who").replaceChildren();
  const here = await ways().catch(() => ({ token: false }));
  if (session.me) return;
  const page = el("div", { class: "signin" }, el("h1", { tabindex: "-1" }, both("救助经办工作台", "Relief desk")), wrong ? el("p", { class: "tell bad", role: "alert" }, both(...wrong)) : "");
  if (here.provider) {
    page.append(el("p", {}, el("a", { class: "button", href: here.provider + "?to=/desk", "data-provider": true, click: keepPlace }, both("用本机构的统一身份认证登录", "Sign in with the agency's provider"))));
  }
  const f = here.token ? tokenForm() : null;
  if (f) page.append(f.element);
  main.replaceChildren(page);
  if (here.provider) page.querySelector("[data-provider]").focus();
  else if (f) f.focus();
  else page.querySelector("h1").focus();
}

$("leave").addEventListener("click", async () => {
  let wrong;
  try { await end(); } catch { wrong = ["网关没有回应，会话可能尚未结束。", "The gateway does not answer: the session may still be open."]; }
  signIn(wrong);
});

// --- the way

let visits = 0;

async function route() {
  if (!session.me) return signIn();
  const visit = ++visits;
  const [, kind, id = ""] = location.hash.split("/").map(decodeURIComponent);
  for (const a of $("lists").children) a.setAttribute("aria-current", a.dataset.list === id && kind === "list" ? "page" : "false");
  // What comes late, after the reader went elsewhere, is drawn where nobody sees it.
  const page = el("div");
  main.setAttribute("aria-busy", "true");
  try {
    if (kind === "case") await casePage(id, page);
    else if (kind === "new") {
      const f = applyPage(id || undefined);
      page.replaceChildren(f.element);
    } else {
      const list = lists.find((l) => l.id === id) || lists[0];
      main.replaceChildren(page);
      await (list.queries ? listPage(list, page) : list.id === "roll" ? rollPage(list, page) : needsPage(list, page));
    }
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    if (trouble.status === 401) {
      return signIn(why(trouble));
    }
    page.replaceChildren(el("p", { class: "tell bad", role: "alert" }, both(...why(trouble))), el("p", {}, el("a", { href: "#/list/new" }, both("← 待办", "← Work lists"))));
  }
  if (visit !== visits) return;
  if (page.parentNode !== main) main.replaceChildren(page);
  main.removeAttribute("aria-busy");
  main.dataset.shown = location.hash || "#/";
  const at = page.querySelector(kind === "new" ? "input" : "h1, [role=alert]");
  if (at) at.focus();
  scrollTo(0, 0);
}

addEventListener("hashchange", route);

// The way to the content is no page: the address stays.
document.querySelector(".skip").addEventListener("click", (e) => {
  e.preventDefault();
  main.focus();
});

// --- keys

const keysName = "relieftrail-keys";
let keysOn = true;
try { keysOn = localStorage.getItem(keysName) !== "off"; } catch { /* on */ }

function help() {
  const box = el("input", { type: "checkbox", id: "keys-on", checked: keysOn, change: () => {
    keysOn = box.checked;
    try { localStorage.setItem(keysName, keysOn ? "on" : "off"); } catch { /* for this visit */ }
  } });
  const key = (k, zh, en) => el("span", { class: "key" }, el("kbd", {}, k), " ", both(zh, en));
  $("keys").replaceChildren(el("span", { class: "key" }, box, " ", el("label", { for: "keys-on" }, both("快捷键", "Shortcuts"))),
    key("1–9", "待办", "work lists"), key("n", "受理申请", "new application"), key("/", "按编号打开", "open by number"), key("j k", "上下移动", "next, previous"), key("Enter", "打开", "open"), key("Esc", "取消", "cancel"));
}

function move(step) {
  const links = [...main.querySelectorAll("tbody a")];
  const at = links.indexOf(document.activeElement);
  const to = links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + step))];
  if (to) to.focus();
}

addEventListener("keydown", (e) => {
  if (!keysOn || !session.me || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
  if (e.target instanceof Element && e.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const list = lists[Number(e.key) - 1];
  if (list) location.hash = "#/list/" + list.id;
  else if (e.key === "n") location.hash = "#/new";
  else if (e.key === "/" && $("open")) $("open").focus();
  else if (e.key === "j") move(1);
  else if (e.key === "k") move(-1);
  else return;
  e.preventDefault();
});

takePlace();
resume().then(async (open) => {
  if (!open) return signIn();
  await start();
  return route();
}).catch((trouble) => signIn(trouble instanceof Trouble ? why(trouble) : ["网关没有回应。", "The gateway does not answer."]));
