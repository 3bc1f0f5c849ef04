import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

// Trouble is an answer that says no, or that no answer came (status 0).
export class Trouble extends Error {
  readonly status: number;
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.title);
    this.status = status;
    this.problem = problem;
  }

  // unsure: what was sent may have been done. The same request with the same Idempotency-Key tells, and does nothing twice.
  get unsure(): boolean {
    return this.status === 0 || this.status === 202 || this.status >= 500;
  }

  // passing: the request was not taken this time, and may be later.
  get passing(): boolean {
    return this.unsure || this.status === 429 || this.status === 401;
  }
}

const local = (status: number, slug: string, title: string) => new Trouble(status, { type: `/problems/${slug}`, title, status });

export const noAnswer = () => local(0, "no-answer", "网关没有回应 · The gateway does not answer");
export const notKnownYet = () => local(202, "not-known-yet", "已提交，结果尚未确定 · Sent; what became of it is not known yet");
export const cutOff = () => local(0, "cut-off", "文件没有完整传到 · The file did not arrive whole");

export const notSecure = () => local(0, "no-https", "请用 https 打开本页 · Open this page over https");

// troubled is what went wrong, as a trouble: also a fault of this program, which is told and not hidden.
export function troubled(e: unknown): Trouble {
  return e instanceof Trouble ? e : new Trouble(-1, { type: "/problems/page", title: "页面出错 · The page has failed", status: -1, detail: e instanceof Error ? e.message : String(e) });
}

// troubleOf reads a problem (RFC 9457); an answer of something else on the way has none.
export function troubleOf(status: number, document: unknown): Trouble {
  const problem = document as Problem | undefined;
  if (typeof problem?.title === "string") return new Trouble(status, problem);
  return local(status, "unknown", `网关回应 ${status} · The gateway answered ${status}`);
}
