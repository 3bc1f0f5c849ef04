package bankfile

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
)

// accountReport reads camt.053 and camt.054: statements with entries (Ntry), which may contain transactions (TxDtls).
type accountReport struct {
	*reading
	base string // the path of the message element, with a slash at its end
	unit string // the path of a statement

	last      bool // the message is the last page of several
	statement Statement
	summary   summary
	balance   balance
	balances  balances // of the statement
	entry     booking
	details   booking
	pending   []booking // the transactions of the open entry; at its end they must add up to its amount
}

// summary is TxsSummry: the number and sum of all entries, of the credits and of the debits; and what was counted. Banks
// count booked entries, or all, or the transactions in them.
type summary struct {
	count, sum  [3]string
	counted     [3][3]int // of all, of the credits and of the debits: booked entries, all entries, transactions
	all         [2]relief.Fen
	unaccounted bool // an amount that is not CNY or cannot be read is in no sum
}

func (a *accountReport) start(path string) error {
	rest, ok := strings.CutPrefix(path, a.unit)
	switch {
	case !ok:
	case rest == "":
		a.statement, a.summary, a.balances = Statement{}, summary{}, balances{}
	case rest == "/Bal":
		a.balance = balance{}
	case rest == "/Ntry":
		a.entry, a.pending = booking{}, a.pending[:0]
	case rest == "/Ntry/NtryDtls/TxDtls":
		a.details = booking{}
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
		if path == a.base+"GrpHdr/MsgPgntn/LastPgInd" {
			a.last = isTrue(text)
		}
		if path == a.base+"GrpHdr/MsgPgntn/PgNb" {
			return a.pageNumber(&a.message.Page, text)
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
		s.Sequence, err = sequence(text)
	case "LglSeqNb":
		if s.Sequence == 0 {
			s.Sequence, err = sequence(text)
		}
	case "StmtPgntn/PgNb", "NtfctnPgntn/PgNb":
		return a.pageNumber(&s.Page, text)
	case "CreDtTm":
		a.dated(text)
	case "StmtPgntn/LastPgInd", "NtfctnPgntn/LastPgInd":
		s.Last = isTrue(text)
	case "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Prxy/Id", "Acct/Ccy":
		a.account(path, text)
	case "FrToDt/FrDtTm", "FrToDt/FrDt":
		s.From = clipped(text)
	case "FrToDt/ToDtTm", "FrToDt/ToDt":
		s.To = clipped(text)
		a.dated(text)
	default:
		a.balance.leaf(path, text, currency)
	}
	if err != nil {
		return errorf(CodeContent, 0, "a statement's sequence number cannot be read")
	}
	return nil
}

// account reads whose statement it is.
func (a *accountReport) account(path, text string) {
	s := &a.statement
	switch {
	case path == "Acct/Ccy":
		a.balances.own = currencyCode(text) == "CNY"
		a.inCurrency(currencyCode(text))
	case path != "Acct/Prxy/Id" || s.Account == "": // an account may be known by another name alone
		s.Account = text
	}
}

// sequence reads a statement's number (xs:decimal without fraction digits).
func sequence(text string) (uint64, error) {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(text, "+"), ".")
	if strings.Trim(frac, "0") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseUint(whole, 10, 63)
}

func (a *accountReport) pageNumber(into *int, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errorf(CodeContent, 0, "a page number cannot be read")
	}
	*into = n
	return nil
}

// dated sets the day of a statement; what is read later says it better.
func (a *accountReport) dated(text string) {
	if n, ok := a.day(text); ok {
		a.statement.Day = time.Unix(int64(n)*86400, 0).UTC().Format(time.DateOnly)
	}
}

// inCurrency notes the currency of a statement that is in another than CNY. It is no content of ours: whoever reads the
// statement leaves it aside.
func (a *accountReport) inCurrency(code string) {
	if code == "CNY" {
		return
	}
	if a.statement.Currency = code; len(code) != 3 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		a.statement.Currency = "XXX"
	}
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

func (a *accountReport) end(path string) error {
	rest, ok := strings.CutPrefix(path, a.unit)
	switch {
	case !ok:
		return nil
	case rest == "/Ntry/NtryDtls/TxDtls":
		if len(a.pending) >= a.limits.Entries {
			return errorf(CodeTooLarge, 0, "the message has more than %d entries", a.limits.Entries)
		}
		a.pending = append(a.pending, a.transaction())
		return nil
	case rest == "/Ntry/NtryDtls/TxDtls/Chrgs/Rcrd", rest == "/Ntry/NtryDtls/TxDtls/Chrgs":
		a.details.addCharge()
		return nil
	case rest == "/Ntry/Chrgs/Rcrd", rest == "/Ntry/Chrgs":
		a.entry.addCharge()
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

// endEntry gives the transactions of an entry, or the entry itself if it has none.
func (a *accountReport) endEntry() error {
	a.complete(&a.entry)
	whole := &a.entry.entry
	if err := a.add(whole); err != nil {
		return err
	}
	if len(a.pending) == 0 {
		a.entry.name(a.entry.named)
		a.decide(&a.entry)
		return a.give(whole)
	}
	if len(a.pending) == 1 {
		a.single(&a.pending[0])
	}
	adds := a.addsUp()
	for i := range a.pending {
		a.pending[i].name(a.pending[i].named)
		a.decide(&a.pending[i])
		e := &a.pending[i].entry
		switch {
		case e.NoAmount && a.pending[i].foreign:
			e.fault(BadCurrency)
		case e.NoAmount:
			e.fault(BadAmount)
		}
		ownFault := e.Problem == BadAmount || e.Problem == BadCurrency
		if !adds && !ownFault && e.Outcome != None {
			e.Problem = EntryTotal
		}
		if err := a.give(e); err != nil {
			return err
		}
	}
	return nil
}

// single completes the one transaction of an entry with what its entry says.
func (a *accountReport) single(only *booking) {
	for _, id := range a.entry.named {
		only.named.add(id)
	}
	only.say(a.entry.says)
	if !only.entry.NoAmount {
		return
	}
	whole := &a.entry.entry
	only.entry.NoAmount, only.entry.Amount, only.gross = false, whole.Amount, a.entry.gross
	if whole.Problem == BadAmount || whole.Problem == BadCurrency {
		only.entry.fault(whole.Problem)
	}
}

// addsUp reports whether the transactions of an entry give the entry: those on its side, less those on the other side, without
// charges or with those that the entry states or its transactions state beside their amounts. Charges make a debit greater and a
// credit less.
func (a *accountReport) addsUp() bool {
	var same, besides relief.Fen
	other := a.entry.gross
	for i := range a.pending {
		b := &a.pending[i]
		side := &same
		if b.credit != a.entry.credit {
			side = &other
		}
		if !increase(side, b.gross) || !increase(&besides, b.besides) {
			return false
		}
	}
	for _, charges := range []relief.Fen{0, a.entry.charges, a.entry.besides, a.entry.total, besides} {
		with, whole := same, other
		side := &with
		if a.entry.credit == "CRDT" {
			side = &whole
		}
		if increase(side, charges) && with == whole {
			return true
		}
	}
	return false
}

func increase(total *relief.Fen, by relief.Fen) bool {
	sum, err := total.Add(by)
	*total = sum
	return err == nil
}

// add adds an entry to the totals of its statement, which count what is booked.
func (a *accountReport) add(whole *Entry) (err error) {
	t := &a.summary
	side := 0
	if a.entry.credit == "CRDT" {
		side = 1
	}
	for _, of := range []int{0, 2 - side} {
		n := &t.counted[of]
		if a.entry.booked {
			n[0]++
		}
		n[1]++
		n[2] += max(len(a.pending), 1)
	}
	if !a.entry.sided() { // in no sum, so that the statement does not tie out
		t.unaccounted = true
		return nil
	}
	t.unaccounted = t.unaccounted || whole.Problem == BadAmount || whole.Problem == BadCurrency
	if t.all[side], err = sum(t.all[side], a.entry.gross); err != nil || !a.entry.booked {
		return err
	}
	s := &a.statement
	s.Entries++
	if side == 1 {
		s.Credits, err = sum(s.Credits, a.entry.gross)
	} else {
		s.Debits, err = sum(s.Debits, a.entry.gross)
	}
	return err
}

// endStatement compares a statement with its own summary. A difference becomes an entry with a problem.
func (a *accountReport) endStatement() error {
	s := &a.statement
	if !bounded(s.ID) || s.Account == "" || len(s.Account) > 34*4 {
		return errorf(CodeContent, 0, "a statement lacks a valid Id or account")
	}
	if !a.balances.own && a.balances.foreign != "" {
		a.inCurrency(a.balances.foreign)
	}
	if a.message.Page > 0 && s.Page == 0 && (a.message.Page > 1 || !a.last) {
		s.Page, s.Last, s.Part = a.message.Page, a.last, true
	}
	paged := s.Page > 1 || s.Page == 1 && !s.Last // its summary may be that of all pages
	if s.Currency == "" && !paged && !a.summary.agrees(s) {
		if err := a.give(&Entry{Statement: len(a.message.Statements), Outcome: Other, Problem: StatementSums}); err != nil {
			return err
		}
	}
	a.message.Statements = append(a.message.Statements, *s)
	return nil
}

// agrees reports whether a statement's summary is right in one of the ways in which banks count: what is booked, or all.
func (t *summary) agrees(s *Statement) bool {
	booked, all := [2]relief.Fen{s.Debits, s.Credits}, t.all
	return t.sums(booked) || t.sums(all)
}

func (t *summary) sums(side [2]relief.Fen) bool {
	all, err := side[0].Add(side[1])
	if err != nil {
		return false
	}
	for i, want := range []relief.Fen{all, side[1], side[0]} {
		if t.sum[i] == "" || t.unaccounted {
			continue
		}
		if got, err := ParseAmount(t.sum[i]); err != nil || got != want {
			return false
		}
	}
	for i, text := range t.count {
		if n, err := strconv.Atoi(text); text != "" && (err != nil || !slices.Contains(t.counted[i][:], n)) {
			return false
		}
	}
	return true
}
