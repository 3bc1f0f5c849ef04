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
}
