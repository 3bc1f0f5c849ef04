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
	_, err := c.found(ctx, "dibao", "最低生活保障（低保）", "Minimum living allowance", 800_000_000, c.dibaoTerms("480.00"))
	if err != nil {
		return err
	}
	for _, class := range []string{"A", "B", "C"} {
		c.enter(reckoning.Standard{Programme: c.dibao(), Class: class, From: c.month, PerPerson: rates[class]})
	}
	c.out.Say("低保项目生效，下达 8,000,000.00 元 · the programme is in force, 8,000,000.00 issued")
	return nil
}

// dibaoTerms are the terms of 低保 with what class B gets a person.
func (c *County) dibaoTerms(classB string) obj {
	return obj{"exclusion_groups": []string{c.id("dibao")}, "class_amounts": obj{"A": "620.00", "B": classB, "C": "330.00"}}
}

// monthDue pays the month in one batch, for which the ledger lists what is due. The bank sends the named households' transfers back.
func (c *County) monthDue(back ...int) func(context.Context) error {
	return func(ctx context.Context) error {
		b := c.newBatch(c.dibao(), c.month.String())
		for _, n := range back {
			b.back = append(b.back, c.hero(n))
		}
		if err := c.listDue(ctx, b, c.month); err != nil {
			return err
		}
		return errors.Join(c.payListed(ctx, b), c.told(b))
	}
}

// quarter pays the third quarter to somebody who came on the roll in its second month, at 150.00 a month.
func (c *County) quarter(ctx context.Context) error {
	programme := c.programme("canji")
	c.quarterly[programme] = true
	_, err := c.found(ctx, "canji", "残疾人两项补贴", "Allowances for disabled people", 100_000, obj{"unit": "person", "cycle": "quarterly", "starts": "2026-Q1"})
	if err != nil {
		return err
	}
	h := c.invented(770, c.township(1)+"201", "A", 1)
	h.amount = 15_000
	if err := c.enrol(ctx, "quarter-roll", programme, c.month-1, h); err != nil {
		return err
	}
	b := c.newBatch(programme, "quarter", reckoning.Payment{Who: h.who, For: c.month - 1, Amount: h.amount}, reckoning.Payment{Who: h.who, For: c.month, Amount: h.amount})
	b.lines = 1
	if err := through(ctx, b, c.listGranted, c.payListed); err != nil {
		return err
	}
	c.out.Say("季度第二个月进入，每月 150.00 元：本季 %s 元 · two months of the quarter", b.transferTo(h.who))
	return expect("the quarter's payment", b.transferTo(h.who).String(), "300.00")
}

// regularMonth pays the month in one batch by the county's own list.
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
