package web_test

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/web"
	"relieftrail/network/testbed/browser"
)

const listPath = "/lists/dibao/530181/2026-11"

// published is a month of three villages, the second of them small, with its pages as a gateway makes them.
type published struct {
	month oversight.Month
	rows  [][]oversight.Row
}

func newPublished(t *testing.T, version int, paid relief.Fen) *published {
	t.Helper()
	p := &published{month: oversight.Month{
		Programme: "dibao", County: "530181", Period: relief.MonthPeriod(2026*12 + 10), Version: version, PayBy: "2026-11-10", Classes: []oversight.ClassFacts{},
		Acts: []relief.HistoryEntry{{Act: relief.ActOversightCloseMonth, At: time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC), Tx: strings.Repeat("ab", 32)}},
	}}
	for v, households := range []int{7, 5, 6} {
		var rows []oversight.Row
		village := oversight.Village{Code: relief.Region("53018110020" + string(rune('0'+v))), Rows: households, Households: households, Persons: 2 * households}
		for i := range households {
			rows = append(rows, oversight.Row{
				Amount: paid + relief.Fen(i), Class: "A", Leaf: strings.Repeat("0"+string(rune('0'+i)), 32), PaidOn: "2026-11-09",
				Period: p.month.Period, Persons: 2, Schema: oversight.RowSchema,
			})
			village.Sum += paid + relief.Fen(i)
		}
		root := oversight.Root(rows)
		village.Root = hex.EncodeToString(root[:])
		p.rows, p.month.Villages = append(p.rows, rows), append(p.month.Villages, village)
		p.month.Rows += households
		p.month.Sum += village.Sum
	}
	return p
}

func (p *published) head(t *testing.T) web.ListHead {
	t.Helper()
	text, err := p.month.Statement()
	require.NoError(t, err)
	return web.ListHead{Place: "云南省昆明市安宁市", Period: "2026-11", Path: listPath, Version: 1, Rows: p.month.Rows, Sum: p.month.Sum.String(), Statement: string(text)}
}

func villageOf(line *oversight.VillageLine) web.ListVillage {
	v := web.ListVillage{Code: string(line.Code), Households: line.Households, Rows: line.Rows, Root: line.Root, Line: string(line.AppendJSON(nil))}
	if !line.Counts {
		v.Persons, v.Sum, v.Deducted = line.Persons, line.Sum.String(), line.Deducted.String()
	}
	return v
}

func (p *published) list(t *testing.T) web.ListPage {
	page := web.ListPage{ListHead: p.head(t)}
	lines := p.month.VillageLines()
	for i := range lines {
		page.Shown = append(page.Shown, villageOf(&lines[i]))
	}
	return page
}

func shownRow(r oversight.Row) web.ListRow {
	return web.ListRow{
		Class: r.Class, Persons: r.Persons, Amount: r.Amount.String(), Period: r.Period.String(), PaidOn: string(r.PaidOn),
		Word: r.Kind.String(), Deducted: r.Deducted.String(), Leaf: r.Leaf,
	}
}

func (p *published) village(t *testing.T, n int) web.VillagePage {
	lines := p.month.VillageLines()
	var hashes [][32]byte
	for i := range lines {
		hashes = append(hashes, lines[i].Hash())
	}
	page := web.VillagePage{ListHead: p.head(t), ListVillage: villageOf(&lines[n]), Index: n}
	var path []string
	for _, node := range oversight.Path(hashes, n) {
		path = append(path, hex.EncodeToString(node[:]))
	}
	page.LinePath = strings.Join(path, " ")
	for _, r := range p.rows[n] {
		page.Shown = append(page.Shown, shownRow(r))
	}
	return page
}

// A list without a row, with one more, with a fen changed, with rows swapped, of another version or village is red and says what; the
// true one is green.
func TestListsInTheBrowser(t *testing.T) {
	pages := checkingPages(t)
	now, before := newPublished(t, 2, 62000), newPublished(t, 1, 61000)
	n := newNotary(t, [2]string{before.head(t).Statement, now.head(t).Statement})
	var village web.VillagePage
	var list web.ListPage
	mux := http.NewServeMux()
	n.serve(mux, pages)
	mux.HandleFunc("GET "+listPath, func(w http.ResponseWriter, r *http.Request) { _ = pages.List(w, r, list) })
	mux.HandleFunc("GET "+listPath+"/{village}", func(w http.ResponseWriter, r *http.Request) { _ = pages.Village(w, r, village) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 360, 800)
	verdict := func(path string) (good bool, text string) {
		p.Do(chromedp.Navigate(server.URL + path))
		p.Do(chromedp.Click("#check", chromedp.ByQuery))
		p.Until(`document.getElementById("result").textContent !== ""`)
		return browser.Eval[bool](p, `document.getElementById("result").classList.contains("good")`), p.Text("#result")
	}
	const first = listPath + "/530181100200"
	for _, test := range []struct {
		name  string
		spoil func(*web.VillagePage)
		want  string
	}{
		{"true", func(*web.VillagePage) {}, "这份名单完整：7 笔，4340.21 元"},
		{"true, with names", func(v *web.VillagePage) {
			v.Named = true
			for i := range v.Shown {
				v.Shown[i].Name = "张*"
			}
		}, "这份名单完整：7 笔，4340.21 元"},
		{"a row left out", func(v *web.VillagePage) { v.Shown = v.Shown[1:] }, "少了 1 笔"},
		{"a row added", func(v *web.VillagePage) { v.Shown = append(v.Shown, v.Shown[0]) }, "多了 1 笔"},
		{"a fen", func(v *web.VillagePage) {
			changed := now.rows[0][3]
			changed.Amount--
			v.Shown[3] = shownRow(changed)
		}, "合计 4340.20 元，应为 4340.21 元"},
		{"a fen in the column alone", func(v *web.VillagePage) { v.Shown[3].Amount = "620.02" }, "合计 4340.20 元，应为 4340.21 元"},
		{"swapped", func(v *web.VillagePage) { v.Shown[0], v.Shown[1] = v.Shown[1], v.Shown[0] }, "有行被改动、调换"},
		{"a day", func(v *web.VillagePage) {
			changed := now.rows[0][3]
			changed.PaidOn = "2026-11-08"
			v.Shown[3] = shownRow(changed)
		}, "有行被改动、调换"},
		{"another village", func(v *web.VillagePage) { *v = now.village(t, 2) }, "这是另一个村"},
		{"another village's rows", func(v *web.VillagePage) { v.Shown = slices.Concat(now.village(t, 2).Shown, v.Shown[:1]) }, "应为 4340.21 元"},
		{"another version's rows and line", func(v *web.VillagePage) {
			old := before.village(t, 0)
			v.Shown, v.ListVillage = old.Shown, old.ListVillage
		}, "属于另一版本"},
		{"another version", func(v *web.VillagePage) { *v = before.village(t, 0) }, "月度结账第 1 版"},
		{"a statement that nobody signed", func(v *web.VillagePage) { *v = newPublished(t, 3, 60000).village(t, 0) }, "共同签名的声明日志中没有这份声明"},
	} {
		village = now.village(t, 0)
		test.spoil(&village)
		good, text := verdict(first)
		require.Contains(t, text, test.want, test.name)
		require.Equal(t, strings.HasPrefix(test.name, "true") || test.name == "another version", good, test.name)
	}
	p.Picture("village-list")
	require.LessOrEqual(t, browser.Eval[int](p, `document.documentElement.scrollWidth`), 360)

	list = now.list(t)
	good, text := verdict(listPath)
	require.True(t, good, text)
	require.Contains(t, text, "这份名单完整：3 个村")
	list.Shown = list.Shown[1:]
	good, text = verdict(listPath)
	require.False(t, good)
	require.Contains(t, text, "少了 1 个村")
	list = now.list(t)
	list.Shown[0] = before.list(t).Shown[0]
	good, text = verdict(listPath)
	require.False(t, good)
	require.Contains(t, text, "有村的数字被改动")
}
