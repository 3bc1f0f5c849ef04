package year

import (
	"context"
	"errors"
	"slices"
	"strings"

	"relieftrail/network/testbed/reckoning"
)

// dibao is the county's main programme.
func (c *County) dibao() string { return c.programme("dibao") }

// begin puts 低保 in force and issues its money.
func (c *County) begin(ctx context.Context) error {
	_, err := c.found(ctx, "dibao", "最低生活保障（低保）", "Minimum living allowance", 800_000_000, nil)
	if err != nil {
		return err
	}
	c.out.Say("低保项目生效，下达 8,000,000.00 元 · the programme is in force, 8,000,000.00 issued")
	return nil
}

// regularMonth pays the month in one batch.
func (c *County) regularMonth(ctx context.Context) error {
	payments, err := c.due(c.dibao(), c.month)
	if err != nil {
		return err
	}
	b := c.newBatch(c.dibao(), c.month.String(), payments...)
	if err := c.pay(ctx, b); err != nil {
		return err
	}
	return c.told(b)
}

// told tells that batches were paid.
func (c *County) told(batches ...*batch) error {
	for _, b := range batches {
		amount, transferred := b.total()
		c.out.Say("批次 %s：%d 笔，%s 元，银行支付 %d 笔 %s 元 · paid", b.id, len(b.payments), amount, len(b.file.Payments), transferred)
	}
	return nil
}

// threeTownships pays March by a list of each township, in one bank statement.
func (c *County) threeTownships(ctx context.Context) error {
	payments, err := c.due(c.dibao(), c.month)
	if err != nil {
		return err
	}
	var batches []*batch
	for _, township := range []string{c.township(1), c.township(2), c.township(c.merged())} {
		of := slices.DeleteFunc(slices.Clone(payments), func(p reckoning.Payment) bool {
			return !strings.HasPrefix(c.people[p.Who].village, township)
		})
		b := c.newBatch(c.dibao(), c.month.String()+"-"+township, of...)
		b.terms = obj{"region": township}
		if err := through(ctx, b, c.list, c.approve, c.send); err != nil {
			return err
		}
		batches = append(batches, b)
	}
	if err := c.settleAll(ctx, batches...); err != nil {
		return err
	}
	for _, b := range batches {
		if err := c.close(ctx, b); err != nil {
			return err
		}
	}
	last := batches[2]
	amount, _ := last.total()
	return errors.Join(expect("the third township's March", amount.String(), "26720.00"), expect("its households", len(last.payments), townshipSize),
		c.told(batches...))
}
