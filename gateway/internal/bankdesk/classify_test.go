package bankdesk

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/bankfile"
)

// booking is one entry of another purpose than a payment.
type booking struct {
	amount string // with a minus: it went out
	text   string
	ref    string
}

func (b booking) xml() string {
	side, amount := "CRDT", b.amount
	if strings.HasPrefix(amount, "-") {
		side, amount = "DBIT", amount[1:]
	}
	return fmt.Sprintf(`<Ntry><Amt Ccy="CNY">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-09</Dt></BookgDt>`+
		`<AcctSvcrRef>%s</AcctSvcrRef><BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MCOP</Cd><SubFmlyCd>INTR</SubFmlyCd></Fmly></Domn></BkTxCd>`+
		`<AddtlNtryInf>%s</AddtlNtryInf></Ntry>`, amount, side, b.ref, b.text)
}

// books is a statement of an account with its balances and bookings.
func books(number int, day, begin, end string, all ...booking) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "<Stmt><Id>S%d</Id><ElctrncSeqNb>%d</ElctrncSeqNb><CreDtTm>%sT18:00:00+08:00</CreDtTm><Acct><Id><Othr><Id>%s</Id></Othr></Id><Ccy>CNY</Ccy></Acct>",
		number, number, day, account)
	for kind, yuan := range map[string]string{"OPBD": begin, "CLBD": end} {
		fmt.Fprintf(&b, `<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>`, kind, yuan, day)
	}
	for _, e := range all {
		b.WriteString(e.xml())
	}
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>`+
		`<GrpHdr><MsgId>M%d-%s-%d</MsgId><CreDtTm>2026-11-09T18:00:00+08:00</CreDtTm></GrpHdr>%s</Stmt></BkToCstmrStmt></Document>`, number, end, len(all), b.String())
}

// record has one official of finance record a message's only statement, and another confirm what its entries are.
func (w *world) record(m Message) statement.Statement {
	w.t.Helper()
	in, err := w.desk.ToRecord(w.t.Context(), "finance-preparer", RecordStatement{Message: m.ID, Statement: 1})
	require.NoError(w.t, err)
	w.act("finance-preparer", "statement:Record", in)
	var s statement.Statement
	w.read("statement:Get", object{"id": relief.NewStatementID(account, in.BankID, in.Number, in.Day)}, &s)
	return s
}

func (w *world) confirm(s statement.Statement) {
	w.t.Helper()
	w.act("finance-approver", "statement:Confirm", object{"id": s.ID, "sha256": s.Proposed.SHA256, "agree": true})
}

func (w *world) account() *AccountReconciliation {
	w.t.Helper()
	r, err := w.desk.ReconcileAccount(w.t.Context(), "finance-preparer", "t-q4")
	require.NoError(w.t, err)
	return r
}

// What the bank has above the ledger is gone once the entry that explains it is classified and confirmed, by a rule or by hand.
func TestEntriesAreClassified(t *testing.T) {
	w := newWorld(t)
	rules, err := NewRules("2026-1", []Rule{{Name: "interest", Kind: statement.Interest, Side: SideIn, Code: "ACMT/MCOP/INTR", Text: "结息"}})
	require.NoError(t, err)
	w.settings.Rules = rules
	w.restart()

	first := w.work(books(1, "2026-11-09", "400000.00", "400038.21", booking{"38.21", "第三季度结息", "R1"}))
	require.Equal(t, Counts{Entries: 1, Classified: 1}, first.Counts)
	x := w.exceptions(Filter{})[0]
	require.Equal(t, "interest@2026-1", x.Resolution.Rule)
	r := w.account()
	require.Equal(t, []string{"balance-differs"}, codes(r.Discrepancies))
	require.Equal(t, "38.21", r.Difference.String())
	s := w.record(first)
	require.Equal(t, "38.21", w.account().Difference.String(), "one official alone changes nothing")
	require.Equal(t, statement.Unconfirmed, w.account().Ledger.Explained[0].Code)
	w.confirm(s)
	r = w.account()
	require.True(t, r.TiesOut, "%+v", r.Discrepancies)
	require.Equal(t, "0.00", r.Difference.String())

	second := w.work(books(2, "2026-11-10", "400038.21", "400017.21", booking{"-20.00", "手续费", "R2"}, booking{"-1.00", "手续费", "R3"}))
	require.Equal(t, 2, second.Counts.Exceptions)
	require.Equal(t, "-21.00", w.account().Difference.String())
	done, more, err := w.desk.ResolveMany(t.Context(), Filter{State: StateOpen, Side: SideOut}, nil, Resolve{Action: ActionClassify, As: "fee", By: "finance-preparer"})
	require.NoError(t, err)
	require.False(t, more)
	require.Len(t, done, 2)
	for _, one := range done {
		require.NoError(t, one.Error)
	}
	w.confirm(w.record(second))
	require.True(t, w.account().TiesOut)
}

// A wrong statement is withdrawn by two, and the corrected one takes its place without a broken chain.
func TestAWrongStatementIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	p := &w.payments[0]
	wrong := newSheet(1, opening)
	wrong.Pay(name(p), p.Amount)
	first := w.work(wrong.Document())
	require.Equal(t, 1, first.Counts.Settled)
	right := newSheet(1, opening)
	right.Pay(name(p), p.Amount)
	right.Pay(name(&w.payments[1]), w.payments[1].Amount)
	corrected := []byte(strings.Replace(string(right.Document()), "<MsgId>"+right.ID, "<MsgId>corrected", 1))
	require.Equal(t, "S1", w.work(corrected).Statements[0].ID)
	require.Equal(t, StateOpen, w.exceptions(Filter{Reason: StatementConflict})[0].State)

	s := w.record(first)
	w.act("finance-preparer", "statement:Withdraw", object{"id": s.ID, "reason": "银行更正"})
	w.act("finance-approver", "statement:ConfirmWithdrawal", object{"id": s.ID, "sha256": s.SHA256, "agree": true})
	again := w.work(corrected)
	require.False(t, again.Duplicate)
	require.Equal(t, Counts{Entries: 2, Settled: 1, Confirmed: 1}, again.Counts)
	r := w.account()
	require.Len(t, r.Statements, 1)
	require.Equal(t, bankfile.Balance(right.Closing), *r.Closing)
	require.Equal(t, Tally{2, p.Amount + w.payments[1].Amount}, r.Paid)
	require.NotContains(t, codes(r.Discrepancies), "statement-differs")
	require.NotContains(t, codes(r.Discrepancies), "balance-differs")
	require.Equal(t, []statement.WithdrawnContent{{SHA256: first.Statements[0].Digest, Reason: "银行更正"}}, w.record(again).Withdrawn)
}

func TestRulesAreChecked(t *testing.T) {
	for _, bad := range []Rule{{}, {Name: "a", Kind: "gift", Text: "x"}, {Name: "a", Kind: statement.Fee}, {Name: "a", Kind: statement.Fee, Text: "("}, {Name: "a", Kind: statement.Fee, Text: "x", Side: "up"}} {
		_, err := NewRules("1", []Rule{bad})
		require.Error(t, err, "%+v", bad)
	}
	_, err := NewRules("", []Rule{{Name: "a", Kind: statement.Fee, Text: "x"}})
	require.ErrorContains(t, err, "version")
}
