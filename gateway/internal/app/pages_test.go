package app_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/config"
	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/workday"
)

// The list of payments that is paged through: of so many people, each with as many months.
const pagedPeople, pagedMonths = 20_000, 5

// TestPages measures how fast lists of 100,000 rows page and the first page of the workplace is there, at a gateway over the ledger in memory. It is
// run where RELIEFTRAIL_PAGES is set alone: its figures depend on how busy the machine is.
func TestPages(t *testing.T) {
	if os.Getenv("RELIEFTRAIL_PAGES") == "" {
		t.Skip("RELIEFTRAIL_PAGES=1 has this measured: docs/performance.md")
	}
	buildWorkplace(t)
	w := newWorld(t, func(cfg *config.Config) { cfg.Limits.UploadBytes, cfg.Limits.UploadExpandedBytes = 64<<20, 128<<20 })
	w.hundredThousand()
	for _, list := range []string{
		"/v1/payments?limit=100", "/v1/payments?limit=100&region=530181003", "/v1/batches/b-01/lines?limit=100", "/v1/rolls/dibao/530181/entries?limit=100",
	} {
		took, rows := w.pagedThrough("civil-preparer", list)
		t.Logf("%s, %d rows to the end, the first page %v: %s", list, rows, took[0], spread(took))
	}
	for _, official := range []string{"civil-preparer", "civil-approver", "finance-approver"} {
		d := w.desk(t, official)
		var took []time.Duration
		for range 5 {
			took = append(took, firstPage(d))
		}
		t.Logf("the first page of %s, with nothing in the browser's cache: %s", official, spread(took))
		pages := pagedInBrowser(d)
		t.Logf("the list of payments in the browser, %s: from a press to the rows of a page on the screen, the first and the last of 20: %v, %v; %s", official, pages[0], pages[19], spread(pages))
		d.Close()
	}
}

// hundredThousand puts a county's people on the roll and lists each of them for some months.
func (w *world) hundredThousand() {
	w.t.Helper()
	w.programmeAndTranche()
	w.post(201, "finance-approver", "/v1/tranches", object{
		"id": "t-year", "programme": "dibao", "region": "530181", "amount": "900000000.00", "source": "云财社〔2026〕1号", "account": "5301810100000088", "fiscal_year": 2026,
		"targets": object{"coverage": "98.00", "timeliness": "98.00", "accuracy": "98.00", "satisfaction": "98.00"},
	})
	var roll bytes.Buffer
	invent.Roll(&roll, pagedPeople)
	proposed := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", here(roll.Bytes()))
	require.Zero(w.t, proposed.Result.Refused, "%+v", proposed)
	require.Equal(w.t, pagedPeople, w.confirmImport(proposed).Result.Accepted)
	for month := 1; month <= pagedMonths; month++ {
		var list bytes.Buffer
		period, id := fmt.Sprintf("2026-%02d", month), fmt.Sprintf("b-%02d", month)
		invent.List(&list, pagedPeople, period)
		lines := here(list.Bytes())
		count, total := sum(w.t, lines)
		w.post(201, "civil-preparer", "/v1/batches", batch(id, object{"period": period, "tranche": "t-year", "count": count, "sum": total}))
		require.Equal(w.t, pagedPeople, w.upload("civil-preparer", http.MethodPut, "/v1/batches/"+id+"/lines", lines).Result.Accepted)
	}
	w.caughtUp("civil-preparer")
	w.caughtUp("finance-approver")
}

// here moves invented households to the county of this test.
func here(file []byte) []byte {
	return regexp.MustCompile(`(?m)^([^,]*),`+invent.County).ReplaceAll(file, []byte("${1},530181"))
}

// pagedThrough reads a list page by page to its end.
func (w *world) pagedThrough(principal, list string) (took []time.Duration, rows int) {
	w.t.Helper()
	for next := ""; ; {
		req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.gateway[principal]+list+"&cursor="+url.QueryEscape(next), http.NoBody)
		require.NoError(w.t, err)
		req.Header.Set("Authorization", "Bearer "+token(principal))
		began := time.Now()
		resp, err := http.DefaultClient.Do(req)
		require.NoError(w.t, err)
		var found struct {
			Items []struct{}
			Next  string
		}
		a := answer{Response: resp}
		a.body, err = io.ReadAll(resp.Body)
		require.NoError(w.t, err)
		require.NoError(w.t, resp.Body.Close())
		took = append(took, time.Since(began))
		require.Equal(w.t, http.StatusOK, resp.StatusCode, string(a.body))
		a.into(w.t, &found)
		if rows += len(found.Items); found.Next == "" {
			return took, rows
		}
		next = found.Next
	}
}

// desk signs an official in at the workplace.
func (w *world) desk(t *testing.T, official string) *workday.Desk {
	t.Helper()
	agency, _, _ := strings.Cut(official, "-")
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, official+".token"), []byte(token(official)), 0o600))
	at := workday.Network{Gateways: map[string]string{agency: w.gateway[official]}, Tokens: folder, Axe: axe, Browser: browser.Start(t)}
	return at.SignIn(t, official, 1280, 900)
}

// firstPage opens the workplace with an empty cache and waits until each work list of the official says what is in it. The time is the page's own, from
// the beginning of the navigation.
func firstPage(d *workday.Desk) time.Duration {
	const usable = `addEventListener("DOMContentLoaded", () => {
		const look = () => {
			const lead = document.querySelector("main .lead[role=status]");
			if (!lead || !/\d/.test(lead.textContent)) return requestAnimationFrame(look);
			requestAnimationFrame(() => (globalThis.usable = performance.now()));
		};
		look();
	})`
	d.Do(network.ClearBrowserCache(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(usable).Do(ctx)
		return err
	}), chromedp.Reload())
	d.Until(`globalThis.usable !== undefined`)
	return time.Duration(browser.Eval[float64](d.Page, `usable`) * float64(time.Millisecond))
}

// pagedInBrowser opens the list of payments and asks for more, twenty times.
func pagedInBrowser(d *workday.Desk) (took []time.Duration) {
	d.Go("/payments", "支付查询")
	for range 20 {
		d.Until(`document.querySelector("[data-more]:not(:disabled)") !== null`)
		took = append(took, time.Duration(browser.Eval[float64](d.Page, `new Promise((resolve) => {
			const began = performance.now(), rows = () => document.querySelector("main table").tBodies[0].rows.length, before = rows();
			const look = () => (rows() > before ? requestAnimationFrame(() => resolve(performance.now() - began)) : requestAnimationFrame(look));
			document.querySelector("[data-more]").click();
			look();
		})`)*float64(time.Millisecond)))
	}
	return took
}

// spread says the least, the median, the 99th of a hundred and the most.
func spread(took []time.Duration) string {
	took = slices.Sorted(slices.Values(took))
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
	return fmt.Sprintf("%d times, least %s, median %s, p99 %s, most %s", len(took), ms(took[0]), ms(took[len(took)/2]), ms(took[len(took)*99/100]), ms(took[len(took)-1]))
}
