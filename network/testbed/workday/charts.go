package workday

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

// Charts looks at every chart of a programme and a closed period, holds the pictures against the tables that they are made of, and saves
// both.
func (n Network) Charts(t testing.TB, programme, period string) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	defer d.Close()
	d.drawn(programme, period, "图表", "没有数据")
	d.Look("charts")
	d.Picture("workplace-charts")
	saved := d.Saved()
	d.run(`for (const e of document.querySelectorAll("[data-chart=places] button, [data-chart=progress] button")) e.click()`)
	d.Until(`saved.length === 4`)
	files := map[string]int{}
	for _, text := range saved() {
		kind := "table"
		if text[0] == '<' {
			kind = "picture"
			require.Contains(t, text, `xmlns="http://www.w3.org/2000/svg"`)
		}
		files[kind]++
	}
	require.Equal(t, map[string]int{"table": 2, "picture": 2}, files)
	d.Press(`nav a[href="#chart-lists"]`)
	d.Until(`document.activeElement.id === "title-lists"`)
	d.Fill(map[string]string{"period": "2099-01"})
	d.Press(`[data-look=charts]`)
	d.Until(`document.querySelector("[data-chart=progress]").textContent.includes("没有数据") && location.search.includes("period=2099-01")`)
	d.Fill(map[string]string{"period": "2026"})
	d.Press(`[data-look=charts]`)
	d.Until(`document.querySelector("[data-chart=progress] .tell.bad") !== null`)
	d.Look("a chart of a period that it has none of")
}

// drawn opens the charts and waits until each that has rows has its picture, with as many marks as its table has figures that are drawn.
func (d *Desk) drawn(programme, period, heading, none string) {
	d.t.Helper()
	d.Go("/charts?"+fmt.Sprintf("programme=%s&period=%s", programme, period), heading)
	d.Until(`document.querySelectorAll("[data-chart]").length === 10`)
	for _, code := range browser.Eval[[]string](d.Page, `[...document.querySelectorAll("[data-chart]")].map((e) => e.dataset.chart)`) {
		d.Until(fmt.Sprintf(`(() => { const e = document.getElementById("chart-%s"); (e.querySelector(".chart") ?? e).scrollIntoView(); return e.querySelector(".chart svg :is(path, rect)") !== null || e.textContent.includes(%q) })()`, code, none))
	}
	require.Equal(d.t, browser.Eval[int](d.Page, `document.querySelectorAll("[data-chart=places] tbody tr").length`),
		browser.Eval[int](d.Page, `document.querySelectorAll("[data-chart=places] svg g").length`), "a square for each place")
	for _, code := range []string{"progress", "lateness", "money", "months", "places", "indicators"} {
		require.Positive(d.t, browser.Eval[int](d.Page, fmt.Sprintf(`document.querySelectorAll("[data-chart=%s] tbody tr").length`, code)), code)
	}
}

// Figures reads the pages of indicators and of charts as anybody does, from the list of closed months on: without a script, on a desk and on a
// telephone, and with what the page of each month says.
func (n Network) Figures(t testing.TB, programme, region, period string) {
	t.Helper()
	question := fmt.Sprintf("?programme=%s&region=%s&period=%s", programme, region[:6], period)
	for _, wide := range []int64{width, 320} {
		d := n.open(t, "audit", wide, height)
		defer d.Close()
		for _, path := range []string{"/indicators", "/charts"} {
			d.Do(chromedp.Navigate(d.gateway + path))
			d.Until(fmt.Sprintf(`document.querySelector('a[href=%q]') !== null`, path+question))
			require.Zero(t, browser.Eval[int](d.Page, `document.scripts.length`), path)
			d.looked = map[string]bool{}
			d.Look(path)
			d.Do(chromedp.Click(fmt.Sprintf(`a[href=%q]`, path+question), chromedp.ByQuery))
			d.Until(`document.querySelector("main table.figures tbody tr") !== null`)
			d.looked = map[string]bool{}
			d.Look(path + question)
			d.Picture(fmt.Sprintf("%s-%d", path[1:], wide))
			require.Equal(t, period, browser.Eval[string](d.Page, `document.getElementById("period").value`), path)
		}
		// /charts was the last one: each row has its bar.
		require.Equal(t, 6, browser.Eval[int](d.Page, `document.querySelectorAll("section").length`))
		require.True(t, browser.Eval[bool](d.Page, `[...document.querySelectorAll("section tbody tr")].every((row) => row.querySelector("svg.bars") !== null)`))
	}
}
