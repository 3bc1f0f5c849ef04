import { api, read, type Schemas } from "../api/client";

// follow looks at a bank's file until the gateway has worked it through, or nobody looks any more.
export async function follow(begun: Schemas["BankFile"], tell: (now: Schemas["BankFile"]) => void, gone: () => boolean): Promise<void> {
  let now = begun;
  tell(now);
  while (now.state === "received" && !gone()) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    now = await read(api.GET("/v1/statements/{id}", { params: { path: { id: begun.id } } }));
    tell(now);
  }
}
