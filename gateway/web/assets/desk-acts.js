// The acts on a case: in which state each is offered, and its form. Whether it may be done, the ledger decides.
import { both, el, may, programme, today, writer } from "./desk-kit.js";
import { accepted, uploadTo } from "./desk-files.js";
import { choices, form } from "./desk-form.js";
import { channels, evidence, exits, refusals } from "./desk-words.js";

const examining = ["attach", "query", "ask", "match", "answerMatch"];
const changing = ["changePayee", "setResidence", "confirmChange", "withdrawChange"];
const going = ["replaceHead", "move", "moveOut"];
const offered = {
  applied: [...examining, "help", "helpTownship", "notice", "refuse", "refuseTownship", "withdraw"],
  noticed: [...examining, "object", "grant", "grantTownship", "refuse", "refuseTownship", "withdraw"],
  objected: [...examining, "object", "answer", "withdraw"],
  answered: [...examining, "object", "notice", "refuse", "withdraw"],
  in_force: [...examining, "review", "suspend", "exit", ...going, ...changing],
  reviewed: [...examining, "review", "confirm", "exit", ...going, ...changing],
  suspended: [...examining, "resume", "exit", "replaceHead", "move", ...changing],
  helped: [...examining, "notice", "confirmTownship"], granted: ["attach", "object", "answer", "confirmTownship"],
  refused: ["appeal"], exited: ["appeal", ...changing],
  moved_out: ["appeal"],
  refusal_appealed: ["attach", "decideAppeal"], exit_appealed: ["attach", "decideAppeal"],
};

const another = ["另一名工作人员确认后生效。", "It takes effect when another official confirms it."];
const changes = () => "/v1/changes";
const decided = (c) => !c.change, open = (c) => c.change;
const change = (kind, v, c) => ({ kind, programme: c.programme, subject: c.members[0], ...v });
const sha = (v) => v.proof.sha256;
const yesNo = (yes, no) => [["yes", ...yes], ["no", ...no]];
const record = (name, label) => ({ name, label, kind: "words", wide: true, help: ["内容不上链，只记加盐哈希；提交后请下载凭据，与文书一并保存。", "Only a salted hash goes to the ledger; afterwards keep the proof with your papers."] });

function unanswered(list, label) {
  return list.map((each, i) => [each, i]).filter(([each, i]) => label(each, i)).map(([each, i]) => [String(i), ...label(each, i)]);
}

const adverse = (c) => unanswered(c.matches || [], (m, i) => m.adverse && !m.answer && [`第 ${i + 1} 条：${m.source} ${m.code}`, `no. ${i + 1}: ${m.source} ${m.code}`]);
const objections = (c) => unanswered(c.objections || [], (o, i) => !o.answer && [`第 ${i + 1} 条（${channels[o.channel][0]}）`, `no. ${i + 1} (${channels[o.channel][1]})`]);

function terms(c) {
  const v = programme(c.programme), each = v.class_amounts || {};
  const classes = Object.keys(each).length ? Object.keys(each) : Object.keys(v.recheck_months || {});
  const old = c.terms || {};
  const kind = classes.length ? { kind: "select", options: classes.map((k) => [k, each[k] ? `${k}（每人 ${each[k]} 元）` : k, each[k] ? `${k} (${each[k]} a person)` : k]) } : { max: 1, pattern: "[A-Z]" };
  return [
    { name: "class", label: ["类别", "Class"], value: old.class, ...kind },
    { name: "persons", label: ["保障人数", "Persons helped"], kind: "number", min: 1, max: c.members.length, value: old.persons || c.members.length },
    { name: "amount", label: ["每月金额（元）", "Yuan a month"], kind: "amount", value: old.amount, help: Object.keys(each).length ? ["按类别标准乘以人数。", "The class's amount times the persons."] : [`${v.min_amount} 至 ${v.max_amount}`, `${v.min_amount} to ${v.max_amount}`] },
  ];
}

const helpsFirst = (c) => programme(c.programme).papers_workdays > 0;
const byTownship = (c) => Boolean(programme(c.programme).township);
const sum = (c) => [{ name: "amount", label: ["一次性金额（元）", "Yuan, once"], kind: "amount", value: c.asked }];
const refusal = (c) => [
  { name: "reason", label: ["理由", "Reason"], kind: "select", options: choices(refusals) },
  { name: "how_to_appeal", label: ["申诉途径", "How to appeal"], kind: "long", max: 500, wide: true, required: !programme(c.programme).appeal_guide, help: ["不填则用项目规定的说明。", "Left empty, the programme's words are used."] },
];

// reckon fills in the amount that class and persons come to.
function reckon(f, c) {
  const each = programme(c.programme).class_amounts || {};
  const set = () => {
    const fen = Math.round(Number(each[f.field("class").input.value]) * 100) * Number(f.field("persons").input.value);
    if (fen > 0) f.field("amount").input.value = `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
  };
  f.field("class").input.addEventListener("change", set);
  f.field("persons").input.addEventListener("input", set);
  set();
}

const shown = (f, by, rules) => {
  const set = () => { for (const [name, values] of Object.entries(rules)) f.field(name).show(values.includes(f.field(by).input.value)); };
  f.field(by).input.addEventListener("change", set);
  set();
};

const table = {
  attach: {
    duty: "case.attach", path: "evidence", label: ["记调查材料", "Add evidence"],
    note: ["文件加密存放在本部门网关，账本上只有加盐哈希。", "The file is kept encrypted at this agency's gateway; the ledger gets its salted hash only."],
    fields: (c) => [
      { name: "kind", label: ["种类", "Kind"], kind: "select", options: [...choices(evidence), ...(programme(c.programme).required_evidence || []).filter((k) => !evidence[k]).map((k) => [k, k, k])] },
      { name: "taken_at", label: ["时间", "When"], kind: "moment", value: new Date(Date.now() - new Date().getTimezoneOffset() * 6e4).toISOString().slice(0, 16) },
      { name: "region", label: ["地点（区划代码）", "Where (region code)"], value: c.region, pattern: "[0-9]{6,12}", inputmode: "numeric" },
      { name: "file", label: ["文件", "File"], kind: "file", wide: true, accept: accepted, upload: uploadTo(c.id), help: ["JPEG、PNG、WebP、PDF 或 MP4，不超过 64 MB。", "JPEG, PNG, WebP, PDF or MP4, 64 MB at most."] },
    ],
    body: (v) => ({ kind: v.kind, taken_at: v.taken_at, region: v.region, sha256: sha(v.file), media_type: v.file.proof.media_type }),
  },
  query: {
    duty: "case.match", path: "matches/queries", label: ["向部门查询", "Ask the departments"],
    note: ["就家庭每位成员查询所有已接入的部门，可能需要几十秒；证件号码只发给被查询的部门。", "Asks every connected department about each member; it may take some tens of seconds. Identity numbers go to the department asked and nowhere else."],
    fields: () => [{ name: "again", label: ["已有近期结果的", "Where a fresh result is there"], kind: "select", options: yesNo(["重新查询", "ask again"], ["不再查询", "do not ask"]), value: "no" }],
    body: (v) => (v.again === "yes" ? { again: true } : {}),
  },
  ask: {
    duty: "case.ask", path: "questions", label: ["登记人工查询", "Record a question that is asked by hand"],
    note: ["先登记再查询：登记之前的答复不算数，没有答复不能作出决定。", "Record first, then ask: an answer from before does not count, and without an answer the case is not decided."],
    fields: () => [{ name: "source", label: ["部门编号", "Id of the department"], max: 64 }],
  },
  match: {
    duty: "case.match", path: "matches", label: ["记核对结果", "Add a department's statement"],
    fields: () => [{ name: "statement", label: ["部门签名的答复（JSON）", "The department's signed statement (JSON)"], kind: "long", rows: 6, max: 8000, wide: true }],
    check: (list) => {
      try { JSON.parse(list[0].input.value); return null; } catch { list[0].mark("不是有效的 JSON。", "This is not JSON."); return list[0]; }
    },
    body: (v) => ({ statement: JSON.parse(v.statement) }),
  },
  answerMatch: {
    duty: "case.answer_match", path: "matches/answers", label: ["处理核对异常", "Answer an adverse finding"], when: (c) => adverse(c).length > 0,
    fields: (c) => [
      { name: "match", label: ["哪一条", "Which"], kind: "select", options: adverse(c) },
      { name: "outcome", label: ["结论", "Outcome"], kind: "select", options: [["cleared", "已排除", "cleared"], ["confirmed", "属实", "confirmed"]] },
      record("report", ["核实情况", "What was found out"]),
    ],
    body: (v) => ({ match: Number(v.match), outcome: v.outcome, sha256: sha(v.report) }),
  },
  notice: {
    duty: "case.notice", path: "notices", label: ["公示", "Public notice"], fields: terms, after: reckon,
    note: ["公示期由项目规定，开始后谁也不能提前结束。", "The programme says how long it lasts; nobody can end it early."],
    body: (v) => ({ class: v.class, persons: v.persons, amount: v.amount }),
  },
  object: {
    duty: "case.object", path: "objections", label: ["登记异议", "Record an objection"],
    fields: () => [{ name: "channel", label: ["来源", "Channel"], kind: "select", options: choices(channels) }, record("said", ["异议内容", "What was said"])],
    body: (v) => ({ channel: v.channel, sha256: sha(v.said) }),
  },
  answer: {
    duty: "case.answer", path: "objections/answers", label: ["答复异议", "Answer an objection"], when: (c) => objections(c).length > 0,
    fields: (c) => [
      { name: "objection", label: ["哪一条", "Which"], kind: "select", options: objections(c) },
      { name: "founded", label: ["是否属实", "Founded"], kind: "select", options: yesNo(["属实", "founded"], ["不属实", "unfounded"]), value: "no" },
      record("report", ["核实与答复", "Findings and answer"]),
    ],
    body: (v) => ({ objection: Number(v.objection), founded: v.founded === "yes", sha256: sha(v.report) }),
  },
  grant: {
    duty: "case.decide", path: "decision", label: ["予以确认", "Grant"], fields: () => [],
    note: ["按公示的类别、人数和金额确认，并记入名册。", "Grants what the notice said and puts the household on the roll."],
    body: () => ({ outcome: "granted" }),
  },
  help: {
    duty: "case.decide", path: "decision", when: helpsFirst, label: ["先行救助", "Help first"], fields: sum,
    note: ["材料和公示随后补办。", "Papers and notice follow."], body: (v) => ({ outcome: "granted", amount: v.amount }),
  },
  helpTownship: {
    duty: "case.decide_township", path: "decision/township", when: (c) => helpsFirst(c) && byTownship(c), label: ["乡镇先行救助", "Help first (township)"], fields: sum,
    note: ["材料和公示随后补办；限项目规定的乡镇额度。", "Papers and notice follow; within what the programme leaves to townships."], body: (v) => ({ outcome: "granted", amount: v.amount }),
  },
  grantTownship: {
    duty: "case.decide_township", path: "decision/township", when: byTownship, label: ["乡镇予以确认", "Grant (township)"], fields: () => [],
    note: ["按公示的金额确认；限项目规定的乡镇额度。", "Grants what the notice said, within what the programme leaves to townships."], body: () => ({ outcome: "granted" }),
  },
  refuseTownship: {
    duty: "case.decide_township", path: "decision/township", when: byTownship, label: ["乡镇不予确认", "Refuse (township)"], fields: refusal, body: (v) => ({ outcome: "refused", ...v }),
  },
  confirmTownship: {
    duty: "case.confirm_township", path: "decision/confirm", when: (c) => c.grant && c.grant.confirm_due && !c.grant.confirmed, label: ["确认乡镇决定", "Confirm the township's decision"],
    fields: () => [
      { name: "agree", label: ["是否同意", "Agree"], kind: "select", options: yesNo(["同意", "agree"], ["不同意，撤销", "no: revoke"]) },
      { name: "reason", label: ["不同意的理由", "Why not"], max: 200, wide: true },
    ],
    after: (f) => shown(f, "agree", { reason: ["no"] }),
    body: (v) => ({ agree: v.agree === "yes", reason: v.reason }),
  },
  refuse: {
    duty: "case.decide", path: "decision", label: ["不予确认", "Refuse"],
    fields: refusal, body: (v) => ({ outcome: "refused", ...v }),
  },
  withdraw: { duty: "case.withdraw", path: "withdraw", label: ["撤回申请", "Withdraw"], note: ["申请人自愿撤回。撤回后不能恢复。", "At the applicant's wish. It cannot be undone."], fields: () => [], body: () => ({}) },
  review: {
    duty: "case.review", path: "reviews", label: ["复核", "Re-check"],
    fields: (c) => [
      { name: "finding", label: ["结论", "Finding"], kind: "select", options: [["keep", "维持", "keep"], ["change", "调整", "change"], ["exit", "退出", "exit"]] },
      ...terms(c), { name: "reason", label: ["退出原因", "Why it ends"], kind: "select", options: choices(exits).filter(([k]) => k !== "death") },
    ],
    after: (f, c) => { reckon(f, c); shown(f, "finding", { class: ["change"], persons: ["change"], amount: ["change"], reason: ["exit"] }); },
    body: (v) => ({ finding: v.finding, terms: v.finding === "change" ? { class: v.class, persons: v.persons, amount: v.amount } : undefined, reason: v.reason }),
  },
  confirm: {
    duty: "case.confirm", path: "reviews/confirm", label: ["确认复核", "Confirm the re-check"],
    fields: () => [{ name: "agree", label: ["是否同意", "Agree"], kind: "select", options: yesNo(["同意", "agree"], ["退回", "send back"]) }],
    body: (v) => ({ agree: v.agree === "yes" }),
  },
  suspend: {
    duty: "roll.suspend", to: changes, when: decided, label: ["暂停救助", "Suspend"],
    fields: () => [{ name: "from", label: ["自哪个月起", "From the month"], kind: "month", value: today().slice(0, 7) }, { name: "reason", label: ["理由", "Reason"], max: 200, wide: true }],
    note: another, body: (v, c) => change("suspend", v, c),
  },
  resume: {
    duty: "roll.resume", to: changes, when: decided, label: ["恢复救助", "Resume"], note: another,
    fields: () => [{ name: "from", label: ["自哪个月起", "From the month"], kind: "month", value: today().slice(0, 7) }], body: (v, c) => change("resume", v, c),
  },
  exit: {
    duty: "roll.exit", to: changes, when: decided, label: ["退出救助", "Exit"], note: another,
    fields: () => [
      { name: "reason", label: ["原因", "Reason"], kind: "select", options: choices(exits) },
      { name: "died_on", label: ["死亡日期", "Day of death"], kind: "date" },
      { name: "last_period", label: ["最后发放月份", "Last month paid"], kind: "month", value: today().slice(0, 7) },
    ],
    after: (f) => shown(f, "reason", { died_on: ["death"], last_period: Object.keys(exits).filter((k) => k !== "death") }),
    body: (v, c) => change("exit", v, c),
  },
  replaceHead: {
    duty: "roll.replace_head", to: changes, when: decided, label: ["更换户主", "Another head"], note: another,
    fields: (c) => [
      { name: "name", label: ["新户主姓名", "Name of the new head"], max: 40 },
      { name: "id_number", label: ["新户主身份证号", "Identity number of the new head"], max: 18 },
      { name: "account", label: ["新户主账号", "Account of the new head"], max: 40, inputmode: "numeric" },
      { name: "bank", label: ["开户行", "Bank"], max: 140, required: false },
      { name: "died_on", label: ["原户主死亡日期", "Day on which the head died"], kind: "date", required: false },
      { name: "from", label: ["自哪个月起", "From the month"], kind: "month", required: false, help: ["死亡的不填：自次月起。", "Not of a death: the month after it."] },
      { name: "class", label: ["类别", "Class"], max: 1, value: c.terms?.class },
      { name: "persons", label: ["人数", "Persons"], max: 2, inputmode: "numeric" },
      { name: "amount", label: ["月金额", "Amount a month"], max: 16, inputmode: "decimal" },
      record("paper", ["凭证：死亡证明、户口簿核对情况", "Evidence: what the certificate and the household register say"]),
    ],
    body: ({ paper, persons, ...v }, c) => change("head", { ...v, persons: Number(persons), evidence_sha256: paper.proof.sha256 }, c),
  },
  move: {
    duty: "roll.move", to: changes, when: decided, label: ["县内迁移", "Move within the county"], note: another,
    fields: () => [{ name: "region", label: ["迁入地行政区划代码", "Code of the region moved to"], max: 12, inputmode: "numeric" }],
    body: (v, c) => change("move", v, c),
  },
  moveOut: {
    duty: "roll.move_out", to: changes, when: decided, label: ["迁出本县", "Move to another county"], note: another,
    fields: () => [
      { name: "to_county", label: ["迁入县代码", "Code of the county moved to"], max: 6, inputmode: "numeric" },
      { name: "to_programme", label: ["迁入县的项目", "Programme of that county"], max: 10 },
      { name: "last_period", label: ["本县最后发放月份", "Last month paid here"], kind: "month", value: today().slice(0, 7) },
    ],
    body: (v, c) => change("move_out", v, c),
  },
  setResidence: {
    duty: "roll.set_residence", to: changes, when: decided, label: ["变更城乡类别", "Urban or rural residence"], note: another,
    fields: () => [
      { name: "residence", label: ["居住地", "Lives in a place that is"], kind: "select", options: [["urban", "城镇", "urban"], ["rural", "农村", "rural"]], help: ["只影响预算科目，不影响金额。", "It says under which budget code money is booked, not how much."] },
      { name: "from", label: ["自哪个月起", "From the month"], kind: "month", value: today().slice(0, 7) },
      { name: "document", label: ["文号", "Document number"], max: 100 },
    ],
    body: (v, c) => change("residence", v, c),
  },
  changePayee: {
    duty: "roll.change_payee", to: changes, when: decided, label: ["更正收款人信息", "Other details of the payee"], note: another,
    fields: () => [
      { name: "account", label: ["新账号", "New account"], max: 40, inputmode: "numeric", required: false, help: ["不变的各项均不填。", "Fill in what changes and leave out the rest."] },
      { name: "bank", label: ["开户行", "Bank"], max: 140, required: false },
      { name: "name", label: ["新户名", "New name"], max: 40, required: false },
      { name: "phone", label: ["新联系电话", "New telephone"], max: 500, required: false, inputmode: "tel" },
      { name: "household_no", label: ["新户编号", "New household number"], max: 64, required: false },
      record("paper", ["凭证：银行卡、身份证件核对情况", "Evidence: what the card and the identity card say"]),
    ],
    body: ({ paper, ...v }, c) => change("payee", { ...v, evidence_sha256: paper.proof.sha256 }, c),
  },
  confirmChange: {
    duty: "roll.confirm_change", to: (c) => `/v1/changes/${c.change.id}/confirm`, when: open, label: ["确认变更", "Confirm the change"],
    fields: () => [
      { name: "agree", label: ["是否同意", "Agree"], kind: "select", options: yesNo(["同意", "agree"], ["不同意", "refuse"]) },
      { name: "reason", label: ["不同意的理由", "Why not"], max: 200, wide: true },
    ],
    after: (f) => shown(f, "agree", { reason: ["no"] }),
    body: (v, c) => ({ sha256: c.change.sha256, agree: v.agree === "yes", reason: v.reason }),
  },
  withdrawChange: { duty: "roll.withdraw_change", to: (c) => `/v1/changes/${c.change.id}/withdraw`, when: open, label: ["撤回变更", "Withdraw the change"], fields: () => [], body: () => ({}) },
  appeal: { duty: "case.appeal", path: "appeals", label: ["登记申诉", "Record an appeal"], fields: () => [record("said", ["申诉内容", "What the appeal says"])], body: (v) => ({ sha256: sha(v.said) }) },
  decideAppeal: {
    duty: "case.decide_appeal", path: "appeals/decision", label: ["处理申诉", "Decide the appeal"],
    fields: () => [
      { name: "upheld", label: ["原决定", "The decision"], kind: "select", options: yesNo(["维持", "stands"], ["撤销", "is reversed"]) },
      record("report", ["处理意见", "Findings"]),
    ],
    body: (v) => ({ upheld: v.upheld === "yes", sha256: sha(v.report) }),
  },
};

// actsOn are the acts that a case's state has and the official's duties allow.
export function actsOn(c) {
  return (offered[c.state] || []).filter((name) => may(table[name].duty) && (!table[name].when || table[name].when(c)));
}

export const labelOf = (name) => table[name].label;

// actForm is the form of an act on a case.
export function actForm(name, c, done, cancel) {
  const a = table[name], post = writer(a.to ? a.to(c) : `/v1/cases/${c.id}/${a.path}`);
  const f = form({ title: a.label, note: a.note, fields: a.fields(c), button: ["提交", "Submit"], check: a.check, send: (v) => post(a.body(v, c)), done, cancel });
  if (a.after) a.after(f, c);
  return f;
}

// keptProofs is what to show after an act whose content stays with the office.
export function keptProofs(links) {
  return el("div", { class: "tell good" }, el("p", {}, both("已记入账本。请下载凭据（含随机盐），与原件一并保存；没有它就无法证明哈希属于这份材料。", "It is on the ledger. Keep the proof (it holds the random salt) with the original: without it nobody can show that the hash is of this content.")),
    ...links.map((a) => { a.className = "button"; a.replaceChildren(both("下载凭据", "Download the proof")); return a; }));
}
