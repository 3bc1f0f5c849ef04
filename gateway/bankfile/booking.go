package bankfile

import (
	"cmp"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
)

// booking is an entry or a transaction in an entry.
type booking struct {
	entry     Entry
	amounts   [amountKinds]money
	gross     relief.Fen // what was booked, with the charges that are included
	charges   relief.Fen // that are included
	besides   relief.Fen // charges that are stated and not included
	total     relief.Fen // of all charges and taxes, where the bank states it
	charge    charge     // the one at hand
	foreign   bool       // amounts are stated, none of them in CNY
	credit    string     // CRDT or DBIT
	reversal  bool
	returned  bool // has return information
	booked    bool
	status    string
	family    string    // BkTxCd/Domn/Fmly/SubFmlyCd
	code      [3]string // BkTxCd/Domn/Cd, BkTxCd/Domn/Fmly/Cd and BkTxCd/Prtry/Cd
	debtor    string    // who paid what came in
	booking   string    // the booking date
	value     string    // the value date
	happened  string    // the time of the transaction, where the bank gives neither of them
	reference string    // of the bank
	says      string    // all words of the bank
	named     mentions  // payments that other parts name than EndToEndId
}

// money is an amount as the bank wrote it.
type money struct{ text, currency string }

// The places in which a message states the amount of a booking, the best first: the booked amount, the amount of the transaction,
// the amount that was instructed, and what it is worth in the other currency (ISO 20022, AmountAndCurrencyExchange).
const (
	bookedAmount = iota
	transactionAmount
	instructedAmount
	counterValue
	amountKinds
)

// fen is an amount in CNY; ok is false for any other.
func (m money) fen() (amount relief.Fen, ok bool) {
	amount, err := ParseAmount(m.text)
	return amount, err == nil && m.currency == "CNY"
}

// charge is a charge that the bank states.
type charge struct {
	amount   money
	included bool
}

// leaf reads a part of an entry or transaction. Most of their parts have the same names.
func (b *booking) leaf(path, text, currency string) {
	e := &b.entry
	switch path {
	case "CdtDbtInd":
		b.credit = text
	case "RvslInd":
		b.reversal = isTrue(text)
	case "Sts/Cd", "Sts":
		b.status, b.booked, e.Status = text, text == "BOOK", statusText(text)
	case "Sts/Prtry":
		b.status = text
	case "BookgDt/Dt", "BookgDt/DtTm", "RltdDts/IntrBkSttlmDt":
		b.booking = text
	case "RltdDts/TxDtTm":
		b.happened = text
	case "ValDt/Dt", "ValDt/DtTm":
		b.value = text
	case "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm":
		b.debtor = text
	case "RtrInf/Rsn/Cd":
		e.reason(text)
	case "RtrInf/Rsn/Prtry":
		e.ownReason(text)
	default:
		b.money(path, text, currency)
		b.refer(path, text)
		b.transaction(path, text)
		b.personal(path, text)
	}
	b.returned = b.returned || path == "RtrInf" || strings.HasPrefix(path, "RtrInf/") // which may be empty
}

// refer reads the references.
func (b *booking) refer(path, text string) {
	switch path {
	case "Refs/EndToEndId":
		b.entry.EndToEndID = text
	case "AcctSvcrRef", "Refs/AcctSvcrRef":
		b.reference = text
	case "NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId", "Refs/PmtInfId", "Refs/MsgId":
		b.entry.File = cmp.Or(b.entry.File, clipped(text)) // a payment file has one id for both
	case "Refs/InstrId", "Refs/TxId", "NtryRef", "RmtInf/Strd/CdtrRefInf/Ref":
		b.named.add(text)
	}
}

// transaction reads what kind of booking it is.
func (b *booking) transaction(path, text string) {
	switch path {
	case "BkTxCd/Domn/Fmly/SubFmlyCd":
		b.family = text
	case "BkTxCd/Domn/Cd":
		b.code[0] = text
	case "BkTxCd/Domn/Fmly/Cd":
		b.code[1] = text
	case "BkTxCd/Prtry/Cd":
		b.code[2] = text
		b.say(text)
	}
}

// money reads the amounts and charges.
func (b *booking) money(path, text, currency string) {
	switch path {
	case "Amt":
		b.amounts[bookedAmount] = money{text, currency}
	case "AmtDtls/TxAmt/Amt":
		b.amounts[transactionAmount] = money{text, currency}
	case "AmtDtls/InstdAmt/Amt":
		b.amounts[instructedAmount] = money{text, currency}
	case "AmtDtls/CntrValAmt/Amt":
		b.amounts[counterValue] = money{text, currency}
	case "Chrgs/TtlChrgsAndTaxAmt":
		b.total, _ = money{text, currency}.fen()
	case "Chrgs/Rcrd/Amt", "Chrgs/Amt":
		b.charge.amount = money{text, currency}
	case "Chrgs/Rcrd/ChrgInclInd", "Chrgs/ChrgInclInd":
		b.charge.included = isTrue(text)
	}
}

func isTrue(text string) bool { return text == "true" || text == "1" }

// addCharge ends a charge. Those that are included in the booked amount are no part of the payment.
func (b *booking) addCharge() {
	if amount, ok := b.charge.amount.fen(); ok {
		into := &b.besides
		if b.charge.included {
			into = &b.charges
		}
		if total, err := into.Add(amount); err == nil {
			*into = total
		}
	}
	b.charge = charge{}
}

// personal reads a part that is about the other party.
func (b *booking) personal(path, text string) {
	e := &b.entry
	switch path {
	case "RltdPties/Cdtr/Pty/Nm", "RltdPties/Cdtr/Nm":
		e.Counterparty = text
	case "RltdPties/CdtrAcct/Id/Othr/Id", "RltdPties/CdtrAcct/Id/IBAN":
		e.Account = text
	case "RmtInf/Ustrd", "AddtlTxInf", "AddtlNtryInf", "RtrInf/AddtlInf":
		b.say(text)
		if b.named.add(text); e.Text == "" {
			e.Text = text
		}
	}
}

// maxSaid bounds the words that are kept of a booking.
const maxSaid = 1 << 10

func (b *booking) say(text string) {
	if len(b.says) < maxSaid {
		b.says += text + "\n"
	}
}

// name takes the payment that another part names than EndToEndId, where the bank gives none there.
func (b *booking) name(named mentions) {
	if id := named.only(); id != "" && noReference(b.entry.EndToEndID) {
		b.entry.EndToEndID = id
	}
}

// transaction completes a transaction with what only its entry says.
func (a *accountReport) transaction() booking {
	d, n := a.details, &a.entry
	if d.credit == "" {
		d.credit = n.credit
	}
	if d.family == "" {
		d.family = n.family
	}
	if d.code == [3]string{} {
		d.code = n.code
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
	d.entry.File = cmp.Or(d.entry.File, n.entry.File)
	d.reversal, d.booked, d.status, d.entry.Status = d.reversal || n.reversal, n.booked, n.status, n.entry.Status
	d.entry.NoAmount = true // unless complete finds one: a single transaction has the amount of its entry
	a.complete(&d)
	return d
}

// complete reads a booking's amount and date.
func (a *accountReport) complete(b *booking) {
	e := &b.entry
	a.completeAmount(b)
	e.BankRef, e.Statement, e.Credit, e.Code = b.reference, len(a.message.Statements), b.credit == "CRDT", b.transactionCode()
	var ok bool
	if e.Day, ok = a.day(cmp.Or(b.value, b.booking, b.happened)); !ok && b.booked {
		e.fault(BadDate)
	}
	if booked, ok := a.day(b.booking); ok && booked != e.Day {
		e.Booked = booked
	}
}

// decide sets the outcome of a booking that is complete: money that leaves the account is paid to the payee; money that comes back
// through a return or a reversal is a returned payment.
func (b *booking) decide() {
	e := &b.entry
	back := b.cameBack()
	switch {
	case !b.booked && slices.Contains(notYetBooked, b.status):
		e.Outcome, e.Problem = None, NoProblem
	case !b.booked:
		e.Outcome, e.Problem = Other, UnknownResult
	case !b.sided():
		e.Outcome, e.Problem = Other, BadLine
	case b.credit == "DBIT" && !back:
		e.Outcome = Paid
	case b.credit == "CRDT" && back:
		e.Outcome = Returned
		if e.Reason == [4]byte{} && e.Problem == NoProblem {
			copy(e.Reason[:], unspecified)
		}
	default:
		e.Outcome = Other
		e.fault(OtherBooking)
		if b.credit == "CRDT" && b.debtor != "" {
			e.Counterparty = b.debtor
		}
	}
}

// cameBack reports whether a mark or a code says that the booking turns another one round.
func (b *booking) cameBack() bool {
	return b.returned || b.reversal || b.family == "RRTN" || b.family == "RPCR"
}

// sided reports whether the bank says if money came in or went out.
func (b *booking) sided() bool { return b.credit == "CRDT" || b.credit == "DBIT" }

// notYetBooked are the other statuses of ISO 20022's ExternalEntryStatus1Code: pending, for information, and in the future. An
// entry with a status that is not there is one that nobody can act upon: an exception.
var notYetBooked = []string{"PDNG", "INFO", "FUTR"}

// transactionCode is what kind of booking it is, by the code set of ISO 20022 and the bank's own one; "" for a bank that says
// neither.
func (b *booking) transactionCode() string {
	code := strings.Trim(strings.Join([]string{b.code[0], b.code[1], b.family}, "/"), "/")
	if b.code[2] != "" {
		code = strings.TrimPrefix(code+" "+b.code[2], " ")
	}
	return clipped(code)
}

// completeAmount takes the best amount that the booking states, in CNY if there is one. A transaction that states others alone has none of its own.
func (a *accountReport) completeAmount(b *booking) {
	e := &b.entry
	at := slices.IndexFunc(b.amounts[:], func(m money) bool { return m.text != "" && m.currency == "CNY" })
	if at < 0 {
		at = slices.IndexFunc(b.amounts[:], func(m money) bool { return m.text != "" })
		b.foreign = at >= 0
	}
	switch {
	case b.foreign && e.NoAmount:
	case at >= 0:
		e.amount(b.amounts[at].text, b.amounts[at].currency)
	case !e.NoAmount:
		e.fault(BadAmount)
	}
	b.gross = e.Amount
	b.withoutCharges()
}

// withoutCharges makes the payment's amount of what was booked with the charges that are included: a debit has them on top, a credit is less by
// them. Where the amount is what was instructed already, the charges that are called included are beside it.
func (b *booking) withoutCharges() {
	e := &b.entry
	instructed, stated := b.amounts[instructedAmount].fen()
	switch {
	case b.charges == 0:
	case stated && instructed == e.Amount:
		if besides, err := b.besides.Add(b.charges); err == nil {
			b.besides, b.charges = besides, 0
		}
	case b.credit == "DBIT" && b.charges <= e.Amount:
		e.Amount -= b.charges
	case b.credit == "CRDT":
		if amount, err := e.Amount.Add(b.charges); err == nil {
			e.Amount = amount
		}
	}
}
