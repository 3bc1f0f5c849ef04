package bankdesk

import (
	"context"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/payeecheck"
)

// transfersIn reads a batch's transfers in one segment of the roll.
func (d *Desk) transfersIn(ctx context.Context, signer string, b *payment.Batch, segment uint32) ([]payment.Transfer, error) {
	lines, err := ask(ctx, d, signer, api.PaymentLines, api.LinesInput{Batch: b.ID, Segment: segment})
	return payment.Transfers(lines.Lines), err
}

// transferOf reads the transfer that carries a payment of a batch.
func (d *Desk) transferOf(ctx context.Context, signer string, b *payment.Batch, id relief.PaymentID) (payment.Transfer, error) {
	segment, _ := id.SlotAt(b.SegmentSize)
	transfers, err := d.transfersIn(ctx, signer, b, segment)
	if err != nil {
		return payment.Transfer{}, err
	}
	for i := range transfers {
		if transfers[i].Number == id.Number {
			return transfers[i], nil
		}
	}
	return payment.Transfer{}, relief.Errorf(relief.CodeNotFound, "批次中没有这笔支付 · the batch has no such payment")
}

// batchSegment is a segment of the roll in which a batch pays.
type batchSegment struct {
	batch   relief.BatchID
	segment uint32
}

// loadTransfers reads the transfers of which the entries name a payment, of those batches in which people may have several.
// From then on such an entry speaks of the transfer: its id is the transfer's, and the amount is what is transferred.
func (x *matcher) loadTransfers(ctx context.Context, decisions []decision) error {
	wanted := map[batchSegment]bool{}
	for i := range decisions {
		v := &decisions[i]
		slot, known := x.slots[v.id]
		if b := x.batches[slot.Batch]; known && b != nil && b.HoldsMore() {
			segment, _ := v.id.SlotAt(b.SegmentSize)
			wanted[batchSegment{b.ID, segment}] = true
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	first, err := x.readTransfers(ctx, wanted)
	if err != nil {
		return err
	}
	for i := range decisions {
		v := &decisions[i]
		if t, ok := first[v.id]; ok {
			x.back[t.ID] = x.back[t.ID] || x.back[v.id]
			v.id = t.ID
		}
	}
	return nil
}

// readTransfers gives the transfer of each payment, and puts what is known of the transfers into the slots of their first
// payments.
func (x *matcher) readTransfers(ctx context.Context, wanted map[batchSegment]bool) (map[relief.PaymentID]*payment.Transfer, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(segmentsAtOnce)
	answers := make(chan []payment.Transfer, len(wanted))
	for w := range wanted {
		group.Go(func() error {
			transfers, err := x.transfersIn(ctx, x.message.Principal, x.batches[w.batch], w.segment)
			answers <- transfers
			return err
		})
	}
	err := group.Wait()
	close(answers)
	if err != nil {
		return nil, err
	}
	of := map[relief.PaymentID]*payment.Transfer{}
	for transfers := range answers {
		for i := range transfers {
			t := &transfers[i]
			for k := range t.Payments {
				of[t.Payments[k].ID] = t
			}
			x.slots[t.ID] = payment.Slot{
				Number: t.Number, Attempt: t.ID.Attempt, Batch: t.Batch, Amount: t.Transferred, State: lineState(t.State),
			}
		}
	}
	return of, nil
}

// lineState is what the bank has answered for a payment with a state: before, it is listed.
func lineState(s payment.State) payment.LineState {
	switch l := payment.LineState(s); l {
	case payment.LineCredited, payment.LineReturned, payment.LineReversed:
		return l
	}
	return payment.LineListed
}

// fileTransfers are what a payment file lists: a transfer for each person of a batch to whom anything is transferred. lines
// are the batch's payments, with whom they are for.
func (d *Desk) fileTransfers(lines []payeecheck.Line) []bankfile.Transfer {
	payments := make([]payment.Payment, len(lines))
	people := make(map[uint32]*payeecheck.Line, len(lines))
	for i := range lines {
		payments[i], people[lines[i].Number] = lines[i].Payment, &lines[i]
	}
	transfers := payment.Transfers(payments)
	all := make([]bankfile.Transfer, 0, len(transfers))
	for i := range transfers {
		t := &transfers[i]
		if t.Transferred == 0 {
			continue
		}
		person := &people[t.Number].Person
		all = append(all, bankfile.Transfer{
			ID: t.ID, Amount: t.Transferred, Text: d.options.Remittance.text(t),
			Name: person.Name.Reveal(), Account: person.Account.Reveal(), Bank: person.Bank.Reveal(),
		})
	}
	return all
}

// amounts says what became of a batch's transfers by the ledger. Nothing of a transfer of nothing is the bank's, nor is anything of a
// batch that was cancelled.
func (d *Desk) amounts(ctx context.Context, signer string, b *payment.Batch) (a Amounts, err error) {
	if b.State == payment.BatchCancelled {
		return a, nil
	}
	if !b.HoldsMore() {
		return amountsOf(b), nil
	}
	for _, segment := range b.SegmentNumbers() {
		transfers, err := d.transfersIn(ctx, signer, b, segment)
		if err != nil {
			return a, err
		}
		for i := range transfers {
			a.count(&transfers[i])
		}
	}
	return a, nil
}

func (a *Amounts) count(t *payment.Transfer) {
	if t.Transferred == 0 {
		return
	}
	of := &a.Pending
	switch lineState(t.State) {
	case payment.LineCredited:
		of = &a.Credited
	case payment.LineReturned, payment.LineReversed:
		of = &a.Returned
	}
	one := Tally{1, t.Transferred}
	of.plus(one)
	a.Instructed.plus(one)
}

// NettedSalts are the salts of the receipts of people to whom a sealed batch transfers nothing, as the contract takes them when
// finance authorises the batch: their payments are credited then. Nil for a batch without such people.
func (d *Desk) NettedSalts(ctx context.Context, signer string, b *payment.Batch) (map[string][]byte, error) {
	if b.Totals.Netted == 0 {
		return nil, nil
	}
	if d.options.ReceiptKey == nil {
		return nil, relief.Errorf(relief.CodeForbidden, "本网关没有回执密钥，抵扣后无需转账的支付无法登记入账 · "+
			"this gateway has no receipt key: payments of which nothing is left to transfer cannot be credited")
	}
	var answers []payment.AnswerInput
	for _, segment := range b.SegmentNumbers() {
		transfers, err := d.transfersIn(ctx, signer, b, segment)
		if err != nil {
			return nil, err
		}
		for i := range transfers {
			if t := &transfers[i]; t.Transferred == 0 {
				answers = append(answers, d.salted(t))
			}
		}
	}
	return map[string][]byte{wire.TransientSettlements: payment.AppendAnswers(nil, answers)}, nil
}

// salted is a credit of a transfer with the salts of all its receipts. Of what sum and day, its caller says.
func (d *Desk) salted(t *payment.Transfer) payment.AnswerInput {
	a := payment.AnswerInput{Seq: t.Number + 1, Number: t.Number, Outcome: payment.OutcomeCredited}
	for i := range t.Payments {
		salt := relief.LeafSalt(d.options.ReceiptKey, t.Payments[i].ID)
		if i == 0 {
			a.Salt = salt
		} else {
			a.More = append(a.More, salt)
		}
	}
	return a
}
