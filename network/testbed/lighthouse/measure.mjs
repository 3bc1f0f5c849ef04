// Measures pages with Lighthouse on its slow phone (simulated slow 4G, a processor four times slower) and prints a row a page with the medians
// of three runs: node measure.mjs REPORTS URL… It ends with 1 when a score is below 95. A run before them is not counted: it is the browser's own
// start, such as reading the fonts.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const runs = 3;
const least = 95;
const categories = ["performance", "accessibility", "best-practices"];
const [reports, ...pages] = process.argv.slice(2);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(page, port) {
  const { lhr, report } = await lighthouse(page, { port, output: "html", onlyCategories: categories, logLevel: "error" });
  if (lhr.runtimeError) throw new Error(`${page}: ${lhr.runtimeError.message}`);
  const wrong = Object.values(lhr.audits).filter((audit) => audit.score !== null && audit.score < 0.9 && audit.scoreDisplayMode === "binary").map((audit) => audit.id);
  return { scores: categories.map((name) => Math.round(lhr.categories[name].score * 100)), paint: lhr.audits["largest-contentful-paint"].numericValue, blocked: lhr.audits["total-blocking-time"].numericValue, bytes: lhr.audits["total-byte-weight"].numericValue, wrong, report };
}

mkdirSync(reports, { recursive: true });
const chrome = await launch({ chromePath: process.env.CHROMIUM || "/usr/bin/chromium", chromeFlags: ["--headless=new", "--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
let low = false;
console.log(["page", ...categories, "largest paint, s", "blocked, ms", "kB", "failed audits"].join("\t"));
try {
  await measure(pages[0], chrome.port);
  for (const page of pages) {
    const found = [];
    for (let n = 0; n < runs; n++) found.push(await measure(page, chrome.port));
    const scores = categories.map((_, n) => median(found.map((each) => each.scores[n])));
    low ||= scores.some((score) => score < least);
    const path = new URL(page).pathname;
    writeFileSync(join(reports, (path.replaceAll("/", "-").slice(1) || "first") + ".html"), found[0].report);
    console.log([path, ...scores, (median(found.map((each) => each.paint)) / 1000).toFixed(2), Math.round(median(found.map((each) => each.blocked))), Math.round(found[0].bytes / 1000), found[0].wrong.join(" ")].join("\t"));
  }
} finally {
  chrome.kill();
}
process.exitCode = low ? 1 : 0;
