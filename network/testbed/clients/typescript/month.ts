// A month, paid through the client that openapi-typescript and openapi-fetch make of the OpenAPI document.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./relief.js";

type Schemas = components["schemas"];

const { values: args } = parseArgs({
  options: {
    civil: { type: "string" }, finance: { type: "string" }, audit: { type: "string" }, tokens: { type: "string" },
    batch: { type: "string" }, programme: { type: "string" }, region: { type: "string" }, tranche: { type: "string" },
    period: { type: "string" }, count: { type: "string" }, sum: { type: "string" }, lines: { type: "string" }, day: { type: "string" },
  },
});

function given(name: keyof typeof args): string {
  const value = args[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

function as(principal: string): Client<paths> {
  const gateway = principal.split("-")[0] as "civil" | "finance" | "audit";
  const token = readFileSync(`${given("tokens")}/${principal}.token`, "utf8").trim();
  return createClient<paths>({ baseUrl: given(gateway), headers: { Authorization: `Bearer ${token}` } });
}

const id = given("batch");
let keys = 0;
const key = () => ({ "Idempotency-Key": `${id}-${++keys}` });
const path = { id };

// seen is the last block that an answer had: another agency's gateway is asked to have it, too.
let seen = 0;

// done gives what an act answered, or throws the problem.
async function done<T>(step: string, answer: Promise<{ data?: T; error?: Schemas["Problem"]; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (error !== undefined) throw new Error(`${step}: ${error.status} ${error.title} ${error.detail ?? ""}`);
  if (response.status === 202 || data === undefined) throw new Error(`${step}: ${response.status}, not done in time`);
  seen = Math.max(seen, Number(response.headers.get("X-Block")));
  console.log(`${step}: block ${response.headers.get("X-Block")}`);
  return data;
}

// A list may also come as a file; without another Accept it is JSON.
const list = <T>(answer: T) => answer as Exclude<T, string>;

// job waits until a job has ended and gives it.
async function job(api: Client<paths>, step: string, location: string | null): Promise<Schemas["Job"]> {
  const at = location?.split("/").pop() ?? "";
  for (;;) {
    const { data, error } = await api.GET("/v1/jobs/{id}", { params: { path: { id: at } }, headers: { Accept: "application/json" } });
    if (error !== undefined || data === undefined) throw new Error(`${step}: ${error?.title}`);
    const got = data as Schemas["Job"];
    if (got.state === "failed" || got.result.refused > 0) throw new Error(`${step}: ${got.error ?? ""} ${JSON.stringify(got.result.refusals)}`);
    if (got.state === "done") {
      console.log(`${step}: ${got.kind} ${got.result.accepted} accepted in ${got.transactions} transactions`);
      return got;
    }
    await new Promise((wake) => setTimeout(wake, 200));
  }
}

const raw = { bodySerializer: (body: unknown) => body as string };

const preparer = as("civil-preparer");
await done("open", preparer.POST("/v1/batches", {
  params: { header: key() },
  body: {
    id, programme: given("programme"), region: given("region"), period: given("period"), tranche: given("tranche"),
    count: Number(given("count")), sum: given("sum"),
  },
}));
const upload = await preparer.PUT("/v1/batches/{id}/lines", {
  params: { path, header: key() }, headers: { "Content-Type": "text/csv" }, body: readFileSync(given("lines"), "utf8"), ...raw,
});
await job(preparer, "lines", upload.response.headers.get("Location"));
await done("seal", preparer.POST("/v1/batches/{id}/seal", { params: { path, header: key() }, body: {} }));
await done("approve", as("civil-approver").POST("/v1/batches/{id}/approve", { params: { path, header: key() }, body: {} }));

const finance = as("finance-preparer");
const made = await done("payment file", finance.POST("/v1/batches/{id}/payment-file", { params: { path, header: key() }, body: {} })) as Schemas["Batch"];
await done("authorise", as("finance-approver").POST("/v1/batches/{id}/approve", { params: { path, header: key() }, body: { file_sha256: made.file_sha256 } }));
await done("instruct", finance.POST("/v1/batches/{id}/instruct", { params: { path, header: key() }, body: {} }));

const lines = list(await done("lines of the batch", finance.GET("/v1/batches/{id}/lines", { params: { path, query: { limit: 1000 } } })));
const answers = lines.items.map((payment) => {
  const answer: Schemas["AnswerLine"] = { payment_id: payment.id, amount: payment.amount, result: "credited", date: given("day") };
  return JSON.stringify(answer);
});
const settled = await finance.POST("/v1/batches/{id}/settlements", {
  params: { path, header: key() }, headers: { "Content-Type": "application/x-ndjson" }, body: answers.join("\n"), ...raw,
});
await job(finance, "settle", settled.response.headers.get("Location"));
const closed = await done("close", finance.POST("/v1/batches/{id}/close", { params: { path, header: key() }, body: {} })) as Schemas["Batch"];
if (closed.totals?.credited !== lines.items.length) throw new Error(`credited ${closed.totals?.credited}`);

const auditor = as("audit-reader");
const acted = closed.acts?.length ?? 0;
const trail = list(await done("trail", auditor.GET("/v1/batches/{id}/trail", { params: { path, query: { at_least_block: seen } } }))) as { steps: Schemas["Step"][] };
for (const step of trail.steps) console.log(`  ${step.title}: ${step.by.name}, block ${step.block}`);
const feed = list(await done("feed", auditor.GET("/v1/feed", { params: { query: { kind: "batch", since: String((trail.steps[0]?.block ?? 1) - 1) } } })));
const acts = feed.items.filter((item) => item.id === id).map((item) => item.act);
if (acts.length < acted) throw new Error(`the feed has ${acts.join(", ")}`);
console.log(`done: ${acts.join(", ")}`);
