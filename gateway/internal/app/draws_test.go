package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// drawing draws two of November's units over REST, and draws them again from what the frame's list says, by the words of the interface
// alone. It leaves the clock where it was.
func (w *world) drawing(count int) {
	w.t.Helper()
	before := w.network.Ledger.Now()
	defer w.network.Ledger.SetTime(before)
	const path = "/v1/plans/visits"
	plan := object{
		"id": "visits", "purpose": "follow_up", "county": "530181", "months": []object{{"programme": "dibao", "period": "2026-11"}}, "size": 2, "min_per_stratum": 0,
		"reserves": 1, "close_at": before.Add(time.Hour).UTC().Format(time.RFC3339), "reveal_hours": 1, "inspectors": []object{},
	}
	w.must(http.StatusForbidden, "civil-approver", call{method: http.MethodPost, path: "/v1/plans", body: plan})
	w.post(http.StatusCreated, "audit-approver", "/v1/plans", plan)
	w.must(http.StatusConflict, "audit-reader", call{method: http.MethodGet, path: "/public/v1/draws/visits/frame"})
	nonces := map[string][]byte{"AuditMSP": bytes.Repeat([]byte{7}, 32), "CivilAffairsMSP": bytes.Repeat([]byte{8}, 32)}
	by := map[string]string{"AuditMSP": "audit-approver", "CivilAffairsMSP": "civil-approver"}
	for agency, nonce := range nonces {
		sum := sha256.Sum256(slices.Concat([]byte("relieftrail/draw-commit/v1\x00"+agency+"\x00visits\x00"), nonce))
		w.post(http.StatusOK, by[agency], path+"/commit", object{"commitment": hex.EncodeToString(sum[:])})
	}
	w.must(http.StatusConflict, "audit-approver", call{method: http.MethodPost, path: path + "/frame"})
	w.network.Ledger.SetTime(before.Add(2 * time.Hour))
	w.post(http.StatusOK, "civil-preparer", path+"/frame", nil)
	w.must(http.StatusUnprocessableEntity, "audit-approver", call{method: http.MethodPost, path: path + "/reveal", body: object{"nonce": strings.Repeat("09", 32)}})
	for agency, nonce := range nonces {
		w.post(http.StatusOK, by[agency], path+"/reveal", object{"nonce": hex.EncodeToString(nonce)})
	}
	w.must(http.StatusConflict, "audit-reader", call{method: http.MethodPost, path: path + "/foresee", body: object{"nonce": strings.Repeat("07", 32)}}) // it is open
	w.post(http.StatusOK, "civil-preparer", path+"/draw", nil)

	var of struct {
		State, Seed string
		Nonces      []struct{ Withheld bool }
		Frame       struct {
			Size   int
			Strata []struct{ Units, Take, Reserves int }
		}
	}
	w.get("audit-reader", path, &of)
	require.Equal(w.t, "drawn", of.State)
	require.Equal(w.t, count, of.Frame.Size)
	require.True(w.t, of.Nonces[2].Withheld, "finance has not committed")
	seed, err := hex.DecodeString(of.Seed)
	require.NoError(w.t, err)
	var want []string
	for i, s := range of.Frame.Strata {
		var stratum struct{ Frame []struct{ Leaf string } }
		w.get("audit-reader", fmt.Sprintf("%s/units?stratum=%d", path, i), &stratum)
		require.Len(w.t, stratum.Frame, s.Units)
		var tickets []string
		for _, u := range stratum.Frame {
			leaf, err := hex.DecodeString(u.Leaf)
			require.NoError(w.t, err)
			ticket := sha256.Sum256(slices.Concat([]byte("relieftrail/draw-ticket/v1\x00"), seed, leaf))
			tickets = append(tickets, hex.EncodeToString(ticket[:])+" "+u.Leaf)
		}
		slices.Sort(tickets)
		for _, t := range tickets[:s.Take+s.Reserves] {
			want = append(want, strings.Fields(t)[1])
		}
	}
	var drawn struct{ Units []struct{ Leaf string } }
	w.get("audit-reader", path+"/drawn", &drawn)
	var got []string
	for _, u := range drawn.Units {
		got = append(got, u.Leaf)
	}
	require.Equal(w.t, want, got)
	w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: path + "/units?stratum=299"})
	w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: path + "/units?stratum=300"})
	w.must(http.StatusForbidden, "civil-other-county", call{method: http.MethodGet, path: path + "/drawn"})
	w.must(http.StatusForbidden, "civil-other-county", call{method: http.MethodGet, path: path + "/units"})
	csv := w.must(http.StatusOK, "audit-reader", call{method: http.MethodGet, path: path + "/drawn?format=csv"})
	require.Contains(w.t, string(csv.body), want[0])
	w.publicDraw(count, want)
	w.visiting(path)
}

// visiting has what was drawn visited by an official of audit and one of finance, and the draw finished.
func (w *world) visiting(path string) {
	w.t.Helper()
	var drawn struct{ Units []struct{ Reserve bool } }
	w.get("audit-reader", path+"/drawn", &drawn)
	w.must(http.StatusConflict, "audit-approver", call{method: http.MethodPost, path: path + "/finish"}) // nobody was visited yet
	for place, u := range drawn.Units {
		found := object{
			"place": place, "made_on": relief.DefaultCalendar.Day(w.network.Ledger.Now()), "with": object{"agency": "FinanceMSP", "name": "finance-preparer"}, "replaced": []object{}, "result": "met", "received": "all",
			"situation": "as_recorded", "pictures": []object{{"sha256": strings.Repeat("ab", 32), "media_type": "image/jpeg"}},
		}
		if u.Reserve {
			w.must(http.StatusConflict, "audit-approver", call{method: http.MethodPost, path: path + "/visits", body: found}) // not its turn
			continue
		}
		w.must(http.StatusForbidden, "audit-reader", call{method: http.MethodPost, path: path + "/visits", body: found})
		var visit struct{ SHA256 string }
		w.post(http.StatusOK, "audit-approver", path+"/visits", found).into(w.t, &visit)
		w.post(http.StatusOK, "finance-preparer", path+"/visits/confirm", object{"place": place, "sha256": visit.SHA256, "agree": true})
	}
	w.post(http.StatusOK, "audit-approver", path+"/finish", nil)
	var visits struct{ Items []struct{ State string } }
	w.get("audit-reader", path+"/visits", &visits)
	require.Len(w.t, visits.Items, 2)
	require.Equal(w.t, "confirmed", visits.Items[0].State)
	w.get("audit-reader", "/v1/plans/other/visits", &visits)
	require.Empty(w.t, visits.Items)
	page := w.must(http.StatusOK, "audit-reader", call{method: http.MethodGet, path: "/draws/visits"})
	require.Contains(w.t, string(page.body), `<td data-fact="visited.met">2</td>`)
}

// publicDraw is the draw as anybody sees it at each agency: by the hashes of leaves, with no roll number and nobody's name.
func (w *world) publicDraw(count int, drawn []string) {
	w.t.Helper()
	ask := func(path string, status int) (body string) {
		w.t.Helper()
		for i, name := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
			a := w.must(status, name, call{method: http.MethodGet, path: path})
			if i > 0 {
				require.Equal(w.t, body, string(a.body), name)
			}
			body = string(a.body)
		}
		return body
	}
	w.get("finance-preparer", fmt.Sprintf("/v1/plans/visits?at_least_block=%d", w.height()-1), &struct{}{})
	w.get("civil-preparer", fmt.Sprintf("/v1/plans/visits?at_least_block=%d", w.height()-1), &struct{}{})
	require.Contains(w.t, ask("/draws", http.StatusOK), `<a href="/draws/visits" data-draw>`)
	require.NotContains(w.t, ask("/draws?region=530129", http.StatusOK), "/draws/visits")
	page := ask("/draws/visits", http.StatusOK)
	for _, leaf := range drawn {
		require.Contains(w.t, page, leaf)
	}
	for _, official := range []string{"audit-approver", "civil-approver", "civil-preparer"} {
		require.NotContains(w.t, page, official)
	}
	frame := ask("/public/v1/draws/visits/frame", http.StatusOK)
	require.Len(w.t, frame, 32*count)
	leaf, err := hex.DecodeString(drawn[0])
	require.NoError(w.t, err)
	require.Contains(w.t, frame, string(leaf))
	w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: "/draws/none"})
	w.must(http.StatusNotFound, "audit-reader", call{method: http.MethodGet, path: "/public/v1/draws/none/frame"})
	w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: "/draws/NONE"})
	w.must(http.StatusUnprocessableEntity, "audit-reader", call{method: http.MethodGet, path: "/draws?cursor=NONE"})
	require.Contains(w.t, ask("/statements", http.StatusOK), `<a href="/draws/visits">`)
}
