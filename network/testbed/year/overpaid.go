package year

import (
	"context"
	"fmt"
	"net/http"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/reckoning"
)

// overpayment is an overpayment as the gateway lists it.
type overpayment struct {
	ID          string
	Number      uint32
	Outstanding relief.Fen
}

// overpayments are those of a programme of which something is outstanding, by household.
func (c *County) overpayments(ctx context.Context, programme string) (map[reckoning.Who]overpayment, error) {
	byWho := map[reckoning.Who]overpayment{}
	for cursor := ""; ; {
		var page struct {
			Items []overpayment
			Next  string
		}
		if err := c.get(ctx, "audit-reader", "/v1/overpayments?state=open&programme="+programme+"&cursor="+cursor, &page); err != nil {
			return nil, err
		}
		for _, o := range page.Items {
			who, known := c.numbers[rollNumber{programme, o.Number}]
			if !known {
				return nil, fmt.Errorf("overpayment %s is of nobody who was paid", o.ID)
			}
			byWho[who] = o
		}
		if cursor = page.Next; cursor == "" {
			return byWho, nil
		}
	}
}

// compareOverpayments compares what people have to give back.
func (c *County) compareOverpayments(ctx context.Context, books *reckoning.Books, programme string) error {
	onLedger, err := c.overpayments(ctx, programme)
	if err != nil {
		return err
	}
	want := books.Overpayments(programme)
	for who, fen := range want {
		if got := reckoning.Fen(onLedger[who].Outstanding); got != fen {
			return fmt.Errorf("%s, household %s was paid too much: the ledger has %s outstanding, the reckoning %s", programme, who, got, fen)
		}
	}
	return expect(programme+": households with something outstanding", len(onLedger), len(want))
}

// overpaid compares what a household of 低保 has to give back with a figure.
func (c *County) overpaid(ctx context.Context, who reckoning.Who, figure string) error {
	books, err := c.books()
	if err != nil {
		return err
	}
	if err := expect("overpaid by the reckoning", books.Overpaid(c.dibao(), who).String(), figure); err != nil {
		return err
	}
	onLedger, err := c.overpayments(ctx, c.dibao())
	if err != nil {
		return err
	}
	return expect("overpaid by the ledger", onLedger[who].Outstanding.String(), figure)
}

// measure has a measure about a household's overpayment take effect: one official proposes it, another confirms it.
func (c *County) measure(ctx context.Context, who reckoning.Who, kind, proposer, confirmer string, in obj) error {
	open, err := c.overpayments(ctx, c.dibao())
	if err != nil {
		return err
	}
	path := "/v1/overpayments/" + open[who].ID + "/" + kind
	var record struct {
		Measures []struct {
			Number int
			SHA256 string
		}
	}
	if err := c.post(ctx, proposer, path, in, &record); err != nil {
		return err
	}
	last := record.Measures[len(record.Measures)-1]
	agree := obj{"measure": last.Number, "sha256": last.SHA256, "agree": true}
	if _, err := c.refused(ctx, proposer, path+"/confirm", agree, http.StatusForbidden); err != nil {
		return err
	}
	return c.post(ctx, confirmer, path+"/confirm", agree, nil)
}

// putRight corrects a household's terms in April: it was paid 580.00 for three months and is granted 480.00. The 300.00 that are too
// much are to be deducted, 100.00 a month.
func (c *County) putRight(ctx context.Context) error {
	h := c.people[c.hero(deducted)]
	err := c.change(ctx, "terms", h, obj{
		"class": "B", "persons": 1, "amount": "480.00", "from": "2026-01", "reason": "correction", "document": "安民发〔2026〕12号",
	})
	if err != nil {
		return err
	}
	h.amount = 48_000
	c.enter(reckoning.Terms{Programme: c.dibao(), Who: h.who, From: monthNumber(1), Class: "B", Persons: 1, Amount: h.amount})
	if err := c.overpaid(ctx, h.who, "300.00"); err != nil {
		return err
	}
	err = c.measure(ctx, h.who, "deductions", "civil-preparer", "civil-approver", obj{"amount": "100.00", "from": c.month.String()})
	if err != nil {
		return err
	}
	c.deductions[h.who] = deduction{10_000, c.month}
	c.out.Say("一户三个月多发 300.00 元：更正核定，每月抵扣 100.00 元 · 300.00 too much, 100.00 deducted a month")
	return nil
}

// threeDeductions looks at the household in June, when its three deductions are done.
func (c *County) threeDeductions(ctx context.Context) error {
	who := c.hero(deducted)
	books, err := c.books()
	if err != nil {
		return err
	}
	for m := c.month - 2; m <= c.month; m++ {
		if err := expect(fmt.Sprint("owed for ", m), books.Owed(c.dibao(), who, m).String(), "480.00"); err != nil {
			return err
		}
		if err := expect(fmt.Sprint("told to the bank for ", m), c.sent[whoMonth{who, m}].String(), "380.00"); err != nil {
			return err
		}
	}
	c.out.Say("三次抵扣完成：银行三次各付 380.00 元，资金少付 300.00 元，多发款结清 · three times 380.00, nothing is outstanding")
	return c.overpaid(ctx, who, "0.00")
}

// diedInJuly: deaths on 14 July are recorded on 3 November, after August to October were paid. The one household has 1,860.00 to give back, and
// does so in two sums; of the other October had come back from the bank, and 1,240.00 is left.
func (c *County) diedInJuly(ctx context.Context) error {
	for n, figure := range map[int]string{diesKnown: "1860.00", diesReturned: "1240.00"} {
		h := c.people[c.hero(n)]
		if err := c.change(ctx, "exit", h, obj{"reason": "death", "died_on": "2026-07-14"}); err != nil {
			return err
		}
		c.enter(reckoning.Leave{Programme: c.dibao(), Who: h.who, Last: monthNumber(7)})
		if err := c.overpaid(ctx, h.who, figure); err != nil {
			return err
		}
	}
	who := c.hero(diesKnown)
	for _, sum := range []reckoning.Fen{100_000, 86_000} {
		if err := c.recover(ctx, who, sum); err != nil {
			return err
		}
	}
	c.out.Say("七月去世、十一月得知：多发 1,860.00 元，分 1,000.00 与 860.00 两次追回；另一户十月已退票，多发 1,240.00 元 · recovered in two sums")
	return c.overpaid(ctx, who, "0.00")
}

// recover has a household pay back a part: the bank books it, finance proposes the recovery, and another official confirms it.
func (c *County) recover(ctx context.Context, who reckoning.Who, sum reckoning.Fen) error {
	account := c.accountOf(c.dibao())
	s := c.bankOf(account).statement()
	s.Return("NOTPROVIDED", relief.Fen(sum), "NARR")
	if _, err := c.book(ctx, s); err != nil {
		return err
	}
	err := c.measure(ctx, who, "recoveries", "finance-preparer", "finance-approver",
		obj{"amount": sum.String(), "bank_ref": fmt.Sprint(s.ID, "-1"), "booked_on": paybank.Today()})
	if err != nil {
		return err
	}
	c.enter(reckoning.Recover{Programme: c.dibao(), Who: who, Amount: sum})
	return nil
}
