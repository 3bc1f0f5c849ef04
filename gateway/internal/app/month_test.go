package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

const demoData = "../../../scripts/demo-data/"

type job struct {
	ID, State, Error string
	Result           struct {
		Accepted, Unchanged, Refused int
		Refusals                     []struct {
			Line                        int
			Serial, Field, Code, Reason string
		}
	}
	Import struct {
		ID, Digest                       string
		New, Changed, Missing, Unchanged int
	}
}

// upload sends a file and follows its job to the end.
func (w *world) upload(principal, method, path string, file []byte) job {
	w.t.Helper()
	return w.follow(principal, w.must(http.StatusAccepted, principal, call{method: method, path: path, body: file}))
}

// follow follows the job of an answer to its end.
func (w *world) follow(principal string, a answer) job {
	w.t.Helper()
	stream := w.must(http.StatusOK, principal, call{
		method: http.MethodGet, path: a.Header.Get("Location"), header: map[string]string{"Accept": "text/event-stream"},
	})
	require.Contains(w.t, string(stream.body), "event: done\n")
	var j job
	w.get(principal, a.Header.Get("Location"), &j)
	require.Equal(w.t, "done", j.State, j.Error)
	return j
}

// importRoll has the town's roll proposed and confirmed, and carried out.
func (w *world) importRoll() job {
	w.t.Helper()
	proposed := w.upload("civil-preparer", http.MethodPost, "/v1/programmes/dibao/roll", read(w.t, "roll.csv"))
	return w.confirmImport(proposed)
}

// confirmImport is the word of the second official.
func (w *world) confirmImport(proposed job) job {
	w.t.Helper()
	return w.follow("civil-approver", w.post(http.StatusAccepted, "civil-approver", "/v1/imports/"+proposed.Import.ID+"/confirm",
		object{"digest": proposed.Import.Digest, "agree": true}))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(demoData + name)
	require.NoError(t, err)
	return b
}

// sum adds up a payment list.
func sum(t *testing.T, list []byte) (int, relief.Fen) {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	require.NoError(t, err)
	var total relief.Fen
	for _, row := range rows[1:] {
		fen, err := relief.ParseFen(row[7])
		require.NoError(t, err)
		total += fen
	}
	return len(rows) - 1, total
}

func (w *world) programmeAndTranche() {
	w.post(201, "civil-preparer", "/v1/programmes", object{
		"id": "dibao", "version": 1, "name": "最低生活保障", "region": "530181", "unit": "household", "cycle": "monthly",
		"min_amount": "330.00", "max_amount": "6000.00", "starts": "2026-01", "import_until": "2027-12-31", "notice_days": 7, "pay_by_day": 10,
		"recheck_months": object{"A": 12, "B": 12, "C": 6}, "required_evidence": []string{"home-visit"},
		"budget": object{"functional": "2081901", "economic": "50901"},
	})
	w.post(200, "finance-approver", "/v1/programmes/dibao/enact", object{"version": 1})
	w.post(201, "finance-approver", "/v1/tranches", object{
		"id": "t-q4", "programme": "dibao", "region": "530181", "amount": "400000.00", "source": "云财社〔2026〕88号",
		"account": "5301810100000088", "fiscal_year": 2026,
		"targets": object{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	})
}

func (w *world) open(id, period string, list []byte) {
	w.t.Helper()
	count, total := sum(w.t, list)
	w.post(201, "civil-preparer", "/v1/batches", object{
		"id": id, "programme": "dibao", "region": "530181", "period": period, "tranche": "t-q4", "count": count, "sum": total,
	})
}

func (w *world) balances() map[string]string {
	w.t.Helper()
	var tranche struct{ Balances map[string]string }
	w.get("audit-reader", "/v1/tranches/t-q4", &tranche)
	return tranche.Balances
}

// TestMonth walks through a whole month over HTTP: three gateways, the real contracts, a ledger in memory.
func TestMonth(t *testing.T) {
	w := newWorld(t)
	list := read(t, "payments-2026-11.csv")
	count, total := sum(t, list)
	w.programmeAndTranche()

	j := w.importRoll()
	require.Equal(t, count, j.Result.Accepted, "%+v", j)
	w.open("b-11", "2026-11", list)
	j = w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", list)
	require.Equal(t, count, j.Result.Accepted, "%+v", j)

	sealed := w.post(200, "civil-preparer", "/v1/batches/b-11/seal", object{})
	require.NotEmpty(t, sealed.Header.Get("X-Transaction-Id"))
	require.NotEmpty(t, sealed.Header.Get("X-Block"))
	w.post(403, "civil-preparer", "/v1/batches/b-11/approve", object{})
	w.post(403, "audit-reader", "/v1/batches/b-11/approve", object{})
	w.post(200, "civil-approver", "/v1/batches/b-11/approve", object{})
	w.post(403, "finance-preparer", "/v1/batches/b-11/approve", object{"file_sha256": strings.Repeat("ab", 32)})
	w.post(422, "finance-approver", "/v1/batches/b-11/approve", object{})
	w.tellBank("b-11")

	payments := w.payments("b-11")
	require.Len(t, payments, count)
	j = w.upload("finance-preparer", http.MethodPost, "/v1/batches/b-11/settlements", bankFile(payments))
	require.Equal(t, count, j.Result.Accepted, "%+v", j)

	w.trail(payments[0].ID)
	before := w.balances()
	w.post(409, "civil-preparer", "/v1/batches", object{ // the tranche has too little left
		"id": "b-again", "programme": "dibao", "region": "530181", "period": "2026-11", "tranche": "t-q4", "count": count, "sum": total,
	})
	w.post(201, "civil-preparer", "/v1/batches", object{
		"id": "b-again", "programme": "dibao", "region": "530181", "period": "2026-11", "tranche": "t-q4", "count": 1, "sum": "480.00",
	})
	j = w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-again/lines", list)
	require.Equal(t, count, j.Result.Refused)
	require.Zero(t, j.Result.Accepted)
	require.Equal(t, before, w.balances())

	w.post(200, "finance-preparer", "/v1/batches/b-11/close", object{})
	b := w.balances()
	require.Equal(t, "0.00", b["reserved"])
	require.Equal(t, "0.00", b["in_return"])
	paid, err := relief.ParseFen(b["paid"])
	require.NoError(t, err)
	require.Less(t, paid, total, "one payment came back")
	w.closedMonth(count)
	w.nothingPersonal(list)
}

type payment struct{ ID, Amount, State, Subject string }

// payments reads a batch's lines page by page, and all at once.
func (w *world) payments(batch string) (all []payment) {
	w.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []payment
			Next  string
		}
		w.get("finance-preparer", "/v1/batches/"+batch+"/lines?limit=70&cursor="+cursor, &page)
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	file := w.must(200, "audit-reader", call{
		method: http.MethodGet, path: "/v1/batches/" + batch + "/lines", header: map[string]string{"Accept": "text/csv"},
	})
	rows, err := csv.NewReader(bytes.NewReader(file.body)).ReadAll()
	require.NoError(w.t, err)
	require.Len(w.t, rows, len(all)+1)
	return all
}

// bankFile is a bank's answer: the first payment is returned, the others are credited.
func bankFile(payments []payment) []byte {
	var b strings.Builder
	b.WriteString("支付编号,金额,结果,原因代码,日期,银行流水号\n")
	for i, p := range payments {
		result := "credited,"
		if i == 0 {
			result = "returned,AC04"
		}
		fmt.Fprintf(&b, "%s,%s,%s,2026-11-09,NX%06d\n", p.ID, p.Amount, result, i)
	}
	return []byte(b.String())
}

// trail looks at the trail of a payment and of its person.
func (w *world) trail(id string) {
	w.t.Helper()
	type steps struct {
		Steps []struct {
			Act, Title, Transaction string
			By                      struct{ Agency, Name string }
			Endorsers               []struct{ Agency string }
		}
	}
	var p payment
	w.get("audit-reader", fmt.Sprintf("/v1/payments/%s?at_least_block=%d", id, w.height()-1), &p)
	require.Equal(w.t, "returned", p.State)
	for path, want := range map[string][]string{
		"/v1/payments/" + id + "/trail": {
			"programme.draft", "programme.enact", "fund.issue", "roll.import", "payment.open", "payment.add",
			"payment.seal", "payment.approve", "payment.make_file", "payment.authorise", "payment.instruct", "payment.settle",
		},
		"/v1/subjects/" + p.Subject + "/trail": {"roll.import", "payment.add", "payment.settle"},
	} {
		var trail steps
		w.get("audit-reader", path, &trail)
		acts := map[string]bool{}
		for _, s := range trail.Steps {
			acts[s.Act] = true
			require.NotEmpty(w.t, s.By.Agency)
			require.Len(w.t, s.Endorsers, 3)
			require.Contains(w.t, s.Title, " · ")
		}
		for _, act := range want {
			require.True(w.t, acts[act], "%s has no %s, but %v", path, act, acts)
		}
	}
}

// nothingPersonal looks for the people of a list in everything that was logged and measured.
func (w *world) nothingPersonal(list []byte) {
	w.t.Helper()
	public := w.log.String()
	for _, name := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		public += string(w.must(200, name, call{method: http.MethodGet, path: "/metrics"}).body)
	}
	rows, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	require.NoError(w.t, err)
	for _, row := range rows[1:] {
		for _, secret := range []string{row[2], row[3], row[4]} {
			require.NotContains(w.t, public, secret)
		}
	}
}
