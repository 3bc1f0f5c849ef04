function chosen(): "zh-CN" | "en" {
  try {
    return localStorage.getItem("lang") === "en" ? "en" : "zh-CN";
  } catch {
    return "zh-CN";
  }
}

// language is that of all pages of this gateway.
export const language = chosen();

// halved gives a document in one language: of each text "Chinese · English" its half.
export function halved<T>(of: T, to = language): T {
  if (typeof of === "string") {
    const [zh = "", ...rest] = of.split(" · ");
    return (rest.length === 0 ? of : to === "en" ? rest.join(" · ") : zh) as T;
  }
  if (Array.isArray(of)) return of.map((each) => halved(each, to)) as T;
  if (typeof of === "object" && of !== null) return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, name === "example" || name === "examples" ? value : halved(value, to)])) as T;
  return of;
}
