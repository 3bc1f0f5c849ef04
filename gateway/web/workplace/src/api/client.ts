import createClient from "openapi-fetch";
import type { paths, components } from "./schema";
import { noAnswer, notKnownYet, troubleOf } from "./problem";
import { credentials } from "./session";

export type Schemas = components["schemas"];

// api is the gateway's interface, typed by its OpenAPI document.
export const api = createClient<paths, "application/json">({ baseUrl: location.origin });

api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(credentials(request.method !== "GET"))) request.headers.set(name, value);
    return request;
  },
});

// Answer is what a call gave, with the block that it rests on or is in, and for an act its transaction.
export interface Answer<T> {
  data: T;
  block: number;
  transaction: string;
  status: number;
}

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

type Listener = (trouble: ReturnType<typeof troubleOf>) => void;
let signedOut: Listener = () => {};

// onSignedOut is called when the gateway does not know the official any more.
export function onSignedOut(listener: Listener): void {
  signedOut = listener;
}

// ask waits for a call's answer. Whatever is not a success becomes a Trouble.
export async function ask<T>(call: Promise<Result<T>>): Promise<Answer<T>> {
  let result: Result<T>;
  try {
    result = await call;
  } catch {
    throw noAnswer();
  }
  const { response } = result;
  if (!response.ok) {
    const trouble = troubleOf(response.status, result.error);
    if (response.status === 401) signedOut(trouble);
    throw trouble;
  }
  const header = (name: string) => response.headers.get(name) ?? "";
  return { data: result.data as T, block: Number(header("X-Block")), transaction: header("X-Transaction-Id"), status: response.status };
}

// read is ask for those who want what was found alone.
export async function read<T>(call: Promise<Result<T>>): Promise<T> {
  return (await ask(call)).data;
}

// done is ask for acts: an act whose transaction was not seen in a block yet is not known.
export async function done<T>(call: Promise<Result<T>>): Promise<Answer<Exclude<T, Schemas["TransactionStatus"]>>> {
  const answer = await ask(call);
  if (answer.status === 202) throw notKnownYet();
  return answer as Answer<Exclude<T, Schemas["TransactionStatus"]>>;
}

// file fetches a file whole or not at all.
export async function file(path: string, accept = "*/*"): Promise<Blob> {
  const answer = await ask<Blob>(
    fetch(path, { headers: { ...credentials(false), Accept: accept }, cache: "no-store" }).then(async (response) =>
      response.ok ? { data: await response.blob(), response } : { error: await response.json().catch(() => undefined), response },
    ),
  );
  return answer.data;
}
