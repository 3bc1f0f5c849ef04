package year

import (
	"context"

	"relieftrail/network/testbed/reckoning"
)

// due are the regular payments of a month: what each household of a programme is owed and does not hold yet.
func (c *County) due(programme string, month reckoning.Month) ([]reckoning.Payment, error) {
	return c.dueSince(programme, month, month)
}

// dueSince are the payments of several months, in the order of months and households: what each household is owed and does
// not hold yet, with what is deducted of it.
func (c *County) dueSince(programme string, first, last reckoning.Month) ([]reckoning.Payment, error) {
	books, err := c.books()
	if err != nil {
		return nil, err
	}
	var payments []reckoning.Payment
	for month := first; month <= last; month++ {
		unpaid := books.Unpaid(programme, month)
		for _, who := range c.rolls[programme] {
			gap := unpaid[who]
			if gap <= 0 {
				continue
			}
			p := reckoning.Payment{Who: who, For: month, Amount: gap}
			if plan := c.deductions[who]; month >= plan.from {
				p.Deducted = min(plan.amount, gap, books.Overpaid(programme, who))
			}
			payments = append(payments, p)
		}
	}
	return payments, nil
}

// deduction is what is kept of a household's payments from a month on, until nothing is overpaid any more.
type deduction struct {
	amount reckoning.Fen // a month
	from   reckoning.Month
}

// listDue opens a batch for the months from first on and has the ledger list all that is due. The batch's payments are what
// the reckoning says; sealing holds their count and sum against the lines.
func (c *County) listDue(ctx context.Context, b *batch, first reckoning.Month) (err error) {
	if b.payments, err = c.dueSince(b.programme, first, b.month); err != nil {
		return err
	}
	if first < b.month {
		b.terms = obj{"earlier_from": c.period(b.programme, first)}
	}
	return c.listGranted(ctx, b)
}

// listGranted opens a batch and has the ledger list what is due in it, which has to be as many payments as the batch's.
func (c *County) listGranted(ctx context.Context, b *batch) error {
	if err := c.open(ctx, b); err != nil {
		return err
	}
	client, err := c.client(b.preparer)
	if err != nil {
		return err
	}
	answer, err := client.Post(ctx, b.path("/due"), c.key(), struct{}{}, nil)
	if err != nil {
		return err
	}
	job, err := client.WaitJob(ctx, answer.Location, nil)
	if err != nil {
		return err
	}
	return expect(b.id+": payments that are due by the ledger", job.Result.Accepted, b.count())
}

// payDue pays all that is due to a programme's households for the months from first on.
func (c *County) payDue(ctx context.Context, name, programme string, first reckoning.Month) (*batch, error) {
	b := c.newBatch(programme, name)
	if err := c.listDue(ctx, b, first); err != nil {
		return b, err
	}
	return b, c.payListed(ctx, b)
}

// transferTo is the sum of a batch's transfer to a household.
func (b *batch) transferTo(who reckoning.Who) (sum reckoning.Fen) {
	for _, p := range b.payments {
		if p.Who == who {
			sum += p.Amount - p.Deducted
		}
	}
	return sum
}
