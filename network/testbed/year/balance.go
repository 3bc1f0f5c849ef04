package year

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/reckoning"
)

// balanceHeld: a tranche of 30,100.00 has paid 620.00, and its account has an interest of 38.21 and later a fee of 20.00 that the
// ledger knows nothing of. It ties out once each is classified by one official and confirmed by another.
func (c *County) balanceHeld(ctx context.Context) error {
	programme, err := c.found(ctx, "zhanghu", "专户余额补助", "Allowance of an account of its own", 3_010_000, nil)
	if err != nil {
		return err
	}
	h := c.invented(790, c.township(1)+"201", "A", 1)
	h.amount = 62_000
	if err := c.enrol(ctx, "account-roll", programme, c.month, h); err != nil {
		return err
	}
	c.enter(reckoning.Leave{Programme: programme, Who: h.who, Last: c.month})
	account := c.accountOf(programme)
	c.banks[account] = &bank{account: account, balance: 3_010_000}
	b := c.newBatch(programme, "account", reckoning.Payment{Who: h.who, For: c.month, Amount: h.amount})
	if err := through(ctx, b, c.list, c.payListed); err != nil {
		return err
	}
	if err := c.differs(ctx, programme, "29480.00", "0.00"); err != nil {
		return err
	}
	for _, booking := range []struct {
		kind, text, closing, differs string
		amount                       relief.Balance
	}{{"interest", "结息", "29518.21", "38.21", 3_821}, {"fee", "手续费", "29498.21", "-20.00", -2_000}} {
		s := c.bankOf(account).statement()
		s.Book(booking.text, booking.amount)
		if err := c.classified(ctx, programme, s, booking.kind, booking.closing, booking.differs); err != nil {
			return err
		}
	}
	c.out.Say("专户余额与账本相差 38.21（利息）、-20.00（手续费），两人分类确认后相符 · ties out once two have said what each entry is")
	return nil
}

// classified sends a statement with one entry that is no payment, of which two officials of finance say what it is.
func (c *County) classified(ctx context.Context, programme string, s *paybank.Statement, kind, closing, differs string) error {
	client, err := c.client("finance-preparer")
	if err != nil {
		return err
	}
	got, err := client.SendBankFile(ctx, "/v1/statements", c.key(), s.Document())
	if err != nil {
		return err
	}
	c.bankOf(s.Account).balance = s.Closing
	if err := c.differs(ctx, programme, closing, differs); err != nil {
		return err
	}
	var resolved struct{ Resolved, Refused int }
	err = c.post(ctx, "finance-preparer", "/v1/exceptions/resolve", obj{
		"filter": obj{"statement": got.ID}, "action": "classify", "as": kind,
	}, &resolved)
	if err := errors.Join(err, expect("entries classified", resolved.Resolved, 1)); err != nil {
		return err
	}
	var recorded struct {
		ID       string
		Proposed struct{ SHA256 string }
	}
	if err := c.post(ctx, "finance-preparer", "/v1/statements/"+got.ID+"/record", obj{}, &recorded); err != nil {
		return err
	}
	if err := c.differs(ctx, programme, closing, differs); err != nil {
		return err
	}
	path, agree := "/v1/account-statements/"+recorded.ID+"/confirm", obj{"sha256": recorded.Proposed.SHA256, "agree": true}
	if _, err := c.refused(ctx, "finance-preparer", path, agree, http.StatusForbidden); err != nil {
		return err
	}
	if err := c.post(ctx, "finance-approver", path, agree, nil); err != nil {
		return err
	}
	if err := c.differs(ctx, programme, closing, "0.00"); err != nil {
		return err
	}
	return c.auditorSees(ctx, programme)
}

// differs compares what finance's reconciliation of a programme's account says with figures: the bank's balance, and how far it is
// from what the ledger expects.
func (c *County) differs(ctx context.Context, programme, closing, difference string) error {
	var r struct {
		Closing, Difference string
		TiesOut             bool `json:"ties_out"`
		Ledger              struct{ Available string }
	}
	if err := c.get(ctx, "finance-preparer", "/v1/tranches/"+c.payFrom[programme]+"/reconciliation", &r); err != nil {
		return err
	}
	return errors.Join(expect("the bank's closing balance", r.Closing, closing), expect("available", r.Ledger.Available, "29480.00"),
		expect("the difference", r.Difference, difference), expect("ties out", r.TiesOut, difference == "0.00"))
}

// auditorSees waits until audit's own peer says that a programme's account ties out.
func (c *County) auditorSees(ctx context.Context, programme string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		var a struct {
			TiesOut bool `json:"ties_out"`
		}
		err := c.get(ctx, "audit-reader", "/v1/tranches/"+c.payFrom[programme]+"/balance", &a)
		if err != nil || a.TiesOut {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("by audit's peer the account of %s does not tie out", programme)
		}
	}
}
