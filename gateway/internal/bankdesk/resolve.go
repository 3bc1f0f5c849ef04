package bankdesk

import (
	"context"
	"errors"
	"strings"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/jobs"
)

// Resolve is what finance decides on an exception.
type Resolve struct {
	Action       string           // accept, assign, write_off, classify
	As           string           // credited or returned; "" records nothing (accept, write_off); a kind of entries (classify)
	Payment      relief.PaymentID // assign
	ReturnReason string           // of what is recorded as returned, when the entry has none
	Note         string
	By           string
}

// ErrResolved says that an exception was resolved otherwise before.
var ErrResolved = errors.New("the exception is resolved already")

// Resolve ends an exception. What is to be recorded on the ledger goes the way of every settlement; when the
// contracts refuse it, the exception stays open.
func (d *Desk) Resolve(ctx context.Context, id string, r Resolve) (Exception, error) {
	d.resolving.Lock()
	defer d.resolving.Unlock()
	x, m, err := d.exception(id)
	if err != nil {
		return x, err
	}
	done := Resolution{Action: r.Action, As: r.As, Note: r.Note, By: r.By, At: d.options.Now().UTC()}
	if r.Payment != (relief.PaymentID{}) {
		done.Payment = r.Payment.String()
	}
	if x.State == StateResolved && !x.reclassified(&r) {
		was := *x.Resolution
		done.At, done.Job = was.At, was.Job
		if done.Payment == "" {
			done.Payment = was.Payment
		}
		if was == done { // sent again
			return x, nil
		}
		return x, ErrResolved
	}
	var posted *decision
	if r.Action == ActionClassify {
		if err := x.mayBe(statement.Kind(r.As)); err != nil {
			return x, err
		}
	} else if r.As != "" {
		if posted, done.Job, err = d.recordEntry(ctx, &x, r); err != nil {
			return x, err
		}
		done.Payment = posted.id.String()
	}
	x.State, x.Resolution = StateResolved, &done
	return x, d.close(ctx, &x, m, posted)
}

// recordEntry has the ledger record an exception's entry as finance reads it.
func (d *Desk) recordEntry(ctx context.Context, x *Exception, r Resolve) (*decision, string, error) {
	v, err := d.read(ctx, x, r)
	if err != nil {
		return nil, "", err
	}
	said := strings.Join([]string{"relieftrail/bank-exception/v1", x.ID, v.id.String(), r.As, v.entry.Reason}, "\x00")
	spec := jobs.JobSpec{
		ID: hexSum([]byte(said))[:32], Kind: jobs.KindSettlements, Target: string(v.batch), Principal: r.By,
	}
	job, err := d.run(ctx, spec, []*decision{v})
	var failed *jobFailed
	if errors.As(err, &failed) {
		return v, job.ID, relief.Errorf(relief.CodeWrongState, "%s", failed.text)
	}
	if err != nil || job.Result.Refused == 0 {
		return v, job.ID, err
	}
	refused, err := d.options.Jobs.RefusedLines(job.ID)
	if err != nil {
		return v, job.ID, err
	}
	reason := ""
	if len(refused) > 0 {
		reason = refused[0].Reason
	}
	return v, job.ID, relief.Errorf(relief.CodeWrongState, "%s", refusedBy(reason))
}

// refusedBy says that the contracts refused an entry, with their reason, which has both languages.
func refusedBy(reason string) bilingual.Text {
	why := bilingual.Both("原因见任务的拒绝明细", reason)
	return bilingual.Text{Zh: "账本拒绝登记：" + why.Zh, En: "the contracts refused it: " + why.En}
}

// read is an exception's entry as the result of a payment.
func (d *Desk) read(ctx context.Context, x *Exception, r Resolve) (*decision, error) {
	e := entry{N: x.Entry, Outcome: bankfile.Paid}
	v := &decision{entry: &e, id: r.Payment}
	if full, err := d.withDetails(ctx, x.ID); err == nil && full.Details != nil {
		e.Ref = full.Details.BankRef
	}
	if v.id == (relief.PaymentID{}) {
		var err error
		if v.id, err = relief.ParsePaymentID(x.Payment); err != nil {
			return nil, relief.FieldErrorf("payment", "该笔没有指明支付，请为其指定支付 · the entry names no payment: assign it to one")
		}
	}
	p, err := ask(ctx, d, r.By, api.PaymentPayment, api.PaymentInput{ID: v.id})
	if err != nil {
		return nil, err
	}
	v.batch, e.Amount = p.Batch, p.Amount-p.Deducted
	if err := d.wholeTransfer(ctx, r.By, v); err != nil {
		return nil, err
	}
	if x.Amount == nil || *x.Amount != e.Amount {
		return nil, relief.FieldErrorf("payment", "该笔金额与转账金额不同，账本只登记整笔转账 · "+
			"the entry's amount is not the transfer's: what the ledger records is whole transfers")
	}
	if r.As == "returned" {
		e.Outcome, e.Reason = bankfile.Returned, x.ReturnReason
		if r.ReturnReason != "" {
			e.Reason = r.ReturnReason
		}
		if !bankfile.IsReason(e.Reason) {
			return nil, relief.FieldErrorf("return_reason", "退票须有四位原因代码，例如 AC04 · "+
				"a return has a reason of four characters such as AC04")
		}
	}
	if e.Day, err = d.bankDay(ctx, x, r.By, v.batch); err != nil {
		return nil, err
	}
	return v, nil
}

// wholeTransfer makes a decision about a payment one about the transfer that carries it, where the batch's transfers are not
// its payments one by one.
func (d *Desk) wholeTransfer(ctx context.Context, signer string, v *decision) error {
	b, err := d.batch(ctx, signer, v.batch)
	if err != nil || !b.HoldsMore() {
		return err
	}
	t, err := d.transferOf(ctx, signer, b, v.id)
	v.id, v.whole, v.entry.Amount = t.ID, true, t.Transferred
	return err
}

// close puts a resolved exception on disk; with a message's last one, what was kept of people goes.
func (d *Desk) close(ctx context.Context, x *Exception, m *Message, posted *decision) error {
	open := false
	err := d.store.Update(func(tx *boltstore.Tx) error {
		if err := putException(tx, x); err != nil {
			return err
		}
		if posted != nil && m != nil {
			one := &BatchTotals{Kind: m.Kind}
			one.add(posted.entry.Outcome, posted.entry.Amount)
			if err := addTotals(tx, posted.batch, m.ID, x.Place, one); err != nil {
				return err
			}
		}
		for c := bucketExceptions.Prefix(tx, x.Message+"-"); c.Next() && !open; {
			other, err := c.Value()
			if err != nil {
				return err
			}
			open = other.State == StateOpen
		}
		return nil
	})
	if err != nil || open || m == nil || m.Details == "" {
		return err
	}
	return d.dropDetails(ctx, m)
}

func (d *Desk) dropDetails(ctx context.Context, m *Message) error {
	hash := m.Details
	m.Details = ""
	if err := d.saveMessage(m); err != nil {
		return err
	}
	_ = d.options.Objects.Delete(ctx, hash) // no longer needed; if it stays, it is encrypted
	return nil
}
