import type { Plugin } from "vite";

const library = /openapi-explorer\/dist\/es\//;

// plain has the library of the API page write no style into the document, which the pages' policy refuses: style attributes of its templates
// become properties, and style elements become sheets (sheet.ts). Its words are ours (words.ts), in two languages.
export function plain(words: string): Plugin {
  return {
    name: "plain",
    enforce: "pre",
    resolveId: (id, from) => (from && library.test(from) && id.endsWith("languages/index.js") ? words : undefined),
    transform(code, id) {
      if (id.includes("openapi-resolver/dist/")) return code.replaceAll('this["webpackChunk', 'globalThis["webpackChunk'); // a module has no this
      if (!library.test(id)) return undefined;
      const text = (value: string) => (value.includes("${") ? `"${value}"` : `\${${JSON.stringify(value)}}`);
      return code
        .replaceAll(/(\s)style="([^"]*)"/g, (_, space: string, value: string) => `${space}.style=${text(value)}`)
        .replaceAll(/<style>([^]*?)<\/style>/g, (_, value: string) => `<page-sheet .text=${text(value)}></page-sheet>`);
    },
  };
}
