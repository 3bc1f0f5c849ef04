// The ledger's words as officials say them, Chinese and English.
import { both } from "./desk-kit.js";

export const states = {
  applied: ["待调查核对", "being examined", "blue"], noticed: ["公示中", "on notice", "blue"], objected: ["有异议", "objected", "amber"],
  answered: ["异议已答复，待再次公示", "answered; notice again", "amber"], in_force: ["在册", "in force", "green"],
  reviewed: ["复核待确认", "re-check to confirm", "amber"], suspended: ["已暂停", "suspended", "red"], refused: ["不予确认", "refused", "red"],
  refusal_appealed: ["对不予确认申诉", "refusal appealed", "amber"], exited: ["已退出", "exited", "grey"],
  exit_appealed: ["对退出申诉", "exit appealed", "amber"], moved_out: ["已迁出", "moved out", "amber"], withdrawn: ["已撤回", "withdrawn", "grey"], closed: ["已办结", "closed", "grey"],
  helped: ["先行救助，待补材料或公示", "helped; papers or notice follow", "amber"], granted: ["已救助", "granted", "green"],
  revoked: ["县级未确认，已撤销", "revoked by the county", "red"],
};

export const evidence = {
  "home-visit": ["入户调查", "home visit"], "neighbour-interview": ["邻里访问", "neighbour interview"],
  "remote-video": ["远程视频", "remote video"], "face-check": ["人脸核验", "face check"], document: ["书面材料", "document"],
};

export const roles = {
  preparer: ["经办", "preparer"], approver: ["审批", "approver"], township: ["乡镇（街道）", "township"], village: ["村（居）", "village"],
  reader: ["查阅", "reader"], registrar: ["登记", "registrar"],
};

export const agencies = { CivilAffairsMSP: ["民政", "civil affairs"], FinanceMSP: ["财政", "finance"], AuditMSP: ["审计", "audit"] };

export const refusals = {
  income: ["收入超标", "income too high"], property: ["财产超标", "property too high"], "not-resident": ["不在辖区", "not resident"],
  "false-statement": ["申报不实", "false statement"], duplicate: ["重复申请", "duplicate"], "objection-founded": ["异议属实", "objection founded"],
  incomplete: ["材料不全", "incomplete"], other: ["其他", "other"],
};

export const exits = {
  death: ["死亡", "death"], income: ["收入超标", "income"], moved: ["迁出", "moved away"], voluntary: ["自愿退出", "voluntary"],
  ineligible: ["不再符合条件", "no longer eligible"], other: ["其他", "other"],
};

export const channels = { hotline: ["热线", "hotline"], letter: ["来信", "letter"], "in-person": ["来访", "in person"], online: ["网上", "online"] };

export const outcomes = {
  granted: ["予以确认", "granted"], refused: ["不予确认", "refused"], cleared: ["已排除", "cleared"], confirmed: ["属实", "confirmed"],
  keep: ["维持", "keep"], change: ["调整", "change"], exit: ["退出", "exit"],
};

// word is a word of a table in both languages; what the table lacks stays as it is.
export const changeKinds = {
  payee: ["更正收款人信息", "other details of the payee"], exit: ["退出", "exit"], suspend: ["暂停", "suspension"], resume: ["恢复", "end of the suspension"],
};

export function word(table, key) {
  const w = table[key];
  return w ? both(w[0], w[1]) : document.createTextNode(key || "");
}

// problems say in plain words what to do about an answer that says no.
export const problems = {
  "no-network": ["网关没有回应。请检查网络后，用同一张表再次提交：不会重复办理。", "The gateway does not answer. Check the network and send this form again: nothing is done twice."],
  "no-https": ["浏览器只在 https 下计算哈希，请用 https 地址打开本页。", "Browsers hash only over https: open this page at its https address."],
  "not-known-yet": ["已提交，但还不知道是否记上账。请稍候，用同一张表再次提交：不会重复办理。", "It was sent, and whether it is on the ledger is not known yet. Wait and send this form again: nothing is done twice."],
  "cut-off": ["文件没有完整传到，请再试一次。", "The file did not arrive whole: try again."],
  "file-lost": ["网关没有这份文件，或文件已与账本上的哈希不符，不予显示。请告知管理员从备份恢复，或重新上传。", "The gateway does not have this file, or it does not fit the ledger's hash any more. Ask the operator to put it back from a backup, or upload it again."],
  "file-erased": ["当事人的个人信息已依法清除，文件也已删除。", "The person's details were erased, and the file with them."],
  "kept-elsewhere": ["文件由记录它的部门保存，请向该部门查询。", "The agency that recorded the file keeps it: ask there."],
  "too-large": ["文件超过 64 MB。", "The file has more than 64 MB."],
  "unsupported-media-type": ["文件的内容与类型不符，或不是 JPEG、PNG、WebP、PDF、MP4。", "The file is not what its type says, or not JPEG, PNG, WebP, PDF or MP4."],
  "disk-full": ["网关存储空间不足，什么也没有保存。请告知管理员，稍后用同一张表再提交。", "The gateway has no space left; nothing was kept. Tell the operator and send this form again later."],
  "object-store-away": ["文件库暂时连不上，什么也没有保存。请稍后用同一张表再提交。", "The object store does not answer; nothing was kept. Send this form again later."],
  unauthenticated: ["未登录，或会话已结束，请登录。", "Nobody has signed in, or the session has ended: sign in."],
  "access-ended": ["访问权已终止，请联系本部门的系统管理员。", "Access has ended: ask your agency's operator."],
  forbidden: ["您没有这项职责，请由责任清单上的人员办理。", "This is not your duty: the responsibility list names whose it is."],
  "outside-region": ["不在您的辖区。", "It lies outside your region."],
  "same-person": ["您已参与本案的受理、调查或公示，不能由您作决定，请换一位审批人员。", "You took part in this case, so somebody else must decide it."],
  "not-found": ["没有找到。请核对编号。", "There is none: check the number."],
  conflict: ["编号已用于其他内容，请换一个编号或刷新后再看。", "The number is used for something else."],
  "wrong-state": ["案件的状态已经变了，不能办理这一步。请刷新后再看。", "The case is not in a state for this step any more: reload it."],
  duplicate: ["家庭成员已在其他申请或名册中，不能重复申请。", "Somebody of the household is in another case or on a roll already."],
  "notice-not-over": ["公示期还没有满，不能作决定。", "The public notice is not over yet."],
  "evidence-missing": ["缺少项目要求的调查材料。", "Evidence that the programme requires is missing."],
  "match-missing": ["核对未完成，或有异常结果尚未处理。", "A required match is missing, or an adverse finding is not answered."],
  "too-late": ["已超过期限。", "The time for this is over."],
  pending: ["前面的步骤还没有完成。", "An earlier step is not finished."],
  invalid: ["填写的内容不符合要求。", "What was entered breaks a rule."],
  overloaded: ["办理的人太多，请稍候再提交：不会重复办理。", "Too many writes at a time: wait and send again; nothing is done twice."],
  contention: ["别人同时在改这一案，什么也没有写。请再提交一次。", "Others changed this case at the same time; nothing was written. Send again."],
  "ledger-unavailable": ["账本暂时连不上，什么也没有写。请稍候再提交。", "The ledger is not available; nothing was written. Send again later."],
  "index-behind": ["索引还没有跟上，请稍候刷新。", "The index has not caught up: reload in a moment."],
};

// fields say what a field wants, where the ledger says only that it is wrong.
export const fields = {
  id: ["编号为 1–40 位小写字母、数字、连字符，且没有用过。", "1 to 40 of a–z, 0–9 and hyphens, not used before."],
  "members.id_number": ["身份证号有误，请逐位核对 18 位号码。", "An identity number is wrong: check all 18 characters."],
  "members.name": ["姓名未填写或过长。", "A name is missing or too long."],
  members: ["家庭成员 1–20 人，户主在前，不能重复。", "1 to 20 members, the head first, nobody twice."],
  account: ["请填写银行账号。", "The account is missing."],
  income: ["金额写成两位小数，例如 1200.00。", "An amount has two places, such as 1200.00."],
  amount: ["金额不在项目允许的范围，或与类别标准不符。", "The amount is not what the programme and class allow."],
  class: ["项目没有这个类别。", "The programme has no such class."],
  persons: ["保障人数应为 1 至家庭人口数。", "From 1 to the number of members."],
  region: ["区划代码不对，或不在项目、家庭所在的县。", "The region code is wrong, or outside the programme's or household's county."],
  reason: ["请填写理由。", "Give the reason."],
  taken_at: ["时间未填写，或在将来。", "The time is missing or lies in the future."],
  how_to_appeal: ["请写明怎样申诉。", "Say how to appeal."],
  from: ["起始月份不对。", "The month is not possible."],
};
