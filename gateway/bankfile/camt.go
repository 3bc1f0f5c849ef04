package bankfile

import (
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
)

// accountReport reads camt.053 and camt.054: statements with entries (Ntry), which may contain transactions (TxDtls).
type accountReport struct {
	*reading
	base     string // the path of the message element, with a slash at its end
	unit     string // the path of a statement
	balances bool

	statement Statement
	summary   summary
	balance   balance
	entry     booking
	details   booking
	pending   []Entry // the transactions of the open entry; at its end they must add up to its amount
	inDetails bool
}

// booking is an entry or a transaction in an entry.
type booking struct {
	entry     Entry
	text      string // the amount
	currency  string
	credit    string // CRDT or DBIT
	reversal  bool
	returned  bool // has return information
	booked    bool
	family    string // BkTxCd/Domn/Fmly/SubFmlyCd
	booking   string // the booking date
	value     string // the value date
	reference string // of the bank
}

type balance struct{ kind, amount, currency, credit string }

// summary is TxsSummry: the number and sum of all entries, of the credits and of the debits.
type summary struct{ count, sum [3]string }

func (a *accountReport) start(path string) error {
	rest, ok := strings.CutPrefix(path, a.unit)
	switch {
	case !ok:
	case rest == "":
		a.statement, a.summary = Statement{}, summary{}
	case rest == "/Bal":
		a.balance = balance{}
	case rest == "/Ntry":
		a.entry, a.pending = booking{}, a.pending[:0]
	case rest == "/Ntry/NtryDtls/TxDtls":
		a.details, a.inDetails = booking{}, true
	}
	return nil
}

func (a *accountReport) leaf(path, text, currency string) error {
	rest, ok := strings.CutPrefix(path, a.unit)
	if !ok || rest == "" {
		if path == a.base+"GrpHdr/MsgId" {
			if a.message.ID = text; !bounded(text) {
				return errorf(CodeContent, 0, "GrpHdr/MsgId must have 1 to 35 characters")
			}
		}
		return nil
	}
	if inner, ok := strings.CutPrefix(rest, "/Ntry/NtryDtls/TxDtls/"); ok {
		a.details.leaf(inner, text, currency)
		return nil
	}
	if inner, ok := strings.CutPrefix(rest, "/Ntry/"); ok {
		a.entry.leaf(inner, text, currency)
		return nil
	}
	return a.header(rest[1:], text, currency)
}

// header reads a part of a statement outside its entries.
func (a *accountReport) header(path, text, currency string) error {
	s := &a.statement
	if into := a.summary.at(path); into != nil {
		*into = text
		return nil
	}
	var err error
	switch path {
	case "Id":
		s.ID = text
	case "ElctrncSeqNb":
		s.Sequence, err = strconv.ParseUint(text, 10, 63)
	case "StmtPgntn/PgNb", "NtfctnPgntn/PgNb":
		if s.Page, err = strconv.Atoi(text); s.Page < 0 {
			err = strconv.ErrRange
		}
	case "StmtPgntn/LastPgInd", "NtfctnPgntn/LastPgInd":
		s.Last = text == "true" || text == "1"
	case "Acct/Id/IBAN", "Acct/Id/Othr/Id":
		s.Account = text
	case "FrToDt/FrDtTm":
		s.From = clipped(text)
	case "FrToDt/ToDtTm":
		s.To = clipped(text)
	case "Bal/Tp/CdOrPrtry/Cd":
		a.balance.kind = text
	case "Bal/Amt":
		a.balance.amount, a.balance.currency = text, currency
	case "Bal/CdtDbtInd":
		a.balance.credit = text
	}
	if err != nil {
		return errorf(CodeContent, 0, "a statement's sequence or page number cannot be read")
	}
	return nil
}

// at is the field for the part of the summary with this path; nil for other paths.
func (t *summary) at(path string) *string {
	for i, part := range [...]string{"TxsSummry/TtlNtries/", "TxsSummry/TtlCdtNtries/", "TxsSummry/TtlDbtNtries/"} {
		switch name, _ := strings.CutPrefix(path, part); name {
		case "NbOfNtries":
			return &t.count[i]
		case "Sum":
			return &t.sum[i]
		}
	}
	return nil
}

// clipped shortens a text to the length of a time.
func clipped(s string) string { return s[:min(len(s), 40)] }

// leaf reads a part of an entry or transaction. Most of their parts have the same names.
func (b *booking) leaf(path, text, currency string) {
	e := &b.entry
	switch path {
	case "Amt":
		b.text, b.currency = text, currency
	case "CdtDbtInd":
		b.credit = text
	case "RvslInd":
		b.reversal = text == "true" || text == "1"
	case "Sts/Cd", "Sts":
		b.booked, e.Status = text == "BOOK", statusText(text)
	case "BookgDt/Dt", "BookgDt/DtTm", "RltdDts/IntrBkSttlmDt":
		b.booking = text
	case "ValDt/Dt", "ValDt/DtTm":
		b.value = text
	case "AcctSvcrRef", "Refs/AcctSvcrRef":
		b.reference = text
	case "BkTxCd/Domn/Fmly/SubFmlyCd":
		b.family = text
	case "Refs/EndToEndId":
		e.EndToEndID = text
	case "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry":
		b.returned = true
		e.reason(text)
	default:
		e.personal(path, text)
	}
	b.returned = b.returned || strings.HasPrefix(path, "RtrInf/")
}

// personal reads a part that is about the other party.
func (e *Entry) personal(path, text string) {
	switch path {
	case "RltdPties/Cdtr/Pty/Nm":
		e.Counterparty = text
	case "RltdPties/CdtrAcct/Id/Othr/Id", "RltdPties/CdtrAcct/Id/IBAN":
		e.Account = text
	case "RmtInf/Ustrd", "AddtlTxInf", "AddtlNtryInf", "RtrInf/AddtlInf":
		if e.Text == "" {
			e.Text = text
		}
	}
}

func (a *accountReport) end(path string) error {
	rest, ok := strings.CutPrefix(path, a.unit)
	switch {
	case !ok:
		return nil
	case rest == "/Ntry/NtryDtls/TxDtls":
		a.inDetails = false
		if len(a.pending) >= a.limits.Entries {
			return errorf(CodeTooLarge, 0, "the message has more than %d entries", a.limits.Entries)
		}
		a.pending = append(a.pending, a.transaction())
		return nil
	case rest == "/Ntry":
		return a.endEntry()
	case rest == "/Bal":
		return a.endBalance()
	case rest == "":
		return a.endStatement()
	}
	return nil
}

// transaction completes a transaction with what only its entry says.
func (a *accountReport) transaction() Entry {
	d, n := &a.details, &a.entry
	if d.credit == "" {
		d.credit = n.credit
	}
	if d.family == "" {
		d.family = n.family
	}
	if d.booking == "" {
		d.booking = n.booking
	}
	if d.value == "" {
		d.value = n.value
	}
	if d.reference == "" {
		d.reference = n.reference
	}
	d.reversal, d.booked, d.entry.Status = n.reversal, n.booked, n.entry.Status
	if d.text == "" {
		d.entry.NoAmount = true // a single transaction has the amount of its entry
	}
	return a.complete(d)
}

// complete reads a booking's amount and date and decides its outcome: money that leaves the account is paid to the payee;
// money that comes back through a return or a reversal is a returned payment.
func (a *accountReport) complete(b *booking) Entry {
	e := b.entry
	if !e.NoAmount {
		e.amount(b.text, b.currency)
	}
	e.BankRef, e.Statement = b.reference, len(a.message.Statements)
	day := b.value
	if day == "" {
		day = b.booking
	}
	var ok bool
	if e.Day, ok = a.day(day); !ok && b.booked {
		e.fault(BadDate)
	}
	back := b.returned || b.reversal || b.family == "RRTN"
	switch {
	case !b.booked:
		e.Outcome, e.Problem = None, NoProblem
	case b.credit == "DBIT" && !back:
		e.Outcome = Paid
	case b.credit == "CRDT" && back:
		e.Outcome = Returned
		if e.Reason == [4]byte{} && e.Problem == NoProblem {
			copy(e.Reason[:], "MS03") // not specified by the bank
		}
	default:
		e.Outcome = Other
		e.fault(OtherBooking)
	}
	return e
}

// endEntry gives the transactions of an entry, or the entry itself if it has none.
func (a *accountReport) endEntry() error {
	whole := a.complete(&a.entry)
	if a.entry.booked {
		if err := a.add(&whole); err != nil {
			return err
		}
	}
	if len(a.pending) == 0 {
		return a.give(&whole)
	}
	if len(a.pending) == 1 && a.pending[0].NoAmount {
		a.pending[0].NoAmount, a.pending[0].Amount = false, whole.Amount
		if whole.Problem == BadAmount || whole.Problem == BadCurrency {
			a.pending[0].fault(whole.Problem)
		}
	}
	adds := a.addsUp(&whole)
	for i := range a.pending {
		e := &a.pending[i]
		if e.NoAmount {
			e.fault(BadAmount)
		}
		if !adds && e.Outcome != None {
			e.Problem = EntryTotal
		}
		if err := a.give(e); err != nil {
			return err
		}
	}
	return nil
}

// addsUp reports whether the amounts of an entry's transactions give the amount of the entry.
func (a *accountReport) addsUp(whole *Entry) bool {
	var total relief.Fen
	for i := range a.pending {
		next, err := total.Add(a.pending[i].Amount)
		if err != nil {
			return false
		}
		total = next
	}
	return total == whole.Amount
}

// add adds a booked entry to the totals of its statement.
func (a *accountReport) add(whole *Entry) (err error) {
	s := &a.statement
	s.Entries++
	if a.entry.credit == "CRDT" {
		s.Credits, err = sum(s.Credits, whole.Amount)
	} else {
		s.Debits, err = sum(s.Debits, whole.Amount)
	}
	return err
}

func (a *accountReport) endBalance() error {
	b := &a.balance
	amount, err := ParseAmount(b.amount)
	if err != nil || b.currency != "CNY" || b.credit != "CRDT" && b.credit != "DBIT" {
		return errorf(CodeContent, 0, "a balance must have an amount in CNY and CRDT or DBIT")
	}
	value := Balance(amount)
	if b.credit == "DBIT" {
		value = -value
	}
	switch b.kind {
	case "OPBD", "PRCD":
		a.statement.Opening = &value
	case "CLBD":
		a.statement.Closing = &value
	}
	return nil
}

// endStatement compares a statement with its own summary. A difference becomes an entry with a problem.
func (a *accountReport) endStatement() error {
	s := &a.statement
	if !bounded(s.ID) || s.Account == "" || len(s.Account) > 34*4 {
		return errorf(CodeContent, 0, "a statement lacks a valid Id or account")
	}
	if !a.summary.agrees(s) {
		if err := a.give(&Entry{Statement: len(a.message.Statements), Outcome: Other, Problem: StatementSums}); err != nil {
			return err
		}
	}
	a.message.Statements = append(a.message.Statements, *s)
	return nil
}

func (t *summary) agrees(s *Statement) bool {
	all, err := s.Credits.Add(s.Debits)
	if err != nil {
		return false
	}
	for i, want := range []relief.Fen{all, s.Credits, s.Debits} {
		if got, err := ParseAmount(t.sum[i]); t.sum[i] != "" && (err != nil || got != want) {
			return false
		}
	}
	n, err := strconv.Atoi(t.count[0])
	return t.count[0] == "" || err == nil && n == s.Entries
}
