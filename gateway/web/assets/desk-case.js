// One case: where it stands, what is due, who answers for each step, and everything that happened, with its endorsers.
import { both, el, get, may, moment, placeName, programme, programmeName, sourceName, today } from "./desk-kit.js";
import { actForm, actsOn, keptProofs, labelOf } from "./desk-acts.js";
import { fileButton } from "./desk-files.js";
import { why } from "./desk-form.js";
import { missing, queryReport } from "./desk-match.js";
import { openChange, openChangeFact, payeesButton } from "./desk-changes.js";
import { agencies, channels, evidence, exits, outcomes, refusals, roles, states, word } from "./desk-words.js";

export function badge(state) {
  return el("span", { class: "badge " + (states[state] || ["", "", "grey"])[2] }, word(states, state));
}

// deadline shows a day, red when it is past.
export function deadline(d) {
  if (!d) return "";
  const late = d < today();
  return el("span", { class: late ? "late" : "soon" }, d, late ? both("（已超期）", " (overdue)") : "");
}

const who = (p) => el("span", {}, p.name + " ", el("small", {}, word(agencies, p.agency), p.role ? both("·", " · ") : "", p.role ? word(roles, p.role) : ""));
const hash = (h) => el("code", { title: h }, h.slice(0, 12) + "…");
const fact = (zh, en, ...v) => el("div", {}, el("dt", {}, both(zh, en)), el("dd", {}, ...v));
const section = (zh, en, ...children) => el("section", {}, el("h2", {}, both(zh, en)), ...children);
const none = () => el("p", { class: "help" }, both("暂无", "None yet"));
const money = (t, once) => (once ? both(`${t.persons} 人，一次 ${t.amount} 元`, `${t.persons} people, ${t.amount} yuan once`) : both(`${t.class} 类，${t.persons} 人，每月 ${t.amount} 元`, `class ${t.class}, ${t.persons} people, ${t.amount} yuan a month`));

function rows(head, list, row) {
  if (!list || list.length === 0) return none();
  return el("div", { class: "scroll", tabindex: "0" }, el("table", {}, el("thead", {}, el("tr", {}, ...head.map(([zh, en]) => el("th", { scope: "col" }, both(zh, en))))),
    el("tbody", {}, ...list.map((each, i) => el("tr", {}, ...row(each, i).map((cell) => el("td", {}, cell)))))));
}

function deadlines(c) {
  const notice = (c.notices || []).at(-1), list = [];
  if (notice && (c.state === "noticed" || c.state === "objected")) {
    const over = new Date(notice.closes) <= new Date();
    list.push(fact("公示至", "On notice until", moment(notice.closes), over ? el("b", { class: "done" }, both("（已期满，可作决定）", " (over: it can be decided)")) : ""));
  }
  if (c.due) list.push(fact("应办结", "Due", deadline(c.due)));
  const g = c.grant || {};
  if (g.papers_due) list.push(fact("材料补齐期限", "Papers by", g.papers ? g.papers.on : deadline(g.papers_due), g.papers && g.papers.late ? el("b", { class: "late" }, both("（逾期补齐）", " (late)")) : ""));
  if (g.confirm_due) list.push(fact("县级确认期限", "County confirms by", g.confirmed ? both(g.confirmed.agreed ? "已确认" : "未同意", g.confirmed.agreed ? "confirmed" : "not agreed") : deadline(g.confirm_due)));
  if (c.recheck_on) list.push(fact("下次复核", "Next re-check", deadline(c.recheck_on)));
  if (c.decision && c.decision.appeal_until && c.state === "refused") list.push(fact("申诉期至", "Appeal until", c.decision.appeal_until));
  if (c.ended && c.state === "exited") list.push(fact("申诉期至", "Appeal until", c.ended.appeal_until));
  return list;
}

function summary(c) {
  const terms = c.terms && c.terms.class ? [fact(c.adopted || (c.decision && c.decision.outcome === "granted") ? "给予" : "拟给予", "Terms", money(c.terms, programme(c.programme).cycle === "grant"))] : [];
  return el("dl", { class: "facts" },
    fact("项目", "Programme", programmeName(c.programme), el("small", {}, both(`（第 ${c.programme_version} 版）`, ` (version ${c.programme_version})`))),
    fact("地区", "Region", placeName(c.region), el("small", {}, " " + c.region)),
    fact("家庭", "Household", both(`${c.members.length} 人${c.settlement ? (c.settlement === "rural" ? "，农村" : "，城镇") : ""}`, `${c.members.length} people${c.settlement ? ", " + c.settlement : ""}`)),
    ...(c.adopted ? [fact("来源", "From", both(`导入的名册，自 ${c.adopted.from} 起`, `an imported roll, from ${c.adopted.from}`))] : []),
    ...terms, ...deadlines(c),
    ...(c.decision ? [fact("决定", "Decision", word(outcomes, c.decision.outcome), c.decision.from ? both(`，自 ${c.decision.from} 起`, `, from ${c.decision.from}`) : "", c.decision.reason ? el("span", {}, both("，", ", "), word(refusals, c.decision.reason)) : "", c.decision.late ? el("b", { class: "late" }, both("（逾期作出）", " (late)")) : "")] : []),
    ...(c.decision && c.decision.how_to_appeal ? [fact("申诉途径", "How to appeal", c.decision.how_to_appeal)] : []),
    ...(c.roll ? [fact("名册", "Roll", `${c.roll.county}-${c.roll.number}`)] : []),
    ...(c.review ? [fact("复核结论", "Re-check", word(outcomes, c.review.finding), c.review.terms && c.review.terms.class ? money(c.review.terms) : "")] : []),
    ...(c.suspended ? [fact("暂停", "Suspended", both(`自 ${c.suspended.from} 起：`, `from ${c.suspended.from}: `), c.suspended.reason)] : []),
    ...(c.ended ? [fact("退出", "Exit", word(exits, c.ended.reason), c.ended.on ? " " + c.ended.on : "", both(`，末月 ${c.ended.last_period}`, `, last month ${c.ended.last_period}`))] : []),
    ...(c.overlaps || []).map((o) => fact("重叠", "Overlap", programmeName(o.programme), " " + o.county, o.case ? " " + o.case : "")));
}

const by = (c, piece) => (c.acts[piece.act] ? el("span", {}, who(c.acts[piece.act].by), el("br"), el("small", {}, moment(c.acts[piece.act].at))) : "");

function pieces(c) {
  const shown = el("div", { class: "shown" });
  return [
    section("调查材料", "Evidence", rows([["种类", "Kind"], ["时间", "When"], ["地点", "Where"], ["哈希", "Hash"], ["记录人", "By"], ["文件", "File"]], c.evidence,
      (e, i) => [word(evidence, e.kind), moment(e.taken_at), placeName(e.region), hash(e.sha256), by(c, e), fileButton(c, e, i, shown)]), shown),
    section("信息核对", "Cross-matching", missing(c), rows([["部门", "Source"], ["对象", "Member"], ["结果", "Result"], ["查询时间", "Asked"], ["处理", "Answer"]], c.matches,
      (m) => [sourceName(m.source), both(`第 ${c.members.indexOf(m.subject) + 1} 人`, `no. ${c.members.indexOf(m.subject) + 1}`), el("span", { class: m.adverse && !m.answer ? "late" : "" }, m.code, m.adverse ? both("（异常）", " (adverse)") : ""), moment(m.queried_at), m.answer ? word(outcomes, m.answer.outcome) : ""])),
    section("公示与异议", "Notices and objections", rows([["公示内容", "Notice"], ["开始", "Opened"], ["截止", "Closes"], ["经办", "By"]], c.notices,
      (n) => [money(n.terms), moment(n.opened), moment(n.closes), by(c, n)]),
    (c.objections || []).length ? rows([["异议", "Objection"], ["登记", "Recorded"], ["答复", "Answer"]], c.objections,
      (o, i) => [el("span", {}, `${i + 1}. `, word(channels, o.channel)), by(c, o), o.answer ? el("span", {}, o.answer.founded ? both("属实", "founded") : both("不属实", "unfounded"), el("br"), by(c, o.answer)) : el("b", { class: "late" }, both("待答复", "to be answered"))]) : ""),
    ...((c.appeals || []).length ? [section("申诉", "Appeals", rows([["登记", "Recorded"], ["应办结", "Due"], ["处理", "Outcome"]], c.appeals,
      (a) => [by(c, a), deadline(a.due), a.answer ? (a.answer.upheld ? both("维持原决定", "the decision stands") : both("撤销原决定", "reversed")) : ""]))] : []),
  ];
}

function duties(steps) {
  return section("各环节责任人", "Who answers for each step", rows([["环节", "Step"], ["责任人", "Who"], ["时间", "When"]], steps, (s) => [
    both(s.name, s.name_en),
    s.by ? who(s.by) : el("span", { class: "help" }, ...s.holders.flatMap((h) => [word(agencies, h.agency), " ", ...(h.roles || []).flatMap((r, i) => [i ? "、" : "", word(roles, r)]), " "])),
    s.at ? moment(s.at) : el("small", {}, both("未办", "not yet"))]));
}

function timeline(steps) {
  return section("全过程记录", "Timeline", el("ol", { class: "timeline" }, ...steps.map((s) => el("li", {},
    el("p", { class: "what" }, el("b", {}, both(...s.title.split(" · "))), " ", el("time", { datetime: s.at }, moment(s.at))),
    el("p", {}, who(s.by)),
    el("details", { class: "has" }, el("summary", {}, both(`${new Set(s.endorsers.map((e) => e.agency)).size} 方背书 · 区块 ${s.block}`, `${new Set(s.endorsers.map((e) => e.agency)).size} agencies endorsed · block ${s.block}`)),
      el("p", {}, ...s.endorsers.map((e) => el("span", { class: "tag" }, word(agencies, e.agency), " " + e.name))),
      el("p", {}, both("交易 ", "Transaction "), el("code", {}, s.transaction)))))));
}

// factsButtons show what the household told, when asked for and only to whom the contract gives it: what is in force, and what a
// review brings that waits to be confirmed.
function factsButtons(c) {
  if (!may("read.person") || !(c.facts_sha256 || (c.review && c.review.facts_sha256))) return "";
  const pending = c.review && c.review.facts_sha256 && may("case.confirm");
  return el("div", {}, factsButton(`/v1/cases/${c.id}/facts`, ["查看家庭情况（个人信息）", "Show the household's details (personal)"]),
    pending ? factsButton(`/v1/cases/${c.id}/facts?review=pending`, ["查看待确认的家庭情况（个人信息）", "Show the details to be confirmed (personal)"]) : "");
}

function factsButton(path, label) {
  const box = el("div", { class: "personal", hidden: true });
  const button = el("button", { type: "button", class: "quiet", "aria-expanded": "false" }, both(...label));
  button.addEventListener("click", async () => {
    if (!box.hidden) {
      box.hidden = true;
      box.replaceChildren();
      return button.setAttribute("aria-expanded", "false");
    }
    try {
      const f = await get(path);
      const text = (zh, en, v) => (v ? fact(zh, en, v) : "");
      box.replaceChildren(rows([["姓名", "Name"], ["身份证号", "Identity number"], ["关系", "Relation"], ["健康", "Health"]], f.members, (m) => [m.name, m.id_number, m.relation || "", m.health || ""]),
        el("dl", { class: "facts" }, text("月收入", "Income a month", f.income), text("财产", "Property", f.property), text("理由", "Reason", f.reason),
          text("账号", "Account", f.account), text("银行", "Bank", f.bank), text("电话", "Telephone", f.phone), text("住址", "Address", f.address)),
        ...(f.doubts || []).map((d) => el("p", { class: "wrong" }, both(d.zh, d.en))));
    } catch (trouble) {
      box.replaceChildren(el("p", { class: "wrong" }, both(...why(trouble))));
    }
    box.hidden = false;
    button.setAttribute("aria-expanded", "true");
  });
  return el("div", {}, button, box);
}

// casePage shows a case; kept are the proofs of an act that was just done on it, and answer what the gateway said to it.
export async function casePage(id, main, kept = [], answer = null) {
  const path = `/v1/cases/${encodeURIComponent(id)}`;
  const [c, trail, steps] = await Promise.all([get(path), get(path + "/trail"), get(path + "/duties")]);
  c.change = await openChange(c);
  const place = el("div", { class: "acting" }), bar = el("div", { class: "buttons", role: "group", "aria-label": "办理 · Acts" });
  const close = () => { place.replaceChildren(); bar.hidden = false; const b = bar.querySelector("button"); if (b) b.focus(); };
  actsOn(c).forEach((name) => bar.append(el("button", {
    type: "button", class: name === "grant" ? "" : "quiet", "data-act": name,
    click: () => {
      const f = actForm(name, c, (said, links) => casePage(id, main, links, said), close);
      bar.hidden = true;
      place.replaceChildren(f.element);
      f.focus();
    },
  }, both(...labelOf(name)))));
  main.replaceChildren(
    el("p", { class: "back" }, el("a", { href: "#/list/new" }, both("← 待办", "← Work lists"))),
    el("h1", { tabindex: "-1" }, el("code", {}, c.id), " ", badge(c.state)),
    kept.length ? keptProofs(kept) : "", answer && answer.sources ? queryReport(answer, c) : "", summary(c), openChangeFact(c.change),
    bar.children.length ? el("div", {}, bar, place) : el("p", { class: "help" }, both("这一步不由您办理；下面写着由谁负责。", "This step is not yours; below it says whose it is.")),
    factsButtons(c), payeesButton(c.change), ...pieces(c), duties(steps.steps), timeline(trail.steps));
  main.querySelector("h1").focus();
}
