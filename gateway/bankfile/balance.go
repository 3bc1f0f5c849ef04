package bankfile

type balance struct{ kind, sub, amount, currency, credit, day string }

// intermediate is the subtype of a balance at the end or the beginning of a page.
const intermediate = "INTM"

// balances are what decides between several of one kind, and whose currency a statement has that does not say.
type balances struct {
	opened, closed uint32 // the days of those that were taken
	opening        uint8  // the rank of the opening balance: see take
	page           bool   // the closing balance is that of a page
	own            bool   // the account, or a balance, is in CNY
	foreign        string // the currency of another balance
}

func (b *balance) leaf(path, text, currency string) {
	switch path {
	case "Bal/Tp/CdOrPrtry/Cd":
		b.kind = text
	case "Bal/Tp/SubTp/Cd":
		b.sub = text
	case "Bal/Amt":
		b.amount, b.currency = text, currency
	case "Bal/CdtDbtInd":
		b.credit = text
	case "Bal/Dt/Dt", "Bal/Dt/DtTm":
		b.day = text
	}
}

func (a *accountReport) endBalance() error {
	b := &a.balance
	if b.currency != "" && b.currency != "CNY" {
		a.balances.foreign = b.currency
		return nil
	}
	a.balances.own = true
	amount, err := ParseAmount(b.amount)
	if err != nil || b.currency != "CNY" || b.credit != "CRDT" && b.credit != "DBIT" {
		return errorf(CodeContent, 0, "a balance must have an amount in CNY and CRDT or DBIT")
	}
	value := Balance(amount)
	if b.credit == "DBIT" {
		value = -value
	}
	day, _ := a.day(b.day)
	a.take(b.kind, value, day)
	return nil
}

// Ranks of opening balances, the best last: that of a page, the closing balance of the statement before, that of the statement.
const (
	openingOfPage uint8 = iota + 1
	previousClosing
	openingOfAll
)

// take keeps the first opening and the last closing balance: a statement of several days may have those of each day, and one in pages those of
// each page.
func (a *accountReport) take(kind string, value Balance, day uint32) {
	s, of := &a.statement, &a.balances
	page := a.balance.sub == intermediate
	rank := map[string]uint8{"OPBD": openingOfAll, "PRCD": previousClosing}[kind]
	if rank > 0 && page {
		rank = openingOfPage
	}
	switch {
	case rank > of.opening, rank > 0 && rank == of.opening && day < of.opened:
		s.Opening, of.opened, of.opening = &value, day, rank
	case kind != "CLBD":
	case s.Closing == nil, of.page && !page, of.page == page && day >= of.closed:
		s.Closing, of.closed, of.page = &value, day, page
		a.dated(a.balance.day)
	}
}
