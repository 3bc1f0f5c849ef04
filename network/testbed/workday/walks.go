package workday

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

// visit is a page that an official comes to, with a part of its English heading.
type visit struct{ path, heading string }

// pages are the pages that officials come to by an address that is known beforehand.
func pages(l List) map[string][]visit {
	county := l.Region[:6]
	return map[string][]visit{
		"finance-approver": {
			{"/", "Waiting for me"},
			{"/accounts", "Shared accounts"},
			{"/account-statements", "Account statements"},
			{"/account-statements/new", "Record a statement on paper"},
			{"/acts", "What I have done"},
			{"/bank", "Bank"},
			{"/batches", "Lists of payments"},
			{"/batches/" + l.Batch, l.Batch},
			{"/exports", "A year as files"},
			{"/links", "Corrected numbers"},
			{"/log", "Transparency log"},
			{"/months", "Closed months"},
			{"/months/" + l.Programme + "/" + county + "/" + l.Period, l.Period},
			{"/nowhere", "There is no such page"},
			{"/officials", "Officials"},
			{"/officials/FinanceMSP/finance-approver", "finance-approver"},
			{"/overpayments", "Overpayments"},
			{"/payments?batch=" + l.Batch, "Payments"},
			{"/programmes", "Programmes and standards"},
			{"/programmes/" + l.Programme, "Version "},
			{"/readings", "Who read personal data"},
			{"/registry", "Registry"},
			{"/registry/new", "Propose a change"},
			{"/reversals", "Reversals"},
			{"/search?q=nobody", "Find"},
			{"/tranches", "Money"},
			{"/tranches/" + l.Tranche, l.Tranche},
			{"/tranches/" + l.Tranche + "/account", "The balance of the account"},
			{"/tranches/new", "Issue money"},
			{"/transactions", "Who did what"},
			{"/year-ends", "Year's end"},
			{"/year-ends/" + l.Period[:4] + "-" + county, "Year's end " + l.Period[:4]},
		},
		"civil-preparer": {
			{"/accounts", "Shared accounts"},
			{"/batches/new", "New list"},
			{"/charts?programme=" + l.Programme + "&period=" + l.Period, "Charts"},
			{"/links", "Corrected numbers"},
			{"/months/" + l.Programme + "/" + county + "/" + l.Period, l.Period},
			{"/programmes/" + l.Programme + "/draft", ", version "},
			{"/programmes/new", "New programme"},
			{"/roll?programme=" + l.Programme + "&county=" + county, "Rolls"},
			{"/rolls", "Imports and changes of rolls"},
		},
	}
}

// records are the pages of single records, which are found in lists of the interface: the script's expression of the first item's address.
func records(l List) map[string]map[string]visit {
	entries := fmt.Sprintf("/v1/rolls/%s/%s/entries?limit=1", l.Programme, l.Region[:6])
	return map[string]map[string]visit{
		"finance-approver": {
			"/v1/account-statements?limit=1":        {"`/account-statements/${it.id}`", "Statement "},
			"/v1/payments?limit=1&batch=" + l.Batch: {"`/payments/${it.id}`", "Payment "},
			"/v1/registry/proposals?limit=1":        {"`/registry/proposals/${it.id}`", ""},
			"/v1/reversals?limit=1":                 {"`/reversals/${it.id}`", "Reversal"},
			"/v1/overpayments?limit=1":              {"`/overpayments/${it.id}`", ""},
			"/v1/transactions?limit=1":              {"`/transactions/${it.transaction}`", "Transaction"},
			"/v1/payments?limit=2&batch=" + l.Batch: {"`/people/${it.subject}`", "Person "},
		},
		"civil-preparer": {
			"/v1/accounts?limit=1": {"`/accounts/${it.id}`", ""},
			"/v1/changes?limit=1":  {"`/changes/${it.id}`", ""},
			"/v1/imports?limit=1":  {"`/imports/${it.id}`", ""},
			"/v1/links?limit=1":    {"`/links/${it.earlier}`", "Two references of one person"},
			"/v1/rerates?limit=1":  {"`/rerates/${it.id}`", "Re-rate "},
			entries:                {"`/roll/" + l.Programme + "/" + l.Region[:6] + "/${it.subject}`", "roll number"},
		},
	}
}

// visits are the pages that an official comes to, and the lists without a record yet.
func (d *Desk) visits(l List, official string) (all []visit, missing []string) {
	d.t.Helper()
	all = pages(l)[official]
	found := records(l)[official]
	for _, list := range slices.Sorted(maps.Keys(found)) {
		path := browser.Eval[string](d.Page, fmt.Sprintf(`fetch(%q).then((answer) => answer.json()).then(({ items: [it] }) => (it ? %s : ""))`, list, found[list].path))
		if path == "" {
			missing = append(missing, list)
			continue
		}
		all = append(all, visit{path, found[list].heading})
	}
	return all, missing
}

// view is how an official looks at a page: in a window of a width and height in CSS pixels, with so many pixels of the screen for each.
type view struct {
	name          string
	width, height int64
	scale         float64
	phone         bool
	language      string
	large         bool
	theme         string
	axe, keys     bool // whether axe-core looks at the page, and whether it is gone through by the keyboard
}

// The views. One of 1280 by 1024 pixels at a zoom of 400 % has 320 by 256 CSS pixels, and four pixels of the screen for each.
var (
	phone  = view{name: "a phone", width: 320, height: 640, scale: 2, phone: true, language: "en", large: true, theme: "dark", axe: true}
	zoomed = view{name: "a zoom of 400 %", width: 320, height: 256, scale: 4, language: "zh-CN", large: true, theme: "light", axe: true, keys: true}
	wide   = view{name: "a usual window", width: 1280, height: 900, scale: 1, language: "en", theme: "dark", axe: true, keys: true}
	usual  = view{name: "a usual window", width: 1280, height: 900, scale: 1, language: "zh-CN", theme: "light", axe: true}
	views  = []view{phone, zoomed, zoomed.in("en", "dark"), wide, usual}
)

// in is the view in another language and other colours, in usual print. What axe-core and the keyboard find there, they find in the others.
func (v view) in(language, theme string) view {
	v.language, v.theme, v.large, v.axe, v.keys = language, theme, false, false, false
	return v
}

// Everywhere goes to every page, looks at it in each view, in Chinese and in English, and goes through it by the keyboard; in a usual window
// it opens each form of the page and leaves it. Without everything one view is enough, and records may be missing.
func (n Network) Everywhere(t testing.TB, l List, everything bool) {
	t.Helper()
	for official := range pages(l) {
		d := n.SignIn(t, official, width, height)
		d.Go("/no/such/page", "没有这个页面")
		all, missing := d.visits(l, official)
		require.True(t, !everything || len(missing) == 0, "no record in %v", missing)
		for _, visit := range all {
			d.run(`document.querySelector(".skip").focus()`)
			d.Go(visit.path, "")
			d.Until(`document.activeElement.tagName === "H1"`) // the page is another one
			d.loaded()
			looks := views
			if !everything {
				looks = views[len(views)-1:] // the other views were held against the same pages
			}
			for _, v := range looks {
				d.see(v, visit)
			}
			d.Forms(visit.path)
		}
		d.show(phone)
		if official == "finance-approver" {
			d.Menu(t, "What I have done")
			d.Go("/batches/"+l.Batch, l.Batch)
			d.Until(`document.querySelector(".timeline li") !== null`)
			d.Picture("workplace-narrow")
		}
		d.Close()
	}
}

// see looks at a page in a view.
func (d *Desk) see(v view, of visit) {
	d.t.Helper()
	state := of.path + " in " + v.name + ", " + v.language
	d.show(v)
	if v.language == "en" {
		d.Heading(of.heading)
	}
	if v.width < 600 {
		require.Greater(d.t, browser.Eval[float64](d.Page, `document.querySelector("main").clientWidth / innerWidth`), 0.9, "%s: the content has the width of the window", state)
	}
	d.examine(v, state)
}

// examine looks at the page as it is in a view.
func (d *Desk) examine(v view, state string) {
	d.t.Helper()
	if v.axe {
		d.Look(state)
	} else {
		d.fits(state)
	}
	if v.keys {
		d.Walk(state)
	}
}

// show has the window, the language, the print and the colours of a view.
func (d *Desk) show(v view) {
	d.t.Helper()
	d.Do(emulation.SetDeviceMetricsOverride(v.width, v.height, v.scale, v.phone))
	d.run(fmt.Sprintf(`
		for (const e of [document.scrollingElement, ...document.querySelectorAll(".scroll")]) e.scrollTo({ left: 0, top: 0, behavior: "instant" });
		document.querySelector(".settings button[lang='%s']")?.click();
		document.querySelector(".settings button[aria-pressed='%v']")?.click();
		const theme = document.querySelector("#theme");
		theme.value = %q;
		theme.dispatchEvent(new Event("change", { bubbles: true }));
	`, v.language, !v.large, v.theme))
	d.Until(fmt.Sprintf(`document.documentElement.clientWidth === %d && devicePixelRatio === %v && document.documentElement.lang === %q && document.documentElement.dataset.theme === %q`, v.width, v.scale, v.language, v.theme))
	d.painted()
}

// loaded waits until the page has everything that it asked the gateway for, and has come to rest.
func (d *Desk) loaded() {
	d.t.Helper()
	d.Until(`document.querySelectorAll("h1").length === 1 && ![...document.querySelectorAll("[role=status]")].some((e) => /正在读取|Reading/.test(e.textContent))`)
	d.rested()
}

// rested waits until nothing of the page has changed for a while.
func (d *Desk) rested() {
	d.t.Helper()
	browser.Eval[bool](d.Page, `new Promise((resolve) => {
		const rested = () => (watch.disconnect(), resolve(true));
		let rest = setTimeout(rested, 100);
		const watch = new MutationObserver(() => (clearTimeout(rest), (rest = setTimeout(rested, 100))));
		watch.observe(document.body, { subtree: true, childList: true, characterData: true });
	})`)
}

// painted waits until the page has been laid out and painted anew.
func (d *Desk) painted() {
	d.t.Helper()
	browser.Eval[bool](d.Page, `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))))`)
}

// Cases goes through the page of cases, which is no part of the workplace: its lists, the roll, a new application, and a case if there is one.
func (n Network) Cases(t testing.TB) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	defer d.Close()
	places := []string{"#/list/new", "#/list/due", "#/list/needs", "#/list/roll", "#/new"}
	if id := browser.Eval[string](d.Page, `fetch("/v1/cases?limit=1").then((answer) => answer.json()).then(({ items: [it] }) => it?.id ?? "")`); id != "" {
		places = append(places, "#/case/"+id)
	}
	d.Do(chromedp.Navigate(d.gateway + "/desk"))
	d.looked["axe"] = false
	for _, place := range places {
		d.run(fmt.Sprintf(`location.hash = %q`, place))
		d.Until(fmt.Sprintf(`document.querySelector("#main").dataset.shown === %q && document.querySelector("#main").ariaBusy === null`, place))
		for _, v := range views {
			state := "/desk" + place + " in " + v.name + ", " + v.language
			d.Do(emulation.SetDeviceMetricsOverride(v.width, v.height, v.scale, v.phone))
			d.run(fmt.Sprintf(`if (document.documentElement.lang !== %q) document.querySelector("#language").click()`, v.language))
			d.painted()
			d.examine(v, state)
		}
	}
}
