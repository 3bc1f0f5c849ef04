// Taking an application: the household and its members.
import { both, el, random, session, today, writer } from "./desk-kit.js";
import { field, form } from "./desk-form.js";

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

// goodNumber holds a citizen identification number against its check digit (GB 11643); the gateway does so again.
export function goodNumber(text) {
  const s = text.trim().toUpperCase();
  if (!/^[1-9]\d{16}[\dX]$/.test(s)) return false;
  return "10X98765432"[weights.reduce((sum, w, i) => sum + w * Number(s[i]), 0) % 11] === s[17];
}

const maxMembers = 20;

// members is the part of the form that grows: one row for each person.
function members() {
  const rows = [], box = el("div", { class: "members" });
  const number = () => {
    rows.forEach((r, i) => {
      r.legend.replaceChildren(i === 0 ? both("户主（第 1 人）", "Head of the household (no. 1)") : both(`第 ${i + 1} 人`, `No. ${i + 1}`));
      r.remove.hidden = rows.length === 1;
    });
    add.disabled = rows.length >= maxMembers;
  };
  const append = (focus) => {
    const first = rows.length === 0;
    const fields = [
      field({ name: "members.name", label: ["姓名", "Name"], max: 50 }),
      field({ name: "members.id_number", label: ["身份证号", "Identity number"], max: 18 }),
      field({ name: "members.relation", label: ["与户主关系", "Relation to the head"], required: false, max: 50, value: first ? "本人" : "" }),
      field({ name: "members.health", label: ["健康状况", "Health"], required: false, max: 200 }),
    ];
    const legend = el("legend");
    const remove = el("button", { type: "button", class: "quiet small", click: () => { rows.splice(rows.indexOf(row), 1); row.element.remove(); number(); add.focus(); } }, both("移除此人", "Remove this person"));
    const row = { fields, legend, remove, element: el("fieldset", {}, legend, el("div", { class: "fields" }, ...fields.map((f) => f.row)), remove) };
    rows.push(row);
    box.insertBefore(row.element, add);
    number();
    if (focus) fields[0].input.focus();
  };
  const add = el("button", { type: "button", class: "quiet", click: () => append(true) }, both("＋ 添加家庭成员", "+ Add a member"));
  box.append(add);
  append(false);
  return {
    element: box,
    fields: () => rows.flatMap((r) => r.fields),
    values: () => rows.map((r) => Object.fromEntries(r.fields.map((f) => [f.name.slice(8), f.input.value.trim()]).filter(([, v]) => v !== ""))),
  };
}

function checkNumbers(fields) {
  const seen = new Set();
  let first = null;
  for (const f of fields.filter((each) => each.name === "members.id_number")) {
    const text = f.input.value.trim().toUpperCase();
    if (!goodNumber(text)) f.mark("身份证号有误，请逐位核对 18 位号码。", "The number is wrong: check all 18 characters.");
    else if (seen.has(text)) f.mark("这个号码已填给另一位成员。", "Another member has this number.");
    else { seen.add(text); continue; }
    first = first || f;
  }
  return first;
}

// applyPage is the form for an application; need is the newly found need that it takes up.
export function applyPage(need) {
  const post = writer("/v1/cases");
  const people = members();
  const programmes = session.programmes.filter((p) => p.in_force > 0).map((p) => {
    const v = p.versions.find((each) => each.version === p.in_force) || {};
    return [p.id, v.name || p.id, v.name_en || v.name || p.id];
  });
  const f = form({
    title: ["受理申请", "Take an application"], heading: "h1",
    note: ["姓名、号码、收入、病情等只在网关加密后存入民政、财政的私有库，账本上只有代号和哈希。", "Names, numbers, income and illness are sealed at the gateway; the ledger has references and a hash."],
    fields: [
      { name: "id", label: ["编号", "Number"], value: `c-${today().replaceAll("-", "")}-${random(3)}`, pattern: "[a-z0-9][a-z0-9._\\-]{0,39}", max: 40, help: ["编号会公示，不要写入姓名或号码。", "The number is shown in public: no names or numbers of people in it."] },
      { name: "programme", label: ["项目", "Programme"], kind: "select", options: programmes },
      { name: "region", label: ["居住地（区划代码）", "Where they live (region code)"], value: session.me.region && session.me.region.length >= 6 ? session.me.region : "", pattern: "[1-9][0-9]{5}([0-9]{3}){0,2}", inputmode: "numeric", max: 12, help: ["到村（居）为 12 位。", "12 digits for a village."] },
      { name: "settlement", label: ["城乡", "Settlement"], kind: "select", options: [["rural", "农村", "rural"], ["urban", "城镇", "urban"]] },
      { name: "income", label: ["家庭月收入（元）", "Household's income a month (yuan)"], kind: "amount" },
      { name: "account", label: ["银行账号", "Bank account"], inputmode: "numeric", max: 40 },
      { name: "bank", label: ["开户银行", "Bank"], required: false, max: 100 },
      { name: "phone", label: ["联系电话", "Telephone"], required: false, inputmode: "tel", max: 30 },
      { name: "address", label: ["住址", "Address"], required: false, wide: true },
      { name: "property", label: ["财产", "Property"], required: false, wide: true },
      { name: "reason", label: ["申请理由", "Reason"], kind: "long", max: 500, wide: true },
    ],
    more: people, button: ["提交申请", "Submit the application"], check: checkNumbers,
    send: (v) => post({ ...v, need, members: people.values() }),
    done: (record) => { location.hash = "#/case/" + record.id; },
    cancel: () => { location.hash = "#/list/new"; },
  });
  return f;
}
