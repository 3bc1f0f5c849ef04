// The page of public notices: what GET /public/v1/notices gives, and nothing else.
import { both, el, day, startLanguage } from "./desk-kit.js";

const $ = (id) => document.getElementById(id);
startLanguage({ "zh-CN": "社会救助公示", en: "Public notices of social relief" });

let next = "";

function item(n) {
  const left = el("p", { class: n.days_left <= 1 ? "left soon" : "left" }, both(`还剩 ${n.days_left} 天`, `${n.days_left} day${n.days_left === 1 ? "" : "s"} left`));
  const fact = (zh, en, ...value) => el("div", {}, el("dt", {}, both(zh, en)), el("dd", {}, ...value));
  return el("li", { "data-closes": n.closes },
    el("div", { class: "top" }, el("h2", {}, n.head || both("户主姓名未公布", "Name not shown")), left),
    el("dl", {},
      fact("地区", "Place", n.place || "", el("small", {}, " " + n.region)),
      fact("项目", "Programme", both(n.programme_name || n.programme, n.programme_name_en || n.programme_name || n.programme)),
      fact("家庭人口", "Household", both(`${n.household} 人，拟保障 ${n.persons} 人`, `${n.household} people, ${n.persons} to be helped`)),
      fact("拟给予", "To be given", el("b", {}, n.amount), both(" 元", " yuan"), el("small", {}, both(`（${n.class} 类）`, ` (class ${n.class})`))),
      fact("公示期", "Notice", day(n.opened), " — ", day(n.closes)),
      fact("编号", "Number", el("code", {}, n.case))),
    n.objected ? el("p", { class: "tag amber" }, both("有异议，正在核实", "An objection is being looked into")) : "",
    n.repeated ? el("p", { class: "tag" }, both("再次公示", "Repeated notice")) : "");
}

function tell(zh, en) { $("state").replaceChildren(both(zh, en)); }

async function load(fresh) {
  const q = new URLSearchParams();
  const region = $("region").value.trim();
  if (region) q.set("region", region);
  if (!fresh && next) q.set("cursor", next);
  if (fresh) $("notices").replaceChildren();
  let page;
  try {
    const answer = await fetch("/public/v1/notices?" + q, { cache: "no-store" });
    if (answer.status === 422) return tell("区划代码应为 2、4、6、9 或 12 位数字。", "A region code has 2, 4, 6, 9 or 12 digits.");
    if (answer.status === 429) return tell("请求过于频繁，请稍后再试。", "Too many requests: wait a moment.");
    if (!answer.ok) return tell("暂时无法读取公示，请稍后再试。", "The notices cannot be read now: try again later.");
    page = await answer.json();
  } catch {
    return tell("没有网络，请稍后再试。", "There is no network: try again later.");
  }
  next = page.next || "";
  $("notices").append(...page.items.map(item));
  $("more").hidden = !next;
  const count = $("notices").children.length;
  if (count || !next) tell(count ? `正在公示 ${count} 户${next ? "（还有更多）" : ""}` : "目前没有正在公示的家庭。", count ? `${count} notices run now${next ? " (there are more)" : ""}` : "No notice runs now.");
  else await load(false); // a page whose notices have all ended
}

// A page left open does not show a notice longer than it runs.
setInterval(() => {
  for (const li of [...$("notices").children]) if (new Date(li.dataset.closes) <= new Date()) li.remove();
}, 30_000);

$("filter").addEventListener("submit", (e) => { e.preventDefault(); next = ""; load(true); });
$("more").addEventListener("click", () => load(false));
load(true);
