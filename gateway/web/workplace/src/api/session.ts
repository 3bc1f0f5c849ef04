// How an official is known to the gateway. This file alone knows of cookies and tokens; scripts can read neither the cookie nor, after
// signing in, the token.

import type { paths } from "./schema";

type Session = paths["/session"]["get"]["responses"]["200"]["content"]["application/json"];

let csrf = "";

const json = { "Content-Type": "application/json", Accept: "application/json" };

async function take(answer: Response): Promise<boolean> {
  if (!answer.ok) return false;
  csrf = ((await answer.json()) as Session).csrf;
  return true;
}

// Ways are how officials sign in here: with a token, and at the agency's provider, at whose address a browser begins.
export interface Ways {
  token: boolean;
  provider?: string;
}

// ways asks the gateway; one that does not say takes tokens.
export async function ways(): Promise<Ways> {
  const answer = await fetch("/session/ways", { headers: json, cache: "no-store" });
  return answer.ok ? ((await answer.json()) as Ways) : { token: true };
}

// resume reports whether this browser has a session at the gateway already.
export async function resume(): Promise<boolean> {
  return take(await fetch("/session", { headers: json, cache: "no-store" }));
}

// begin signs in with a token. The answer is the gateway's, for its problem.
export async function begin(token: string): Promise<Response> {
  const answer = await fetch("/session", { method: "POST", headers: json, body: JSON.stringify({ token }) });
  await take(answer.clone());
  return answer;
}

// end signs out: the cookie is worth nothing any more.
export async function end(): Promise<void> {
  await fetch("/session", { method: "DELETE", headers: { "X-CSRF-Token": csrf } });
  csrf = "";
}

// credentials are the headers that a request needs beside the cookie, which the browser sends.
export function credentials(writes: boolean): Record<string, string> {
  return writes ? { "X-CSRF-Token": csrf } : {};
}
