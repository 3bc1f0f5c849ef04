package app_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/bankfile/banktest"
	"relieftrail/gateway/internal/app"
	"relieftrail/gateway/internal/config"
)

// answers is how a rural bank writes its lists.
var answers = config.BankProfile{
	Name: "rural", Encoding: "utf-8", Delimiter: "|", Date: "YYYYMMDD",
	Columns: []config.BankColumn{{Field: "payment_id"}, {Field: "amount"}, {Field: "result"}, {Field: "date"}},
	Results: []config.BankResult{{Code: "00", Outcome: "paid"}, {Code: "51", Outcome: "returned", Reason: "AC04"}},
}

// file is a payment file as the bank reads it.
type file struct {
	bytes    []byte
	order    bankfile.Order
	payments []bankfile.Transfer
	total    relief.Fen
}

func (w *world) paymentFile(batch string) file {
	w.t.Helper()
	a := w.must(200, "finance-preparer", call{method: http.MethodGet, path: "/v1/batches/" + batch + "/payment-file"})
	f := file{bytes: a.body}
	var err error
	f.order, err = bankfile.ReadPain001(bytes.NewReader(a.body), bankfile.Limits{}, func(p *bankfile.Transfer) error {
		f.payments = append(f.payments, *p)
		f.total += p.Amount
		return nil
	})
	require.NoError(w.t, err)
	return f
}

// camt is a camt.053 under construction.
type camt struct {
	id      string
	seq     int
	opening relief.Fen
	balance relief.Fen
	entries strings.Builder
}

func (c *camt) pay(id string, amount relief.Fen) {
	c.entry("DBIT", id, amount, "")
	c.balance -= amount
}

func (c *camt) back(id string, amount relief.Fen, reason string) {
	c.entry("CRDT", id, amount, "<RtrInf><Rsn><Cd>"+reason+"</Cd></Rsn></RtrInf>")
	c.balance += amount
}

func (c *camt) entry(sign, id string, amount relief.Fen, more string) {
	fmt.Fprintf(&c.entries, `<Ntry><Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-09</Dt></BookgDt>`+
		`<BkTxCd><Prtry><Cd>X</Cd></Prtry></BkTxCd><NtryDtls><TxDtls><Refs><AcctSvcrRef>NX%d</AcctSvcrRef><EndToEndId>%s</EndToEndId></Refs>`+
		`<RltdPties><Cdtr><Pty><Nm>赵某某</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>6228480000009999</Id></Othr></Id></CdtrAcct></RltdPties>%s</TxDtls></NtryDtls></Ntry>`,
		amount, sign, c.entries.Len(), id, more)
}

func (c *camt) document() []byte {
	bal := func(code string, b relief.Fen) string {
		return fmt.Sprintf(`<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-09</Dt></Dt></Bal>`, code, b)
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M-` + c.id +
		`</MsgId><CreDtTm>2026-11-09T18:00:00+08:00</CreDtTm></GrpHdr><Stmt><Id>` + c.id + `</Id><ElctrncSeqNb>` + fmt.Sprint(c.seq) +
		`</ElctrncSeqNb><Acct><Id><Othr><Id>5301810100000088</Id></Othr></Id></Acct>` + bal("OPBD", c.opening) + bal("CLBD", c.opening+c.balance) +
		c.entries.String() + `</Stmt></BkToCstmrStmt></Document>`)
}

type bankFileAnswer struct {
	ID, State, Error string
	Duplicate        bool
	Counts           struct{ Entries, Settled, Confirmed, Interim, Exceptions, Skipped int }
}

// statement sends a bank's file and waits until it is worked through.
func (w *world) statement(path string, document []byte) bankFileAnswer {
	w.t.Helper()
	a := w.must(202, "finance-preparer", call{
		method: http.MethodPost, path: path, body: document, header: map[string]string{"Content-Type": "application/xml"},
	})
	return w.finished(a.Header.Get("Location"))
}

// TestStatementsOfTheTestsFitTheSchema: the statements of the tests here are of the official schema.
func TestStatementsOfTheTestsFitTheSchema(t *testing.T) {
	c := &camt{id: "S0", seq: 1, opening: 40000000}
	c.pay("dibao-530181-0000001-202611-1", 62000)
	c.back("dibao-530181-0000001-202611-1", 62000, "AC04")
	banktest.Validate(t, c.document())
}

func (w *world) finished(location string) (m bankFileAnswer) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		w.get("finance-preparer", location, &m)
		return m.State != "received"
	}, waitLong, waitTick)
	require.Equal(w.t, "done", m.State, m.Error)
	return m
}

type exceptionAnswer struct {
	ID, Reason, State, Payment, Batch, Amount string
	Details                                   *struct {
		Counterparty, Account string
		EndToEndID            string `json:"end_to_end_id"`
	}
	Resolution *struct{ Action, As, By, Payment string }
}

func (w *world) exceptions(query string) []exceptionAnswer {
	w.t.Helper()
	var all []exceptionAnswer
	for cursor := ""; ; {
		var page struct {
			Items []exceptionAnswer
			Next  string
		}
		w.get("finance-preparer", "/v1/exceptions?limit=2&cursor="+cursor+query, &page)
		all = append(all, page.Items...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

type batchReport struct {
	TiesOut  bool `json:"ties_out"`
	Findings []struct{ Code, Amount string }
	Credited struct {
		Count int
		Sum   string
	}
}

func (r *batchReport) codes() (codes []string) {
	for _, f := range r.Findings {
		codes = append(codes, f.Code)
	}
	return codes
}

// tellBank has finance make the payment file of an approved batch, approve it, and instruct the bank.
func (w *world) tellBank(batch string) {
	w.t.Helper()
	w.post(200, "finance-approver", "/v1/batches/"+batch+"/approve", w.makeFile(batch))
	w.post(200, "finance-preparer", "/v1/batches/"+batch+"/instruct", nil)
}

// madeFile names a payment file.
type madeFile struct {
	FileSHA256 string `json:"file_sha256"`
}

func (w *world) makeFile(batch string) (made madeFile) {
	w.t.Helper()
	w.post(200, "finance-preparer", "/v1/batches/"+batch+"/payment-file", nil).into(w.t, &made)
	return made
}

// approved takes a batch of the demo's list up to civil affairs' approval.
func (w *world) approved() []byte {
	w.t.Helper()
	list := read(w.t, "payments-2026-11.csv")
	w.programmeAndTranche()
	w.importRoll()
	w.open("b-11", "2026-11", list)
	w.upload("civil-preparer", http.MethodPut, "/v1/batches/b-11/lines", list)
	w.post(200, "civil-preparer", "/v1/batches/b-11/seal", object{})
	w.post(200, "civil-approver", "/v1/batches/b-11/approve", object{})
	return list
}

// TestBankMonth: instruct, payment file, statement, exceptions, reconciliation.
func TestBankMonth(t *testing.T) {
	w := newWorld(t)
	list := w.approved()
	count, total := sum(t, list)
	w.must(404, "finance-preparer", call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file"})
	w.post(403, "civil-preparer", "/v1/batches/b-11/instruct", nil)
	b := w.oneFile()
	w.post(409, "finance-approver", "/v1/tranches/t-q4/close", object{})

	f := w.paymentFile("b-11")
	require.Len(t, f.payments, count)
	require.Equal(t, total, f.total)
	require.Equal(t, "5301810100000088", f.order.Account)
	hash := sha256.Sum256(f.bytes)
	require.Equal(t, b.FileSHA256, hex.EncodeToString(hash[:]), "the ledger has the file's hash")
	require.Equal(t, f.bytes, w.paymentFile("b-11").bytes)
	require.Contains(t, string(f.bytes), strings.Split(strings.Split(string(list), "\n")[1], ",")[2], "a payee's name is in the file")
	for _, who := range []string{"civil-preparer", "audit-reader", "finance-approver"} {
		w.must(403, who, call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file"})
	}
	for _, path := range []string{"/v1/exceptions", "/v1/statements", "/v1/batches/b-11/reconciliation", "/v1/tranches/t-q4/reconciliation"} {
		w.must(403, "audit-reader", call{method: http.MethodGet, path: path})
	}

	w.firstStatement(f)
	w.resolve(f)
	w.secondStatement(f)
	w.nothingPersonal(list)
	require.NotContains(t, w.log.String(), "赵某某")
	require.NotContains(t, w.log.String(), "6228480000009999")
	require.Contains(t, w.log.String(), "personal data was read")
}

// oneFile: finance's approver reads the file before approving it, and it is what is sent.
func (w *world) oneFile() madeFile {
	t := w.t
	file := func(who string, status int) []byte {
		return w.must(status, who, call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file"}).body
	}
	w.post(403, "civil-preparer", "/v1/batches/b-11/payment-file", nil)
	w.post(403, "finance-approver", "/v1/batches/b-11/payment-file", nil)
	w.post(422, "finance-preparer", "/v1/batches/b-11/payment-file", object{"execute_on": "2025-12-31"})
	w.post(422, "finance-preparer", "/v1/batches/b-11/payment-file", madeFile{strings.Repeat("ab", 32)})
	w.post(409, "finance-approver", "/v1/batches/b-11/approve", madeFile{strings.Repeat("ab", 32)})
	key := map[string]string{"Idempotency-Key": "make-1"}
	make1 := call{method: http.MethodPost, path: "/v1/batches/b-11/payment-file", header: key}
	var first madeFile
	w.must(200, "finance-preparer", make1).into(t, &first)
	replaced := file("finance-approver", 200)
	var b struct {
		madeFile
		State string
		File  struct {
			ExecuteOn string `json:"execute_on"`
		}
	}
	w.post(200, "finance-preparer", "/v1/batches/b-11/payment-file", object{"execute_on": "2099-12-31"}).into(t, &b)
	require.Equal(t, []string{"approved", "2099-12-31"}, []string{b.State, b.File.ExecuteOn})
	require.NotEqual(t, first, b.madeFile)
	require.NotEqual(t, replaced, file("finance-approver", 200))
	w.post(409, "finance-approver", "/v1/batches/b-11/approve", first)
	w.post(409, "finance-preparer", "/v1/batches/b-11/instruct", nil)
	w.post(200, "finance-approver", "/v1/batches/b-11/approve", b.madeFile)
	file("finance-approver", 403)
	instruct := call{method: http.MethodPost, path: "/v1/batches/b-11/instruct", header: map[string]string{"Idempotency-Key": "instruct-1"}}
	w.must(200, "finance-preparer", instruct).into(t, &b)
	require.Equal(t, "instructed", b.State)
	for _, repeated := range []call{instruct, make1} {
		require.Equal(t, "true", w.must(200, "finance-preparer", repeated).Header.Get("Idempotency-Replayed"), repeated.path)
	}
	return b.madeFile
}

// TestAFileIsTakenBack: by two of finance, while no payment has an answer.
func TestAFileIsTakenBack(t *testing.T) {
	w := newWorld(t)
	w.approved()
	w.tellBank("b-11")
	const path = "/v1/batches/b-11/take-back"
	w.post(409, "finance-approver", path+"/confirm", nil)
	w.post(422, "finance-preparer", path, object{"reason": ""})
	w.post(403, "civil-preparer", path, object{"reason": "撤回"})
	w.post(200, "finance-preparer", path, object{"reason": "银行整批退回"})
	w.post(403, "finance-preparer", path+"/confirm", nil)
	var b struct {
		State     string
		TakenBack []struct{ Reason, SHA256 string } `json:"taken_back"`
	}
	w.post(200, "finance-approver", path+"/confirm", nil).into(t, &b)
	require.Equal(t, "approved", b.State)
	require.Equal(t, "银行整批退回", b.TakenBack[0].Reason)
	w.tellBank("b-11")
	f := w.paymentFile("b-11")
	c := &camt{id: "S1", seq: 1, opening: 40000000}
	c.pay(bankfile.EndToEndID(f.payments[0].ID), f.payments[0].Amount)
	require.Equal(t, 1, w.statement("/v1/statements", c.document()).Counts.Settled)
	w.post(409, "finance-preparer", path, object{"reason": "撤回"})
}

// firstStatement: all but the last payment are paid, one of them came back, and six entries do not match.
func (w *world) firstStatement(f file) {
	t := w.t
	n := len(f.payments)
	c := &camt{id: "S1", seq: 1, opening: 40000000}
	for i := range n - 2 {
		c.pay(bankfile.EndToEndID(f.payments[i].ID), f.payments[i].Amount)
	}
	c.back(bankfile.EndToEndID(f.payments[0].ID), f.payments[0].Amount, "AC04")
	c.pay(bankfile.EndToEndID(f.payments[1].ID), f.payments[1].Amount)       // duplicate
	c.pay(bankfile.EndToEndID(f.payments[n-1].ID), f.payments[n-1].Amount+1) // another amount
	c.pay("dibao-530181-0009999-202611-1", 62000)                            // nobody
	c.pay("53018119900101001X", 100)                                         // no payment's id
	c.pay("NOTPROVIDED", 200)                                                // a fee
	c.pay("other-530181-0000001-202611-1", 300)                              // no such programme
	m := w.statement("/v1/statements", c.document())
	require.Equal(t, n-2+7, m.Counts.Entries)
	require.Equal(t, n-2, m.Counts.Settled)
	require.Equal(t, 6, m.Counts.Exceptions)

	same := w.must(200, "finance-preparer", call{
		method: http.MethodPost, path: "/v1/statements", body: c.document(), header: map[string]string{"Content-Type": "application/xml"},
	})
	var dup bankFileAnswer
	same.into(t, &dup)
	require.True(t, dup.Duplicate)
	require.Equal(t, m.ID, dup.ID)
	require.Len(t, w.exceptions(""), 6, "the same file twice does nothing twice")

	reasons := map[string]string{}
	for _, x := range w.exceptions("") {
		reasons[x.Reason] = x.Payment
		require.Nil(t, x.Details)
	}
	require.Equal(t, map[string]string{
		"duplicate": f.payments[1].ID.String(), "amount-differs": f.payments[n-1].ID.String(),
		"unknown-payment": "other-530181-0000001-202611-1", "unknown-id": "", "missing-id": "",
	}, reasons)
	var p payment
	w.get("finance-preparer", "/v1/payments/"+f.payments[0].ID.String(), &p)
	require.Equal(t, "returned", p.State, "it went out and came back in one statement")

	other := strings.Replace(string(c.document()), "2026-11-09T18", "2026-11-09T19", 1)
	w.must(409, "finance-preparer", call{
		method: http.MethodPost, path: "/v1/statements", body: []byte(other), header: map[string]string{"Content-Type": "application/xml"},
	})
	require.Len(t, w.exceptions("&reason=message-conflict"), 1)
	renamed := strings.Replace(string(c.document()), "M-S1", "M-S1-again", 1)
	require.Equal(t, n-2+7, w.statement("/v1/statements", []byte(renamed)).Counts.Skipped, "the same statement in another message")
	differs := strings.Replace(strings.Replace(string(c.document()), "M-S1", "M-S1-other", 1), ">2.00<", ">3.00<", 1)
	m = w.statement("/v1/statements", []byte(differs))
	require.Equal(t, 1, m.Counts.Exceptions)
	require.Len(t, w.exceptions("&reason=statement-conflict"), 1)

	var r batchReport
	w.get("finance-preparer", "/v1/batches/b-11/reconciliation", &r)
	require.False(t, r.TiesOut)
	require.Equal(t, []string{"pending", "open-exceptions"}, r.codes())
	require.Equal(t, n-3, r.Credited.Count)
}

// resolve: finance works through the list.
func (w *world) resolve(f file) {
	t := w.t
	n := len(f.payments)
	for _, x := range w.exceptions("&state=open") {
		path := "/v1/exceptions/" + x.ID
		var full exceptionAnswer
		w.get("finance-preparer", path, &full)
		if x.Reason == "unknown-id" {
			require.Equal(t, "53018119900101001X", full.Details.EndToEndID)
			require.Equal(t, "赵某某", full.Details.Counterparty)
		}
		w.must(403, "finance-approver", call{method: http.MethodGet, path: path})
		w.post(403, "finance-approver", path, object{"action": "accept"})
		for field, body := range map[string]object{
			"action": {"action": "forget"}, "note": {"action": "write_off"}, "payment": {"action": "assign", "as": "credited"},
			"as": {"action": "accept", "as": "paid"}, "return_reason": {"action": "accept", "return_reason": "AC04"},
		} {
			bad := w.post(422, "finance-preparer", path, body)
			require.Contains(t, string(bad.body), field)
		}
		if x.Reason == "amount-differs" { // what the ledger records is whole payments
			w.post(422, "finance-preparer", path, object{"action": "accept", "as": "credited"})
		}
		if x.Reason == "duplicate" {
			w.post(409, "finance-preparer", path, object{"action": "accept", "as": "credited"}) // the contracts have it already
		}
		body := object{"action": "write_off", "note": "已与银行核实"}
		w.post(200, "finance-preparer", path, body)
		w.post(200, "finance-preparer", path, body)
		w.post(409, "finance-preparer", path, object{"action": "accept"})
		full = exceptionAnswer{}
		w.get("finance-preparer", path, &full)
		require.Equal(t, "resolved", full.State)
		require.Equal(t, "finance-preparer", full.Resolution.By)
	}
	require.Empty(t, w.exceptions("&state=open"))
	require.Len(t, w.exceptions("&state=resolved&batch=b-11"), 2)
	w.must(404, "finance-preparer", call{method: http.MethodGet, path: "/v1/exceptions/none"})

	// An entry that the bank mistyped is assigned to its payment.
	c := &camt{id: "S2", seq: 2, opening: 40000000 - f.total + f.payments[n-2].Amount + f.payments[n-1].Amount + f.payments[0].Amount}
	c.opening -= f.payments[1].Amount + f.payments[n-1].Amount + 1 + 62000 + 100 + 200 + 300
	c.pay("dibao-530181-0000001-202611-9", f.payments[n-2].Amount)
	m := w.statement("/v1/statements", c.document())
	x := w.exceptions("&statement=" + m.ID)[0]
	require.Equal(t, "unknown-payment", x.Reason)
	var done exceptionAnswer
	w.post(200, "finance-preparer", "/v1/exceptions/"+x.ID, object{
		"action": "assign", "as": "credited", "payment": f.payments[n-2].ID.String(),
	}).into(t, &done)
	require.Equal(t, f.payments[n-2].ID.String(), done.Resolution.Payment)
	var p payment
	w.get("finance-preparer", "/v1/payments/"+f.payments[n-2].ID.String(), &p)
	require.Equal(t, "credited", p.State)
}

// secondStatement brings the last payment; then the batch ties out.
func (w *world) secondStatement(f file) {
	t := w.t
	last := f.payments[len(f.payments)-1]
	c := &camt{id: "S3", seq: 3, opening: 40000000 - f.total + last.Amount + f.payments[0].Amount}
	c.opening -= f.payments[1].Amount + last.Amount + 1 + 62000 + 100 + 200 + 300
	c.pay(bankfile.EndToEndID(last.ID), last.Amount)
	m := w.statement("/v1/batches/b-11/settlements", c.document())
	require.Equal(t, 1, m.Counts.Settled)
	var r batchReport
	w.get("finance-preparer", "/v1/batches/b-11/reconciliation", &r)
	require.True(t, r.TiesOut, "%+v", r)
	var account struct {
		TiesOut  bool `json:"ties_out"`
		Findings []struct{ Code string }
	}
	w.get("finance-preparer", "/v1/tranches/t-q4/reconciliation", &account)
	require.False(t, account.TiesOut, "nobody has said what the other entries are")
	require.Equal(t, "balance-differs", account.Findings[0].Code)
	require.Len(t, account.Findings, 1)
	text := w.must(200, "finance-preparer", call{
		method: http.MethodGet, path: "/v1/tranches/t-q4/reconciliation", header: map[string]string{"Accept": "text/csv"},
	})
	require.Contains(t, string(text.body), "ties-out,,,false")

	// The bank's own files are known by their content where the media type says nothing.
	mt := ":20:MT1\r\n:25:6000000000000001\r\n:28C:9/1\r\n:60F:C261109CNY1,\r\n:62F:C261109CNY1,\r\n-\r\n" // of an account that is nobody's
	for contentType, body := range map[string]string{"text/plain": mt, "application/octet-stream": string(c.document())} {
		status := map[string]int{"text/plain": 202, "application/octet-stream": 200}[contentType] // the second was here before
		taken := w.must(status, "finance-preparer", call{
			method: http.MethodPost, path: "/v1/batches/b-11/settlements", body: body, header: map[string]string{"Content-Type": contentType},
		})
		require.Contains(t, taken.Header.Get("Location"), "/v1/statements/", contentType)
	}

	page := w.must(422, "finance-preparer", call{
		method: http.MethodPost, path: "/v1/statements", body: "<html><body>登录</body></html>", header: map[string]string{"Content-Type": "text/plain"},
	})
	require.Contains(t, string(page.body), "文件是网页（HTML）")

	// A notification that repeats the statement is a confirmation; so is a list.
	list := fmt.Sprintf("%s|%s|00|20261109\n%s|%s|51|20261110\n", bankfile.EndToEndID(last.ID), last.Amount, bankfile.EndToEndID(f.payments[2].ID), f.payments[2].Amount)
	a := w.must(202, "finance-preparer", call{method: http.MethodPost, path: "/v1/statements?profile=rural", body: list})
	m = w.finished(a.Header.Get("Location"))
	require.Equal(t, 1, m.Counts.Confirmed)
	require.Zero(t, m.Counts.Settled)
	require.Equal(t, 1, m.Counts.Exceptions, "the bank takes a credit back: two officials change that")
	w.must(422, "finance-preparer", call{method: http.MethodPost, path: "/v1/statements?profile=none", body: list})
	w.must(422, "finance-preparer", call{method: http.MethodPost, path: "/v1/statements", body: list})
}

// TestBankSurvives: the desk's file and the kept files are there after a restart; a lost payment file is made again as it was.
func TestBankSurvives(t *testing.T) {
	w := newWorld(t)
	w.approved()
	w.tellBank("b-11")
	f := w.paymentFile("b-11")
	c := &camt{id: "S1", seq: 1, opening: 40000000}
	c.pay("NOTPROVIDED", 200)
	c.pay(bankfile.EndToEndID(f.payments[0].ID), f.payments[0].Amount)
	w.statement("/v1/statements", c.document())

	cfg := w.configs["FinanceMSP"]
	w.restart("FinanceMSP")
	require.Equal(t, f.bytes, w.paymentFile("b-11").bytes)
	require.Len(t, w.exceptions("&state=open"), 1)
	var found int
	require.NoError(t, filepath.WalkDir(filepath.Join(cfg.DataDir), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		require.NotContains(t, string(b), "赵某某", path)
		require.NotContains(t, string(b), "6228480000009999", path)
		require.NotContains(t, string(b), f.payments[0].Name, path)
		require.NotContains(t, string(b), f.payments[0].Account, path)
		if strings.HasSuffix(path, ".age") {
			found++
			info, err := e.Info()
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			require.NoError(t, os.Remove(path))
		}
		return err
	}))
	require.Equal(t, 2, found, "the payment file and the details of an open exception")
	require.Equal(t, f.bytes, w.paymentFile("b-11").bytes, "made again")
}

// TestSplitPaymentFile: the ledger pins a manifest, the manifest each file.
func TestSplitPaymentFile(t *testing.T) {
	w := newWorld(t)
	w.approved()
	w.configs["FinanceMSP"].Bank.MaxTransactions = 130
	w.restart("FinanceMSP")
	b := w.makeFile("b-11")
	a := w.must(200, "finance-preparer", call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file"})
	hash := sha256.Sum256(a.body)
	require.Equal(t, b.FileSHA256, hex.EncodeToString(hash[:]))
	var m struct {
		Files []struct {
			SHA256 string
			Count  int
		}
	}
	a.into(t, &m)
	require.Len(t, m.Files, 3)
	seen := map[string]bool{}
	for i, f := range m.Files {
		part := w.must(200, "finance-preparer", call{method: http.MethodGet, path: fmt.Sprintf("/v1/batches/b-11/payment-file?part=%d", i+1)})
		hash := sha256.Sum256(part.body)
		require.Equal(t, f.SHA256, hex.EncodeToString(hash[:]))
		n := 0
		o, err := bankfile.ReadPain001(bytes.NewReader(part.body), bankfile.Limits{}, func(*bankfile.Transfer) error { n++; return nil })
		require.NoError(t, err)
		require.Equal(t, f.Count, n)
		require.False(t, seen[o.MessageID])
		seen[o.MessageID] = true
	}
	w.must(404, "finance-preparer", call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file?part=4"})
	w.must(422, "finance-preparer", call{method: http.MethodGet, path: "/v1/batches/b-11/payment-file?part=0"})
}

// TestBadBankFiles: each is refused as a whole and nothing of it is kept.
func TestBadBankFiles(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	good := string((&camt{id: "S", seq: 1}).document())
	for name, c := range map[string]struct {
		status            int
		contentType, body string
	}{
		"JSON":     {415, "application/json", `{}`},
		"not XML":  {422, "application/xml", "支付编号"},
		"doctype":  {422, "application/xml", `<!DOCTYPE a [<!ENTITY x "赵某某">]>` + good},
		"version":  {415, "application/xml", strings.ReplaceAll(good, "camt.053.001.08", "camt.052.001.08")},
		"huge":     {413, "application/xml", strings.Replace(good, "<Stmt>", strings.Repeat("<a></a>", 100_000), 1)},
		"no lines": {422, "application/xml", ""},
	} {
		a := w.must(c.status, "finance-preparer", call{
			method: http.MethodPost, path: "/v1/statements", body: []byte(c.body), header: map[string]string{"Content-Type": c.contentType},
		})
		require.NotContains(t, string(a.body), "赵某某", name)
	}
	var page struct{ Items []any }
	w.get("finance-preparer", "/v1/statements", &page)
	require.Empty(t, page.Items)
	for _, who := range []string{"civil-preparer", "audit-reader", "finance-approver"} {
		w.must(403, who, call{method: http.MethodPost, path: "/v1/statements", body: []byte(good), header: map[string]string{"Content-Type": "application/xml"}})
	}
}

// restart ends an agency's gateway and starts it again on what it kept.
func (w *world) restart(msp string) {
	w.t.Helper()
	w.stop[msp]()
	a, err := app.Open(w.configs[msp], w.network.Gateway(msp), app.NewLogger(w.log, config.Log{Level: "debug", Format: "json"}), "test")
	require.NoError(w.t, err)
	w.stop[msp] = run(w.t, a)
	for _, name := range principals[msp] {
		w.gateway[name] = a.URL()
	}
}
