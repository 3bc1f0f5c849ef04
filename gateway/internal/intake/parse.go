package intake

import (
	"errors"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/seal"
)

// parse turns a record into a line of the reader's kind. It names the column and the code of a refusal.
func (n *Reader) parse(values *record, l *Line) (string, relief.LineCode) {
	for i := range n.columns {
		if values[i] == nil {
			continue
		}
		b, ok := clean(values[i], n.gb, n.columns[i].fold)
		if !ok {
			return n.columns[i].key, relief.LineEncoding
		}
		values[i] = b
	}
	l.Serial = n.serial(values)
	for i := range n.columns {
		c := &n.columns[i]
		if len(values[i]) > c.max {
			return c.key, relief.LineTooLong
		}
		if len(values[i]) == 0 && !c.empty {
			return c.key, relief.LineMissing
		}
	}
	at, code := 0, relief.LineCode("")
	switch n.options.Kind {
	case KindLines:
		at, code = n.parsePayment(values, l)
	case KindRoll:
		at, code = n.parseRoll(values, l)
	default:
		at, code = parseSettlement(values, l)
	}
	if code != "" {
		return n.columns[at].key, code
	}
	return "", ""
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

func (n *Reader) parsePayment(values *record, l *Line) (at int, code relief.LineCode) {
	if l.Region, code = region(values[payRegion]); code != "" {
		return payRegion, code
	}
	id, code := relief.ParseIDNumber(string(values[payID]))
	if code != "" {
		return payID, code
	}
	if !accountNumber(values[payAccount]) {
		return payAccount, relief.LineAccount
	}
	if len(values[payPersons]) > 0 {
		if l.Persons, code = persons(values[payPersons]); code != "" {
			return payPersons, code
		}
	}
	if l.Amount, code = amount(values[payAmount]); code != "" {
		return payAmount, code
	}
	if l.Period, code = period(values[payPeriod]); code != "" {
		return payPeriod, code
	}
	l.Ref = n.ref(id)
	l.Person = seal.Person{Name: seal.Secret(values[payName]), Account: seal.Secret(values[payAccount])}
	return 0, ""
}

func (n *Reader) parseRoll(values *record, l *Line) (at int, code relief.LineCode) {
	if l.Region, code = region(values[rollRegion]); code != "" {
		return rollRegion, code
	}
	id, code := relief.ParseIDNumber(string(values[rollID]))
	if code != "" {
		return rollID, code
	}
	if !accountNumber(values[rollAccount]) {
		return rollAccount, relief.LineAccount
	}
	if l.Persons, code = persons(values[rollPersons]); code != "" {
		return rollPersons, code
	}
	class := values[rollClass]
	if len(class) != 1 || class[0] < 'A' || class[0] > 'Z' {
		return rollClass, relief.LineClass
	}
	if l.Amount, code = amount(values[rollAmount]); code != "" {
		return rollAmount, code
	}
	l.Class = class[0]
	l.Ref = n.ref(id)
	l.Person = seal.Person{
		Name: seal.Secret(values[rollName]), IDNumber: seal.Secret(id), Account: seal.Secret(values[rollAccount]),
		Bank: seal.Secret(values[rollBank]), Phone: seal.Secret(values[rollPhone]), HouseholdNo: seal.Secret(values[rollHousehold]),
	}
	return 0, ""
}

var outcomes = map[string]payment.Outcome{
	"credited": payment.OutcomeCredited, "成功": payment.OutcomeCredited, "已入账": payment.OutcomeCredited,
	"returned": payment.OutcomeReturned, "退票": payment.OutcomeReturned,
}

func parseSettlement(values *record, l *Line) (at int, code relief.LineCode) {
	var err error
	if l.Payment, err = relief.ParsePaymentID(string(values[settlePayment])); err != nil {
		return settlePayment, relief.LinePaymentID
	}
	if l.Amount, code = amount(values[settleAmount]); code != "" {
		return settleAmount, code
	}
	ok := false
	if l.Outcome, ok = outcomes[string(values[settleResult])]; !ok {
		return settleResult, relief.LineResult
	}
	if !reason(values[settleReason], l) {
		return settleReason, relief.LineReason
	}
	day, err := time.Parse(time.DateOnly, string(values[settleDate]))
	if err != nil || day.Unix() < 0 {
		return settleDate, relief.LineDate
	}
	l.Day = uint32(day.Unix() / 86400) //nolint:gosec // four digits of year, not before 1970
	l.BankRef = relief.HashBankRef(values[settleReference])
	return 0, ""
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

// accountNumber reports whether b is 8 to 32 digits or letters.
func accountNumber(b []byte) bool {
	if len(b) < 8 || len(b) > 32 {
		return false
	}
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}
