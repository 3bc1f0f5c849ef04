package intake

import (
	"bytes"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
)

// parseTold reads the columns of a roll that a file may lack: what was paid before this record began, where the household lives, and
// the identity numbers of its other members.
func (n *Reader) parseTold(values *record, l *Line) *Refusal {
	if text := values[rollPaidThrough]; len(text) > 0 {
		through, err := payee.ParsePeriod("paid_through", string(text), payee.Periods(n.options.Today))
		if err != nil {
			return l.RefuseValue(err)
		}
		if through.FirstMonth() > n.options.Today.Month() { // nothing is paid already of a month that comes
			return l.Refuse("paid_through", relief.LinePeriod)
		}
		l.PaidThrough = through
	}
	if text := values[rollPaidSum]; len(text) > 0 {
		var code relief.LineCode
		if l.PaidSum, code = amount(text); code != "" {
			return l.Refuse("paid_sum", code)
		}
		if l.PaidThrough.IsZero() {
			return l.Refuse("paid_through", relief.LineMissing)
		}
	}
	if text := values[rollResidence]; len(text) > 0 {
		var known bool
		if l.Residence, known = residences[string(text)]; !known {
			return l.Refuse("residence", relief.LineResidence)
		}
	}
	return n.parseMembers(values[rollMembers], l)
}

// residences are the words for where a household lives.
var residences = map[string]relief.Residence{
	"城镇": relief.Urban, "城市": relief.Urban, "urban": relief.Urban, "农村": relief.Rural, "乡村": relief.Rural, "rural": relief.Rural,
}

// parseMembers reads identity numbers that a semicolon, the mark 、 or a space separates. A member who is named twice, or
// who is the head, is one person in two places of the line: it is refused, since one of the numbers is probably another's.
func (n *Reader) parseMembers(text []byte, l *Line) *Refusal {
	for _, field := range bytes.FieldsFunc(text, isMemberMark) {
		id, code := relief.ParseIDNumber(string(field))
		if code != "" {
			return l.Refuse("members", code)
		}
		ref := n.ref(id)
		if ref == l.Ref || slices.Contains(l.Members, ref) {
			return l.Refuse("members", relief.LineMembers)
		}
		if l.Members = append(l.Members, ref); len(l.Members) > roll.MaxInputMembers {
			return l.Refuse("members", relief.LineMembers)
		}
	}
	return nil
}

func isMemberMark(r rune) bool {
	switch r {
	case ';', '；', '、', ',', '，', '/', ' ', '\u3000':
		return true
	}
	return false
}
