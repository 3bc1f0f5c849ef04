// The pictures in a file that may show a receipt's code: the file itself, or what a PDF or an SVG draws. What a file is, its first
// bytes say, never its name (relieftrail.container).
"use strict";

const maxContainer = 20 << 20, maxStream = 8 << 20, maxDrawings = 20, maxSquares = 100_000;

// containers are how each kind of file gives its pictures, and what is said when one has no receipt, or cannot be read.
const containers = {
  picture: {
    pictures: async (file) => [await createImageBitmap(file)],
    none: ["图片中没有找到回执二维码，请对准、拍清楚再试", "No receipt code was found in the picture: take it again, straight and sharp"],
    unreadable: ["本浏览器打不开这种图片（如 HEIC）：请截屏，或另存为 JPEG、PNG 再试", "This browser cannot open such a picture (HEIC, for example): take a screenshot, or save it as JPEG or PNG"],
  },
  svg: {
    pictures: async (file) => [await drawnSVG(file)],
    none: ["图中没有找到回执二维码", "No receipt code was found in the drawing"],
    unreadable: ["这个 SVG 文件无法读取", "This SVG cannot be read"],
  },
  pdf: {
    pictures: picturesOfPDF,
    none: ["PDF 中没有找到回执二维码：请截屏，或用摄像头扫描", "No receipt code was found in the PDF: take a screenshot, or scan it with the camera"],
    unreadable: ["这个 PDF 文件无法读取：请截屏，或用摄像头扫描", "This PDF cannot be read: take a screenshot, or scan it with the camera"],
  },
};

// drawnSVG draws an SVG as an image, in which no script runs and nothing is fetched.
async function drawnSVG(file) {
  const url = URL.createObjectURL(new Blob([file], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const width = image.naturalWidth || 1000, height = image.naturalHeight || width, canvas = document.createElement("canvas");
    const scale = 1000 / Math.max(width, height);
    canvas.width = Math.ceil(width * scale);
    canvas.height = Math.ceil(height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas;
  } finally {
    URL.revokeObjectURL(url);
  }
}

// picturesOfPDF gives what a PDF's pages draw with filled rectangles, as our receipts draw their code, and its photographs, which
// a scanner puts there.
async function picturesOfPDF(file) {
  const pictures = [];
  for (const stream of streamsOf(new Uint8Array(await file.arrayBuffer()))) {
    if (pictures.length >= maxDrawings) break;
    try {
      if (stream[0] === 0xff && stream[1] === 0xd8) pictures.push(await createImageBitmap(new Blob([stream])));
      else pictures.push(...drawnSquares(await inflated(stream)));
    } catch { /* a font, or what only a reader of PDF reads */ }
  }
  return pictures;
}

// streamsOf gives the bytes between "stream" and "endstream" (ISO 32000-1, 7.3.8).
function* streamsOf(bytes) {
  const text = new TextDecoder("latin1").decode(bytes); // a character a byte
  for (let at = text.indexOf("stream"); at >= 0; at = text.indexOf("stream", at)) {
    const start = at + 6 + (text.startsWith("\r\n", at + 6) ? 2 : 1), end = text.indexOf("endstream", start);
    if (end < 0) return;
    yield bytes.subarray(start, end - (text.startsWith("\r\n", end - 2) ? 2 : text[end - 1] === "\n" ? 1 : 0));
    at = end + 9;
  }
}

// inflated decompresses a stream (FlateDecode) to a text.
async function inflated(bytes) {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const text = new TextDecoder("latin1");
  let content = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    content += text.decode(part.value, { stream: true });
    if (content.length > maxStream) throw new Error("the stream is too long");
  }
  return content;
}

// drawnSquares draws the filled rectangles of a page's content, if there are enough for a code.
function drawnSquares(content) {
  const squares = [];
  for (const [, ...numbers] of content.matchAll(/(-?[\d.]+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+) re\s+f/g)) {
    const [x, y, width, height] = numbers.map(Number);
    squares.push([Math.min(x, x + width), Math.min(y, y + height), Math.abs(width), Math.abs(height)]);
    if (squares.length > maxSquares) return [];
  }
  if (squares.length < 100) return [];
  const least = (i) => squares.reduce((least, s) => Math.min(least, s[i]), Infinity);
  const most = (i) => squares.reduce((most, s) => Math.max(most, s[i] + s[i + 2]), -Infinity);
  const left = least(0), top = most(1), size = Math.max(most(0) - left, top - least(1)), scale = 1000 / size, margin = 60;
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  canvas.width = canvas.height = 1000 + 2 * margin;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = "#000";
  for (const [x, y, width, height] of squares) {
    context.fillRect(margin + (x - left) * scale, margin + (top - y - height) * scale, width * scale, height * scale);
  }
  return [canvas];
}
