import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

// budget fails the build when what a page loads has more than so many bytes of compressed script. A page is the entry together with
// one part that is loaded lazily; the library of charts is loaded after the page and does not count.
export function budget(bytes: number): Plugin {
  return {
    name: "budget",
    apply: "build",
    generateBundle(_, bundle) {
      const size = (name: string) => {
        const part = bundle[name];
        return part?.type === "chunk" && part.name !== "charts" ? gzipSync(part.code).length : 0;
      };
      const needs = (name: string, known = new Set<string>()): Set<string> => {
        const part = bundle[name];
        if (known.has(name) || part?.type !== "chunk") return known;
        known.add(name);
        for (const other of part.imports) needs(other, known);
        return known;
      };
      const chunks = Object.values(bundle).filter((part) => part.type === "chunk");
      const entry = chunks.find((part) => part.isEntry);
      if (entry === undefined) return;
      for (const page of chunks.filter((part) => part === entry || part.isDynamicEntry)) {
        const files = needs(page.fileName, needs(entry.fileName));
        const total = [...files].reduce((sum, name) => sum + size(name), 0);
        if (total > bytes) this.error(`the page ${page.name} has ${total} bytes of compressed script, ${bytes} are allowed`);
      }
    },
  };
}
