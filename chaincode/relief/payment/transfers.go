package payment

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief"
)

// Transfer is what the bank is told to pay one person of a batch (转账): all payments of theirs in it. The bank credits or
// returns it whole, and the answer is recorded in each of its payments.
type Transfer struct {
	ID           relief.PaymentID  `json:"id"` // of its first payment
	Number       uint32            `json:"number"`
	Subject      relief.SubjectRef `json:"subject"`
	Batch        relief.BatchID    `json:"batch"`
	Amount       relief.Fen        `json:"amount"` // of its payments
	Deducted     relief.Fen        `json:"deducted"`
	Transferred  relief.Fen        `json:"transferred"` // what the payee gets; 0 when all of it is deducted
	State        State             `json:"state"`
	CreditedOn   string            `json:"credited_on,omitempty"`
	ReturnedOn   string            `json:"returned_on,omitempty"`
	ReturnReason string            `json:"return_reason,omitempty"` // ISO 20022
	Payments     []Payment         `json:"payments"`                // by period; of one period the regular one is first, then by number
}

// Transfers puts a batch's payments together, in the order of roll numbers. Payments come in any order.
func Transfers(payments []Payment) []Transfer {
	sorted := slices.SortedStableFunc(slices.Values(payments), func(a, b Payment) int {
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Period.FirstMonth(), b.Period.FirstMonth()),
			cmp.Compare(a.further(), b.further()), cmp.Compare(a.Attempt, b.Attempt))
	})
	transfers := make([]Transfer, 0, len(sorted))
	for first := 0; first < len(sorted); {
		last := first + 1
		for last < len(sorted) && sorted[last].Number == sorted[first].Number {
			last++
		}
		transfers = append(transfers, transferOf(sorted[first:last:last]))
		first = last
	}
	return transfers
}

// transferOf is the transfer of one person's payments in a batch, which are in order.
func transferOf(payments []Payment) Transfer {
	p := &payments[0]
	t := Transfer{
		ID: p.ID, Number: p.Number, Subject: p.Subject, Batch: p.Batch, State: p.State,
		CreditedOn: p.CreditedOn, ReturnedOn: p.ReturnedOn, ReturnReason: p.ReturnReason, Payments: payments,
	}
	for i := range payments {
		t.Amount += payments[i].Amount // parts of a batch's sum, which is bounded
		t.Deducted += payments[i].Deducted
	}
	t.Transferred = t.Amount - t.Deducted
	return t
}

// further is 1 for a payment beside the period's regular one, 0 for that one.
func (p *Payment) further() int {
	if p.Kind == relief.PaymentTopUp || p.Kind == relief.PaymentGrant {
		return 1
	}
	return 0
}
