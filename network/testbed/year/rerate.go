package year

import (
	"context"
	"fmt"
	"slices"

	"relieftrail/network/testbed/reckoning"
)

// rerate gives everybody on the roll of 低保 the standards of the version in force from a month on: one official proposes it, and
// another confirms it by its digest. Nothing changes before. It looks at who stays behind and why.
func (c *County) rerate(ctx context.Context, from reckoning.Month) error {
	id := c.id("rerate")
	path := fmt.Sprintf("/v1/rolls/%s/%s/rerates", c.dibao(), region)
	if err := c.job(ctx, "civil-preparer", path, obj{"id": id, "version": 2, "from": from.String(), "document": "云民发〔2026〕12号"}); err != nil {
		return err
	}
	var proposal struct {
		State, Digest   string
		Changed, Behind int
	}
	if err := c.get(ctx, "civil-approver", "/v1/rerates/"+id, &proposal); err != nil {
		return err
	}
	if err := c.leftBehind(ctx, id); err != nil {
		return err
	}
	err := c.job(ctx, "civil-approver", "/v1/rerates/"+id+"/confirm", obj{"digest": proposal.Digest, "agree": true})
	if err != nil {
		return err
	}
	c.out.Say("提标：%d 户变更，%d 户未提 · re-rated by two, some left behind", proposal.Changed, proposal.Behind)
	return nil
}

// leftBehind looks at who stays behind: the two households with an amount of their own.
func (c *County) leftBehind(ctx context.Context, id string) error {
	var page struct {
		Items []struct {
			Number uint32
			Behind string
			Reason string
		}
	}
	if err := c.get(ctx, "civil-approver", "/v1/rerates/"+id+"/people?kind=behind", &page); err != nil {
		return err
	}
	var names []reckoning.Who
	for _, p := range page.Items {
		names = append(names, c.numbers[rollNumber{c.dibao(), p.Number}])
		c.out.Say("未提：户 %s，%s", names[len(names)-1], p.Reason)
	}
	slices.Sort(names)
	if want := []reckoning.Who{c.hero(behindOne), c.hero(behindTwo)}; !slices.Equal(names, want) {
		return fmt.Errorf("the ledger leaves %v behind, expected %v", names, want)
	}
	return nil
}

// job sends a write that begins a job, and waits until the job is done.
func (c *County) job(ctx context.Context, by, path string, in any) error {
	client, err := c.client(by)
	if err != nil {
		return err
	}
	answer, err := client.Post(ctx, path, c.key(), in, nil)
	if err != nil {
		return fmt.Errorf("%s by %s: %w", path, by, err)
	}
	_, err = client.WaitJob(ctx, answer.Location, nil)
	return err
}
