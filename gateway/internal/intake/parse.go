package intake

import (
	"errors"
	"regexp"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile/csvfile"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// parse turns a record into a line of the reader's kind, or refuses it.
func (n *Reader) parse(values *record, l *Line) *Refusal {
	for i := range n.columns {
		c := &n.columns[i]
		if values[i] == nil {
			continue
		}
		if c.payee {
			continue
		}
		b, ok := clean(values[i], c.fold)
		if !ok {
			return l.Refuse(c.key, relief.LineEncoding)
		}
		values[i] = b
	}
	l.Serial = n.serial(values)
	for i := range n.columns {
		switch c := &n.columns[i]; {
		case c.payee:
		case len(values[i]) > c.max:
			return l.Refuse(c.key, relief.LineTooLong)
		case len(values[i]) == 0 && !c.empty:
			return l.Refuse(c.key, relief.LineMissing)
		}
	}
	switch n.options.Kind {
	case KindLines:
		return n.parsePayment(values, l)
	case KindRoll:
		return n.parseRoll(values, l)
	default:
		return n.parseSettlement(values, l)
	}
}

// serial is what a refusal may repeat of a line: a short number or a payment's id, never what might be personal.
func (n *Reader) serial(values *record) string {
	switch n.options.Kind {
	case KindLines:
		if s := values[paySeq]; len(s) <= 9 && digits(s) {
			return string(s)
		}
	case KindSettlements:
		if id, err := relief.ParsePaymentID(string(values[settlePayment])); err == nil {
			return id.String()
		}
	}
	return ""
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// parsePayment reads a payment of a list. Its period is the batch's or the line is refused, so that the bounds of periods
// are those that hold for batches.
func (n *Reader) parsePayment(values *record, l *Line) *Refusal {
	if _, refusal := n.parsePayee(values, payRegion, payName, payID, payAccount, l); refusal != nil {
		return refusal
	}
	var code relief.LineCode
	if len(values[payPersons]) > 0 {
		if l.Persons, code = persons(values[payPersons]); code != "" {
			return l.Refuse("persons", code)
		}
	}
	if l.Amount, code = amount(values[payAmount]); code != "" {
		return l.Refuse("amount", code)
	}
	if l.Period, code = period(values[payPeriod]); code != "" {
		return l.Refuse("period", code)
	}
	return nil
}

func (n *Reader) parseRoll(values *record, l *Line) *Refusal {
	id, refusal := n.parsePayee(values, rollRegion, rollName, rollID, rollAccount, l)
	if refusal != nil {
		return refusal
	}
	if err := payee.BirthDays(n.options.Today).Check("id_number", payee.BornOn(id)); err != nil {
		refusal = l.RefuseValue(err)
		refusal.Code = relief.LineIDDate
		return refusal
	}
	bank, err := payee.ParseBank("bank", string(values[rollBank]))
	if err != nil {
		return l.RefuseValue(err)
	}
	var code relief.LineCode
	if l.Persons, code = persons(values[rollPersons]); code != "" {
		return l.Refuse("persons", code)
	}
	class := values[rollClass]
	if len(class) != 1 || class[0] < 'A' || class[0] > 'Z' {
		return l.Refuse("class", relief.LineClass)
	}
	if l.Amount, code = amount(values[rollAmount]); code != "" {
		return l.Refuse("amount", code)
	}
	if refusal := n.parseTold(values, l); refusal != nil {
		return refusal
	}
	l.Class = class[0]
	l.Person = seal.Person{
		Name: seal.Secret(l.Name.Reveal()), IDNumber: seal.Secret(id), Account: seal.Secret(l.Account.Reveal()),
		Bank: seal.Secret(bank), Phone: seal.Secret(values[rollPhone]), HouseholdNo: seal.Secret(values[rollHousehold]),
	}
	return nil
}

// rounded is what a spreadsheet makes of an identity number: an exponent, or zeros after the fifteenth digit.
var rounded = regexp.MustCompile(`^[0-9](\.[0-9]+)?[eE]\+?1[0-9]$|^[0-9]{15}000$`)

var roundedID = bilingual.Text{
	Zh: "身份证号的末几位已被电子表格舍入，请将该列设为文本后按原件重新录入",
	En: "a spreadsheet has rounded the identity number, its last digits are lost: make the column text and enter the original number",
}

// parsePayee reads who is paid and where to: the columns that rolls and lists have alike.
func (n *Reader) parsePayee(
	values *record, atRegion, atName, atID, atAccount int, l *Line,
) (relief.IDNumber, *Refusal) {
	var code relief.LineCode
	var err error
	if l.Region, code = region(values[atRegion]); code != "" {
		return "", l.Refuse("region", code)
	}
	if l.Name, err = payee.ParseName("name", string(values[atName])); err != nil {
		return "", l.RefuseValue(err)
	}
	id, code := relief.ParseIDNumber(string(values[atID]))
	if code != "" {
		refusal := l.Refuse("id_number", code)
		if rounded.Match(values[atID]) {
			refusal.Note = roundedID.String()
		}
		return "", refusal
	}
	if l.Account, err = payee.ParseAccount("account", string(values[atAccount])); err != nil {
		return "", l.RefuseValue(err)
	}
	l.Ref = n.ref(id)
	return id, nil
}

var outcomes = map[string]payment.Outcome{
	"credited": payment.OutcomeCredited, "成功": payment.OutcomeCredited, "已入账": payment.OutcomeCredited,
	"returned": payment.OutcomeReturned, "退票": payment.OutcomeReturned,
}

func (n *Reader) parseSettlement(values *record, l *Line) *Refusal {
	var err error
	var code relief.LineCode
	if l.Payment, err = relief.ParsePaymentID(string(values[settlePayment])); err != nil {
		return l.Refuse("payment_id", relief.LinePaymentID)
	}
	if l.Amount, code = amount(values[settleAmount]); code != "" {
		return l.Refuse("amount", code)
	}
	ok := false
	if l.Outcome, ok = outcomes[string(values[settleResult])]; !ok {
		return l.Refuse("result", relief.LineResult)
	}
	if !reason(values[settleReason], l) {
		return l.Refuse("reason", relief.LineReason)
	}
	written := string(values[settleDate])
	if t, ok := csvfile.Day(written); ok { // as spreadsheets and banks write it
		written = t.Format(time.DateOnly)
	}
	// The day of the instruction is known with the batch.
	day, err := payee.ParseDay("date", written, payee.SettlementDays("", n.options.Today))
	if err != nil {
		return l.RefuseValue(err)
	}
	l.Day = uint32(payee.NumberOfDay(day)) //nolint:gosec // from 2000 on
	l.BankRef = relief.HashBankRef(values[settleReference])
	return nil
}

// reason reads the reason code: four characters when the payment came back, none when it did not.
func reason(b []byte, l *Line) bool {
	if l.Outcome == payment.OutcomeCredited {
		return len(b) == 0
	}
	if len(b) != len(l.Reason) {
		return false
	}
	for _, c := range b {
		if (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	copy(l.Reason[:], b)
	return true
}

func region(b []byte) (relief.Region, relief.LineCode) {
	r, err := relief.ParseRegion(string(b))
	if err != nil || r.County() == "" {
		return "", relief.LineRegionSyntax
	}
	return r, ""
}

func amount(b []byte) (relief.Fen, relief.LineCode) {
	f, err := relief.ParseFen(string(b))
	var bad *relief.AmountError
	if errors.As(err, &bad) {
		return 0, bad.Kind
	}
	if err != nil {
		return 0, relief.LineAmountSyntax
	}
	return f, ""
}

func period(b []byte) (relief.Period, relief.LineCode) {
	p, err := relief.ParsePeriod(string(b))
	if err != nil {
		return p, relief.LinePeriod
	}
	return p, ""
}

func persons(b []byte) (uint8, relief.LineCode) {
	if len(b) < 1 || len(b) > 2 || !digits(b) {
		return 0, relief.LinePersons
	}
	n := uint8(0)
	for _, c := range b {
		n = n*10 + c - '0'
	}
	if n == 0 {
		return 0, relief.LinePersons
	}
	return n, ""
}
