// Forms: a label and a place for what is wrong beside each field, and the answer in plain words.
import { both, el, english, option, random, salted, say, Trouble } from "./desk-kit.js";
import { fields as fieldWords, problems } from "./desk-words.js";

let forms = 0;

// control makes the input of a field: {name, label: [zh, en], kind, options, value, required, help, …}.
function control(f, id) {
  const shared = { id, name: f.name, required: f.required !== false, "aria-describedby": id + "-help " + id + "-wrong", autocomplete: "off" };
  switch (f.kind) {
    case "select":
      return el("select", shared, ...f.options.map(([value, zh, en]) => option(value, zh, en, value === f.value)));
    case "long":
    case "words": // only their salted hash goes to the ledger
      return el("textarea", { ...shared, rows: f.rows || 3, maxlength: f.max || 4000 });
    case "file":
      return el("input", { ...shared, type: "file", accept: f.accept });
    case "moment":
      return el("input", { ...shared, type: "datetime-local", value: f.value });
    case "date":
    case "month":
    case "number":
      return el("input", { ...shared, type: f.kind, value: f.value, min: f.min, max: f.max });
    case "amount":
      return el("input", { ...shared, inputmode: "decimal", pattern: "[0-9]{1,13}(\\.[0-9]{1,2})?", value: f.value });
    default:
      return el("input", { ...shared, value: f.value, maxlength: f.max || 500, pattern: f.pattern, inputmode: f.inputmode });
  }
}

// field is a control with its label. show(false) takes it out of the form.
export function field(f) {
  const id = `f${++forms}-${f.name.replaceAll(".", "-")}`;
  const input = control(f, id);
  const wrong = el("p", { id: id + "-wrong", class: "wrong" });
  const row = el("div", { class: "field" + (f.wide ? " wide" : "") },
    el("label", { for: id }, both(...f.label), f.required === false ? el("small", {}, both("（可不填）", " (optional)")) : ""),
    input, el("p", { id: id + "-help", class: "help" }, f.help ? both(...f.help) : ""), wrong);
  return {
    ...f, input, row,
    mark(zh, en) {
      wrong.replaceChildren(zh ? both(zh, en || zh) : "");
      input.setAttribute("aria-invalid", zh ? "true" : "false");
    },
    show(on) { row.hidden = !on; input.disabled = !on; },
  };
}

// keepsake is what the office keeps beside a file or text: with it anybody can show that the hash is of this content.
function keepsake(name, proof, content) {
  const document = JSON.stringify({ how: "sha256(salt ‖ content)", ...proof, ...content }, null, 2);
  const a = el("a", { href: URL.createObjectURL(new Blob([document], { type: "application/json" })), download: name });
  return { a, proof };
}

// entered tells whether a field still has the content that was sent.
const entered = (f) => (f.input.files ? Array.from(f.input.files, (x) => `${x.name} ${x.size} ${x.lastModified}`).join() : f.input.value);

async function valueOf(f) {
  const { input } = f;
  if (f.kind === "file") {
    const file = input.files[0];
    if (!file) return undefined;
    if (f.picked !== entered(f)) { // the same file sent again keeps its Idempotency-Key
      f.picked = entered(f);
      f.key = "desk-" + random(16);
    }
    return { proof: await f.upload(file, f.key, f.name) };
  }
  const text = input.value.trim();
  if (f.kind === "words") return keepsake(`${f.name}.json`, await salted(new TextEncoder().encode(text)), { text });
  if (f.kind === "amount" && text) return text.includes(".") ? text.replace(/\.(\d)$/, ".$10") : text + ".00";
  if (f.kind === "number") return text === "" ? undefined : Number(text);
  if (f.kind === "moment" && text) return new Date(text).toISOString().replace(/\.\d+Z$/, "Z");
  return text === "" ? undefined : text;
}

// why is what a trouble means, in both languages.
export function why(trouble) {
  const p = trouble.problem || {};
  if (p.own) return p.own;
  const known = p.field && fieldWords[p.field] || problems[trouble.slug];
  const [zh, en] = (p.title || "出错了 · Something went wrong").split(" · ");
  const [zhDetail, enDetail] = halves(p.detail);
  if (known) return [known[0], enDetail && trouble.slug !== "not-known-yet" ? enDetail : known[1]];
  return [zhDetail ? zh + "：" + zhDetail : zh, enDetail || en || zh];
}

// halves are the Chinese and the English half of a detail; one in a single language is both.
export function halves(detail) {
  if (!detail) return ["", ""];
  const at = detail.indexOf(" · ");
  return at < 0 ? [detail, detail] : [detail.slice(0, at), detail.slice(at + 3)];
}

function complain(list) {
  let first = null;
  for (const f of list) {
    const v = f.input.validity;
    if (f.row.hidden || v.valid) { f.mark(""); continue; }
    if (v.valueMissing) f.mark("这一项要填写。", "This is needed.");
    else if (fieldWords[f.name]) f.mark(...fieldWords[f.name]);
    else f.mark("填写的内容不符合要求。", "This is not of the form asked for.");
    first = first || f;
  }
  return first;
}

// form makes a form of fields. send gets the values by name and does the act; done gets its answer and the keepsakes.
// What the gateway refuses stands at the field that it names, or above the form; what was entered stays. A form that is a page has heading h1.
export function form({ title, heading = "h2", note, fields, more, button, send, done, cancel, check }) {
  const list = fields.map(field);
  const alert = el("div", { class: "tell bad", role: "alert", tabindex: "-1", hidden: true });
  const submit = el("button", { type: "submit" }, both(...button));
  const refuse = (trouble) => {
    const [zh, en] = why(trouble);
    const name = trouble.problem && trouble.problem.field;
    const at = name && list.concat(more ? more.fields() : []).find((f) => f.name === name && !f.row.hidden);
    alert.hidden = false;
    alert.replaceChildren(both(zh, en));
    if (at) {
      at.mark(zh, en);
      at.input.focus();
    } else alert.focus();
  };
  const onSubmit = async (e) => {
    e.preventDefault();
    const all = list.concat(more ? more.fields() : []);
    alert.hidden = true;
    const first = complain(all) || (check && check(all));
    if (first) return first.input.focus();
    submit.disabled = true;
    submit.replaceChildren(both("正在提交…", "Sending…"));
    try {
      const values = {}, kept = [];
      for (const f of list) {
        if (f.row.hidden) continue;
        const v = f.keep && f.sent === entered(f) ? f.keep : await valueOf(f);
        if (v && v.proof) { // the same content sent again keeps its salt, and so its Idempotency-Key
          f.keep = v;
          f.sent = entered(f);
          if (v.a) kept.push(v.a);
        }
        values[f.name] = v;
      }
      await done(await send(values), kept);
      say("已记入账本", "It is on the ledger");
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      refuse(trouble);
    } finally {
      submit.disabled = false;
      submit.replaceChildren(both(...button));
    }
  };
  const e = el("form", { class: "act", novalidate: true, submit: onSubmit, keydown: (k) => { if (k.key === "Escape" && cancel) { k.stopPropagation(); cancel(); } } },
    el(heading, {}, both(...title)), note ? el("p", { class: "help" }, both(...note)) : "", alert,
    el("div", { class: "fields" }, ...list.map((f) => f.row)), more ? more.element : "",
    el("div", { class: "buttons" }, submit, cancel ? el("button", { type: "button", class: "quiet", click: cancel }, both("取消", "Cancel")) : ""));
  return { element: e, field: (name) => list.find((f) => f.name === name), focus: () => { const f = e.querySelector("input:not([disabled]), select, textarea"); if (f) f.focus(); } };
}

export const choices = (table) => Object.entries(table).map(([value, [zh, en]]) => [value, zh, en]);
export const inWords = (pair) => (english() ? pair[1] : pair[0]);
