// The page that checks receipts. What decides is Go, in receipt.wasm: this script only brings it files and shows its answers.
"use strict";

const $ = (id) => document.getElementById(id);

// element makes an element with a class and children; texts become text and nothing else.
function element(name, className, ...children) {
  const e = document.createElement(name);
  if (className) e.className = className;
  e.append(...children);
  return e;
}

// both is a text in two languages; the style sheet shows the one of the page.
function both(zh, en) {
  const f = document.createDocumentFragment();
  for (const [lang, text] of [["zh-CN", zh], ["en", en]]) {
    const s = element("span", "", text);
    s.lang = lang;
    f.append(s);
  }
  return f;
}

// --- language

const titles = { "zh-CN": "核验救助金回执", en: "Check a relief receipt" };

function speak(lang) {
  document.documentElement.lang = lang;
  document.title = titles[lang];
  try { localStorage.setItem("lang", lang); } catch { /* the choice is not kept */ }
}

try { if (localStorage.getItem("lang") === "en") speak("en"); } catch { /* Chinese */ }
$("language").addEventListener("click", () => speak(document.documentElement.lang === "en" ? "zh-CN" : "en"));

// --- the verifier and whom it trusts

function tell(className, zh, en) {
  $("state").className = "state " + className;
  $("state").replaceChildren(element("span", "dot"), both(zh, en));
}

// start starts the worker. It waits until the page is shown: what a visitor looks at comes first on a slow line.
async function start() {
  if (document.readyState !== "complete") await new Promise((resolve) => { addEventListener("load", resolve, { once: true }); });
  const worker = new Worker("/assets/verifier.js");
  worker.addEventListener("message", ({ data: { id, result, failed } }) => {
    const { resolve, reject } = calls.get(id);
    calls.delete(id);
    if (failed === undefined) resolve(result);
    else reject(new Error(failed));
  });
  worker.addEventListener("error", () => {
    for (const { reject } of calls.values()) reject(new Error("the verifier could not be started"));
    calls.clear();
  });
  return worker;
}

const calls = new Map(); // those that the worker has not answered
const worker = start();
let last = 0;

// relieftrail has the functions of the Go programs; each gives a promise.
const relieftrail = new Proxy({}, {
  get: (_, name) => async (...args) => {
    const started = await worker, id = ++last;
    return new Promise((resolve, reject) => {
      calls.set(id, { resolve, reject });
      started.postMessage({ id, name, args });
    });
  },
});

async function trust() {
  const answer = await fetch("/public/v1/keys?format=policy");
  if (!answer.ok) throw new Error("keys: " + answer.status);
  const who = await relieftrail.trust(await answer.text());
  if (who.error) throw new Error(who.error.en);
  $("keys").replaceChildren(
    element("p", "", both("回执须有下列各部门的签名（Ed25519）：", "A receipt must be signed by each of these agencies (Ed25519):")),
    ...who.agencies.map((a) => element("p", "", element("b", "", both(a.zh, a.en)), element("code", "", a.key))),
    element("p", "", both("账本：", "The log:"), ...who.logs.map((k) => element("code", "", k))),
    element("p", "", both("可与各部门公布的公钥核对。", "Compare them with the keys that the agencies publish.")),
  );
}

const ready = (async () => {
  await trust();
  tell("ready", "核验程序已就绪，断网也能用", "The verifier is ready and works without a network");
})();
ready.catch(() => tell("failed", "核验程序未能载入，请检查网络后刷新", "The verifier could not be loaded: check the network and reload"));

// names are what the codes of programmes and regions stand for, all of them: the gateway does not learn which are looked
// for. Without them a receipt is shown with its codes.
let names = { programmes: [], regions: [] };

fetch("/public/v1/names").then((answer) => (answer.ok ? answer.json() : names)).then((all) => { names = all; }).catch(() => { /* codes */ });

// wordsFor are the words of a fact's code in each language; null when there are none.
function wordsFor(fact) {
  if (fact.name === "programme") {
    const p = names.programmes.find((each) => each.id === fact.value);
    return p ? [p.name, p.name_en || p.name] : null;
  }
  if (fact.name !== "region") return null;
  const at = (digits) => names.regions.filter((r) => r.code.length === digits && fact.value.startsWith(r.code)).pop();
  const place = [2, 4, 6, 9, 12].map((digits) => at(digits)?.name || "").join("");
  return place ? [place, place] : null;
}

// valueOf is a fact's value with the words before the code.
function valueOf(fact) {
  const words = wordsFor(fact);
  return words ? both(`${words[0]}（${fact.value}）`, `${words[1]} (${fact.value_en})`) : both(fact.value, fact.value_en);
}

// --- showing

const marks = {
  good: "M12 25l8 8 16-18", bad: "M14 14l20 20M34 14L14 34", unsure: "M24 12v16M24 35v1",
};

function verdict(kind, zh, en, zhWhy, enWhy) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [k, v] of Object.entries({ viewBox: "0 0 48 48", width: 52, height: 52, "aria-hidden": "true" })) svg.setAttribute(k, v);
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [k, v] of Object.entries({ d: marks[kind], fill: "none", stroke: "currentColor", "stroke-width": 5, "stroke-linecap": "round", "stroke-linejoin": "round" })) path.setAttribute(k, v);
  svg.append(path);
  const words = element("div", "", element("h2", "", both(zh, en)), element("p", "", both(zhWhy, enWhy)));
  return element("div", "verdict", svg, words);
}

function show(kind, ...children) {
  const r = $("result");
  r.className = kind;
  r.replaceChildren(...children);
  r.hidden = false;
  r.focus({ preventScroll: true });
  r.scrollIntoView({ block: "nearest" });
}

function showReport(r) {
  if (!r.checked) {
    unsure(r.error.zh, r.error.en);
    return;
  }
  if (!r.valid) {
    show("bad", verdict("bad", r.zh, r.en, r.error.zh, r.error.en),
      element("p", "advice", both("请勿凭它认定已付款。可让发给您回执的人重新发送，或向当地民政部门核实。", "Do not take it as proof of payment. Ask whoever gave it to you to send it again, or ask the local civil affairs office.")));
    return;
  }
  const names = r.signed_by.map((s) => s.zh).join("、"), namesEn = r.signed_by.map((s) => s.en).join(", ");
  show("good", verdict("good", r.zh, r.en, "这笔支付记在共同签名的账本里：" + names, "This payment is in the record signed by " + namesEn),
    element("dl", "", ...r.facts.map((f) => element("div", "fact-" + f.name, element("dt", "", both(f.zh, f.en)), element("dd", "", valueOf(f))))),
    element("p", "advice", link("/draws#leaf=" + r.leaf_hash, "这户被抽中核查了吗？", "Was this household drawn for a visit?")));
}

function link(href, zh, en) {
  const a = element("a", "", both(zh, en));
  a.href = href;
  return a;
}

function unsure(zh, en) {
  show("unsure", verdict("unsure", "未能核验", "Not checked", zh, en));
}

// --- checking

// examine checks a file's bytes, a code, a link or a bare hash. A link needs a proof, for which the server is told a hash,
// nothing else. A bare hash is looked up.
async function examine(content) {
  try {
    await ready;
  } catch {
    unsure("核验程序未能载入", "The verifier could not be loaded");
    return;
  }
  const where = typeof content === "string" ? await relieftrail.locate(content) : {};
  if (where.error) showReport({ valid: false, checked: !where.error.unread, zh: "回执无效", en: "The receipt is not valid", error: where.error });
  else if (where.bare) await lookUp(where.hash);
  else if (where.hash) await fetchProof(content, where.hash);
  else showReport(await relieftrail.check(content));
}

// proofOf asks this gateway for the proof of a hash; null when there is no network.
async function proofOf(hash) {
  try {
    const answer = await fetch("/public/v1/receipts/" + hash);
    const proof = await answer.json();
    const file = answer.ok ? `c2sp.org/tlog-proof@v1\nindex ${proof.index}\n${proof.path.map((h) => h + "\n").join("")}\n${proof.checkpoint}` : "";
    return { status: answer.status, ok: answer.ok, file };
  } catch {
    return null;
  }
}

const needsReceipt = () => element("p", "advice", both("哈希只说明有这条记录，看不出付给谁、付了多少。要核对内容，或不联网核验，须用回执文件或回执上的二维码。",
  "A hash says only that there is such a record, not what was paid to whom. To see that, or to check without a network, use the receipt's file or the code printed on it."));

// lookUp tells what this gateway's log has of a bare hash. It is never shown as a valid receipt is: anybody can hold up the
// hash of another person's payment.
async function lookUp(hash) {
  const answer = await proofOf(hash);
  if (!answer) {
    unsure("只有哈希时须联网查询；不联网核验须用回执文件或二维码", "A hash alone has to be looked up over the network; checking without one needs the receipt's file or code");
    return;
  }
  if (answer.status === 404) {
    show("unsure", verdict("unsure", "账本中没有这个哈希", "The log has no such hash", "请逐位核对；刚入账的支付请稍后再查", "Check every digit; if the payment was credited just now, look again later"), needsReceipt());
    return;
  }
  if (!answer.ok) {
    unsure("服务器繁忙，请稍后再试", "The server is busy: try again later");
    return;
  }
  const found = await relieftrail.prove(hash, answer.file);
  if (found.error) {
    show("bad", verdict("bad", "本网关的答复不能采信", "This gateway's answer cannot be believed", found.error.zh, found.error.en), needsReceipt());
    return;
  }
  const names = found.signed_by.map((s) => s.zh).join("、"), namesEn = found.signed_by.map((s) => s.en).join(", ");
  const place = (found.index + 1).toLocaleString("en-US"), size = found.size.toLocaleString("en-US");
  show("unsure", verdict("good", "账本中有这个哈希", "The log has this hash", `它在${names}共同签名的账本里：共 ${size} 条，此为第 ${place} 条`, `It is in the record signed by ${namesEn}: number ${place} of ${size}`), needsReceipt());
}

async function fetchProof(link, hash) {
  const answer = await proofOf(hash);
  if (!answer) {
    unsure("链接形式的回执须联网取得证明", "A receipt in the form of a link needs the network for its proof");
    return;
  }
  if (answer.status === 404) {
    showReport({ valid: false, checked: true, zh: "回执无效", en: "The receipt is not valid", error: { zh: "已签名的账本中没有这笔支付；刚入账的请稍后再试", en: "this payment is not in the signed record; if it was credited just now, try again later" } });
  } else if (!answer.ok) {
    unsure("服务器繁忙，请稍后再试", "The server is busy: try again later");
  } else {
    showReport(await relieftrail.join(link, answer.file));
  }
}

// examineFile checks a file that was chosen or dropped: a receipt, or a picture that shows one's code.
async function examineFile(file) {
  if (!file) return;
  try {
    await ready;
  } catch {
    unsure("核验程序未能载入", "The verifier could not be loaded");
    return;
  }
  const head = new Uint8Array(await file.slice(0, 64 << 10).arrayBuffer());
  const kind = containers[await relieftrail.container(head)];
  if (!kind) await examine(head);
  else if (file.size > maxContainer) unsure("文件过大", "The file is too large");
  else await examinePictures(file, kind);
}

async function examinePictures(file, kind) {
  try {
    for (const picture of await kind.pictures(file)) {
      const text = await readPicture(picture);
      if (text) {
        await examine(text);
        return;
      }
    }
  } catch {
    unsure(...kind.unreadable);
    return;
  }
  unsure(...kind.none);
}

$("file").addEventListener("change", async (e) => {
  await examineFile(e.target.files[0]);
  e.target.value = ""; // the same file may be chosen again
});
$("check").addEventListener("click", () => { if ($("text").value.trim()) examine(pasted($("text").value)); });

// pasted gives what is in the text field as it was copied: a file's last line end is often lost.
function pasted(text) {
  const t = text.trim();
  return t.startsWith("c2sp.org/") ? t + "\n" : t;
}

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (e) => {
    e.preventDefault();
    $("drop").classList.toggle("over", kind === "dragenter" || kind === "dragover");
    if (kind === "drop") examineFile(e.dataTransfer.files[0]);
  });
}

// --- pictures and the camera

// decode reads a code from a canvas: the browser's own reader where there is one, ours otherwise.
async function decode(canvas) {
  if ("BarcodeDetector" in window) {
    try {
      const found = await new BarcodeDetector({ formats: ["qr_code"] }).detect(canvas);
      if (found.length) return found[0].rawValue;
    } catch { /* not on this machine */ }
  }
  const { width, height } = canvas;
  const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
  return relieftrail.scan(new Uint8Array(pixels.buffer), width, height);
}

// fitting is the scale that makes a picture's longer side at most size.
function fitting(width, height, size) {
  return Math.min(1, size / Math.max(width, height));
}

// drawn puts a picture on a canvas, in a size and turned by degrees.
function drawn(picture, width, height, scale, degrees = 0) {
  const turn = degrees * Math.PI / 180, cos = Math.abs(Math.cos(turn)), sin = Math.abs(Math.sin(turn));
  const canvas = element("canvas", "");
  canvas.width = Math.round(scale * (width * cos + height * sin));
  canvas.height = Math.round(scale * (width * sin + height * cos));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate(turn);
  context.scale(scale, scale);
  context.drawImage(picture, -width / 2, -height / 2, width, height);
  return canvas;
}

// looks are sizes and turns, tried one after the other: what looks like a code's corner by chance misleads the reader, in
// some pictures of a hundred, and no longer does when the picture's rows are other ones.
const looks = [[1, 0], [1, 15], [0.7, 0], [1.5, 0], [1, -8], [0.85, 30]];

async function readPicture(picture) {
  const { width, height } = picture, scale = fitting(width, height, 1600);
  for (const [share, degrees] of looks) {
    const text = await decode(drawn(picture, width, height, scale * share, degrees));
    if (text) return text;
  }
  return "";
}

let stream;

function stopCamera() {
  stream?.getTracks().forEach((t) => t.stop());
  stream = undefined;
  $("camera").hidden = true;
  $("scan").disabled = false;
}

$("stop").addEventListener("click", () => { stopCamera(); $("scan").focus(); });
$("scan").addEventListener("click", async () => {
  $("scan").disabled = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
  } catch {
    stopCamera();
    unsure("不能使用摄像头，请改用照片或粘贴", "The camera cannot be used: take a photo or paste instead");
    return;
  }
  $("camera").hidden = false;
  $("video").srcObject = stream;
  $("stop").focus();
  try {
    await $("video").play();
    const text = await watch($("video"));
    if (!text) return;
    stopCamera();
    await examine(text);
  } catch {
    stopCamera();
    unsure("扫描中断，请再试", "Scanning was interrupted: try again");
  }
});

// watch looks at the camera's pictures until one shows a code or the camera is stopped.
async function watch(video) {
  while (stream) {
    const { videoWidth: width, videoHeight: height } = video;
    if (width) {
      const text = await decode(drawn(video, width, height, fitting(width, height, 1280)));
      if (text) return text;
    }
    await new Promise((resolve) => { setTimeout(resolve, 120); });
  }
  return "";
}

// --- a link that was opened: its fragment is taken off the address, so that it stays in no history

if (location.hash.startsWith("#r1=")) {
  const link = location.href;
  history.replaceState(null, "", "/");
  examine(link);
}

// --- offline

if ("serviceWorker" in navigator && isSecureContext) {
  navigator.serviceWorker.register("/assets/sw.js", { scope: "/" }).catch(() => { /* the page works as long as it is open */ });
}
