package fund

import "relieftrail/chaincode/relief"

// Balances are the parts of a tranche's money. What came to it (issued, topped up, recovered) is always the sum of the others.
type Balances struct {
	Issued      relief.Fen `json:"issued"`
	ToppedUp    relief.Fen `json:"topped_up"` // later: from the parent, from outside, or carried over from the year before
	Recovered   relief.Fen `json:"recovered"` // came back from people who were paid too much
	Allocated   relief.Fen `json:"allocated"` // to the tranches below, less what was taken back from them
	Reserved    relief.Fen `json:"reserved"`
	Paid        relief.Fen `json:"paid"`
	InReturn    relief.Fen `json:"in_return"`
	Refunded    relief.Fen `json:"refunded"`
	TakenBack   relief.Fen `json:"taken_back"`   // by the parent, which has it available again
	CarriedOver relief.Fen `json:"carried_over"` // to the next year's tranche
	Available   relief.Fen `json:"available"`
}

// Check returns an error when a part is negative or the parts do not add up to what came to the tranche.
func (b *Balances) Check() error {
	came, err := sumOf(b.Issued, b.ToppedUp, b.Recovered)
	if err != nil {
		return err
	}
	parts, err := sumOf(b.Allocated, b.Reserved, b.Paid, b.InReturn, b.Refunded, b.TakenBack, b.CarriedOver, b.Available)
	if err != nil {
		return err
	}
	if parts != came {
		return relief.Errorf(relief.CodeCorrupt, "the tranche's parts add up to %s, not to the %s that came to it", parts, came)
	}
	return nil
}

func sumOf(parts ...relief.Fen) (sum relief.Fen, err error) {
	for _, part := range parts {
		if part < 0 {
			return 0, relief.Errorf(relief.CodeFunds, "a part of the tranche would be negative")
		}
		if sum, err = sum.Add(part); err != nil {
			return 0, relief.Errorf(relief.CodeFunds, "the tranche's parts overflow")
		}
	}
	return sum, nil
}

// Plus is the sum of two tranches' balances.
func (b Balances) Plus(o *Balances) Balances {
	b.Issued += o.Issued
	b.ToppedUp += o.ToppedUp
	b.Recovered += o.Recovered
	b.Allocated += o.Allocated
	b.Reserved += o.Reserved
	b.Paid += o.Paid
	b.InReturn += o.InReturn
	b.Refunded += o.Refunded
	b.TakenBack += o.TakenBack
	b.CarriedOver += o.CarriedOver
	b.Available += o.Available
	return b
}
