package year

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"relieftrail/network/testbed/reckoning"
)

// importByTwo imports the county's 490 households. One row has another's card: who is to confirm sees it and refuses, and
// nothing is payable before the corrected roll is confirmed.
func (c *County) importByTwo(ctx context.Context) error {
	list := c.roll()
	row := *list[489]
	row.account = list[17].account
	wrong := append(list[:489:489], &row)
	first, err := c.propose(ctx, "roll", c.dibao(), c.month, wrong)
	if err != nil {
		return err
	}
	var seen struct {
		Items []struct{ Account, Code string }
	}
	if err := c.get(ctx, "civil-approver", "/v1/imports/"+first.ID+"/lines?kind=refused&limit=10", &seen); err != nil {
		return err
	}
	if err := expect("rows with one card", len(seen.Items), 2); err != nil {
		return err
	}
	path, agree := "/v1/imports/"+first.ID+"/confirm", obj{"digest": first.Digest, "agree": true}
	if _, err := c.refused(ctx, "civil-preparer", path, agree, http.StatusForbidden); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-approver", path, obj{"digest": first.Digest, "agree": false, "reason": "有一行的卡号是他人的"}, nil); err != nil {
		return err
	}
	c.out.Say("导入 %d 户，%d 行卡号相同；确认人看到 %s，不予确认 · the confirmer sees the card and refuses", len(list), len(seen.Items), "****"+seen.Items[0].Account[15:])
	if err := c.notPayable(ctx, list[0]); err != nil {
		return err
	}
	if err := c.enrol(ctx, "roll-again", c.dibao(), c.month, list...); err != nil {
		return err
	}
	c.out.Say("更正后确认，纳入 %d 户 · corrected, confirmed by another, on the roll", len(list))
	return nil
}

// notPayable lists a household that is not on the roll yet.
func (c *County) notPayable(ctx context.Context, h *household) error {
	b := c.newBatch(c.dibao(), "not-yet", reckoning.Payment{Who: h.who, For: c.month, Amount: h.amount})
	if err := c.open(ctx, b); err != nil {
		return err
	}
	job, err := c.upload(ctx, "civil-preparer", b, c.listFile(b))
	if err != nil {
		return err
	}
	if len(job.Result.Refusals) != 1 || job.Result.Refusals[0].Code != "not-on-the-roll" {
		return fmt.Errorf("a household is payable before the import is confirmed: %+v", job.Result)
	}
	return c.post(ctx, "civil-approver", b.path("/cancel"), obj{"reason": "名册尚未确认"}, nil)
}

// sharedAccounts pays fifteen residents of a home to its account, which two officials declared, and refuses three people who share
// a passbook that nobody declared.
func (c *County) sharedAccounts(ctx context.Context) error {
	programme, err := c.found(ctx, "tekun", "特困人员供养", "Assistance for the destitute", 10_000_000, obj{"unit": "person"})
	if err != nil {
		return err
	}
	var residents, others []*household
	for n := range 18 {
		h := c.invented(600+n, c.township(1)+"201", "A", 1)
		if n < 15 {
			residents = append(residents, h)
		} else {
			others = append(others, h)
		}
	}
	home, passbook := residents[0].account, others[0].account
	for _, h := range residents {
		h.account = home
	}
	for _, h := range others {
		h.account = passbook
	}
	id := c.id("home")
	var declared struct{ ID, SHA256, State string }
	err = c.post(ctx, "civil-preparer", "/v1/accounts", obj{
		"id": id, "kind": "institution", "holder": "安宁市试点敬老院", "county": region, "account": home, "evidence_sha256": zeros,
	}, &declared)
	if err != nil {
		return err
	}
	agree := obj{"sha256": declared.SHA256, "agree": true}
	if _, err := c.refused(ctx, "civil-preparer", "/v1/accounts/"+id+"/confirm", agree, http.StatusForbidden); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-approver", "/v1/accounts/"+id+"/confirm", agree, nil); err != nil {
		return err
	}
	if err := c.enrol(ctx, "home-roll", programme, c.month, residents...); err != nil {
		return err
	}
	payments, err := c.due(programme, c.month)
	if err != nil {
		return err
	}
	b := c.newBatch(programme, "home-pay", payments...)
	if err := c.payAsListed(ctx, b); err != nil {
		return err
	}
	job, err := c.sendRoll(ctx, c.id("passbook"), programme, c.month, others)
	if err != nil {
		return err
	}
	if got := codes(job); !slices.Equal(got, []string{"shared-account", "shared-account", "shared-account"}) {
		return fmt.Errorf("three people on one undeclared passbook are refused with %v", got)
	}
	c.out.Say("敬老院 %d 人共用账户，两人声明后照发；未声明的存折 %d 人被拒绝 · declared: paid; undeclared: refused", len(residents), len(others))
	return c.told(b)
}

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"
