import { ref, shallowRef } from "vue";
import { perform } from "../api/acts";
import type { Answer } from "../api/client";
import { troubled, type Trouble } from "../api/problem";
import { programmeName, programmes } from "../shell/reference";
import { fen, yuan } from "../words/money";

// What inputs of the same things take everywhere.
export const region = { inputmode: "numeric", pattern: "[0-9]{2,12}", maxlength: 12 } as const;
export const county = { inputmode: "numeric", pattern: "[0-9]{6}", maxlength: 6 } as const;
export const month = { pattern: "[0-9]{4}-[0-9]{2}", maxlength: 7, placeholder: "2026-11" } as const;
export const period = { pattern: "[0-9]{4}-([0-9]{2}|Q[1-4])", maxlength: 7, placeholder: "2026-11" } as const;
export const recordId = { pattern: "[a-z0-9][a-z0-9._\\-]{0,39}", maxlength: 40 } as const;

// amountOf is an amount as the gateway takes it; undefined for what is none or not above zero.
export function amountOf(text: string): string | undefined {
  const value = fen(text);
  return value !== undefined && value > 0n ? yuan(value) : undefined;
}

export const programmeOptions = () => programmes().map((each) => ({ value: each.id, text: programmeName(each.id) }));

// filled are the members of a form that have something in them.
export function filled<T extends Record<string, string>>(form: T): Partial<T> {
  return Object.fromEntries(Object.entries(form).filter(([, value]) => value !== "")) as Partial<T>;
}

// useSubmit sends a form that has a page of its own: under a key of its own, and with what went wrong beside it.
export function useSubmit() {
  const busy = ref(false);
  const trouble = shallowRef<Trouble>();
  async function submit<T>(act: string, content: unknown, send: (key: string) => Promise<Answer<T>>): Promise<Answer<T> | undefined> {
    busy.value = true;
    trouble.value = undefined;
    try {
      return await perform(act, content, send);
    } catch (e) {
      trouble.value = troubled(e);
      return undefined;
    } finally {
      busy.value = false;
    }
  }
  return { busy, trouble, submit };
}
