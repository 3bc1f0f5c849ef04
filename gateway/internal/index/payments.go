package index

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index/sqldb"
)

// PaymentQuery says which payments are wanted. Empty fields match every payment.
type PaymentQuery struct {
	Subject   relief.SubjectRef
	Batch     relief.BatchID
	Programme relief.ProgrammeID
	Region    relief.Region // where the person lived: the roll number's, which never changes
	Period    relief.Period
	State     payment.State
	Min, Max  relief.Fen // Max 0: no upper bound
	// Approver is the official who approved the payment's batch, for civil affairs or for finance.
	Approver relief.Official // agency and name
	Reason   string          // the return reason of the bank (ISO 20022)
	Kind     *relief.PaymentKind
	Account  relief.Period // the accounting period: that of the payment's batch
	PaymentFilter
}

// paymentStates are the states that a query may name. Before the bank's answer, a payment has the state of its batch.
var paymentStates = map[payment.State]int64{
	"listed": stateListed, "sealed": stateListed, "approved": stateListed, "authorised": stateListed, "instructed": stateListed,
	"closed": stateListed, "cancelled": stateListed, "credited": stateCredited, "returned": stateReturned, "reversed": stateReversed,
}

// Check refuses a query that no payment can match.
func (q *PaymentQuery) Check() error {
	if _, known := paymentStates[q.State]; q.State != "" && !known {
		return relief.FieldErrorf("state",
			"must be one of listed, sealed, approved, authorised, instructed, closed, cancelled, credited, returned and reversed")
	}
	if q.Max != 0 && q.Max < q.Min {
		return relief.FieldErrorf("max_amount", "must not be less than min_amount")
	}
	if len(q.Reason) > 4 {
		return relief.FieldErrorf("return_reason", "must be a return reason of four characters such as AC04")
	}
	return q.check()
}

// rowsScanned bounds how many payments one page reads.
const rowsScanned = 200_000

// Parts of a payment p that are in other rows, found by the payment's number or by its leaf's.
var (
	hashOf   = "(SELECT " + ownHash + " FROM leaves l WHERE l.n < p.leaf ORDER BY l.n DESC LIMIT 1)"
	wentBack = fmt.Sprintf("p.state > %d", stateCredited)
	reasonOf = "CASE WHEN " + wentBack + " THEN (SELECT q.reason FROM returns q WHERE q.n = p.n) ELSE '' END"
)

var paymentColumns = "p.n, p.kind, p.amount, p.deducted, p.line, p.state, p.day, " + reasonOf +
	", p.bank_ref, b.id, b.state, b.period, r.programme, r.county, e.subject, substr(e.value, 1, 6), " + hashOf +
	", coalesce((SELECT q.residence FROM residences q WHERE q.n = p.n), 0)"

// A payment's batch, roll and roll entry are found by their numbers. CROSS JOIN makes SQLite look the tables up in this
// order.
var (
	paymentTables = "payments p CROSS JOIN batches b CROSS JOIN rolls r CROSS JOIN entries e "
	paymentJoin   = "b.n = p.batch AND r.n = " + sqlRollOfPayment("p.n") + " AND e.n = " + sqlEntryOfPayment("p.n") + " AND "
	paymentFrom   = " FROM " + paymentTables + "WHERE " + paymentJoin
	returnedFrom  = " FROM returns q CROSS JOIN " + paymentTables + "WHERE p.n = q.n AND " + paymentJoin
)

// Payment is the current state of a payment; NOT_FOUND when it was never listed.
func (ix *Index) Payment(ctx context.Context, id relief.PaymentID) (p payment.Payment, err error) {
	err = ix.view(ctx, func(r *reader) error {
		roll, err := r.roll(id.Programme, id.County)
		if err != nil {
			return err
		}
		n := paymentNumber(spanLow(roll, id.Period), id.Number, id.Attempt)
		if err := r.requirePayment(n); err != nil {
			return err
		}
		found, err := r.payments(paymentFrom, n, n, 1, &PaymentQuery{})
		if err != nil {
			return err
		}
		if roll == 0 || len(found) == 0 {
			return errNotFound("payment")
		}
		p = found[0]
		var batch int64
		if _, err := r.one("SELECT p.batch FROM payments p WHERE p.n = $1", []any{n}, &batch); err != nil {
			return err
		}
		sourced, err := r.sourced([]int64{batch})
		if err != nil {
			return err
		}
		p.Shares, err = r.shares(id, sourced[batch])
		return err
	})
	return p, err
}

// Payments lists payments roll by roll, then period by period, then by roll number.
func (ix *Index) Payments(
	ctx context.Context, q PaymentQuery, cursor string, limit int,
) (page Page[payment.Payment], err error) {
	page.Items = []payment.Payment{}
	after, err := parseCursor('p', cursor, -1)
	if err != nil {
		return page, err
	}
	if err := q.Check(); err != nil {
		return page, err
	}
	limit = min(limit, MaxPage)
	err = ix.view(ctx, func(r *reader) error {
		if page.Unreadable, err = r.missing(relief.KindLines, relief.KindFurther, relief.KindRoll, relief.KindPayees, relief.KindBatch); err != nil {
			return err
		}
		if q.returns() {
			return r.returnedPage(&page, &q, after, limit)
		}
		return r.paymentPage(&page, &q, after, limit)
	})
	return page, err
}

// returns reports whether the query is best answered from the table returns: only payments that came back can match, and
// neither a batch nor a person narrows the search.
func (q *PaymentQuery) returns() bool {
	return q.Batch == "" && q.Subject.IsZero() && !q.answeredBetween() && (paymentStates[q.State] >= stateReturned || q.Reason != "")
}

func (r *reader) returnedPage(page *Page[payment.Payment], q *PaymentQuery, after int64, limit int) (err error) {
	page.Items, err = r.payments(returnedFrom, after+1, -1, limit+1, q)
	if len(page.Items) > limit {
		page.Items = page.Items[:limit]
		page.Next, err = r.cursorAt(page.Items[limit-1].ID)
	}
	return err
}

// paymentPage reads the spans that can hold matching payments, one after another.
func (r *reader) paymentPage(page *Page[payment.Payment], q *PaymentQuery, after int64, limit int) error {
	spans, more, err := r.spans(q, after)
	if err != nil {
		return err
	}
	scanned := int64(0)
	last := after
	for _, s := range spans {
		if len(page.Items) == limit || scanned >= rowsScanned {
			page.Next = cursorOf('p', last)
			return nil
		}
		found, err := r.payments(paymentFrom, max(s.low, after+1), s.high, limit-len(page.Items)+1, q)
		if err != nil {
			return err
		}
		if room := limit - len(page.Items); len(found) > room {
			page.Items = append(page.Items, found[:room]...)
			page.Next, err = r.cursorAt(page.Items[limit-1].ID)
			return err
		}
		page.Items = append(page.Items, found...)
		last = s.high
		scanned += s.payments
	}
	if more {
		page.Next = cursorOf('p', last)
	}
	return nil
}

func (r *reader) cursorAt(id relief.PaymentID) (string, error) {
	roll, err := r.roll(id.Programme, id.County)
	return cursorOf('p', paymentNumber(spanLow(roll, id.Period), id.Number, id.Attempt)), err
}

// payments lists the payments with numbers from first to last (−1: no end) that match a query.
func (r *reader) payments(from string, first, last int64, limit int, q *PaymentQuery) (out []payment.Payment, err error) {
	var w sqldb.Where
	w.Add("p.n >= ?", first)
	if last >= 0 {
		w.Add("p.n <= ?", last)
	}
	q.conditions(&w)
	if err := r.withoutPassed(&w); err != nil {
		return nil, err
	}
	err = r.each("SELECT "+paymentColumns+from+w.String()+" ORDER BY p.n LIMIT "+w.Arg(limit), func(rows *sql.Rows) error {
		p, err := scanPayment(rows)
		out = append(out, p)
		return err
	}, w.Args...)
	return out, err
}

func (q *PaymentQuery) conditions(w *sqldb.Where) {
	if q.Batch != "" {
		w.Add("b.id = ?", string(q.Batch))
	}
	if q.Programme != "" {
		w.Add("r.programme = ?", string(q.Programme))
	}
	if !q.Period.IsZero() {
		w.Add(sqlPeriodOfPayment("p.n")+" = ?", int64(q.Period.Code()))
	}
	if q.Region != "" {
		low, high := regionDigits(q.Region)
		w.Add("e.region BETWEEN ? AND ?", low, high)
	}
	if q.State != "" {
		n := paymentStates[q.State]
		w.Add("p.state = ?", n)
		if n == stateListed {
			w.Add("b.state = ?", batchStateOf(q.State))
		}
	}
	if q.Kind != nil {
		w.Add("p.kind = ?", int64(*q.Kind))
	}
	if !q.Account.IsZero() {
		w.Add("b.period = ?", int64(q.Account.Code()))
	}
	if q.Min > 0 {
		w.Add("p.amount >= ?", int64(q.Min))
	}
	if q.Max > 0 {
		w.Add("p.amount <= ?", int64(q.Max))
	}
	if q.Reason != "" {
		w.Add(wentBack+" AND EXISTS (SELECT 1 FROM returns q WHERE q.n = p.n AND q.reason = ?)", q.Reason)
	}
	if q.Approver.Name != "" {
		q.approved(w)
	}
	q.onPayment(w)
}

// approved adds the condition that the approver has approved the batch, for either agency.
func (q *PaymentQuery) approved(w *sqldb.Where) {
	const who = "IN (SELECT i.n FROM identities i WHERE i.agency = ? AND i.name = ?)"
	w.Add("(b.approver "+who+" OR b.authoriser "+who+")", q.Approver.Agency, q.Approver.Name, q.Approver.Agency, q.Approver.Name)
}

// batchStateOf is the state of the batch of a payment that is in the given state and has no answer of the bank yet.
func batchStateOf(s payment.State) string {
	if s == payment.State(payment.LineListed) {
		return string(payment.BatchOpen)
	}
	return string(s)
}

// span is a range of payment numbers, and how many payments are in it at most.
type span struct{ low, high, payments int64 }

// spansAsked bounds how many spans one page reads.
const spansAsked = 2000

// spans lists the ranges that can hold matching payments with numbers above after. more reports whether there are further
// ranges.
func (r *reader) spans(q *PaymentQuery, after int64) (spans []span, more bool, err error) {
	if !q.Subject.IsZero() {
		spans, err = r.subjectSpans(q, after)
		return spans, false, err
	}
	query, args := q.spanQuery(after)
	err = r.each(query,
		func(rows *sql.Rows) error {
			var s span
			err := rows.Scan(&s.low, &s.payments)
			s.high = s.low + spanSize - 1
			spans = append(spans, s)
			return err
		}, args...)
	if more = len(spans) > spansAsked; more {
		spans = spans[:spansAsked]
	}
	return spans, more, err
}

// spanQuery reads the spans of spans().
func (q *PaymentQuery) spanQuery(after int64) (query string, args []any) {
	var w sqldb.Where
	// The span of the last payment may hold further ones.
	w.Add("s.low >= ?", max(after, 0)&^(spanSize-1))
	if q.Programme != "" {
		w.Add("r.programme = ?", string(q.Programme))
	}
	if q.Region != "" {
		prefix := string(q.Region[:min(len(q.Region), 6)])
		w.Add("r.county >= ? AND r.county <= ?", prefix, prefix+"~")
	}
	if !q.Period.IsZero() {
		w.Add("s.period = ?", int64(q.Period.Code()))
	}
	q.periods(&w, "s.period")
	q.spanBatches(&w)
	query = "SELECT s.low, s.payments FROM spans s JOIN rolls r ON r.n = s.roll WHERE " + w.String() + " ORDER BY s.low LIMIT " + w.Arg(spansAsked+1)
	return query, w.Args
}

// spanBatches adds the condition that a span has a matching batch.
func (q *PaymentQuery) spanBatches(w *sqldb.Where) {
	var b sqldb.Where
	b.Args = w.Args
	if q.Batch != "" {
		b.Add("b.id = ?", string(q.Batch))
	}
	if paymentStates[q.State] == stateListed {
		b.Add("b.state = ?", batchStateOf(q.State))
	}
	if q.Approver.Name != "" {
		q.approved(&b)
	}
	if !q.Account.IsZero() {
		b.Add("b.period = ?", int64(q.Account.Code()))
	}
	q.onSpanBatch(&b)
	w.Args = b.Args
	if !b.Empty() {
		w.Add("EXISTS (SELECT 1 FROM batches b WHERE b.roll = s.roll AND s.period BETWEEN b.earlier AND b.period AND " + b.String() + ")")
	}
}

// subjectSpans lists the ranges of one person's payments.
func (r *reader) subjectSpans(q *PaymentQuery, after int64) (spans []span, err error) {
	holdings, err := r.rollHoldings(q.Subject)
	if err != nil {
		return nil, err
	}
	for _, h := range holdings {
		if q.Programme != "" && q.Programme != h.Programme {
			continue
		}
		var w sqldb.Where
		low, high := rollSpans(h.roll)
		w.Add("s.low BETWEEN ? AND ?", low, high)
		if !q.Period.IsZero() {
			w.Add("s.period = ?", int64(q.Period.Code()))
		}
		err = r.each("SELECT s.low FROM spans s WHERE "+w.String()+" ORDER BY s.low", func(rows *sql.Rows) error {
			var low int64
			err := rows.Scan(&low)
			s := span{payments: 1}
			s.low, s.high = attemptsOf(low, h.Number)
			if s.high > after {
				spans = append(spans, s)
			}
			return err
		}, w.Args...)
		if err != nil {
			return nil, err
		}
	}
	sortSpans(spans)
	return spans, nil
}

// scanPayment reads a row of paymentColumns, and of the columns before them.
func scanPayment(rows *sql.Rows, before ...any) (p payment.Payment, err error) {
	var n, kind, amount, deducted, line, state, day, account, residence int64
	var reason string
	var bankRef, subject, region, leaf []byte
	var batchState payment.BatchState
	err = rows.Scan(append(before, &n, &kind, &amount, &deducted, &line, &state, &day, &reason, &bankRef,
		&p.Batch, &batchState, &account, &p.Programme, &p.County, &subject, &region, &leaf, &residence)...)
	if err != nil {
		return p, err
	}
	_, p.Period, p.Number, p.Attempt = paymentParts(n)
	p.ID = relief.PaymentID{Programme: p.Programme, County: p.County, Number: p.Number, Period: p.Period, Attempt: p.Attempt}
	copy(p.Subject[:], subject)
	if p.Region, err = relief.RegionFromCode(binary.BigEndian.Uint64(append([]byte{0, 0}, region...))); err != nil {
		return p, err
	}
	p.Kind, p.Amount, p.Deducted = relief.PaymentKind(kind), relief.Fen(amount), relief.Fen(deducted) //nolint:gosec // four kinds
	p.FileLine = uint32(line)                                                                         //nolint:gosec // 32 bits on the ledger
	if p.AccountingPeriod, err = relief.PeriodFromCode(uint16(account)); err != nil {                 //nolint:gosec // 16 bits on the ledger
		return p, err
	}
	p.Residence, _ = relief.ResidenceFromCode(uint8(residence)) //nolint:gosec // a code
	s := lineStates[state]
	p.State = payment.StateOf(s, batchState)
	if state == stateListed {
		return p, nil
	}
	p.BankRef, p.LeafHash = hex.EncodeToString(bankRef), hex.EncodeToString(leaf)
	if s == payment.LineCredited {
		p.CreditedOn = dayText(day)
	} else {
		p.ReturnedOn, p.ReturnReason = dayText(day), reason
	}
	return p, nil
}
