package overpayment

import (
	"math/bits"
	"slices"

	"relieftrail/chaincode/relief"
)

// allocate says which payments and tranches a recovered amount falls to: the oldest period first, within a payment by what is
// left of its shares. It never gives more than was transferred of a payment. What an overpayment has outstanding always finds
// room: what was deducted of a payment, and so not transferred, counts as settled.
func (o *Overpayment) allocate(amount relief.Fen, paid []Paid) (parts []Part) {
	for i := range paid {
		p := &paid[i]
		room := p.excess() - o.recoveredOf(p.Period)
		for j := range p.Payments {
			take := o.take(p, &p.Payments[j], min(amount, max(room, 0)))
			for k := range take {
				amount -= take[k].Amount
				room -= take[k].Amount
			}
			parts = append(parts, take...)
		}
	}
	return parts
}

// take divides up to an amount among what is left of a payment's shares, in proportion. Each has a rounded cumulated sum less
// the one before it, so that none is negative and none is above what is left.
func (o *Overpayment) take(p *Paid, payment *Payment, amount relief.Fen) (parts []Part) {
	left := slices.Clone(payment.Shares)
	var total relief.Fen
	for i := range left {
		o.eachPart(func(part *Part) {
			if part.Period == p.Period && part.Attempt == payment.Attempt && part.Tranche == left[i].Tranche {
				left[i].Amount -= part.Amount
			}
		})
		total += left[i].Amount
	}
	amount = min(amount, total)
	if amount <= 0 {
		return nil
	}
	var upTo, given relief.Fen
	for i := range left {
		upTo += left[i].Amount
		if share := proportion(amount, upTo, total) - given; share > 0 {
			parts = append(parts, Part{Period: p.Period, Attempt: payment.Attempt, Tranche: left[i].Tranche, Amount: share})
			given += share
		}
	}
	return parts
}

// proportion is amount × part ÷ whole, rounded half up; amount and part are 0 to whole.
func proportion(amount, part, whole relief.Fen) relief.Fen {
	hi, lo := bits.Mul64(uint64(amount), uint64(part)) //nolint:gosec // never negative
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)    //nolint:gosec // above zero
	n, _ := bits.Div64(hi+carry, lo, uint64(whole))    //nolint:gosec // the quotient is at most whole
	return relief.Fen(n)                               //nolint:gosec // likewise
}
