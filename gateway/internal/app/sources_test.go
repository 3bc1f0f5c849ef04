package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

type source struct {
	Tranche                    string
	Weight                     int
	Share, Reserved, Paid, Cap relief.Fen
	InReturn                   relief.Fen `json:"in_return"`
}

// TestSeveralSources: a month that is paid from three tranches of one account.
func TestSeveralSources(t *testing.T) {
	w := newWorld(t)
	list := read(t, "payments-2026-11.csv")
	count, total := sum(t, list)
	w.programmeAndTranche()
	for id, account := range map[string]string{"t-province": "5301810100000088", "t-county": "5301810100000088", "t-other": "5301810100000099"} {
		w.post(201, "finance-approver", "/v1/tranches", object{
			"id": id, "programme": "dibao", "region": "530181", "amount": "400000.00", "source": "云财社〔2026〕89号", "account": account, "fiscal_year": 2026,
			"targets": object{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
		})
	}
	w.importRoll()
	batch := func(sources ...object) object {
		return object{"id": "b-11", "programme": "dibao", "region": "530181", "period": "2026-11", "sources": sources, "count": count, "sum": total}
	}
	refused := w.post(422, "civil-preparer", "/v1/batches", batch(object{"tranche": "t-q4", "weight": 60}, object{"tranche": "t-other", "weight": 40}))
	require.Contains(t, string(refused.body), "different dedicated accounts")
	require.Contains(t, string(refused.body), "资金来源")
	w.post(201, "civil-preparer", "/v1/batches", batch(
		object{"tranche": "t-q4", "weight": 60}, object{"tranche": "t-province", "weight": 25}, object{"tranche": "t-county", "weight": 15}))
	w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", list)
	w.post(200, "civil-preparer", "/v1/batches/b-11/seal", object{})
	w.post(200, "civil-approver", "/v1/batches/b-11/approve", object{})
	w.tellBank("b-11")
	f := w.paymentFile("b-11")
	require.Equal(t, "5301810100000088", f.order.Account)

	payments := w.payments("b-11")
	w.upload("finance-preparer", http.MethodPost, "/v1/batches/b-11/settlements", bankFile(payments))
	w.sourcesAddUp(payments, total)
	w.sourcesTieOut(payments)
}

// sourcesAddUp compares the shares of all payments, the sources of the batch and the balances of the tranches. The first
// payment came back.
func (w *world) sourcesAddUp(payments []payment, total relief.Fen) {
	t := w.t
	t.Helper()
	all, back := map[string]relief.Fen{}, map[string]relief.Fen{}
	for i, p := range payments {
		var one struct {
			Amount relief.Fen
			Shares []struct {
				Tranche string
				Amount  relief.Fen
			}
		}
		w.get("audit-reader", "/v1/payments/"+p.ID, &one)
		rest := one.Amount
		for _, s := range one.Shares {
			rest -= s.Amount
			all[s.Tranche] += s.Amount
			if i == 0 {
				back[s.Tranche] += s.Amount
			}
		}
		require.Zero(t, rest)
	}
	var b struct{ Sources []source }
	w.get("audit-reader", "/v1/batches/b-11", &b)
	require.Len(t, b.Sources, 3)
	var shares relief.Fen
	for _, s := range b.Sources {
		shares += s.Share
		require.Equal(t, source{s.Tranche, s.Weight, all[s.Tranche], 0, all[s.Tranche] - back[s.Tranche], 0, back[s.Tranche]}, s)
		var tranche struct{ Balances map[string]relief.Fen }
		w.get("audit-reader", "/v1/tranches/"+s.Tranche, &tranche)
		require.Equal(t, s.Paid, tranche.Balances["paid"])
		require.Equal(t, s.InReturn, tranche.Balances["in_return"])
		require.Equal(t, 40000000-s.Share, tranche.Balances["available"])
		var page struct{ Items []struct{ ID string } }
		w.get("audit-reader", "/v1/batches?tranche="+s.Tranche, &page)
		require.Len(t, page.Items, 1)
	}
	require.Equal(t, total, shares)
	require.Equal(t, []relief.Fen{(total*60 + 50) / 100, (total*85 + 50) / 100}, []relief.Fen{b.Sources[0].Share, b.Sources[0].Share + b.Sources[1].Share})
}

// sourcesTieOut: the account's statement has the whole payments, and ties out for each tranche.
func (w *world) sourcesTieOut(payments []payment) {
	t := w.t
	t.Helper()
	c := &camt{id: "S1", seq: 1, opening: 120000000}
	for _, p := range payments {
		amount, err := relief.ParseFen(p.Amount)
		require.NoError(t, err)
		c.pay(p.ID, amount)
	}
	amount, err := relief.ParseFen(payments[0].Amount)
	require.NoError(t, err)
	c.back(payments[0].ID, amount, "AC04")
	w.statement("/v1/statements", c.document())
	for _, path := range []string{"/v1/batches/b-11", "/v1/tranches/t-q4", "/v1/tranches/t-county"} {
		var report struct {
			batchReport
			Sources []source
			Batches []struct{ Sources []source }
		}
		w.get("finance-preparer", path+"/reconciliation", &report)
		require.True(t, report.TiesOut, "%s: %v", path, report.Findings)
		require.Len(t, append(report.Batches, struct{ Sources []source }{report.Sources})[0].Sources, 3, path)
	}
	var duties struct {
		Steps []struct{ Act, State string }
	}
	w.get("audit-reader", "/v1/payments/"+payments[0].ID+"/duties", &duties)
	require.NotEmpty(t, duties.Steps)
}
