package index

import (
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index/sqldb"
)

// PaymentFilter is what else narrows a search for payments. Empty fields match every payment.
type PaymentFilter struct {
	PeriodFrom, PeriodTo relief.Period    // periods that begin in these months
	Accounts             PeriodRange      // accounting periods: those of the batches
	Tranche              relief.TrancheID // that the batch draws on
	Preparer, Authoriser relief.Official  // of the batch: agency and name
	Credited             DayRange         // credited on these days, and not returned since
	Returned             DayRange         // returned on these days, also after a credit
	Approved             DayRange         // in a batch that civil affairs approved on these days
}

func (f *PaymentFilter) check() error {
	for _, r := range []struct {
		field string
		days  DayRange
	}{{"to_credited", f.Credited}, {"to_returned", f.Returned}, {"to_approved", f.Approved}} {
		if err := r.days.check(r.field); err != nil {
			return err
		}
	}
	if !f.PeriodFrom.IsZero() && !f.PeriodTo.IsZero() && f.PeriodTo.LastMonth() < f.PeriodFrom.FirstMonth() {
		return relief.FieldErrorf("to_period", "must not end before it begins")
	}
	return nil
}

// answeredBetween reports whether the bank's answers narrow the search.
func (f *PaymentFilter) answeredBetween() bool { return !f.Credited.Empty() || !f.Returned.Empty() }

// periods adds the condition that a period begins in the range.
func (f *PaymentFilter) periods(w *sqldb.Where, code string) {
	if !f.PeriodFrom.IsZero() {
		w.Add(sqlStartOfPeriod(code)+" >= ?", int64(f.PeriodFrom.Start().Code()))
	}
	if !f.PeriodTo.IsZero() {
		w.Add(sqlStartOfPeriod(code)+" <= ?", int64(f.PeriodTo.End().Code()))
	}
}

// onPayment adds the conditions on a payment p of a batch b.
func (f *PaymentFilter) onPayment(w *sqldb.Where) {
	f.periods(w, sqlPeriodOfPayment("p.n"))
	if !f.Credited.Empty() {
		from, to := f.Credited.numbers()
		w.Add(fmt.Sprintf("p.state = %d AND p.day BETWEEN ? AND ?", stateCredited), from, to)
	}
	if !f.Returned.Empty() {
		from, to := f.Returned.numbers()
		w.Add(wentBack+" AND p.day BETWEEN ? AND ?", from, to)
	}
	f.onBatch(w)
}

// onBatch adds the conditions on a batch b.
func (f *PaymentFilter) onBatch(w *sqldb.Where) {
	const who = " IN (SELECT i.n FROM identities i WHERE i.agency = ? AND i.name = ?)"
	if f.Tranche != "" {
		w.Add("(b.tranche = ? OR EXISTS (SELECT 1 FROM batch_sources x WHERE x.batch = b.n AND x.tranche = ?))", string(f.Tranche), string(f.Tranche))
	}
	if f.Preparer.Name != "" {
		w.Add("b.preparer"+who, f.Preparer.Agency, f.Preparer.Name)
	}
	if f.Authoriser.Name != "" {
		w.Add("b.authoriser"+who, f.Authoriser.Agency, f.Authoriser.Name)
	}
	f.Accounts.conditions(w, "b.period")
	if !f.Approved.Empty() {
		from, to := f.Approved.numbers()
		w.Add("b.approved BETWEEN ? AND ?", max(from, 1), to)
	}
}

// onSpanBatch adds the conditions on a batch b some of whose payments lie in a span: the bank's answers are looked for by the days
// on which the batch was answered.
func (f *PaymentFilter) onSpanBatch(w *sqldb.Where) {
	f.onBatch(w)
	for _, days := range []DayRange{f.Credited, f.Returned} {
		if !days.Empty() {
			from, to := days.numbers()
			w.Add("EXISTS (SELECT 1 FROM batch_days d WHERE d.batch = b.n AND d.day BETWEEN ? AND ?)", from, to)
		}
	}
}
