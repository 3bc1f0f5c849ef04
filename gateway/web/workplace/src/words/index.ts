import { createI18n } from "vue-i18n";
import { en } from "./en";
import { zh } from "./zh";

export type Language = "zh-CN" | "en";

function chosen(): Language {
  try {
    return localStorage.getItem("lang") === "en" ? "en" : "zh-CN";
  } catch {
    return "zh-CN";
  }
}

export const i18n = createI18n({ legacy: false, locale: chosen(), fallbackLocale: "zh-CN", messages: { "zh-CN": zh, en } });

export const language = () => i18n.global.locale.value as Language;

// speak changes the language, here and on the other pages of this gateway.
export function speak(to: Language): void {
  i18n.global.locale.value = to;
  document.documentElement.lang = to;
  try {
    localStorage.setItem("lang", to);
  } catch {
    // the choice is not kept
  }
}

// half is the part of a text "Chinese · English" in the language of the page.
export function half(text: string | undefined): string {
  const [zh = "", ...rest] = (text ?? "").split(" · ");
  return language() === "en" && rest.length > 0 ? rest.join(" · ") : zh;
}
