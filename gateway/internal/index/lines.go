package index

import (
	"cmp"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
)

// lineVersion is one version of a payment and the transaction that made it.
type lineVersion struct {
	payment, state, batch, amount, line, day int64
	reason                                   string
	bankRef                                  []byte
	tx                                       seen
}

func (v *lineVersion) columns() []any {
	return append([]any{&v.payment, &v.state, &v.batch, &v.amount, &v.line, &v.day, &v.reason, &v.bankRef}, v.tx.columns()...)
}

// lineQueries find the versions of payments whose numbers lie $1 to $2 above the low of a span from $3 to $4: those that
// were put aside, the last listing, the last answer.
var lineQueries = []string{
	"SELECT p.payment, p.state, p.batch, p.amount, p.line, p.day, p.reason, p.bank_ref, " + transactionColumns +
		" FROM spans s CROSS JOIN line_history p CROSS JOIN transactions t WHERE p.payment BETWEEN s.low + $1 AND s.low + $2 AND s.low BETWEEN $3 AND $4 AND t.place = p.place",
	"SELECT p.n, 1, p.batch, p.amount, p.line, 0, '', NULL, " + transactionColumns +
		" FROM spans s CROSS JOIN payments p CROSS JOIN transactions t WHERE p.n BETWEEN s.low + $1 AND s.low + $2 AND s.low BETWEEN $3 AND $4 AND t.place = p.listed",
	"SELECT p.n, p.state, p.batch, p.amount, p.line, p.day, " + reasonOf + ", " + bankRefOf + ", " + transactionColumns +
		" FROM spans s CROSS JOIN payments p CROSS JOIN transactions t WHERE p.n BETWEEN s.low + $1 AND s.low + $2 AND s.low BETWEEN $3 AND $4 AND t.place = p.answered",
}

func (r *reader) lineVersions(first, last, low, high int64) (out []lineVersion, err error) {
	for _, query := range lineQueries {
		err := r.each(query, func(rows *sql.Rows) error {
			var v lineVersion
			err := rows.Scan(v.columns()...)
			out = append(out, v)
			return err
		}, first, last, low, high)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b lineVersion) int {
		return cmp.Or(cmp.Compare(a.tx.place, b.tx.place), cmp.Compare(a.payment, b.payment))
	})
	return out, nil
}

func (v *lineVersion) detail() map[string]string {
	state := lineStates[v.state]
	detail := map[string]string{"amount": relief.Fen(v.amount).String(), "state": string(state)}
	if v.day > 0 {
		detail["bank_ref_sha256"] = hex.EncodeToString(v.bankRef)
		if state == relief.LineCredited {
			detail["credited_on"] = dayText(v.day)
		} else {
			detail["returned_on"], detail["return_reason"] = dayText(v.day), v.reason
		}
	}
	return detail
}

// dayText writes a day since 1970 as a date.
func dayText(day int64) string { return time.Unix(day*86400, 0).UTC().Format(time.DateOnly) }
