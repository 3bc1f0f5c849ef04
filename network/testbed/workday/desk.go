package workday

import (
	"encoding/base64"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

// Network is where the workplace is.
type Network struct {
	Gateways map[string]string // URLs, by the first part of an official's name: civil, finance, audit
	Tokens   string            // the folder with the officials' tokens
	Axe      string            // the file of axe-core for browsers
	Browser  *browser.Browser  // whose windows officials use
}

// Desk is a browser window in which an official is signed in.
type Desk struct {
	*browser.Page
	t       testing.TB
	axe     string
	gateway string
	looked  map[string]bool
}

// open opens a window of a width and height at an agency's gateway.
func (n Network) open(t testing.TB, agency string, width, height int64) *Desk {
	t.Helper()
	axe, err := os.ReadFile(n.Axe)
	require.NoError(t, err)
	return &Desk{Page: n.Browser.Open(t, width, height), t: t, axe: string(axe), gateway: n.Gateways[agency], looked: map[string]bool{}}
}

// SignIn opens a window of a width and height and signs an official in.
func (n Network) SignIn(t testing.TB, official string, width, height int64) *Desk {
	t.Helper()
	agency, _, _ := strings.Cut(official, "-")
	token, err := os.ReadFile(filepath.Join(n.Tokens, official+".token"))
	require.NoError(t, err)
	d := n.open(t, agency, width, height)
	d.Do(chromedp.Navigate(d.gateway + "/work/"))
	d.Until(`document.querySelector("#token") !== null && document.activeElement.id === "token"`)
	d.Look("sign in")
	d.Do(chromedp.KeyEvent(strings.TrimSpace(string(token)) + kb.Enter))
	d.Until(`document.querySelector("#who")?.textContent.includes("` + official + `") === true && document.querySelector("h1") !== null`)
	return d
}

// Go opens a page by its address below /work, without leaving the session.
func (d *Desk) Go(path, heading string) {
	d.t.Helper()
	d.run(`history.pushState({}, "", "/work` + path + `"); dispatchEvent(new PopStateEvent("popstate", { state: history.state }))`)
	d.Heading(heading)
}

// Heading waits for the page with this heading, and for everything that it asks the gateway for.
func (d *Desk) Heading(text string) {
	d.t.Helper()
	d.Until(fmt.Sprintf(`document.querySelectorAll("h1").length === 1 && document.querySelector("h1").textContent.includes(%q)`, text))
}

// Look holds that nothing keeps anybody out of the page as it is now: axe-core finds nothing, there is one heading of the first level, nothing has to be
// scrolled sideways but tables, and no script has failed.
func (d *Desk) Look(state string) {
	d.t.Helper()
	if !d.looked["axe"] {
		d.Do(chromedp.Evaluate(d.axe, nil))
		d.looked["axe"] = true
	}
	found := browser.Eval[[]string](d.Page, `(async () => {
		const { violations } = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] });
		return violations.flatMap((v) => v.nodes.map((n) => v.id + " " + n.target.join(" ") + ": " + n.failureSummary));
	})()`)
	assert.Empty(d.t, found, state)
	d.fits(state)
}

// fits holds that the page lies in the window, has one heading of the first level and no faults.
func (d *Desk) fits(state string) {
	d.t.Helper()
	assert.Equal(d.t, 1, browser.Eval[int](d.Page, `document.querySelectorAll("h1").length`), state)
	assert.Empty(d.t, browser.Eval[[]string](d.Page, `document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] : [...document.querySelectorAll("body *")].filter((e) => !e.closest(".scroll, pre") && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((e) => e.outerHTML.slice(0, 120))`), "%s is wider than the window", state)
	assert.Empty(d.t, d.Faults(), state)
}

// Act opens an act, fills its form, sends it, and waits until the page says that it was done; "" is for pages that show it in another way.
func (d *Desk) Act(act string, fields map[string]string, says string) {
	d.t.Helper()
	d.Press(`[data-act="` + act + `"]`)
	d.Until(`document.querySelector("dialog[open]") !== null && document.querySelector("dialog").contains(document.activeElement)`)
	d.Look(act)
	d.Fill(fields)
	d.Until(`document.querySelector("dialog button[type=submit]").disabled === false`)
	d.Press(`dialog button[type=submit]`)
	d.Until(`document.querySelector("dialog") === null || document.querySelector("dialog :is(.tell.bad, :invalid:not(fieldset, form))") !== null`)
	require.Empty(d.t, browser.Eval[string](d.Page, `document.querySelector("dialog .tell.bad")?.textContent ?? document.querySelector("dialog :invalid:not(fieldset, form)")?.id ?? ""`), "what the form says")
	if says == "" {
		return
	}
	d.Until(fmt.Sprintf(`[...document.querySelectorAll(".tell.good")].some((e) => e.textContent.includes(%q))`, says))
}

// Fill types into fields by their ids, in the order of these; "reason" is the field for a reason, in the form that is open.
func (d *Desk) Fill(fields map[string]string) {
	d.t.Helper()
	for _, id := range slices.Sorted(maps.Keys(fields)) {
		value := fields[id]
		found := fmt.Sprintf(`document.getElementById(%q)`, id)
		if id == "reason" {
			found = `document.querySelector("dialog textarea")`
		}
		d.Until(found + ` !== null`)
		d.run(fmt.Sprintf(`
			const f = %s;
			f.value = %q;
			f.dispatchEvent(new Event("input", { bubbles: true }));
			f.dispatchEvent(new Event("change", { bubbles: true }));
		`, found, value))
	}
}

// Press waits for a button or link and presses it.
func (d *Desk) Press(selector string) {
	d.t.Helper()
	d.Until(fmt.Sprintf(`document.querySelector(%q) !== null && !document.querySelector(%q).disabled`, selector, selector))
	d.run(fmt.Sprintf(`const e = document.querySelector(%q); e.focus(); e.click()`, selector))
}

// Follow presses the link with this text.
func (d *Desk) Follow(text string) {
	d.t.Helper()
	d.Until(fmt.Sprintf(`[...document.querySelectorAll("main a")].some((a) => a.textContent.trim() === %q)`, text))
	d.run(fmt.Sprintf(`[...document.querySelectorAll("main a")].find((a) => a.textContent.trim() === %q).click()`, text))
}

// Drop drops a file on the page, as from a folder.
func (d *Desk) Drop(name string, content []byte) {
	d.t.Helper()
	d.Until(`document.querySelector(".drop") !== null`)
	d.run(fmt.Sprintf(`
		const files = new DataTransfer();
		files.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], %q));
		document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true }));
	`, base64.StdEncoding.EncodeToString(content), name))
}

// Choose puts a file into a field for files.
func (d *Desk) Choose(id, name string, content []byte) {
	d.t.Helper()
	d.run(fmt.Sprintf(`
		const files = new DataTransfer();
		files.items.add(new File([Uint8Array.from(atob(%q), (c) => c.charCodeAt(0))], %q));
		const field = document.getElementById(%q);
		field.files = files.files;
		field.dispatchEvent(new Event("change", { bubbles: true }));
	`, base64.StdEncoding.EncodeToString(content), name, id))
}

// Saved are the texts of the files that the page has the browser save from now on. It needs to be called before.
func (d *Desk) Saved() func() []string {
	d.t.Helper()
	d.run(`
		globalThis.saved = [];
		const make = (globalThis.make ??= URL.createObjectURL);
		URL.createObjectURL = (blob) => (blob.text().then((text) => saved.push(text)), make.call(URL, blob))`)
	return func() []string { return browser.Eval[[]string](d.Page, `saved`) }
}

func (d *Desk) run(script string) {
	d.t.Helper()
	browser.Eval[bool](d.Page, "(() => { "+script+"; return true; })()")
}
