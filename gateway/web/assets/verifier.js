// Runs the Go programs of the page that checks receipts in a thread of its own (Web Worker), so that the page answers while they are
// compiled. A message {id, name, args} is a call; the answer is {id, result}, or {id, failed} when a program could not be loaded.
"use strict";

importScripts("/assets/wasm_exec.js");

// load starts a program; it resolves when the program has put its functions in place.
async function load(file, ready) {
  const go = new Go();
  const started = new Promise((resolve) => { globalThis[ready] = resolve; });
  const { instance } = await WebAssembly.instantiateStreaming(fetch(file), go.importObject);
  go.run(instance);
  await started;
}

const verifier = load("/assets/receipt.wasm", "relieftrailReady");
verifier.catch(() => { /* each call says so */ });
let scanner; // reads codes in pictures; most visitors never need it

async function call(name, args) {
  if (name !== "scan") {
    await verifier;
    return relieftrail[name](...args);
  }
  scanner ??= load("/assets/scan.wasm", "relieftrailScanReady");
  await scanner;
  return relieftrailScan(...args);
}

onmessage = async ({ data: { id, name, args } }) => {
  try {
    postMessage({ id, result: await call(name, args) });
  } catch (e) {
    postMessage({ id, failed: String(e) });
  }
};
