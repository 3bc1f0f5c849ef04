import { parse } from "yaml";
import "./sheet";
import "openapi-explorer";
import { halved, language } from "./language";
import "./docs.css";

// The page of the interface: the gateway's own OpenAPI document, shown by a library, in the reader's language.
interface Explorer extends HTMLElement {
  loadSpec(document: object): Promise<void>;
}

document.documentElement.lang = language;
const button = document.querySelector<HTMLButtonElement>("#language")!;
button.textContent = language === "en" ? "中文" : "English";
button.lang = language === "en" ? "zh-CN" : "en";
button.addEventListener("click", () => {
  try {
    localStorage.setItem("lang", language === "en" ? "zh-CN" : "en");
  } catch {
    return; // a browser that keeps nothing shows Chinese
  }
  location.reload();
});

function colours(explorer: Explorer) {
  const of = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const named = { "bg-color": "--paper", "text-color": "--ink", "header-bg-color": "--paper", "header-color": "--ink", "nav-bg-color": "--paper", "nav-text-color": "--ink", "nav-hover-bg-color": "--wash", "nav-hover-text-color": "--ink", "primary-color": "--blue", "secondary-color": "--green" };
  for (const [attribute, colour] of Object.entries(named)) explorer.setAttribute(attribute, of(colour));
}

async function show() {
  const answer = await fetch("/openapi.yaml");
  if (!answer.ok) throw new Error(`/openapi.yaml ${answer.status}`);
  const explorer = document.createElement("openapi-explorer") as Explorer;
  for (const flag of ["hide-console", "hide-authentication", "hide-server-selection", "use-path-in-nav-bar"]) explorer.setAttribute(flag, flag === "use-path-in-nav-bar" ? "false" : "true");
  explorer.setAttribute("schema-expand-level", "2");
  colours(explorer);
  document.querySelector("#api")!.replaceChildren(explorer);
  await explorer.loadSpec({ ...halved(parse(await answer.text()) as object), servers: [{ url: location.origin }] });
}

show().catch((e: unknown) => {
  const told = document.createElement("p");
  told.className = "tell bad";
  told.textContent = (language === "en" ? "The document could not be shown: " : "无法显示接口文档：") + (e instanceof Error ? e.message : String(e));
  document.querySelector("#api")!.replaceChildren(told);
});
