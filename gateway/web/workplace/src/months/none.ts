import { Trouble } from "../api/problem";

// orNone is nothing where the gateway says that there is no such record.
export async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (e) {
    if (e instanceof Trouble && e.status === 404) return undefined;
    throw e;
  }
}
