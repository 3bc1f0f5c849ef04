package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// adjusted proposes a change of a tranche's money and has it confirmed.
func (w *world) adjusted(tranche, kind string, body object) {
	w.t.Helper()
	var t struct {
		Adjustments []struct {
			Number int
			SHA256 string
		}
	}
	path := "/v1/tranches/" + tranche
	w.post(200, "finance-preparer", path+"/"+kind, body).into(w.t, &t)
	last := t.Adjustments[len(t.Adjustments)-1]
	decision := object{"adjustment": last.Number, "sha256": last.SHA256, "agree": true}
	w.post(403, "finance-preparer", path+"/adjustments/confirm", decision)
	w.post(200, "finance-approver", path+"/adjustments/confirm", decision)
}

func (w *world) csv(path string) string {
	w.t.Helper()
	return string(w.must(200, "audit-reader", call{method: http.MethodGet, path: path, header: map[string]string{"Accept": "text/csv"}}).body)
}

// TestTheTreeOfATranche: a county's tranche with a township's below it, read as a tree, in trails, and as the year's end.
func TestTheTreeOfATranche(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	targets := object{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"}
	w.post(201, "finance-approver", "/v1/tranches", object{
		"id": "t-all", "programme": "dibao", "region": "530181", "amount": "200000.00", "source": "云财社〔2026〕89号", "origin": "provincial",
		"budget":  object{"functional": "2081901", "functional_rural": "2081902", "economic": "30306"},
		"account": "5301810100000088", "fiscal_year": 2026, "targets": targets,
	})
	w.post(201, "finance-approver", "/v1/tranches/t-all/allocations", object{
		"id": "t-001", "region": "530181001", "amount": "150000.00", "account": "5301810100000088", "targets": targets,
	})
	refused := w.post(409, "finance-preparer", "/v1/tranches/t-001/refunds", object{"amount": "1.00", "reason": "结余"})
	require.Contains(t, string(refused.body), "not refunded")
	w.adjusted("t-001", "take-backs", object{"amount": "50000.00", "reason": "收回结余"})
	w.adjusted("t-all", "refunds", object{"amount": "100.00", "reason": "多下达部分退回"})

	type branch struct {
		ID       string
		Balances map[string]string
		Sum      map[string]string
		Children []branch
	}
	var tree branch
	w.get("audit-reader", "/v1/tranches/t-all/tree", &tree)
	require.Equal(t, "100000.00", tree.Balances["allocated"])
	require.Equal(t, "99900.00", tree.Balances["available"])
	require.Equal(t, "199900.00", tree.Sum["available"])
	require.Equal(t, "100.00", tree.Sum["refunded"])
	require.Len(t, tree.Children, 1)
	require.Equal(t, "50000.00", tree.Children[0].Balances["taken_back"])
	lines := strings.Split(strings.TrimSpace(w.csv("/v1/tranches/t-all/tree")), "\r\n")
	require.Len(t, lines, 3)
	require.Contains(t, lines[2], "1,t-001,t-all,dibao,530181001,provincial,2026,\"\t5301810100000088\",issued,,150000.00")

	trail := w.csv("/v1/tranches/t-all/trail")
	require.Contains(t, trail, "reason=多下达部分退回")
	require.Contains(t, trail, "taken_back 50000.00 t-001 > t-all")
	require.Contains(t, trail, "allocated 150000.00 t-all > t-001")

	w.yearEnd()
}

// yearEnd has three agencies sign the year's end of the county.
func (w *world) yearEnd() {
	const path = "/v1/year-ends/2026-530181"
	var now struct {
		SHA256  string
		Missing []string
		Signed  *struct{ State string }
	}
	w.get("audit-reader", path, &now)
	require.Len(w.t, now.Missing, 3)
	sign := object{"sha256": now.SHA256}
	w.post(409, "finance-approver", path+"/signatures", object{"sha256": strings.Repeat("0", 64)})
	for _, by := range []string{"finance-approver", "civil-approver", "audit-approver"} {
		w.post(200, by, path+"/signatures", sign)
	}
	now.Missing = nil
	w.get("audit-reader", path, &now)
	require.Empty(w.t, now.Missing)
	require.Equal(w.t, "signed", now.Signed.State)
	require.Contains(w.t, w.csv(path), "tranche,t-001,dibao,530181001,provincial,t-all,issued")
	require.Equal(w.t, 3, strings.Count(w.csv(path+"/trail"), "签署决算"))
	var list struct{ Items []struct{ ID string } }
	w.get("audit-reader", "/v1/year-ends?region=53", &list)
	require.Equal(w.t, "2026-530181", list.Items[0].ID)
	w.post(422, "finance-approver", "/v1/year-ends/2026-5301/signatures", sign)
}
