// Keeps the page that checks receipts for when there is no network. With a network, what the server has goes first.
"use strict";

const kept = "verify-3";
const files = [
  "/", "/assets/style.css", "/assets/verify.css", "/assets/containers.js", "/assets/verify.js", "/assets/verifier.js", "/assets/mark.svg", "/assets/wasm_exec.js",
  "/assets/receipt.wasm", "/assets/scan.wasm", "/public/v1/keys?format=policy", "/public/v1/names",
];

self.addEventListener("install", (e) => e.waitUntil((async () => {
  const cache = await caches.open(kept);
  await Promise.all(files.map((f) => cache.add(new Request(f, { cache: "no-cache" })).catch(() => { /* the next visit keeps it */ })));
  await self.skipWaiting();
})()));

self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== kept) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin || !files.includes(url.pathname + url.search)) return;
  e.respondWith((async () => {
    const cache = await caches.open(kept);
    try {
      const answer = await fetch(e.request);
      if (answer.ok) await cache.put(e.request, answer.clone());
      return answer;
    } catch (gone) {
      const old = await cache.match(e.request);
      if (old) return old;
      throw gone;
    }
  })());
});
