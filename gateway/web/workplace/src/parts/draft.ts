import { reactive, watch } from "vue";
import { official } from "../shell/official";

// useDraft keeps what was typed into a form in this browser until it has been sent. It is for forms without personal data.
export function useDraft<T extends Record<string, string>>(form: string, empty: T) {
  const name = `draft:${official.me?.agency}:${official.me?.name}:${form}`;
  const draft = reactive({ ...empty }) as T;
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? "{}") as Record<string, unknown>;
    for (const field of Object.keys(empty)) if (typeof kept[field] === "string") (draft as Record<string, string>)[field] = kept[field];
  } catch {
    // an unreadable draft is none
  }
  const stop = watch(draft, () => localStorage.setItem(name, JSON.stringify(draft)));
  const forget = () => {
    stop();
    localStorage.removeItem(name);
  };
  return { draft, forget };
}
