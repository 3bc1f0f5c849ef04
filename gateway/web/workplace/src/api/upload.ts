import { ask, api, type Schemas } from "./client";
import { noAnswer, troubleOf, troubled, type Trouble } from "./problem";
import { credentials } from "./session";

export type Job = Schemas["Job"];

const types: Record<string, string> = {
  csv: "text/csv",
  txt: "text/csv",
  ndjson: "application/x-ndjson",
  xml: "application/xml",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};

export const mediaType = (name: string) => types[name.toLowerCase().split(".").at(-1) ?? ""];

// send uploads a file and tells how much of it has gone, from 0 to 1. It gives the gateway's answer. fetch cannot tell that; XMLHttpRequest can.
export function send(method: "PUT" | "POST", path: string, file: File, key: string, tell: (part: number) => void): Promise<unknown> {
  return new Promise((resolve, reject: (reason: Trouble) => void) => {
    const request = new XMLHttpRequest();
    request.open(method, path);
    request.responseType = "json";
    const headers = { ...credentials(true), "Content-Type": mediaType(file.name) ?? "text/csv", Accept: "application/json", "Idempotency-Key": key };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (e) => e.lengthComputable && tell(e.loaded / e.total));
    request.addEventListener("load", () =>
      request.status >= 200 && request.status < 300 ? resolve(request.response) : reject(troubleOf(request.status, request.response)),
    );
    request.addEventListener("error", () => reject(noAnswer()));
    request.send(file);
  });
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// follow tells how far a job is until it has ended. A gateway that does not answer for a while is asked again.
export async function follow(id: string, tell: (job: Job) => void, gone: () => boolean): Promise<Job | undefined> {
  for (let failures = 0; !gone(); ) {
    try {
      const { data } = await ask(api.GET("/v1/jobs/{id}", { params: { path: { id } } }));
      failures = 0;
      tell(data);
      if (data.state === "done" || data.state === "failed") return data;
    } catch (e) {
      if (++failures > 20 || !troubled(e).passing) throw e;
    }
    await wait(failures > 0 ? 2000 : 400);
  }
  return undefined;
}
