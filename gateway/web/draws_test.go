package web_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/web"
	"relieftrail/network/testbed/browser"
)

// publicDraw is a draw of four of 18 payments in two strata, with its page as a gateway makes it.
type publicDraw struct {
	plan   draw.Plan
	strata []draw.Units
	drawn  draw.DrawnUnits
	month  string // statement
}

// newPublicDraw draws, or stops where a sealed draw waits to be opened.
func newPublicDraw(t *testing.T, sealedDays int) *publicDraw {
	t.Helper()
	d := &publicDraw{}
	month := newPublished(t, 2, 62000).month
	statement, err := month.Statement()
	require.NoError(t, err)
	d.month = string(statement)
	at := time.Date(2026, 11, 30, 1, 0, 0, 0, time.UTC)
	by := func(agency string, hour int) relief.Actor {
		return relief.Actor{
			By: relief.Official{Agency: agency, ID: "no-1", Name: "one", Role: "approver", Region: "530181"}, At: at.Add(time.Duration(hour) * time.Hour),
			Tx: strings.Repeat("0f", 32),
		}
	}
	agencies := []string{"AuditMSP", "CivilAffairsMSP", "FinanceMSP"}
	p, err := draw.New("visits", draw.Terms{
		Purpose: draw.FollowUp, County: "530181", Months: []draw.MonthName{{Programme: "dibao", Period: month.Period}}, Size: 4, Least: 1, Reserves: 1,
		CloseAt: at.Add(2 * time.Hour), RevealHours: 24, Sealed: sealedDays > 0, OpenDays: sealedDays,
	}, agencies, by("AuditMSP", 0))
	require.NoError(t, err)
	nonce := func(i int) (h draw.Hash) { return draw.Hash(bytes.Repeat([]byte{byte(i + 1)}, len(h))) }
	for i, agency := range agencies {
		p, _, err = draw.Commit(p, draw.Commitment(agency, p.ID, nonce(i)), by(agency, 1))
		require.NoError(t, err)
	}
	p, err = draw.Fix(p, d.frame(t, month.Version, month.VillageLines()), by("AuditMSP", 3))
	require.NoError(t, err)
	for i, agency := range agencies[:2] {
		if agency == p.Keeper {
			continue
		}
		p, _, err = draw.Reveal(p, nonce(i), by(agency, 4))
		require.NoError(t, err)
	}
	p, err = draw.Default(p, by("AuditMSP", 28))
	require.NoError(t, err)
	if d.plan = p; p.Sealed {
		return d
	}
	d.drawn = draw.Draw(&p, d.strata)
	d.plan, err = draw.NoteDrawn(p, &d.drawn, by("AuditMSP", 29))
	require.NoError(t, err)
	return d
}

// frame is what is drawn from, made without the domain's help.
func (d *publicDraw) frame(t *testing.T, version int, lines []oversight.VillageLine) draw.Frame {
	t.Helper()
	f := draw.Frame{Size: 18, Months: []draw.FramedMonth{{MonthName: draw.MonthName{Programme: "dibao", Period: relief.MonthPeriod(2026*12 + 10)}, Version: version}}}
	require.NoError(t, f.Months[0].Root.UnmarshalText([]byte(oversight.TreeOf(lines).Root)))
	f.Root = rootOfHashes(f.Months[0].Root)
	for i, s := range []draw.Stratum{{Region: "530181", Class: "A", Units: 12, Take: 3, Reserves: 1}, {Region: "530181100", Class: "A", Units: 6, Take: 1, Reserves: 1}} {
		var units draw.Units
		var leaves []draw.Hash
		for k := range s.Units {
			units = append(units, draw.Unit{Leaf: sha256.Sum256(fmt.Appendf(nil, "leaf %d of %d", k, i)), Number: uint32(k)})
		}
		if i == 0 {
			units[0].Leaf = draw.Hash(countyReceipt(t).Leaf.Hash())
		}
		slices.SortFunc(units, func(a, b draw.Unit) int { return bytes.Compare(a.Leaf[:], b.Leaf[:]) })
		for _, u := range units {
			leaves = append(leaves, u.Leaf)
		}
		s.Root = rootOfHashes(leaves...)
		f.Strata, d.strata = append(f.Strata, s), append(d.strata, units)
	}
	return f
}

func countyReceipt(t *testing.T) *receipt.Receipt {
	t.Helper()
	r, err := receipt.Parse(vectorFile(t, "county.receipt"))
	require.NoError(t, err)
	return r
}

func rootOfHashes(hashes ...draw.Hash) draw.Hash {
	entries := make([][32]byte, len(hashes))
	for i := range hashes {
		entries[i] = sha256.Sum256(append([]byte{0}, hashes[i][:]...))
	}
	return oversight.RootOf(entries)
}

func (d *publicDraw) leaves() (b []byte) {
	for _, units := range d.strata {
		for _, u := range units {
			b = append(b, u.Leaf[:]...)
		}
	}
	return b
}

func (d *publicDraw) page(t *testing.T) web.DrawPage {
	t.Helper()
	p := &d.plan
	statement, err := p.Statement()
	require.NoError(t, err)
	page := web.DrawPage{
		DrawHead: web.DrawHead{
			ID: "visits", Path: "/draws/visits", Place: "云南省昆明市安宁市", Purpose: bilingual.Text{Zh: "回访", En: "Follow-up visits"},
			State: bilingual.Text{Zh: "已抽取", En: "Drawn"}, Size: 4, CloseAt: "2026-11-30 11:00",
		},
		Least: 1, Reserves: 1, RevealHours: 24, Statement: string(statement),
		Months: []web.DrawMonth{{Programme: bilingual.Text{Zh: "低保", En: "Dibao"}, Period: "2026-11", Version: 2, Statement: d.month}},
		Frame:  &web.DrawFrame{Size: 18, Root: p.Frame.Root.String(), RevealBy: "2026-12-01 12:00"},
	}
	if p.Sealed {
		page.Seal = &web.DrawSeal{Keeper: "AuditMSP", OpenDays: 3, OpenBy: "2026-12-04 12:00"}
	} else {
		page.Seed, page.Units, page.Stand = p.Seed.String(), p.Drawn.Units, p.Drawn.Reserves
	}
	for _, n := range p.Nonces {
		shown := web.DrawNonce{Agency: n.Agency, Name: bilingual.Text{Zh: n.Agency, En: n.Agency}, Commitment: n.Commitment.String(), Withheld: n.Withheld}
		if !n.Nonce.IsZero() {
			shown.Nonce = n.Nonce.String()
		}
		page.Nonces = append(page.Nonces, shown)
	}
	for i, s := range p.Frame.Strata {
		page.Frame.Strata = append(page.Frame.Strata, web.DrawStratum{
			N: i + 1, Place: string(s.Region), Region: string(s.Region), Together: s.Region == "530181", Class: s.Class, Root: s.Root.String(),
			Units: s.Units, Take: s.Take, Reserves: s.Reserves,
		})
	}
	for _, u := range d.drawn.Units {
		page.Drawn = append(page.Drawn, web.DrawRow{Stratum: u.Stratum + 1, Rank: u.Rank, Reserve: u.Reserve, Leaf: u.Leaf.String()})
	}
	return page
}

// A draw that was altered anywhere, in what is shown or in the frame, is red and says what; the true one is green, and tells a household
// whether it was drawn.
func TestDrawsInTheBrowser(t *testing.T) {
	pages := checkingPages(t)
	d := newPublicDraw(t, 0)
	var page web.DrawPage
	var leaves []byte
	mux := d.serve(t, pages, &page)
	mux.HandleFunc("GET /draws", func(w http.ResponseWriter, r *http.Request) {
		_ = pages.Draws(w, r, web.DrawsPage{Draws: []web.DrawHead{page.DrawHead}})
	})
	policy := vectorFile(t, "policy.txt")
	mux.HandleFunc("GET /public/v1/keys", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(policy) })
	mux.HandleFunc("GET /public/v1/draws/{id}/frame", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(leaves) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 360, 800)
	told := func(place string) (bool, string) { return told(p, place) }
	other := strings.Repeat("ab", 32)
	for _, test := range []struct {
		name  string
		spoil func(*web.DrawPage)
		want  string
	}{
		{"true", func(*web.DrawPage) {}, "从 18 笔中重新抽取，4 户和 2 户备选全部一致。未提供随机数：FinanceMSP。"},
		{"another size", func(d *web.DrawPage) { d.Size = 5 }, "页面上的“5”与声明不符：应为 4"},
		{"another time", func(d *web.DrawPage) { d.CloseAt = "2026-11-30 12:00" }, "应为 2026-11-30 11:00"},
		{"another purpose", func(d *web.DrawPage) { d.Purpose.Zh = "审计" }, "与声明不符"},
		{"another commitment", func(d *web.DrawPage) { d.Nonces[0].Commitment = other }, "承诺值或随机数与声明不符"},
		{"another nonce", func(d *web.DrawPage) { d.Nonces[0].Nonce = other }, "承诺值或随机数与声明不符"},
		{"nobody withheld", func(d *web.DrawPage) { d.Nonces[2].Withheld = false }, "承诺值或随机数与声明不符"},
		{"another seed", func(d *web.DrawPage) { d.Seed = other }, "与声明不符"},
		{"another month's statement", func(d *web.DrawPage) {
			d.Months[0].Statement = strings.Replace(d.Months[0].Statement, `"period":"2026-11"`, `"period":"2026-10"`, 1)
		}, "抽样框与 2026-11 的月度声明不符"},
		{"a month that nobody signed", func(d *web.DrawPage) {
			d.Months[0].Statement = strings.Replace(d.Months[0].Statement, `"on_time":0`, `"on_time":1`, 1)
		}, "共同签名的声明日志中没有这份声明"},
		{"a stratum left out", func(d *web.DrawPage) { d.Frame.Strata = d.Frame.Strata[:1] }, "有层被改动"},
		{"more of a stratum", func(d *web.DrawPage) { d.Frame.Strata[0].Take++ }, "有层被改动"},
		{"a payment of the frame", func(*web.DrawPage) { leaves[70] ^= 1 }, "抽样框中有支付被改动"},
		{"a payment less", func(*web.DrawPage) { leaves = leaves[32:] }, "抽样框有 17 笔，应为 18 笔"},
		{"another household", func(d *web.DrawPage) { d.Drawn[1].Leaf = other }, "名单中有未抽中的：" + other},
		{"a household left out", func(d *web.DrawPage) { d.Drawn = d.Drawn[1:] }, "名单中少了抽中的"},
		{"a reserve that was drawn", func(d *web.DrawPage) { d.Drawn[3].Reserve = false }, "名单中有未抽中的"},
		{"swapped", func(d *web.DrawPage) { d.Drawn[0], d.Drawn[1] = d.Drawn[1], d.Drawn[0] }, "次序被改动"},
		{"a statement that nobody signed", func(d *web.DrawPage) {
			d.Statement = strings.Replace(d.Statement, `"reveal_hours":24`, `"reveal_hours":25`, 1)
			d.RevealHours = 25
		}, "共同签名的声明日志中没有这份声明"},
		{"another draw", func(d *web.DrawPage) { d.Statement = strings.Replace(d.Statement, `"visits"`, `"others"`, 1) }, "这是另一次抽查的声明"},
	} {
		page, leaves = d.page(t), d.leaves()
		test.spoil(&page)
		p.Do(chromedp.Navigate(server.URL + "/draws/visits"))
		p.Do(chromedp.Click("#check", chromedp.ByQuery))
		good, text := told("result")
		require.Contains(t, text, test.want, test.name)
		require.Equal(t, test.name == "true", good, test.name)
	}
	page, leaves = d.page(t), d.leaves()
	for i, want := range []string{"抽中：本层 12 笔中抽签第 1 位，抽取前 3 位", "抽中", "抽中", "备选第 1 位", "抽中", "备选第 1 位"} {
		p.Do(chromedp.Navigate(server.URL + "/draws#leaf=" + d.drawn.Units[i].Leaf.String()))
		p.Until(`document.querySelector("tbody a[data-draw]")?.hash.length > 1`)
		p.Do(chromedp.Click("tbody a[data-draw]", chromedp.ByQuery))
		good, text := told("found")
		require.True(t, good)
		require.Contains(t, text, want)
	}
	for _, test := range []struct{ text, want string }{
		{draw.Hash(sha256.Sum256([]byte("leaf 0 of 1"))).String(), "本层 6 笔中抽签第"}, {other, "不在本次抽查的范围内"},
		{string(vectorFile(t, "county.receipt")), "本层 12 笔中抽签第"}, {"c2sp.org/no receipt", "回执"},
	} {
		p.Do(chromedp.Navigate(server.URL + "/draws/visits"))
		p.Do(chromedp.SetValue("#receipt", test.text, chromedp.ByQuery), chromedp.Click("#find", chromedp.ByQuery))
		_, text := told("found")
		require.Contains(t, text, test.want)
	}
	p.Do(chromedp.Navigate(server.URL+"/draws/visits"), chromedp.Click("#check", chromedp.ByQuery))
	good, text := told("result")
	require.True(t, good, text)
	p.Picture("draw")
	require.LessOrEqual(t, browser.Eval[int](p, `document.documentElement.scrollWidth`), 360)
}

// A draw that is finished tells what became of its units, and each number is held against the statement.
func TestVisitsInTheBrowser(t *testing.T) {
	pages := checkingPages(t)
	d := newPublicDraw(t, 0)
	d.plan.State, d.plan.Visited = draw.Finished, &draw.Visited{Met: 3, Absent: 2, Reserves: 1, Unfilled: 1, NotPaid: 1}
	page := d.page(t)
	mux := d.serve(t, pages, &page)
	mux.HandleFunc("GET /public/v1/draws/{id}/frame", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(d.leaves()) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 360, 800)
	for absent, want := range map[int]string{2: "抽查属实", 0: "页面上的“0”与声明不符：应为 2"} {
		page.Visited = &web.DrawVisited{Met: 3, Absent: absent, Reserves: 1, Unfilled: 1, NotPaid: 1}
		p.Do(chromedp.Navigate(server.URL+"/draws/visits"), chromedp.Click("#check", chromedp.ByQuery))
		good, text := told(p, "result")
		require.Equal(t, absent == 2, good, text)
		require.Contains(t, text, want)
	}
}

// told waits until the page has an answer.
func told(p *browser.Page, place string) (good bool, text string) {
	p.Until(`["tell good", "tell bad"].includes(document.getElementById("` + place + `")?.className)`)
	return browser.Eval[bool](p, `document.getElementById("`+place+`").classList.contains("good")`), p.Text("#" + place)
}

// serve answers as a gateway does with the draw's page and its statements.
func (d *publicDraw) serve(t *testing.T, pages *web.Pages, page *web.DrawPage) *http.ServeMux {
	t.Helper()
	mux := http.NewServeMux()
	newNotary(t, [2]string{d.month, d.page(t).Statement}).serve(mux, pages)
	mux.HandleFunc("GET /draws/{id}", func(w http.ResponseWriter, r *http.Request) { _ = pages.Draw(w, r, *page) })
	return mux
}

// A sealed draw is shown as far as it has come; who keeps the seal, and until when, is held against the statement.
func TestASealedDrawInTheBrowser(t *testing.T) {
	pages := checkingPages(t)
	d := newPublicDraw(t, 3)
	page := d.page(t)
	mux := d.serve(t, pages, &page)
	mux.HandleFunc("GET /public/v1/draws/{id}/frame", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(d.leaves()) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 360, 800)
	for _, test := range []struct {
		good bool
		seal web.DrawSeal
		want string
	}{
		{true, *page.Seal, "AuditMSP 最迟于 2026-12-04 12:00 公开"},
		{false, web.DrawSeal{Keeper: "FinanceMSP", OpenDays: 3, OpenBy: "2026-12-04 12:00"}, "应为 AuditMSP"},
		{false, web.DrawSeal{Keeper: "AuditMSP", OpenDays: 3, OpenBy: "2026-12-05 12:00"}, "应为 2026-12-04 12:00"},
	} {
		page.Seal = &test.seal
		p.Do(chromedp.Navigate(server.URL+"/draws/visits"), chromedp.Click("#check", chromedp.ByQuery))
		good, text := told(p, "result")
		require.Equal(t, test.good, good, text)
		require.Contains(t, text, test.want)
	}
}

// The browser's draw gives the vector that the chaincode's gives.
func TestGoldenDrawInTheBrowser(t *testing.T) {
	pages, err := web.New([]byte(document), nil, "", "", web.Apart{})
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/{name}", func(w http.ResponseWriter, r *http.Request) { pages.Asset(w, r, r.PathValue("name")) })
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<!doctype html>")) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p := browser.Open(t, 360, 800)
	p.Do(chromedp.Navigate(server.URL))
	p.Do(chromedp.Evaluate(`(async () => {
		const d = await import("/assets/draw.js"), { fromHex, hex, sha256, utf8 } = await import("/assets/proof.js");
		const plan = "dibao-530181-2026Q4-visits", nonce = (n) => new Uint8Array(32).fill(n), hashed = (text) => sha256(utf8(text));
		const seed = await d.seedOf(plan, 26600, await hashed("frame of the example"), [nonce(1), nonce(2), nonce(3)]);
		const leaves = await Promise.all([...Array(8).keys()].map((i) => hashed("leaf " + i))), names = leaves.map(hex);
		const order = await d.inOrder(seed, leaves);
		globalThis.golden = [hex(await d.commitment("AuditMSP", plan, nonce(1))), hex(seed), order.map((u) => names.indexOf(u.leaf)).join(""), order[0].ticket.slice(0, 16),
			d.apportion(10, 2, [50, 30, 20]).join(), d.apportion(5, 2, [97, 1, 2]).join(), d.apportion(9, 0, [3, 3]).join()].join(" ");
	})()`, nil))
	p.Until(`globalThis.golden !== undefined`)
	require.Equal(t, "ac704819f62126f49fe6a11c641881f07e5fdf3aa71d62be8ed2dc0a191bf873 8054c59decf89cc88bce905af63902608119158c955bdc74fa848fd7d8632e3b "+
		"73064152 5a942797578f42a6 5,3,2 5,1,2 3,3", browser.Eval[string](p, `globalThis.golden`))
}
