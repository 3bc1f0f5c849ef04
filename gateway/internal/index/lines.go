package index

import (
	"cmp"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

// lineVersion is one version of a payment.
type lineVersion struct {
	payment, place, state, batch, amount, line, day int64
	reason                                          string
	bankRef                                         []byte
}

func (v *lineVersion) columns() []any {
	return []any{&v.payment, &v.place, &v.state, &v.batch, &v.amount, &v.line, &v.day, &v.reason, &v.bankRef}
}

// lineVersions lists the versions of payments whose numbers lie first to last above the low of a span from low to high,
// as the ledger has them: those that were put aside, the last listing, the last answer.
func (r *reader) lineVersions(first, last, low, high int64) (out []lineVersion, err error) {
	const where = " FROM spans s CROSS JOIN %s p WHERE p.%s BETWEEN s.low + $1 AND s.low + $2 AND s.low BETWEEN $3 AND $4"
	err = r.each("SELECT p.payment, p.place, p.state, p.batch, p.amount, p.line, p.day, p.reason, p.bank_ref"+
		fmt.Sprintf(where, "line_history", "payment"), func(rows *sql.Rows) error {
		var v lineVersion
		err := rows.Scan(v.columns()...)
		out = append(out, v)
		return err
	}, first, last, low, high)
	if err != nil {
		return nil, err
	}
	err = r.each("SELECT p.n, p.answered, p.state, p.batch, p.amount, p.line, p.day, p.reason, p.bank_ref, p.listed"+
		fmt.Sprintf(where, "payments", "n"), func(rows *sql.Rows) error {
		var v lineVersion
		var listed int64
		if err := rows.Scan(append(v.columns(), &listed)...); err != nil {
			return err
		}
		out = append(out, lineVersion{payment: v.payment, place: listed, state: 1, batch: v.batch, amount: v.amount, line: v.line})
		if v.place > 0 {
			out = append(out, v)
		}
		return nil
	}, first, last, low, high)
	slices.SortFunc(out, func(a, b lineVersion) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.payment, b.payment))
	})
	return out, err
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

// placesAsked bounds how many transactions one statement asks for.
const placesAsked = 200

// transactionsAt reads the transactions at places.
func (r *reader) transactionsAt(places []int64) (map[int64]ledger.Transaction, error) {
	places = slices.Clone(places)
	slices.Sort(places)
	places = slices.Compact(places)
	out := make(map[int64]ledger.Transaction, len(places))
	for some := range slices.Chunk(places, placesAsked) {
		args := make([]any, len(some))
		marks := make([]string, len(some))
		for i, p := range some {
			args[i], marks[i] = p, fmt.Sprintf("$%d", i+1)
		}
		var found []seen
		err := r.each("SELECT "+transactionColumns+" FROM transactions t"+transactionJoins+"WHERE t.place IN ("+strings.Join(marks, ",")+")",
			func(rows *sql.Rows) error {
				var s seen
				err := rows.Scan(s.columns()...)
				found = append(found, s)
				return err
			}, args...)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if out[found[i].place], err = r.transaction(&found[i]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}
