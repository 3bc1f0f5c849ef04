import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { plain } from "./plain";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

// The API page's script and style, which the gateway serves as /assets/docs.js and /assets/docs.css.
export default defineConfig({
  plugins: [plain(here("words.ts"))],
  publicDir: false,
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
  build: {
    target: "es2022", emptyOutDir: true, assetsInlineLimit: 0, cssCodeSplit: false, reportCompressedSize: true,
rollupOptions: { input: here("main.ts"), output: { entryFileNames: "docs.js", assetFileNames: "docs[extname]", inlineDynamicImports: true } },
  },
});
