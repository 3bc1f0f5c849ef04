// Files of evidence: sending one to the gateway's store, and showing one to whoever may read what is personal.
import { both, el, getFile, may, putFile, say, session, Trouble } from "./desk-kit.js";
import { why } from "./desk-form.js";
import { agencies, evidence, word } from "./desk-words.js";

const most = 64 * 1024 * 1024;
const endings = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic", "image/heif": "heif", "application/pdf": "pdf", "video/mp4": "mp4" };

export const accepted = [...Object.keys(endings), ".heic", ".heif"].join(","); // Windows gives these no type

// typeOf is a file's type: what the browser says, or else what its name's ending does.
function typeOf(file) {
  const ending = file.name.split(".").pop().toLowerCase();
  return file.type || Object.keys(endings).find((type) => endings[type] === ending) || "";
}

// uploadTo sends a file for a case; the answer has the salted hash that the act names.
export function uploadTo(id) {
  return async (file, key, field) => {
    const refuse = (...own) => new Trouble(422, { type: "/problems/invalid", field, own });
    if (!endings[typeOf(file)]) throw refuse("只收 JPEG、PNG、WebP、HEIC、PDF 和 MP4。", "Only JPEG, PNG, WebP, HEIC, PDF and MP4 are taken.");
    if (file.size > most) throw refuse("文件超过 64 MB。", "The file has more than 64 MB.");
    say("正在上传文件", "Uploading the file");
    try {
      return await putFile(`/v1/cases/${encodeURIComponent(id)}/evidence/files`, file, key);
    } catch (trouble) {
      if (trouble.slug === "unsupported-media-type") trouble.problem.field = field;
      throw trouble;
    }
  };
}

// heic shows a telephone's picture where the browser can; elsewhere it is downloaded.
function heic(url, name) {
  const image = el("img", { src: url, alt: name });
  image.addEventListener("error", () => image.replaceWith(el("p", {}, both("本浏览器不能显示 HEIC 图片，请下载后查看。", "This browser cannot show a HEIC picture: download it."))));
  return image;
}

function content(blob, url, name) {
  const kind = blob.type.split("/")[0];
  if (blob.type === "image/heic" || blob.type === "image/heif") return heic(url, name);
  if (kind === "image") return el("img", { src: url, alt: name });
  if (kind === "video") return el("video", { src: url, controls: true });
  return "";
}

// fileButton shows the file of a piece of evidence in a place of the page; a file that another agency keeps is named so.
export function fileButton(c, piece, n, place) {
  const by = c.acts[piece.act] && c.acts[piece.act].by;
  if (!by || !may("read.person")) return "";
  if (by.agency !== session.me.agency) return el("small", {}, word(agencies, by.agency), both("保存", " keeps it"));
  const button = el("button", { type: "button", class: "quiet small", "data-file": String(n) }, both("查看", "Show"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const blob = await getFile(`/v1/cases/${encodeURIComponent(c.id)}/evidence/${piece.sha256}`);
      show(blob, `${c.id}-${n + 1}.${endings[blob.type] || "bin"}`, piece, place, button);
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      place.replaceChildren(el("p", { class: "wrong", role: "alert" }, both(...why(trouble))));
    } finally {
      button.disabled = false;
    }
  });
  return button;
}

function show(blob, name, piece, place, button) {
  const url = URL.createObjectURL(blob);
  const close = () => {
    place.replaceChildren();
    URL.revokeObjectURL(url);
    button.focus();
  };
  const figure = el("figure", { tabindex: "-1", keydown: (k) => { if (k.key === "Escape") { k.stopPropagation(); close(); } } },
    el("figcaption", {}, word(evidence, piece.kind), " ", el("small", {}, both("与账本上的哈希相符", "fits the hash on the ledger"))),
    content(blob, url, name),
    el("div", { class: "buttons" }, el("a", { class: "button", href: url, download: name }, both("下载", "Download")),
      el("button", { type: "button", class: "quiet", click: close }, both("关闭", "Close"))));
  place.replaceChildren(figure);
  figure.focus();
}
