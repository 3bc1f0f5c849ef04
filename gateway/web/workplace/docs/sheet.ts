// A page-sheet gives its text, which is CSS, to the tree that it is in.
class PageSheet extends HTMLElement {
  #sheet = new CSSStyleSheet();

  set text(css: string) {
    this.#sheet.replaceSync(css);
  }

  connectedCallback() {
    const root = this.getRootNode() as Document | ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.#sheet];
  }
}
customElements.define("page-sheet", PageSheet);
