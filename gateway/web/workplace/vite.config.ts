import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { budget } from "./budget";

export default defineConfig({
  base: "/work/",
  plugins: [vue(), budget(250_000)],
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false", __VUE_I18N_LEGACY_API__: "false", __INTLIFY_PROD_DEVTOOLS__: "false" },
  build: {
    target: "es2022",
    // The policy of the pages takes files of this gateway alone: nothing is written into the page or into another file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    emptyOutDir: true,
    rollupOptions: { output: { manualChunks: (id) => (/node_modules\/(echarts|zrender)\//.test(id) ? "charts" : undefined) } },
  },
  server: { fs: { allow: [".."] }, proxy: { "/v1": "http://127.0.0.1:8401", "/session": "http://127.0.0.1:8401" } },
  test: { environment: "happy-dom", isolate: false, include: ["{src,docs}/**/*.test.ts"] },
});
