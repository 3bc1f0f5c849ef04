import type { RouteLocationRaw } from "vue-router";
import { api, ask } from "../api/client";
import { troubled } from "../api/problem";

export interface Hit {
  kind: "batch" | "tranche" | "payment" | "person" | "transaction" | "case";
  id: string;
  to?: RouteLocationRaw;
  href?: string;
}

const transaction = /^[0-9a-f]{64}$/;
const subject = /^[0-9]{1,3}-[a-z2-7]{26}$/;
const payment = /-[0-9]{7}-[0-9]{6}-[0-9]+$/;

type Call = () => Promise<{ data?: unknown; error?: unknown; response: Response }>;

// A record that is not there, or not for this official, is no hit; whatever else goes wrong is told.
async function exists(call: Call): Promise<boolean> {
  try {
    await ask(call());
    return true;
  } catch (e) {
    if ([403, 404, 422].includes(troubled(e).status)) return false;
    throw e;
  }
}

// search finds what a number is the number of: its form tells, and where it does not, the records themselves.
export async function search(text: string): Promise<Hit[]> {
  const id = text.trim();
  const path = { path: { id } };
  const candidates: [Hit, Call][] = [];
  if (transaction.test(id)) candidates.push([{ kind: "transaction", id, to: { name: "transaction", params: { id } } }, () => api.GET("/v1/transactions/{id}", { params: path })]);
  else if (subject.test(id)) candidates.push([{ kind: "person", id, to: { name: "person", params: { subject: id } } }, () => api.GET("/v1/subjects/{ref}", { params: { path: { ref: id } } })]);
  else {
    if (payment.test(id)) candidates.push([{ kind: "payment", id, to: { name: "payment", params: { id } } }, () => api.GET("/v1/payments/{id}", { params: path })]);
    candidates.push(
      [{ kind: "batch", id, to: { name: "batch", params: { id } } }, () => api.GET("/v1/batches/{id}", { params: path })],
      [{ kind: "tranche", id, to: { name: "tranche", params: { id } } }, () => api.GET("/v1/tranches/{id}", { params: path })],
      [{ kind: "case", id, href: `/desk#/case/${encodeURIComponent(id)}` }, () => api.GET("/v1/cases/{id}", { params: path })],
    );
  }
  const found = await Promise.all(candidates.map(async ([hit, call]) => ((await exists(call)) ? [hit] : [])));
  return found.flat();
}
