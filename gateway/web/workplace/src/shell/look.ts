import { reactive, watchEffect } from "vue";

export type Theme = "auto" | "light" | "dark";

function stored(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

// look is how an official wants the pages: light or dark, and the size of print.
export const look = reactive({
  theme: (["light", "dark"].includes(stored("theme")) ? stored("theme") : "auto") as Theme,
  large: stored("large") === "yes",
});

// startLook has the pages follow it, and keeps it in this browser.
export function startLook(): void {
  watchEffect(() => {
    const root = document.documentElement;
    root.dataset["theme"] = look.theme;
    root.classList.toggle("large", look.large);
    try {
      localStorage.setItem("theme", look.theme);
      localStorage.setItem("large", look.large ? "yes" : "no");
    } catch {
      // the choice is not kept
    }
  });
}
