package index

import (
	"cmp"
	"database/sql"
	"encoding/hex"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// lineVersion is one version of a payment, and the place of the transaction that wrote it.
type lineVersion struct {
	payment, state, batch, kind, amount, deducted, line, day, txPos int64
	sourced                                                         bool // the batch draws on several tranches
	reason                                                          string
	bankRef                                                         []byte
}

func (v *lineVersion) columns() []any {
	return []any{&v.payment, &v.state, &v.batch, &v.kind, &v.amount, &v.deducted, &v.line, &v.day, &v.sourced, &v.reason, &v.bankRef, &v.txPos}
}

// sourcedBatch reports whether the batch of a payment p draws on several tranches.
const sourcedBatch = "EXISTS (SELECT 1 FROM batch_sources q WHERE q.batch = p.batch)"

// Both queries read versions of the payments whose numbers are $1 to $2 above the low of a span, for the spans from $3 to
// $4. The first reads archived versions. The second reads the last answer with the last listing; while there is no answer,
// its place is 0. Transactions are read apart: many payments share one.
var (
	archivedLinesQuery = "SELECT p.payment, p.state, p.batch, p.kind, p.amount, p.deducted, p.line, p.day, " + sourcedBatch +
		", p.reason, p.bank_ref, p.place FROM spans s CROSS JOIN line_history p " +
		"WHERE p.payment BETWEEN s.low + $1 AND s.low + $2 AND s.low BETWEEN $3 AND $4"
	currentLinesQuery = "SELECT p.n, p.state, p.batch, p.kind, p.amount, p.deducted, p.line, p.day, " + sourcedBatch + ", " + reasonOf +
		", p.bank_ref, p.answered, p.listed FROM spans s CROSS JOIN payments p " +
		"WHERE p.n BETWEEN s.low + $1 AND s.low + $2 AND s.low BETWEEN $3 AND $4"
)

// lineVersions lists the versions of payments in the order of the ledger.
func (r *reader) lineVersions(first, last, low, high int64) (out []lineVersion, err error) {
	err = r.each(archivedLinesQuery, func(rows *sql.Rows) error {
		var v lineVersion
		err := rows.Scan(v.columns()...)
		out = append(out, v)
		return err
	}, first, last, low, high)
	if err != nil {
		return nil, err
	}
	err = r.each(currentLinesQuery, func(rows *sql.Rows) error {
		var answer lineVersion
		var listed int64
		err := rows.Scan(append(answer.columns(), &listed)...)
		listing := answer
		listing.state, listing.day, listing.reason, listing.bankRef, listing.txPos = stateListed, 0, "", nil, listed
		out = append(out, listing)
		if answer.txPos != 0 {
			out = append(out, answer)
		}
		return err
	}, first, last, low, high)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b lineVersion) int {
		return cmp.Or(cmp.Compare(a.txPos, b.txPos), cmp.Compare(a.payment, b.payment))
	})
	return out, nil
}

func (v *lineVersion) detail() map[string]string {
	state := lineStates[v.state]
	detail := map[string]string{"amount": relief.Fen(v.amount).String(), "state": string(state)}
	if kind := relief.PaymentKind(v.kind); kind != relief.PaymentRegular { //nolint:gosec // four kinds
		detail["kind"] = kind.String()
	}
	if v.deducted > 0 {
		detail["deducted"] = relief.Fen(v.deducted).String()
	}
	if v.day == 0 {
		return detail // the bank has not answered yet
	}
	detail["bank_ref_sha256_128"] = hex.EncodeToString(v.bankRef)
	if state == payment.LineCredited {
		detail["credited_on"] = dayText(v.day)
		return detail
	}
	detail["returned_on"], detail["return_reason"] = dayText(v.day), v.reason
	return detail
}

// dayText writes a number of days since 1970 as a date.
func dayText(day int64) string { return time.Unix(day*86400, 0).UTC().Format(time.DateOnly) }
