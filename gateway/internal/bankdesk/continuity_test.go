package bankdesk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
)

// sheet is a statement without entries of payments: one fee leads from its opening to its closing balance.
type sheet struct {
	id, day          string
	number           int // 0: the bank gives none
	page             int // 0: without pages
	last             bool
	opening, closing int // yuan; -1: the page has no such balance
	account          string
	currency         string
	part             int // page of the message; 0: it has none
}

func (s sheet) xml() string {
	var b strings.Builder
	b.WriteString("<Stmt><Id>" + s.id + "</Id>")
	if s.page > 0 {
		fmt.Fprintf(&b, "<StmtPgntn><PgNb>%d</PgNb><LastPgInd>%t</LastPgInd></StmtPgntn>", s.page, s.last)
	}
	if s.number > 0 {
		fmt.Fprintf(&b, "<ElctrncSeqNb>%d</ElctrncSeqNb>", s.number)
	}
	currency := s.currency
	if currency == "" {
		currency = "CNY"
	}
	owner := s.account
	if owner == "" {
		owner = account
	}
	fmt.Fprintf(&b, "<CreDtTm>%sT18:00:00+08:00</CreDtTm><Acct><Id><Othr><Id>%s</Id></Othr></Id><Ccy>%s</Ccy></Acct>", s.day, owner, currency)
	for kind, yuan := range map[string]int{"OPBD": s.opening, "CLBD": s.closing} {
		if yuan >= 0 {
			fmt.Fprintf(&b, `<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy="%s">%d</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>`,
				kind, currency, yuan, s.day)
		}
	}
	if fee := s.opening - s.closing; fee > 0 && s.opening >= 0 && s.closing >= 0 {
		fmt.Fprintf(&b, `<Ntry><Amt Ccy="%s">%d</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt></Ntry>`,
			currency, fee, s.day)
	}
	return b.String() + "</Stmt>"
}

func sheets(message string, all ...sheet) []byte {
	var b strings.Builder
	pages := ""
	for _, s := range all {
		b.WriteString(s.xml())
		if s.part > 0 {
			pages = fmt.Sprintf("<MsgPgntn><PgNb>%d</PgNb><LastPgInd>%t</LastPgInd></MsgPgntn>", s.part, s.last)
		}
	}
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>`+
		`<GrpHdr><MsgId>%s</MsgId><CreDtTm>2026-11-09T18:00:00+08:00</CreDtTm>%s</GrpHdr>%s</BkToCstmrStmt></Document>`, message, pages, b.String())
}

// The statements of an account tie out only if nothing is missing between them, however the bank counts and in whatever
// order they come.
func TestContinuity(t *testing.T) {
	for name, c := range map[string]struct {
		sheets []sheet
		want   []string // findings
	}{
		"numbers that begin again in January": {sheets: []sheet{
			{id: "A-1", day: "2026-12-30", number: 364, opening: 1000, closing: 900}, {id: "A-2", day: "2026-12-31", number: 365, opening: 900, closing: 800},
			{id: "A-3", day: "2027-01-01", number: 1, opening: 800, closing: 700}, {id: "A-4", day: "2027-01-02", number: 2, opening: 700, closing: 600},
		}},
		"numbers that go on in January": {sheets: []sheet{
			{id: "A", day: "2026-12-31", number: 365, opening: 900, closing: 800}, {id: "B", day: "2027-01-01", number: 366, opening: 800, closing: 700},
		}},
		"in the order of arrival": {sheets: []sheet{
			{id: "B", day: "2026-11-10", number: 2, opening: 900, closing: 800}, {id: "A", day: "2026-11-09", number: 1, opening: 1000, closing: 900},
		}},
		"numbers of one and two digits": {sheets: []sheet{
			{id: "S10", day: "2026-11-10", number: 10, opening: 900, closing: 800}, {id: "S9", day: "2026-11-09", number: 9, opening: 1000, closing: 900},
		}},
		"numbers with their year": {sheets: []sheet{
			{id: "A", day: "2026-12-30", number: 2026364, opening: 1000, closing: 900}, {id: "B", day: "2026-12-31", number: 2026365, opening: 900, closing: 800},
			{id: "C", day: "2027-01-01", number: 2027001, opening: 800, closing: 700},
		}},
		"numbers with their year, one missing": {sheets: []sheet{
			{id: "A", day: "2026-12-31", number: 2026365, opening: 900, closing: 800}, {id: "B", day: "2027-01-02", number: 2027002, opening: 800, closing: 700},
		}, want: []string{"missing-statement"}},
		"numbers with the year in two digits": {sheets: []sheet{
			{id: "A", day: "2026-12-30", number: 26364, opening: 1000, closing: 900}, {id: "B", day: "2026-12-31", number: 26365, opening: 900, closing: 800},
			{id: "C", day: "2027-01-01", number: 27001, opening: 800, closing: 700},
		}},
		"numbers with the year in two digits, one missing": {sheets: []sheet{
			{id: "A", day: "2026-12-31", number: 26365, opening: 900, closing: 800}, {id: "B", day: "2027-01-02", number: 27002, opening: 800, closing: 700},
		}, want: []string{"missing-statement"}},
		"days for numbers": {sheets: []sheet{
			{id: "A", day: "2026-12-31", number: 20261231, opening: 900, closing: 800}, {id: "B", day: "2027-01-04", number: 20270104, opening: 800, closing: 700},
		}},
		"days for numbers, one missing": {sheets: []sheet{
			{id: "A", day: "2026-12-31", number: 20261231, opening: 900, closing: 800}, {id: "B", day: "2027-01-04", number: 20270104, opening: 700, closing: 600},
		}, want: []string{"broken-chain"}},
		"no numbers": {sheets: []sheet{
			{id: "A", day: "2026-11-09", opening: 1000, closing: 900}, {id: "B", day: "2026-11-10", opening: 900, closing: 800},
		}},
		"no numbers, several a day": {sheets: []sheet{
			{id: "C", day: "2026-11-09", opening: 800, closing: 700}, {id: "B", day: "2026-11-09", opening: 900, closing: 800},
			{id: "0", day: "2026-11-08", opening: 1000, closing: 900},
		}},
		"no numbers, several on the first day": {sheets: []sheet{
			{id: "C", day: "2026-11-09", opening: 700, closing: 600}, {id: "B", day: "2026-11-09", opening: 800, closing: 700}, {id: "A", day: "2026-11-09", opening: 900, closing: 800},
		}},
		"no numbers, one missing on the first day": {sheets: []sheet{
			{id: "C", day: "2026-11-09", opening: 700, closing: 600}, {id: "A", day: "2026-11-09", opening: 900, closing: 800},
		}, want: []string{"broken-chain"}},
		"no numbers, one missing": {sheets: []sheet{
			{id: "A", day: "2026-11-09", opening: 1000, closing: 900}, {id: "C", day: "2026-11-11", opening: 800, closing: 700},
		}, want: []string{"broken-chain"}},
		"a number missing, with equal balances": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, opening: 1000, closing: 900}, {id: "C", day: "2026-11-11", number: 3, opening: 900, closing: 800},
		}, want: []string{"missing-statement"}},
		"a number missing in January": {sheets: []sheet{
			{id: "A", day: "2026-12-31", number: 365, opening: 900, closing: 800}, {id: "B", day: "2027-01-02", number: 2, opening: 800, closing: 700},
		}, want: []string{"missing-statement"}},
		"a number missing at the end of the year": {sheets: []sheet{
			{id: "A", day: "2026-12-30", number: 364, opening: 900, closing: 800}, {id: "B", day: "2028-01-01", number: 1, opening: 800, closing: 700},
		}, want: []string{"missing-statement"}},
		"pages": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, page: 2, last: true, opening: -1, closing: 1000}, {id: "A", day: "2026-11-09", number: 1, page: 1, opening: 1000, closing: -1},
			{id: "B", day: "2026-11-10", number: 2, page: 1, last: true, opening: 1000, closing: 900},
		}},
		"a page missing": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, page: 1, opening: 1000, closing: 1000}, {id: "A", day: "2026-11-09", number: 1, page: 3, last: true, opening: -1, closing: 1000},
		}, want: []string{"missing-page"}},
		"pages of a message, one statement in each": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, part: 1, opening: 1000, closing: 900}, {id: "B", day: "2026-11-10", number: 2, part: 2, last: true, opening: 900, closing: 800},
		}},
		"pages of a message, one statement over two": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, part: 2, last: true, opening: -1, closing: 1000}, {id: "A", day: "2026-11-09", number: 1, part: 1, opening: 1000, closing: -1},
		}},
		"a page of a message missing": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, part: 1, opening: 1000, closing: -1},
		}, want: []string{"missing-page", "no-balance"}},
		"a page of a message missing in the middle": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, part: 1, opening: 1000, closing: 1000}, {id: "A", day: "2026-11-09", number: 1, part: 3, last: true, opening: 1000, closing: 1000},
		}, want: []string{"missing-page"}},
		"the last page missing": {sheets: []sheet{
			{id: "A", day: "2026-11-09", number: 1, page: 1, opening: 1000, closing: 1000},
		}, want: []string{"missing-page"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := AccountReconciliation{}
			for i, s := range c.sheets {
				m, err := bankfileStatements(sheets(fmt.Sprintf("M%d", i), s))
				require.NoError(t, err)
				r.Statements = append(r.Statements, StatementLine{Message: fmt.Sprint(i), Statement: m[0]})
			}
			r.chain()
			require.Equal(t, c.want, codes(r.Discrepancies))
			require.Len(t, r.Statements, len(c.sheets))
		})
	}
}

// What is nobody's here is left aside by name, and the rest of the message goes on.
func TestOtherAccountsAndCurrenciesAreLeftAside(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	own := newSheet(1, opening)
	own.Pay(name(&w.payments[0]), w.payments[0].Amount)
	document := string(own.Document())
	other := sheet{id: "X", day: "2026-11-09", number: 7, opening: 500, closing: 400, account: "4000000000000001"}.xml() +
		sheet{id: "Y", day: "2026-11-09", number: 7, opening: 500, closing: 400, currency: "USD"}.xml()
	other = strings.Replace(other, "<BookgDt>", "<NtryRef>1</NtryRef><BookgDt>", 1)
	document = strings.Replace(document, "<Stmt>", other+"<Stmt>", 1)
	m := w.work([]byte(document))
	require.Equal(t, Counts{Entries: 3, Settled: 1, Aside: 2}, m.Counts)
	require.Equal(t, []Aside{OtherAccount, OtherCurrency, NotAside}, []Aside{m.Statements[0].Aside, m.Statements[1].Aside, m.Statements[2].Aside})
	require.Equal(t, "****0001", m.Statements[0].Account)
	require.Equal(t, "USD", m.Statements[1].Currency)
	r, err := w.desk.ReconcileAccount(t.Context(), "finance-preparer", "t-q4")
	require.NoError(t, err)
	require.Len(t, r.Statements, 1)
}

// The account is the same however the bank groups its digits.
func TestAnAccountInGroupsIsTheTranches(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	m := w.work([]byte(strings.Replace(string(s.Document()), account, "5301 8101 0000 0088", 1)))
	require.Equal(t, 1, m.Counts.Settled)
	require.Equal(t, account, m.Statements[0].Account)
}

// A message may come in several files that have one MsgId.
func TestPagesOfAMessage(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	for i := range 2 {
		s := newSheet(i+1, opening)
		s.Pay(name(&w.payments[i]), w.payments[i].Amount)
		document := strings.Replace(string(s.Document()), "</GrpHdr>",
			fmt.Sprintf("<MsgPgntn><PgNb>%d</PgNb><LastPgInd>%t</LastPgInd></MsgPgntn></GrpHdr>", i+1, i == 1), 1)
		document = strings.Replace(document, "<MsgId>"+s.ID, "<MsgId>M", 1)
		require.Equal(t, 1, w.work([]byte(document)).Counts.Settled)
		require.Equal(t, payment.State("credited"), w.state(w.payments[i].ID))
	}
}

// A statement may go on in the next file of a message: its pages are those of the message, and none contradicts another.
func TestAStatementOverPagesOfAMessage(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	s := newSheet(1, opening)
	s.Pay(name(&w.payments[0]), w.payments[0].Amount)
	s.Pay(name(&w.payments[1]), w.payments[1].Amount)
	whole := string(s.Document())
	first, second := strings.Index(whole, "<Ntry>"), strings.LastIndex(whole, "<Ntry>")
	end := strings.LastIndex(whole, "</Ntry>") + len("</Ntry>")
	for i, entries := range []string{whole[first:second], whole[second:end]} {
		page := whole[:first] + entries + whole[end:]
		page = strings.Replace(page, "</GrpHdr>", fmt.Sprintf("<MsgPgntn><PgNb>%d</PgNb><LastPgInd>%t</LastPgInd></MsgPgntn></GrpHdr>", i+1, i == 1), 1)
		require.Equal(t, Counts{Entries: 1, Settled: 1}, w.work([]byte(page)).Counts)
		r, err := w.desk.ReconcileAccount(t.Context(), "finance-preparer", "t-q4")
		require.NoError(t, err)
		require.Equal(t, i == 0, slices.Contains(codes(r.Discrepancies), "missing-page"))
	}
}

// A status that ends a payment is recorded, or is on the list: it does not wait for another.
func TestStatusesThatEndAPayment(t *testing.T) {
	w := newWorld(t)
	w.instruct()
	statuses := map[string]relief.PaymentID{"CANC": w.payments[0].ID, "RJCT": w.payments[1].ID, "BLCK": w.payments[2].ID, "ACSP": w.payments[3].ID, "XXXX": w.payments[4].ID}
	var b strings.Builder
	for status, id := range statuses {
		b.WriteString("<TxInfAndSts><OrgnlEndToEndId>" + id.String() + "</OrgnlEndToEndId><TxSts>" + status + "</TxSts></TxInfAndSts>")
	}
	m := w.work([]byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>P1</MsgId><CreDtTm>2026-11-20T18:00:00+08:00</CreDtTm></GrpHdr>` +
		`<OrgnlGrpInfAndSts><OrgnlMsgId>` + w.batch().File.MessageID + `</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.10</OrgnlMsgNmId></OrgnlGrpInfAndSts>` +
		`<OrgnlPmtInfAndSts><OrgnlPmtInfId>1</OrgnlPmtInfId>` + b.String() + `</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`))
	require.Equal(t, Counts{Entries: 5, Settled: 2, Interim: 1, Exceptions: 2}, m.Counts)
	require.Equal(t, payment.State("returned"), w.state(statuses["CANC"]))
	require.Equal(t, payment.State("returned"), w.state(statuses["RJCT"]))
	require.Len(t, w.exceptions(Filter{Reason: "blocked"}), 1)
	require.Len(t, w.exceptions(Filter{Reason: "result"}), 1)
}

func bankfileStatements(document []byte) ([]bankfile.Statement, error) {
	m, err := bankfile.Read(bytes.NewReader(document), bankfile.Options{}, func(*bankfile.Entry) error { return nil })
	return m.Statements, err
}
