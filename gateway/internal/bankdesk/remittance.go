package bankdesk

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
)

// Remittance is the language of what a payee reads on the account's statement.
type Remittance string

// The languages.
const (
	RemittanceZh    Remittance = "zh"
	RemittanceASCII Remittance = "ascii" // English, for banks whose systems take no Chinese in this field
)

// remittanceWords are the words of a language: the kinds of payments, and what joins them.
type remittanceWords struct {
	kinds                     map[relief.PaymentKind]string
	and, to, list, count, cut string
}

var remittances = map[Remittance]remittanceWords{
	RemittanceZh: {
		kinds: map[relief.PaymentKind]string{relief.PaymentArrears: "补发", relief.PaymentTopUp: "补差", relief.PaymentGrant: "一次性"},
		and:   " 及", to: "至", list: "、", count: "共%d期", cut: "，抵扣%s",
	},
	RemittanceASCII: {
		kinds: map[relief.PaymentKind]string{relief.PaymentArrears: "arrears ", relief.PaymentTopUp: "top-up ", relief.PaymentGrant: "grant "},
		and:   " + ", to: "/", list: " ", count: " (%d)", cut: ", less %s",
	},
}

// remittanceKinds are the kinds in the order in which a text names them.
var remittanceKinds = []relief.PaymentKind{relief.PaymentRegular, relief.PaymentArrears, relief.PaymentTopUp, relief.PaymentGrant}

// text says what a transfer carries, such as "dibao 2026-07 及补差2026-01至06". Where all periods do not fit into the message,
// each kind has its first and last one, and how many there are.
func (l Remittance) text(t *payment.Transfer) string {
	words := remittances[l]
	text := words.text(t, words.periods)
	if utf8.RuneCountInString(text) > bankfile.MaxText {
		text = words.text(t, words.bounds)
	}
	return text
}

func (w *remittanceWords) text(t *payment.Transfer, periods func([]relief.Period) string) string {
	var parts []string
	for _, kind := range remittanceKinds {
		var of []relief.Period
		for i := range t.Payments {
			if p := &t.Payments[i]; p.Kind == kind && !slices.Contains(of, p.Period) {
				of = append(of, p.Period)
			}
		}
		if len(of) > 0 {
			parts = append(parts, w.kinds[kind]+periods(of))
		}
	}
	text := string(t.ID.Programme) + " " + strings.Join(parts, w.and)
	if t.Deducted > 0 {
		text += fmt.Sprintf(w.cut, t.Deducted)
	}
	return text
}

// periods writes periods in their order, neighbours as a range: 2026-01至03、06.
func (w *remittanceWords) periods(of []relief.Period) string {
	var ranges []string
	for first := 0; first < len(of); {
		last := first
		for last+1 < len(of) && of[last].Next() == of[last+1] {
			last++
		}
		ranges = append(ranges, w.between(of[first], of[last]))
		first = last + 1
	}
	return strings.Join(ranges, w.list)
}

func (w *remittanceWords) bounds(of []relief.Period) string {
	return w.between(of[0], of[len(of)-1]) + fmt.Sprintf(w.count, len(of))
}

// between writes a range: 2026-01至06, and 2025-12至2026-01 over the end of a year.
func (w *remittanceWords) between(first, last relief.Period) string {
	if first == last {
		return first.String()
	}
	from, to := first.String(), last.String()
	return from + w.to + strings.TrimPrefix(to, from[:len("2026-")])
}
