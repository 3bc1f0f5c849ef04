// The roll of a programme and county: everybody on it, imported or granted, and the case of each. An imported household gets its case here.
import { both, el, get, may, option, placeName, session, writer } from "./desk-kit.js";
import { why } from "./desk-form.js";
import { exits, word } from "./desk-words.js";

const chosen = { programme: null, county: null, region: "", state: "in_force" };

const head = [["序号", "Number"], ["个案", "Case"], ["地区", "Region"], ["类别", "Class"], ["人口", "People"], ["月金额", "A month"], ["自", "From"], ["状态", "State"]];

// caseOf is a link to the household's case, or the button that makes it.
function caseOf(e, tell) {
  if (e.case) return el("a", { href: "#/case/" + encodeURIComponent(e.case) }, e.case);
  if (e.state !== "in_force" || !may("case.adopt")) return both("无", "none");
  const post = writer("/v1/cases/adoptions");
  return el("button", { type: "button", class: "quiet", click: async () => {
    try {
      const made = await post({ programme: e.programme, subject: e.subject });
      location.hash = "#/case/" + encodeURIComponent(made.id);
    } catch (trouble) {
      tell(trouble);
    }
  } }, both("受理", "Make its case"));
}

function row(e, tell) {
  const state = e.state === "in_force" ? both("在册", "in force") : el("span", {}, both("已退出：", "left: "), word(exits, e.exit_reason), ` ${e.until || ""}`);
  return el("tr", {}, ...[String(e.number), caseOf(e, tell), placeName(e.region), e.class, String(e.persons), e.amount, e.from, state].map((cell, i) =>
    el("td", {}, el("small", { class: "label" }, both(...head[i])), cell)));
}

function bar(reload) {
  if (chosen.programme === null) chosen.programme = (session.programmes[0] || { id: "" }).id;
  if (chosen.county === null) chosen.county = (session.me.region || "").slice(0, 6);
  const programme = el("select", { id: "roll-programme" }, ...session.programmes.map((p) => {
    const v = p.versions[p.versions.length - 1] || {};
    return option(p.id, v.name || p.id, v.name_en || v.name || p.id, p.id === chosen.programme);
  }));
  const input = (id, value, length) => el("input", { id, inputmode: "numeric", maxlength: length, pattern: "[0-9]*", value, autocomplete: "off" });
  const county = input("roll-county", chosen.county, "6"), region = input("roll-region", chosen.region, "12");
  const state = el("select", { id: "roll-state" }, option("in_force", "在册", "In force", chosen.state === "in_force"), option("", "全部", "All", chosen.state === ""));
  const field = (zh, en, f) => el("span", {}, el("label", { for: f.id }, both(zh, en)), f);
  return el("div", { class: "filters" }, el("form", { class: "filter", submit: (e) => {
    e.preventDefault();
    Object.assign(chosen, { programme: programme.value, county: county.value.trim(), region: region.value.trim(), state: state.value });
    reload();
  } }, field("项目", "Programme", programme), field("县", "County", county), field("区划", "Region", region), field("状态", "State", state),
  el("button", { type: "submit", class: "quiet" }, both("筛选", "Filter"))));
}

// rollPage shows a roll, a page at a time.
export async function rollPage(list, main) {
  const body = el("tbody"), told = el("p", { role: "status", class: "help" }), more = el("button", { type: "button", class: "quiet", hidden: true }, both("更多", "More"));
  const tell = (trouble) => told.replaceChildren(el("span", { class: "wrong" }, both(...why(trouble))));
  let cursor = "";
  const load = async () => {
    told.replaceChildren();
    if (!chosen.programme || !chosen.county) return told.replaceChildren(both("请填写项目和县。", "Choose a programme and a county."));
    const q = new URLSearchParams("limit=100");
    if (chosen.region) q.set("region", chosen.region);
    if (chosen.state) q.set("state", chosen.state);
    if (cursor) q.set("cursor", cursor);
    try {
      const page = await get(`/v1/rolls/${encodeURIComponent(chosen.programme)}/${encodeURIComponent(chosen.county)}/entries?${q}`);
      body.append(...page.items.map((e) => row(e, tell)));
      cursor = page.next || "";
      more.hidden = cursor === "";
      told.replaceChildren(both(`${body.children.length} 户${more.hidden ? "" : "（还有更多）"}`, `${body.children.length} households${more.hidden ? "" : " (there are more)"}`));
    } catch (trouble) {
      tell(trouble);
    }
  };
  const start = () => {
    cursor = "";
    body.replaceChildren();
    return load();
  };
  more.addEventListener("click", load);
  main.replaceChildren(el("div", { class: "title" }, el("h1", { tabindex: "-1" }, both(...list.name))), bar(start), told,
    el("table", { class: "cases" }, el("thead", {}, el("tr", {}, ...head.map(([zh, en]) => el("th", { scope: "col" }, both(zh, en))))), body), el("p", {}, more));
  main.querySelector("h1").focus();
  await start();
}
