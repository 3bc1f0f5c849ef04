package bankdesk

import (
	"context"
	"errors"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
)

// ReverseEntry names an exception by whose entry the recorded answer of a payment is reversed.
type ReverseEntry struct {
	Exception    string
	Payment      relief.PaymentID // "" is the one that the entry names
	ReturnReason string           // of what is returned; "" is the bank's
}

// ToReverse is what is proposed for a batch by entries of statements. Without entries it is by all exceptions of the batch that
// offer it and of which none is proposed, as many as one reversal may have.
func (d *Desk) ToReverse(ctx context.Context, signer string, batch relief.BatchID, entries []ReverseEntry) (api.ProposeReversalInput, error) {
	in := api.ProposeReversalInput{Batch: batch}
	b, err := d.batch(ctx, signer, batch)
	if err != nil {
		return in, err
	}
	if len(entries) == 0 {
		if entries, err = d.offered(b); err != nil {
			return in, err
		}
	}
	if len(entries) == 0 {
		return in, relief.FieldErrorf("items", "本批次没有可冲正的对账单分录 · no open exception of the batch offers a reversal")
	}
	known := map[relief.StatementID]bool{}
	for i := range entries {
		item, err := d.named(&entries[i])
		if err != nil {
			return in, err
		}
		if !known[item.Statement] {
			if err := d.requireRecorded(ctx, signer, item.Statement); err != nil {
				return in, err
			}
			known[item.Statement] = true
		}
		in.Items = append(in.Items, item)
	}
	return in, nil
}

// offered are the open exceptions of a batch by which a recorded answer can be reversed.
func (d *Desk) offered(b *payment.Batch) (entries []ReverseEntry, err error) {
	segments := map[uint32]bool{}
	err = d.store.View(func(tx *boltstore.Tx) error {
		return eachOpen(tx, func(x *Exception) {
			id, err := relief.ParsePaymentID(x.Payment)
			if err != nil || x.Batch != b.ID || x.Booked == nil || x.Reverses == "" || x.Reversal != "" || len(entries) == reversal.MaxItems {
				return
			}
			segment, _ := id.SlotAt(b.SegmentSize)
			if !segments[segment] && len(segments) == reversal.MaxSegments {
				return
			}
			segments[segment] = true
			entries = append(entries, ReverseEntry{Exception: x.ID})
		})
	})
	return entries, err
}

// named is the payment and the entry that an exception names.
func (d *Desk) named(e *ReverseEntry) (n reversal.Named, err error) {
	err = d.store.View(func(tx *boltstore.Tx) error {
		x, found, err := bucketExceptions.Get(tx, e.Exception)
		if err != nil {
			return err
		}
		if !found {
			return ErrNotFound
		}
		if x.Booked == nil || *x.Booked == 0 {
			return relief.FieldErrorf("exception", "异常 %s 不是对账单中的收支，冲正须凭对账单分录 · exception %s is no booking of a statement: a reversal needs the statement's entry", x.ID, x.ID)
		}
		n = reversal.Named{Payment: e.Payment, As: reversal.Credited, Entry: x.ID}
		if *x.Booked > 0 {
			n.As, n.ReturnReason = reversal.Returned, e.ReturnReason
			if n.ReturnReason == "" {
				n.ReturnReason = x.ReturnReason
			}
		}
		if n.Payment == (relief.PaymentID{}) {
			if n.Payment, err = relief.ParsePaymentID(x.Payment); err != nil {
				return relief.FieldErrorf("payment", "该笔没有指明支付，请为其指定支付 · the entry names no payment: assign it to one")
			}
		}
		n.Statement, err = statementID(tx, &x)
		return err
	})
	return n, err
}

// statementID is the id that the statement of an exception has on the ledger.
func statementID(tx *boltstore.Tx, x *Exception) (relief.StatementID, error) {
	m, found, err := bucketMessages.Get(tx, x.Message)
	if err != nil {
		return "", err
	}
	if !found || x.Place < 1 || x.Place > len(m.Statements) {
		return "", ErrNotFound
	}
	account := m.Statements[x.Place-1].Account
	lines, err := statementsOf(tx, account)
	if err != nil {
		return "", err
	}
	whole := pageOf(lines, x.Message, x.Place)
	if whole == nil {
		return "", relief.FieldErrorf("exception", "对账单重复、冲突或已撤销 · the statement came before, differs from one that did, or was withdrawn")
	}
	c := whole.content()
	return relief.NewStatementID(account, c.BankID, c.Number, c.Day), nil
}

// requireRecorded refuses a statement that is not on the ledger.
func (d *Desk) requireRecorded(ctx context.Context, signer string, id relief.StatementID) error {
	_, err := ask(ctx, d, signer, api.StatementGet, api.StatementInput{ID: id})
	if errors.Is(err, &relief.Error{Code: relief.CodeNotFound}) {
		return relief.FieldErrorf("statement", "对账单尚未登记到账本，请先登记 · the statement is not on the ledger yet: record it first (POST /v1/statements/{id}/record)")
	}
	return err
}

// ReversalSalts are the salts of the receipts of what a reversal credits, as the contract takes them with the confirmation. Nil when
// it credits nothing.
func (d *Desk) ReversalSalts(ctx context.Context, signer string, r *reversal.Reversal) (map[string][]byte, error) {
	var answers []payment.AnswerInput
	for i := range r.Items {
		if r.Items[i].As != reversal.Credited {
			continue
		}
		if d.options.ReceiptKey == nil {
			return nil, relief.Errorf(relief.CodeForbidden, "本网关没有回执密钥，无法登记入账 · this gateway has no receipt key: nothing can be credited here")
		}
		b, err := d.batch(ctx, signer, r.Batch)
		if err != nil {
			return nil, err
		}
		t, err := d.transferOf(ctx, signer, b, r.Items[i].Payment)
		if err != nil {
			return nil, err
		}
		answers = append(answers, d.salted(&t))
	}
	if answers == nil {
		return nil, nil
	}
	return map[string][]byte{wire.TransientSettlements: payment.AppendAnswers(nil, answers)}, nil
}

// NoteReversal keeps what became of a reversal with the exceptions by whose entries it is: an open proposal, or how they were
// resolved. What is confirmed counts among what statements say of the batch. Noted again it changes nothing.
func (d *Desk) NoteReversal(ctx context.Context, r *reversal.Reversal, by string) error {
	d.resolving.Lock()
	defer d.resolving.Unlock()
	messages := map[string]bool{}
	err := d.store.Update(func(tx *boltstore.Tx) error {
		for i := range r.Items {
			x, found, err := bucketExceptions.Get(tx, r.Items[i].Entry)
			if err != nil {
				return err
			}
			if !found { // of a statement that was recorded by hand
				continue
			}
			changed, err := d.noteItem(tx, &x, r, &r.Items[i], by)
			if err != nil {
				return err
			}
			if changed {
				messages[x.Message] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.dropUnused(ctx, messages)
}

func (d *Desk) noteItem(tx *boltstore.Tx, x *Exception, r *reversal.Reversal, item *reversal.Item, by string) (changed bool, err error) {
	switch r.State {
	case reversal.Proposed:
		x.Reversal = r.ID
		return false, putException(tx, x)
	case reversal.Confirmed:
		if x.Resolution != nil && (x.Resolution.Action == ActionReverse || x.Resolution.Job != "") {
			return false, nil
		}
	default:
		if x.Reversal == r.ID {
			x.Reversal = ""
		}
		return false, putException(tx, x)
	}
	x.State, x.Reversal = StateResolved, r.ID
	x.Resolution = &Resolution{Action: ActionReverse, As: string(item.As), Payment: item.Payment.String(), By: by, At: d.options.Now().UTC()}
	if err := putException(tx, x); err != nil {
		return false, err
	}
	outcome := bankfile.Paid
	if item.As == reversal.Returned {
		outcome = bankfile.Returned
	}
	key := totalsKey(r.Batch, x.Message, x.Place)
	totals, _, err := bucketTotals.Get(tx, key)
	if err != nil {
		return false, err
	}
	totals.Kind = bankfile.Camt053
	totals.add(outcome, item.Amount)
	return true, bucketTotals.Put(tx, key, totals)
}
