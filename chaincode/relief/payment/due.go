package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// MaxDueRefusals is how many refusals one act names at most.
const MaxDueRefusals = 1000

// DueResult says what was listed of what is owed.
type DueResult struct {
	Listed       int         `json:"listed"`         // payments that are new in the batch
	Sum          relief.Fen  `json:"sum"`            // of what is transferred for them
	Arrears      int         `json:"arrears"`        // of them
	TopUps       int         `json:"top_ups"`        // of them
	Grants       int         `json:"grants"`         // of them
	DeductedSum  relief.Fen  `json:"deducted_sum"`   // from them
	Unchanged    int         `json:"unchanged"`      // payments that the batch had already
	UnchangedSum relief.Fen  `json:"unchanged_sum"`  // of what is transferred for those
	Refused      []NotListed `json:"refused"`        // what is owed and cannot be listed, the first MaxDueRefusals
	More         int         `json:"more,omitempty"` // how many more are refused
}

// NotListed is what is owed to a person and cannot be listed.
type NotListed struct {
	Number uint32          `json:"number"`
	Period relief.Period   `json:"period"`
	Code   relief.LineCode `json:"code"`
	Note   string          `json:"note,omitempty"`
}

// AddDue lists all that is owed to the people of a segment in the batch's region for its periods and that no batch has: their
// ordinary payments, top-ups and grants; in a batch that pays again, what came back. periods has all periods of the batch with
// their further payments.
func AddDue(
	b *Batch, entries roll.Segment, segment uint32, periods []OfPeriod, look Lookup,
) ([]OfPeriod, DueResult, error) {
	d := dueAdder{adder: newAdder(b, entries, segment, periods, look), result: DueResult{Refused: []NotListed{}}}
	whole := b.Region == b.Region.County()
	for i := range d.periods {
		for position := range entries.Len() {
			if !whole && !b.Covers(entries.Region(position)) {
				continue
			}
			if err := d.addAll(&d.periods[i], position); err != nil {
				return periods, d.result, err
			}
		}
	}
	return d.adder.result(), d.result, nil
}

type dueAdder struct {
	*adder
	result DueResult
}

// addAll lists all that is owed to one person for one period.
func (d *dueAdder) addAll(p *periodList, position int) error {
	if err := d.addGrants(p, position); err != nil {
		return err
	}
	if d.entitled(p.Period, position) != "" {
		return nil
	}
	for first := true; ; first = false { // what was listed changes what else can be
		offers, refusal, err := d.offers(p, position)
		if err != nil {
			return err
		}
		if refusal.Code == relief.LineReturned || refusal.Code == relief.LineSegmentFull {
			d.refuse(p, position, refusal)
		}
		open := -1
		for i := range offers {
			o := &offers[i]
			switch {
			case !o.listed && open < 0:
				open = i
			case o.listed && first:
				d.result.Unchanged++
				d.result.UnchangedSum += d.transferredOf(p, position, o)
			}
		}
		if open < 0 {
			return nil
		}
		o := offers[open]
		if done, err := d.addOffer(p, position, &o); err != nil || !done {
			return err
		}
	}
}

// transferredOf is what is transferred for a payment that the batch has.
func (d *dueAdder) transferredOf(p *periodList, position int, o *offer) relief.Fen {
	slot, _ := p.Lines.find(position, o.attempt)
	if o.kind >= relief.PaymentTopUp {
		slot, _ = p.Further.find(position, o.attempt)
	}
	return slot.transferred()
}

// addGrants lists the grants of a person that no batch has; in a batch that pays again, those that came back.
func (d *dueAdder) addGrants(p *periodList, position int) error {
	f, err := d.further(p)
	if err != nil || len(f.entries) == 0 {
		return err
	}
	payAgain := d.batch.Purpose == PurposePayAgain
	all := slices.Clone(f.of(position)) // listing changes it
	for i := range all {
		e := &all[i]
		o := offer{kind: relief.PaymentGrant, amount: e.amount, attempt: e.attempt}
		switch back := again(all, e); {
		case e.kind != relief.PaymentGrant:
			continue
		case e.state == slotListed && f.batches[e.batch] == d.batch.ID:
			d.result.Unchanged++
			d.result.UnchangedSum += e.transferred()
			continue
		case back && payAgain:
			o.amount, o.attempt, o.again = e.transferred(), d.nextNumber(p, f, position), e.attempt
		case back:
			d.refuse(p, position, wire.Refusal{Code: relief.LineReturned, Note: d.paymentID(p, position, e.attempt).String()})
			continue
		case payAgain || e.state != slotGranted:
			continue
		}
		if o.attempt == 0 || o.amount == 0 {
			continue
		}
		if _, err := d.addOffer(p, position, &o); err != nil {
			return err
		}
	}
	return nil
}

// addOffer lists one payment, and reports whether it could.
func (d *dueAdder) addOffer(p *periodList, position int, o *offer) (bool, error) {
	var refusal wire.Refusal
	owed, over := d.overBound(p, position, o)
	switch ordinary := d.ordinary(o); {
	case d.roll.PayeeCheck(position) == roll.PayeeCheck{}:
		refusal.Code = relief.LineNoPayee
	case ordinary && o.amount > d.batch.MaxAmount:
		refusal = wire.Refusal{Code: relief.LineAmountOverBound, Note: o.amount.String()}
	case over:
		refusal = wire.Refusal{Code: relief.LineAmountOverBound, Note: owed.String()}
	case ordinary && o.amount < d.batch.MinAmount:
		refusal = wire.Refusal{Code: relief.LineAmountUnderBound, Note: o.amount.String()}
	case o.amount > relief.MaxFen-d.result.Sum: // of an entry with wrong terms
		refusal = wire.Refusal{Code: relief.LineAmountOverBound, Note: o.amount.String()}
	}
	deducted := d.deduction(position, o)
	if refusal.Code == "" {
		var err error
		if refusal, err = d.list(p, position, o, deducted, 0); err != nil {
			return false, err
		}
	}
	if refusal.Code != "" {
		d.refuse(p, position, refusal)
		return false, nil
	}
	r := &d.result
	r.Listed++
	r.Sum += o.amount - deducted
	r.DeductedSum += deducted
	switch o.kind {
	case relief.PaymentArrears:
		r.Arrears++
	case relief.PaymentTopUp:
		r.TopUps++
	case relief.PaymentGrant:
		r.Grants++
	}
	return true, nil
}

func (d *dueAdder) refuse(p *periodList, position int, r wire.Refusal) {
	if len(d.result.Refused) >= MaxDueRefusals {
		d.result.More++
		return
	}
	number := d.at.First() + uint32(position) //nolint:gosec // < 1000
	d.result.Refused = append(d.result.Refused, NotListed{number, p.Period, r.Code, r.Note})
}

// Plus adds the result of another segment.
func (r DueResult) Plus(o DueResult) DueResult {
	r.Listed += o.Listed
	r.Sum += o.Sum
	r.Arrears += o.Arrears
	r.TopUps += o.TopUps
	r.Grants += o.Grants
	r.DeductedSum += o.DeductedSum
	r.Unchanged += o.Unchanged
	r.UnchangedSum += o.UnchangedSum
	r.More += o.More
	room := max(0, min(len(o.Refused), MaxDueRefusals-len(r.Refused)))
	r.Refused = append(r.Refused, o.Refused[:room]...)
	r.More += len(o.Refused) - room
	return r
}
