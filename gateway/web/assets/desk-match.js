// Cross-matching on the page of a case: what departments said, what is still missing, and what came of a query.
import { both, el, programme, sourceName } from "./desk-kit.js";
import { halves } from "./desk-form.js";

const results = {
  recorded: ["已记入账本", "recorded"], unchanged: ["已有近期结果", "a fresh one is there"], asked: ["已发查询文件，等部门回复", "asked with a file; the department answers later"],
  unanswered: ["未得到答复", "not answered"], refused: ["账本不予记录", "refused by the ledger"],
};

const member = (c, subject) => both(`第 ${c.members.indexOf(subject) + 1} 人`, `member no. ${c.members.indexOf(subject) + 1}`);

// A statement answers a question from a quarter of an hour before it on: clocks differ.
const answers = (m, q) => m.source === q.source && m.subject === q.subject && Date.parse(m.queried_at) >= Date.parse(q.at) - 9e5;

// open are the questions of the case that no statement answers.
function open(c) {
  const list = (c.questions || []).filter((q) => c.members.includes(q.subject) && !(c.matches || []).some((m) => answers(m, q)))
    .map((q) => el("li", {}, el("b", { class: "late" }, sourceName(q.source), both("：", ": "), member(c, q.subject)), ` ${q.at.slice(0, 10)}`));
  return list.length ? el("div", { class: "missing" }, el("p", {}, both("已查询而尚无答复：", "Asked, and not answered:")), el("ul", {}, ...list)) : "";
}

// missing are the statements that the programme requires and the case has not, and the questions without an answer.
export function missing(c) {
  const list = (programme(c.programme).required_matches || []).flatMap((source) => c.members
    .filter((subject) => !(c.matches || []).some((m) => m.source === source && m.subject === subject))
    .map((subject) => el("li", {}, el("b", { class: "late" }, sourceName(source), both("：", ": "), member(c, subject)))));
  return el("div", {}, open(c), list.length ? el("div", { class: "missing" }, el("p", {}, both("必须核对而尚无结果：", "Required and still missing:")), el("ul", {}, ...list)) : "");
}

// queryReport tells what came of a query, by department and member.
export function queryReport(report, c) {
  const line = (source, a) => {
    const [zh, en] = results[a.result] || [a.result, a.result], bad = a.result === "unanswered" || a.result === "refused" || a.adverse;
    return el("li", { class: bad ? "late" : "" }, sourceName(source), both("，", ", "), member(c, a.subject), both("：" + zh, ": " + en), a.code ? ` ${a.code}` : "",
      a.adverse ? both("（异常，须处理）", " (adverse: to be answered)") : "", a.reason ? both(...halves(a.reason).map((half) => ` (${half})`)) : "");
  };
  return el("div", { class: "tell", role: "status" }, el("p", {}, both("查询结果。没有答复的可以再查询一次，已有的不受影响。", "What the departments said. Ask again for what was not answered; the rest stands.")),
    el("ul", {}, ...report.sources.flatMap((s) => s.answers.map((a) => line(s.source, a)))));
}
