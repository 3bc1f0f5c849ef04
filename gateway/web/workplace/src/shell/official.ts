import { reactive } from "vue";
import { api, ask, onSignedOut, type Schemas } from "../api/client";
import { noAnswer, troubleOf, type Trouble } from "../api/problem";
import * as session from "../api/session";
import { follow, stop } from "./feed";
import { loadReference } from "./reference";

export interface Me {
  agency: string;
  id: string;
  name: string;
  role: string;
  region?: string;
  acts: string[];
}

// official is who works at this page. me is null while nobody has signed in; ended says that a session has come to its end.
export const official = reactive({ me: null as Me | null, asking: true, ended: false });

export const may = (act: string) => official.me?.acts.includes(act) ?? false;

// isMe reports whether somebody is the official at this page.
export const isMe = (who: Pick<Schemas["Identity"], "agency" | "name"> | undefined) =>
  who !== undefined && who.agency === official.me?.agency && who.name === official.me.name;

onSignedOut(() => {
  if (official.me) leave(true);
});

function leave(ended: boolean): void {
  stop();
  official.me = null;
  official.ended = ended;
}

async function enter(): Promise<void> {
  const { data, block } = await ask(api.GET("/v1/me"));
  await loadReference();
  official.ended = false;
  official.me = data as Me;
  follow(block);
}

// resume goes on with the session that this browser has, if it has one.
export async function resume(): Promise<void> {
  try {
    if (await session.resume()) await enter();
  } catch {
    // the form for signing in is shown
  } finally {
    official.asking = false;
  }
}

// signIn begins a session with a token.
export async function signIn(token: string): Promise<void> {
  const answer = await session.begin(token).catch((): never => {
    throw noAnswer();
  });
  if (!answer.ok) throw troubleOf(answer.status, await answer.json().catch(() => undefined)) satisfies Trouble;
  await enter();
}

export async function signOut(): Promise<void> {
  await session.end().catch(() => undefined);
  leave(false);
}
