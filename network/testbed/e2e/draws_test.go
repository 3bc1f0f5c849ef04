package e2e

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// drawing is a draw from the demonstration's month by nonces of this test's own.
type drawing struct {
	t      *testing.T
	id     string
	nonces map[string][]byte // by MSP id
}

// approvers of the agencies, by MSP id.
var nonceHolders = map[string]string{"AuditMSP": "audit-approver", "CivilAffairsMSP": "civil-approver", "FinanceMSP": "finance-approver"}

// readers of the gateways.
var readers = map[string]string{"civil": "civil-preparer", "finance": "finance-preparer", "audit": "audit-reader"}

// testDraws: nobody chooses whom officials look at. Finance has no nonce in time, and the draw goes on without it and names it. What is
// done too early, too late or with another nonce is refused; all three gateways show the same draw; anybody draws again in a browser.
func testDraws(t *testing.T) {
	paidMonth(t)
	err := closeMonth(t.Context(), as(t, "civil-preparer"), "/v1/months/"+monthProgramme+"/"+monthCounty+"/2026-11", "months-last")
	require.NoError(t, err)
	d := &drawing{t: t, id: "draws-e2e", nonces: map[string][]byte{}}
	for agency := range nonceHolders {
		d.nonces[agency] = make([]byte, 32)
		_, _ = rand.Read(d.nonces[agency])
	}
	closeAt := time.Now().Add(5 * time.Second).UTC().Truncate(time.Second)
	_, err = as(t, "audit-approver").Post(t.Context(), "/v1/plans", d.id, map[string]any{
		"id": d.id, "purpose": "follow_up", "county": monthCounty, "months": []map[string]any{{"programme": monthProgramme, "period": "2026-11"}}, "size": 6,
		"min_per_stratum": 1, "reserves": 1, "close_at": closeAt.Format(time.RFC3339), "reveal_hours": 1, "inspectors": []any{},
	}, nil)
	require.NoError(t, err)
	d.must("CivilAffairsMSP", "commit", d.commitment("CivilAffairsMSP"))
	d.must("AuditMSP", "commit", d.commitment("AuditMSP"))
	d.refused("AuditMSP", "commit", d.commitment("FinanceMSP"), "another nonce than the first")
	d.refused("CivilAffairsMSP", "reveal", d.nonce("CivilAffairsMSP"), "a nonce before the frame")
	d.refused("AuditMSP", "frame", nil, "the frame before its time")
	d.refused("AuditMSP", "draw", nil, "a draw before the seed")
	require.Eventually(t, func() bool { return d.act("AuditMSP", "frame", nil) == nil }, 30*time.Second, time.Second)
	d.refused("FinanceMSP", "commit", d.commitment("FinanceMSP"), "a commitment after the frame")
	d.refused("FinanceMSP", "reveal", d.nonce("FinanceMSP"), "a nonce that nobody committed to")
	d.refused("AuditMSP", "reveal", d.nonce("CivilAffairsMSP"), "another agency's nonce")
	d.refused("AuditMSP", "default", nil, "nobody has withheld a nonce yet")
	d.must("AuditMSP", "reveal", d.nonce("AuditMSP"))
	d.must("CivilAffairsMSP", "reveal", d.nonce("CivilAffairsMSP"))
	d.must("FinanceMSP", "draw", nil)

	leaves := d.everywhere()
	sameStatements(t, 9)
	d.inTheBrowser(leaves)
	d.visits()
	r, err := crosscheck(t)
	require.NoError(t, err, "%+v", r.Findings)
	require.Empty(t, r.NotChecked)
}

func (d *drawing) commitment(agency string) map[string]any {
	sum := sha256.Sum256(slices.Concat([]byte("relieftrail/draw-commit/v1\x00"+agency+"\x00"+d.id+"\x00"), d.nonces[agency]))
	return map[string]any{"commitment": hex.EncodeToString(sum[:])}
}

func (d *drawing) nonce(agency string) map[string]any {
	return map[string]any{"nonce": hex.EncodeToString(d.nonces[agency])}
}

func (d *drawing) act(agency, act string, body any) error {
	if body == nil {
		body = struct{}{}
	}
	_, err := as(d.t, nonceHolders[agency]).Post(d.t.Context(), "/v1/plans/"+d.id+"/"+act, fmt.Sprint(d.id, agency, act, time.Now().UnixNano()), body, nil)
	return err
}

func (d *drawing) must(agency, act string, body any) {
	d.t.Helper()
	require.NoError(d.t, d.act(agency, act, body), act)
}

func (d *drawing) refused(agency, act string, body any, why string) {
	d.t.Helper()
	var refused *restclient.Problem
	require.ErrorAs(d.t, d.act(agency, act, body), &refused, why)
	require.Contains(d.t, []int{http.StatusConflict, http.StatusUnprocessableEntity}, refused.Status, why)
	d.t.Logf("%s: %s", why, refused.Detail)
}

// everywhere waits until all gateways have drawn the same, and gives the leaves.
func (d *drawing) everywhere() (leaves []string) {
	d.t.Helper()
	var first string
	for agency := range gatewayPorts {
		var body []byte
		require.Eventually(d.t, func() bool {
			var code int
			code, body = page(d.t, agency, "/draws/"+d.id)
			var of struct{ State string }
			err := as(d.t, readers[agency]).Get(d.t.Context(), "/v1/plans/"+d.id, &of)
			return code == http.StatusOK && err == nil && of.State == "drawn"
		}, 30*time.Second, 100*time.Millisecond, agency)
		_, body = page(d.t, agency, "/draws/"+d.id)
		if first == "" {
			first = string(body)
		}
		require.Equal(d.t, first, string(body), agency)
	}
	var drawn struct{ Units []struct{ Leaf string } }
	require.NoError(d.t, as(d.t, "audit-reader").Get(d.t.Context(), "/v1/plans/"+d.id+"/drawn", &drawn))
	for _, u := range drawn.Units {
		require.Contains(d.t, first, u.Leaf)
		leaves = append(leaves, u.Leaf)
	}
	require.GreaterOrEqual(d.t, len(leaves), 6)
	return leaves
}

// visits has each unit visited by one of audit and one of finance. What was not drawn, one alone and a reserve before its turn are refused.
func (d *drawing) visits() {
	d.t.Helper()
	var drawn struct{ Units []struct{ Reserve bool } }
	require.NoError(d.t, as(d.t, "audit-reader").Get(d.t.Context(), "/v1/plans/"+d.id+"/drawn", &drawn))
	found := func(place int, with, agency string) map[string]any {
		return map[string]any{
			"place": place, "made_on": paybank.Today(), "with": map[string]any{"agency": agency, "name": with}, "replaced": []any{}, "result": "met",
			"received": "all", "situation": "as_recorded", "pictures": []map[string]any{{"sha256": hex.EncodeToString(d.nonces["FinanceMSP"]), "media_type": "image/jpeg"}},
		}
	}
	d.refused("AuditMSP", "visits", found(len(drawn.Units), "finance-approver", "FinanceMSP"), "a unit that was not drawn")
	d.refused("AuditMSP", "finish", nil, "the end before the visits")
	for place, u := range drawn.Units {
		if u.Reserve {
			d.refused("AuditMSP", "visits", found(place, "finance-approver", "FinanceMSP"), "a reserve before its turn")
			continue
		}
		var visit struct{ SHA256 string }
		audit := as(d.t, "audit-approver")
		_, err := audit.Post(d.t.Context(), "/v1/plans/"+d.id+"/visits", fmt.Sprint(d.id, "visit", place), found(place, "finance-approver", "FinanceMSP"), &visit)
		require.NoError(d.t, err)
		confirmed := map[string]any{"place": place, "sha256": visit.SHA256, "agree": true}
		require.Error(d.t, d.act("AuditMSP", "visits/confirm", confirmed), "by the same")
		d.must("FinanceMSP", "visits/confirm", confirmed)
	}
	d.must("AuditMSP", "finish", nil)
	require.Eventually(d.t, func() bool {
		_, body := page(d.t, "civil", "/draws/"+d.id)
		return bytes.Contains(body, []byte(`<td data-fact="visited.met">`))
	}, 30*time.Second, 100*time.Millisecond)
}

// inTheBrowser draws again on finance's page, which finance's nonce is not part of; looks for a household; and sees that one hash less is red.
func (d *drawing) inTheBrowser(leaves []string) {
	d.t.Helper()
	p := browser.Open(d.t, 390, 844)
	told := func(place string) (good bool, text string) {
		p.Until(`["tell good", "tell bad"].includes(document.getElementById("` + place + `")?.className)`)
		return browser.Eval[bool](p, `document.getElementById("`+place+`").classList.contains("good")`), p.Text("#" + place)
	}
	p.Do(chromedp.Navigate(gatewayURL("finance")+"/draws/"+d.id), chromedp.Click("#check", chromedp.ByQuery))
	good, text := told("result")
	require.True(d.t, good, text)
	require.Contains(d.t, text, "抽查属实")
	require.Contains(d.t, text, "未提供随机数：FinanceMSP")
	p.Picture("gateway-phone-draw")

	p.Do(chromedp.SetValue("#receipt", d.receiptOf(leaves), chromedp.ByQuery), chromedp.Click("#find", chromedp.ByQuery))
	good, text = told("found")
	require.True(d.t, good, text)
	require.Regexp(d.t, "^(抽中|备选)", text)

	browser.Eval[bool](p, `document.querySelector("#drawn tbody tr").remove() || true`)
	p.Do(chromedp.Evaluate(`document.getElementById("result").className = ""`, nil), chromedp.Click("#check", chromedp.ByQuery))
	good, text = told("result")
	require.False(d.t, good)
	require.Contains(d.t, text, "少了抽中的")
	require.Empty(d.t, p.Faults())
}

// receiptOf is finance's receipt for the first payment that was drawn.
func (d *drawing) receiptOf(leaves []string) string {
	d.t.Helper()
	finance := as(d.t, "finance-preparer")
	var payments struct{ Items []struct{ ID string } }
	require.NoError(d.t, finance.Get(d.t.Context(), "/v1/payments?state=credited&batch="+monthBatch+"&limit=500", &payments))
	for _, paid := range payments.Items {
		var of struct {
			Leaf string `json:"leaf_hash"`
			File string
		}
		if err := finance.Get(d.t.Context(), "/v1/payments/"+paid.ID+"/receipt?format=json", &of); err == nil && slices.Contains(leaves, of.Leaf) {
			return of.File
		}
	}
	require.Fail(d.t, "no payment of the month was drawn")
	return ""
}
