// The work lists: what waits for whom, the most urgent first.
import { both, el, get, inDays, may, option, placeName, programmeName, session, sourceName, writer } from "./desk-kit.js";
import { badge, deadline } from "./desk-case.js";
import { form, why } from "./desk-form.js";

export const lists = [
  { id: "new", name: ["新申请", "New applications"], queries: ["state=applied"] },
  { id: "notice", name: ["公示中", "On notice"], queries: ["state=noticed"] },
  { id: "objections", name: ["异议", "Objections"], queries: ["state=objected", "state=answered"] },
  { id: "findings", name: ["核对异常", "Adverse findings"], queries: ["list=finding"] },
  { id: "due", name: ["待决定", "Decisions due"], queries: ["list=due"] },
  { id: "recheck", name: ["待复核", "Re-checks due"], queries: () => ["list=recheck&before=" + inDays(31), "state=reviewed"] },
  { id: "needs", name: ["新发现困难", "Needs found"] },
  { id: "appeals", name: ["申诉", "Appeals"], queries: ["state=refusal_appealed", "state=exit_appealed"] },
  { id: "force", name: ["在册个案", "Cases in force"], queries: ["state=in_force", "state=suspended"] },
  { id: "papers", name: ["待补材料", "Papers to follow"], queries: ["list=papers"] },
  { id: "confirm", name: ["乡镇决定待确认", "Townships to confirm"], queries: ["list=confirm"] },
  { id: "roll", name: ["名册", "On the roll"] },
];

const filter = { region: null, programme: "" };

function filterBar(reload) {
  if (filter.region === null) filter.region = session.me.region || "";
  const region = el("input", { id: "region", inputmode: "numeric", maxlength: "12", pattern: "[0-9]*", value: filter.region, autocomplete: "off" });
  const programmes = el("select", { id: "programme" }, option("", "全部项目", "All programmes"), ...session.programmes.map((p) => {
    const v = p.versions[p.versions.length - 1] || {};
    return option(p.id, v.name || p.id, v.name_en || v.name || p.id, p.id === filter.programme);
  }));
  const open = el("input", { id: "open", autocomplete: "off", maxlength: "40" });
  return el("div", { class: "filters" },
    el("form", { class: "filter", submit: (e) => { e.preventDefault(); filter.region = region.value.trim(); filter.programme = programmes.value; reload(); } },
      el("span", {}, el("label", { for: "region" }, both("区划", "Region")), region), el("span", {}, el("label", { for: "programme" }, both("项目", "Programme")), programmes),
      el("button", { type: "submit", class: "quiet" }, both("筛选", "Filter"))),
    el("form", { class: "filter", role: "search", submit: (e) => { e.preventDefault(); if (open.value.trim()) location.hash = "#/case/" + encodeURIComponent(open.value.trim()); } },
      el("span", {}, el("label", { for: "open" }, both("编号", "Number")), open), el("button", { type: "submit", class: "quiet" }, both("打开", "Open"))));
}

function row(c) {
  const last = c.acts[c.acts.length - 1];
  const cell = (zh, en, ...v) => el("td", {}, el("small", { class: "label" }, both(zh, en)), ...v);
  return el("tr", {}, el("td", {}, el("a", { href: "#/case/" + encodeURIComponent(c.id) }, c.id)), cell("状态", "State", badge(c.state)),
    cell("项目", "Programme", programmeName(c.programme)), cell("地区", "Region", placeName(c.region)),
    cell("人口", "People", String(c.members.length)),
    cell("期限", "Due", day(c) ? deadline(day(c)) : "—"), cell("最近办理", "Last act", last.at.slice(0, 10)));
}

// day is what a case waits for first.
function day(c) {
  const g = c.grant || {};
  return c.due || c.recheck_on || (!g.confirmed && g.confirm_due) || (!g.papers && g.papers_due) || "";
}

const head = [["编号", "Number"], ["状态", "State"], ["项目", "Programme"], ["地区", "Region"], ["人口", "People"], ["期限", "Due"], ["最近办理", "Last act"]];

// listPage shows a list of cases, a page of each of its queries at a time.
export async function listPage(list, main) {
  const body = el("tbody"), state = el("p", { role: "status", class: "help" }), more = el("button", { type: "button", class: "quiet", hidden: true }, both("更多", "More"));
  let cursors;
  const load = async () => {
    state.replaceChildren();
    try {
      const still = cursors.filter((q) => q.cursor !== null);
      const pages = await Promise.all(still.map((q) => {
        const p = new URLSearchParams(q.query + "&limit=50");
        if (filter.region) p.set("region", filter.region);
        if (filter.programme) p.set("programme", filter.programme);
        if (q.cursor) p.set("cursor", q.cursor);
        return get("/v1/cases?" + p);
      }));
      pages.forEach((page, i) => { still[i].cursor = page.next || null; body.append(...page.items.map(row)); });
      more.hidden = cursors.every((q) => q.cursor === null);
      const late = body.querySelectorAll(".late").length, n = body.children.length;
      state.replaceChildren(n === 0 ? both("没有待办。", "Nothing waits here.") : both(`${n} 件${more.hidden ? "" : "（还有更多）"}${late ? `，其中超期 ${late} 件` : ""}`, `${n} case${n === 1 ? "" : "s"}${more.hidden ? "" : " (there are more)"}${late ? `, ${late} overdue` : ""}`));
    } catch (trouble) {
      state.replaceChildren(el("span", { class: "wrong" }, both(...why(trouble))));
    }
  };
  const start = () => {
    cursors = (typeof list.queries === "function" ? list.queries() : list.queries).map((query) => ({ query, cursor: "" }));
    body.replaceChildren();
    return load();
  };
  more.addEventListener("click", load);
  main.replaceChildren(title(list), filterBar(start), state,
    el("table", { class: "cases" }, el("thead", {}, el("tr", {}, ...head.map(([zh, en]) => el("th", { scope: "col" }, both(zh, en))))), body), el("p", {}, more));
  main.querySelector("h1").focus();
  await start();
}

function title(list) {
  return el("div", { class: "title" }, el("h1", { tabindex: "-1" }, both(...list.name)),
    may("case.apply") ? el("a", { class: "button", href: "#/new" }, both("受理申请", "New application")) : "");
}

// needsPage shows the needs that were found and not taken up (R13).
export async function needsPage(list, main) {
  const items = el("ul", { class: "notices" }), state = el("p", { role: "status", class: "help" });
  const load = async () => {
    const q = new URLSearchParams("state=found&limit=50");
    if (filter.region) q.set("region", filter.region);
    try {
      const page = await get("/v1/needs?" + q);
      items.replaceChildren(...page.items.map((n) => need(n, load)));
      state.replaceChildren(page.items.length ? "" : both("没有待办。", "Nothing waits here."));
    } catch (trouble) {
      state.replaceChildren(el("span", { class: "wrong" }, both(...why(trouble))));
    }
  };
  main.replaceChildren(title(list), filterBar(load), state, items);
  main.querySelector("h1").focus();
  await load();
}

function need(n, reload) {
  const place = el("div");
  const dismiss = () => {
    const post = writer(`/v1/needs/${n.id}/dismiss`);
    const f = form({ title: ["核实后不予纳入", "Dismiss"], fields: [{ name: "reason", label: ["理由", "Reason"], max: 200, wide: true }], button: ["提交", "Submit"], send: post, done: reload, cancel: () => place.replaceChildren() });
    place.replaceChildren(f.element);
    f.focus();
  };
  return el("li", {}, el("div", { class: "top" }, el("h2", {}, el("code", {}, n.id)), el("small", {}, n.acts[0].at.slice(0, 10))),
    el("p", {}, programmeName(n.programme), " · ", placeName(n.region), " · ", sourceName(n.source)),
    el("div", { class: "buttons" }, may("case.apply") ? el("a", { class: "button", href: "#/new/" + n.id }, both("受理申请", "Take an application")) : "",
      may("need.dismiss") ? el("button", { type: "button", class: "quiet", click: dismiss }, both("不予纳入", "Dismiss")) : ""), place);
}
