package payment

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// CheckOpening refuses a new batch that cannot be opened yet: of a period later than the next one, with money of another
// fiscal year, or of more than its tranches have available. Nothing is reserved. today is the ledger's day.
//
// A batch that pays again has the period of what was returned, so that its accounting period is that of the payment or of
// today: what comes back after the year's end may be paid with the new year's money.
func (b *Batch) CheckOpening(tranches []fund.Tranche, today relief.Day) error {
	last := relief.MonthPeriod(today.Month()).Next()
	if b.Period.Quarterly() {
		last = relief.QuarterOf(today.Month()).Next()
	}
	if b.Period.FirstMonth() > last.FirstMonth() {
		return relief.FieldErrorf("period", "the period must be %s or earlier on %s, not %s", last, today, b.Period)
	}
	year := b.Period.FirstMonth() / 12
	for i := range tranches {
		t := &tranches[i]
		if t.FiscalYear == year || b.Purpose == PurposePayAgain && t.FiscalYear == today.Month()/12 {
			continue
		}
		return relief.FieldErrorf(b.sourceField(), "tranche %s is money of the fiscal year %d, the period %s is of %d",
			t.ID, t.FiscalYear, b.Period, year)
	}
	return b.checkAvailable(tranches)
}

// sourceField is the input field that names a batch's tranches.
func (b *Batch) sourceField() string {
	if len(b.Sources) > 0 {
		return "sources"
	}
	return "tranche"
}

// checkAvailable returns FUNDS when a tranche has less available than its share of the control sum.
func (b *Batch) checkAvailable(tranches []fund.Tranche) error {
	shares := []relief.Fen{b.Control.Sum}
	if len(b.Sources) > 0 {
		d := divisionOf(b.Sources)
		all := d.shares(0, b.Control.Sum)
		shares = all[:d.n]
	}
	for i, share := range shares {
		if available := tranches[i].Balances.Available; available < share {
			return relief.Errorf(relief.CodeFunds, "tranche %s has %s, less than %s", tranches[i].ID, available, share)
		}
	}
	return nil
}
