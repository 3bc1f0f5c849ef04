package workday

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

// stops has the page write down where the focus stands each time before Tab is pressed, and what is wrong there: whether it can be seen, lies in
// the window, and is not covered.
const stops = `
	globalThis.focusable ??= () => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter((e) =>
		e.tabIndex >= 0 && !e.disabled && e.getClientRects().length > 0 && getComputedStyle(e).visibility === "visible" && !e.closest("details:not([open]) > :not(summary)"));
	globalThis.named ??= (e) => (e ? e.tagName + " " + (e.id || e.textContent.trim().slice(0, 40) || e.getAttribute("aria-label")) : "nothing");
	globalThis.visited = [];
	if (!globalThis.noting) addEventListener("keydown", (press) => {
		if (press.key !== "Tab") return;
		const e = document.activeElement;
		if (visited.at(-1)?.e === e && e.type === "date") return; // a field for a day has places for its parts
		const [style, box] = [getComputedStyle(e), e.getBoundingClientRect()];
		const [x, y] = [box.left + Math.min(box.width, 40) / 2, box.top + Math.min(box.height, 20) / 2];
		const over = document.elementFromPoint(x, y);
		const faults = [];
		if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("has no outline");
		if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) faults.push("is outside of the window");
		else if (over && !e.contains(over) && !over.contains(e) && !e.labels?.[0]?.contains(over)) faults.push("is covered by " + named(over));
		visited.push({ e, faults });
	}, true);
	globalThis.noting = true;
	document.querySelector(".skip").focus()`

// Walk goes through a page by the keyboard: Tab comes to everything that can be used, in the order of the page, to nothing twice and out again, each
// place can be seen, and Shift+Tab goes back. What is scrolled sideways can have the focus.
func (d *Desk) Walk(state string) {
	d.t.Helper()
	d.run(stops)
	all := browser.Eval[int](d.Page, `(globalThis.expected = focusable()).length`)
	parts := browser.Eval[int](d.Page, `expected.filter((e) => e.type === "date").length * 3`)
	var tabs chromedp.Tasks
	for range all + parts {
		tabs = append(tabs, press(kb.Tab, 0))
	}
	d.Do(tabs)
	assert.Empty(d.t, browser.Eval[[]string](d.Page, `visited.flatMap(({ e, faults }) => faults.map((fault) => named(e) + " " + fault))`), "%s", state)
	assert.Empty(d.t, browser.Eval[[]string](d.Page, `expected.flatMap((e, n) => (visited[n]?.e === e ? [] : [n + ": " + named(visited[n]?.e) + " instead of " + named(e)])).slice(0, 3)`), "%s: the order of Tab", state)
	assert.True(d.t, browser.Eval[bool](d.Page, `document.activeElement === document.body || document.activeElement === expected[0]`), "%s: the focus does not leave the page, but stands on %s", state, browser.Eval[string](d.Page, `named(document.activeElement)`))
	if all > 3 && parts == 0 {
		d.run(`expected.at(-1).focus()`)
		d.Do(press(kb.Tab, input.ModifierShift), press(kb.Tab, input.ModifierShift))
		assert.True(d.t, browser.Eval[bool](d.Page, `document.activeElement === expected.at(-3)`), "%s: Shift+Tab", state)
	}
	assert.Empty(d.t, browser.Eval[[]string](d.Page, `[...document.querySelectorAll("body *")].filter((e) => e.scrollWidth > e.clientWidth + 1 && ["auto", "scroll"].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0 && !e.querySelector("a[href], button, input")).map(named)`), "%s: a scroll area that has no focus", state)
	d.run(`document.querySelector(".skip").focus()`)
	d.Do(chromedp.KeyEvent(kb.Enter))
	assert.Equal(d.t, "main", browser.Eval[string](d.Page, `document.activeElement.id`), "%s: the way to the content", state)
}

// Forms opens each form of the page by Enter, and leaves it by Escape: the focus is in it, stays in it, and is back on its button afterwards.
func (d *Desk) Forms(state string) {
	d.t.Helper()
	const buttons = `[...document.querySelectorAll("main [data-act]")].filter((e) => !e.disabled)`
	n := browser.Eval[int](d.Page, buttons+`.length`)
	for i := range n {
		button := fmt.Sprintf(`%s[%d]`, buttons, i)
		d.run(button + `.focus()`)
		d.Do(chromedp.KeyEvent(kb.Enter))
		d.Until(`document.querySelector("dialog[open]")?.contains(document.activeElement) === true`)
		for range 3 {
			d.Do(press(kb.Tab, 0))
			assert.True(d.t, browser.Eval[bool](d.Page, `document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)`), "%s: the focus is behind the form", state)
		}
		d.run(`document.querySelector("dialog button.quiet").focus()`)
		d.Do(chromedp.KeyEvent(kb.Escape))
		d.Until(`document.querySelector("dialog") === null`)
		assert.True(d.t, browser.Eval[bool](d.Page, `document.activeElement === `+button), "%s: the focus after the form %d", state, i)
	}
}

// press is a key with modifiers, without the text that it may write.
func press(key string, modifiers input.Modifier) chromedp.Action {
	return chromedp.KeyEvent(key, chromedp.KeyModifiers(modifiers))
}

// Menu opens the list of pages of a narrow window by Enter and closes it by Escape; then it goes to a page by the keyboard, whose heading has the focus.
func (d *Desk) Menu(t testing.TB, heading string) {
	t.Helper()
	d.run(`document.querySelector("#lists .menu").focus()`)
	d.Do(chromedp.KeyEvent(kb.Enter))
	d.Until(`document.querySelector("#lists .menu").ariaExpanded === "true" && document.querySelector("#places").getClientRects().length > 0`)
	d.Look("the list of pages")
	d.Do(press(kb.Tab, 0), chromedp.KeyEvent(kb.Escape))
	d.Until(`document.querySelector("#places").getClientRects().length === 0`)
	require.True(t, browser.Eval[bool](d.Page, `document.activeElement === document.querySelector("#lists .menu")`), "the focus after the list of pages")
	d.Do(chromedp.KeyEvent(kb.Enter), press(kb.Tab, 0), press(kb.Tab, 0), chromedp.KeyEvent(kb.Enter))
	d.Heading(heading)
	d.Until(`document.activeElement.tagName === "H1" && document.querySelector("#places").getClientRects().length === 0`)
}
