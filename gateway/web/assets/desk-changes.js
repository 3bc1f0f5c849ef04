// The change of a household's roll entry that waits for another official: what it is, and for a new account both payees.
import { both, el, get, may } from "./desk-kit.js";
import { why } from "./desk-form.js";
import { changeKinds, exits, word } from "./desk-words.js";

// openChange is the change of the household's roll entry that is not decided yet.
export async function openChange(c) {
  if (!c.roll) return undefined;
  const page = await get(`/v1/changes?state=proposed&programme=${c.programme}&region=${c.region}`);
  return page.items.find((each) => each.subject === c.members[0]);
}

const fact = (zh, en, ...v) => el("div", {}, el("dt", {}, both(zh, en)), el("dd", {}, ...v));

export function openChangeFact(change) {
  if (!change) return "";
  const when = change.from || change.last_period, reason = change.reason ? (exits[change.reason] ? word(exits, change.reason) : change.reason) : "";
  return el("dl", { class: "facts" }, fact("待确认变更", "Change to be confirmed", word(changeKinds, change.kind), when ? ` ${when} ` : " ", reason,
    el("small", {}, both(`（${change.acts[0].by.name} 提请）`, ` (proposed by ${change.acts[0].by.name})`))));
}

// payeesButton shows the account before a change and after it, when asked for and only to whom the contract gives it.
export function payeesButton(change) {
  if (!change || change.kind !== "payee" || !may("read.person")) return "";
  const box = el("div", { class: "personal", hidden: true });
  const button = el("button", { type: "button", class: "quiet", "aria-expanded": "false" }, both("查看变更前后信息（个人信息）", "Show the details before and after (personal)"));
  button.addEventListener("click", async () => {
    const shown = box.hidden;
    box.replaceChildren(...(shown ? await payees(change.id) : []));
    box.hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
  });
  return el("div", {}, button, box);
}

async function payees(id) {
  try {
    const p = await get(`/v1/changes/${id}/payee`);
    const one = (zh, en, v) => (v ? [fact(zh, en, [v.name, v.account, v.bank, v.phone, v.household_no].filter(Boolean).join(" "))] : []);
    return [
      el("dl", { class: "facts" }, ...one("变更前", "Before", p.old), ...one("变更后", "After", p.new)),
      ...p.doubts.map((d) => el("p", { class: "wrong" }, both(d.zh, d.en))),
    ];
  } catch (trouble) {
    return [el("p", { class: "wrong" }, both(...why(trouble)))];
  }
}
