package year

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"relieftrail/network/testbed/reckoning"
)

// mayComesBack pays May in a list and a supplementary one. One payment comes back, because the account is closed.
func (c *County) mayComesBack(ctx context.Context) error {
	payments, err := c.due(c.dibao(), c.month)
	if err != nil {
		return err
	}
	most := c.newBatch(c.dibao(), c.month.String(), payments[:480]...)
	most.back = []reckoning.Who{c.hero(newCard)}
	more := c.newBatch(c.dibao(), c.month.String()+"-more", payments[480:]...)
	for _, b := range []*batch{most, more} {
		if err := through(ctx, b, c.list, c.approve, c.send); err != nil {
			return err
		}
	}
	if err := c.settleAll(ctx, most, more); err != nil {
		return err
	}
	for _, b := range []*batch{most, more} {
		if err := c.close(ctx, b); err != nil {
			return err
		}
	}
	for _, transfer := range most.file.Payments {
		if transfer.Account == c.people[c.hero(newCard)].account {
			c.mayOfOldCard = transfer
		}
	}
	c.out.Say("五月有一笔退票（AC04，账户已销户）· one payment of May comes back")
	return c.told(most, more)
}

// hero is one of the households of the roll that things happen to.
func (c *County) hero(n int) reckoning.Who { return c.rolls[c.dibao()][n] }

// paidToNewCard has two officials change the card, and pays May again to the new one, once. A late booking of the first transfer is an
// exception and changes nothing.
func (c *County) paidToNewCard(ctx context.Context) error {
	h := c.people[c.hero(newCard)]
	old, renewed := h.account, c.invented(900, h.village, h.class, 1).account
	may := c.month - 1
	subject, err := c.lookUp(ctx, h)
	if err != nil {
		return err
	}
	var change struct{ ID, SHA256 string }
	err = c.post(ctx, "civil-preparer", "/v1/changes", obj{
		"kind": "payee", "programme": c.dibao(), "subject": subject, "name": h.name, "account": renewed, "evidence_sha256": zeros, "reason": "原卡已销户",
	}, &change)
	if err != nil {
		return err
	}
	path, agree := "/v1/changes/"+change.ID+"/confirm", obj{"sha256": change.SHA256, "agree": true}
	if _, err := c.refused(ctx, "civil-preparer", path, agree, http.StatusForbidden); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-approver", path, agree, nil); err != nil {
		return err
	}
	b := c.newBatch(c.dibao(), "may-again", reckoning.Payment{Who: h.who, For: may, Amount: h.amount})
	b.in(c, may)
	b.terms = obj{"purpose": "pay_again"}
	if err := c.open(ctx, b); err != nil {
		return err
	}
	job, err := c.upload(ctx, "civil-preparer", b, c.listFile(b)) // still with the old card
	if err != nil {
		return err
	}
	if got := codes(job); !slices.Equal(got, []string{"account-differs"}) {
		return fmt.Errorf("the old card is refused with %v, expected account-differs", got)
	}
	h.account = renewed
	if _, err := c.upload(ctx, "civil-preparer", b, c.listFile(b)); err != nil {
		return err
	}
	if err := c.payListed(ctx, b); err != nil {
		return err
	}
	if err := expect("the card that May goes to", b.file.Payments[0].Account, renewed); err != nil {
		return err
	}
	s := c.bankOf(b.file.Account).statement()
	s.Pay(c.mayOfOldCard.EndToEndID, c.mayOfOldCard.Amount)
	s.Return(c.mayOfOldCard.EndToEndID, c.mayOfOldCard.Amount, "AC04")
	exceptions, err := c.book(ctx, s)
	if err != nil {
		return err
	}
	if exceptions == 0 {
		return fmt.Errorf("a late booking of the first transfer to %s is no exception", old)
	}
	c.out.Say("两人换卡，五月 %s 元补发到新卡，一次；旧卡的迟到入账列为异常 · paid again to the new card, once", h.amount)
	return nil
}

// fileRefused: the bank refuses a payment file of 20 transfers, 23,450.00. Two officials of finance take it back, another file goes out, and
// no payment counts as returned.
func (c *County) fileRefused(ctx context.Context) error {
	programme, err := c.found(ctx, "yijiao", "临时生活补贴", "Temporary allowance", 5_000_000, nil)
	if err != nil {
		return err
	}
	var list []*household
	for n := range 20 {
		h := c.invented(720+n, c.township(1)+"201", "B", 1)
		h.amount = 117_000
		list = append(list, h)
	}
	list[19].amount = 122_000
	if err := c.enrol(ctx, "refused-roll", programme, c.month, list...); err != nil {
		return err
	}
	payments, err := c.due(programme, c.month)
	if err != nil {
		return err
	}
	for _, h := range list { // it is for this month alone
		c.enter(reckoning.Leave{Programme: programme, Who: h.who, Last: c.month})
	}
	b := c.newBatch(programme, "refused", payments...)
	if err := through(ctx, b, c.list, c.approve, c.instruct); err != nil {
		return err
	}
	first := b.file
	if err := through(ctx, b, c.takeBack, c.payApproved); err != nil {
		return err
	}
	var record struct {
		Totals struct{ Credited, Returned int }
	}
	if err := c.get(ctx, "audit-reader", b.path(""), &record); err != nil {
		return err
	}
	c.out.Say("银行整批退回 20 笔 23,450.00 元：财政两人收回，另制文件，退票 0 笔 · taken back by two, sent again, nothing returned")
	return errors.Join(expect("the file's sum", first.Sum.String(), "23450.00"),
		expect("the same file goes out again", b.file.MessageID == first.MessageID, false),
		expect("payments credited", record.Totals.Credited, 20), expect("payments returned", record.Totals.Returned, 0), c.told(b))
}

// takeBack has the bank refuse a batch's file, and two officials of finance take it back.
func (c *County) takeBack(ctx context.Context, b *batch) error {
	client, err := c.client("finance-preparer")
	if err != nil {
		return err
	}
	got, err := client.SendBankFile(ctx, "/v1/statements", c.key(), b.file.Reject("STS-"+b.id, "DT01"))
	if err != nil {
		return err
	}
	if err := expect("exceptions of the bank's refusal", got.Counts.Exceptions, 1); err != nil {
		return err
	}
	if err := c.post(ctx, "finance-preparer", b.path("/take-back"), obj{"reason": "银行整批退回 DT01"}, nil); err != nil {
		return err
	}
	if _, err := c.refused(ctx, "finance-preparer", b.path("/take-back/confirm"), nil, http.StatusForbidden); err != nil {
		return err
	}
	return c.post(ctx, "finance-approver", b.path("/take-back/confirm"), nil, nil)
}
