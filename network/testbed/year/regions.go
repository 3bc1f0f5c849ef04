package year

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/reckoning"
)

// otherCounty is the county to which a household moves.
const otherCounty = "530129"

// otherProgramme puts a programme of the other county in force that excludes this county's 低保.
func (c *County) otherProgramme(ctx context.Context, name string, terms obj) (string, error) {
	programme := c.programme(name)
	c.elsewhere[programme] = true
	draft := c.draft(name, "最低生活保障（寻甸）", "Minimum living allowance of another county", terms)
	draft["region"] = otherCounty
	if err := c.enact(ctx, draft); err != nil {
		return programme, err
	}
	return programme, c.issue(ctx, name, programme, 1_000_000, 2026)
}

// twoCounties: somebody on this county's 低保 is taken in another county neither by import nor by application, whether that county's programme
// names the other or both are in one group; the refusals name it. After a transfer that both counties accept, the other county
// pays from the next month on.
func (c *County) twoCounties(ctx context.Context) error {
	h := c.people[c.hero(moves)]
	elsewhere := *h
	elsewhere.village = otherCounty + "001200"
	var programme string
	for _, of := range []struct {
		name  string
		terms obj
	}{{"named", obj{"overlap_refused": []string{c.dibao()}}}, {"grouped", obj{"exclusion_groups": []string{c.id("dibao")}}}} {
		var err error
		if programme, err = c.otherProgramme(ctx, of.name, of.terms); err != nil {
			return err
		}
		if err := c.refusedElsewhere(ctx, of.name, programme, &elsewhere); err != nil {
			return err
		}
	}
	return c.transferred(ctx, h, &elsewhere, programme)
}

// refusedElsewhere tries to put a household on another county's programme.
func (c *County) refusedElsewhere(ctx context.Context, name, programme string, h *household) error {
	i, err := c.propose(ctx, name+"-roll", programme, c.month, []*household{h})
	if err != nil {
		return err
	}
	job, err := c.confirmJob(ctx, i, programme)
	if err != nil {
		return err
	}
	if len(job.Result.Refusals) != 1 || !strings.Contains(job.Result.Refusals[0].Note, c.dibao()) {
		return fmt.Errorf("an import into %s is refused with %+v, which should name %s", programme, job.Result, c.dibao())
	}
	problem, err := c.refused(ctx, c.preparer(programme), "/v1/cases", obj{
		"id": c.id(name + "-case"), "programme": programme, "region": h.village, "settlement": "rural", "account": h.account, "income": "900.00",
		"reason": "因病致贫", "members": []obj{{"name": h.name, "id_number": h.id}},
	}, http.StatusConflict)
	if err != nil {
		return err
	}
	if !strings.Contains(problem.Detail, c.dibao()) {
		return fmt.Errorf("an application to %s is refused without naming %s: %s", programme, c.dibao(), problem.Detail)
	}
	c.out.Say("外县导入：%s；外县申请：%s", job.Result.Refusals[0].Reason, problem.Detail)
	return nil
}

// transferred moves a household to the other county, by two officials of each, and has it paid there in the next month.
func (c *County) transferred(ctx context.Context, h, elsewhere *household, programme string) error {
	subject, err := c.lookUp(ctx, h)
	if err != nil {
		return err
	}
	out, err := c.agree(ctx, c.dibao(), obj{
		"kind": "move_out", "programme": c.dibao(), "subject": subject, "to_county": otherCounty, "to_programme": programme,
		"last_period": c.month.String(), "reason": "迁往寻甸",
	})
	if err != nil {
		return err
	}
	_, err = c.agree(ctx, programme, obj{
		"kind": "move_in", "change": out, "programme": programme, "region": elsewhere.village, "class": h.class, "persons": h.persons, "amount": h.amount.String(),
		"name": h.name, "id_number": h.id, "account": h.account, "bank": "农村信用社", "evidence_sha256": zeros, "reason": "自安宁迁入",
	})
	if err != nil {
		return err
	}
	c.enter(reckoning.Leave{Programme: c.dibao(), Who: h.who, Last: c.month})
	c.enrolled(programme, c.month+1, elsewhere)
	c.movedTo, h.village = programme, elsewhere.village
	c.out.Say("两县各两人办理迁移：%s 止于 %s，寻甸自次月发放 · moved by two officials of each county", h.who, c.month)
	return nil
}

// paidElsewhere pays the household that moved, in the other county.
func (c *County) paidElsewhere(ctx context.Context) error {
	payments, err := c.due(c.movedTo, c.month)
	if err != nil {
		return err
	}
	b := c.newBatch(c.movedTo, "moved", payments...)
	return errors.Join(expect("payments in the other county", len(payments), 1), c.pay(ctx, b))
}

// townshipMerged: one township takes over another. What was paid there in March stays that township's, and money that came back
// from it is paid again by the successor.
func (c *County) townshipMerged(ctx context.Context) error {
	who := c.rolls[c.dibao()][households-1]
	gone, into := c.township(c.merged()), c.township(2)
	if err := c.marchOf(ctx, gone); err != nil {
		return err
	}
	yesterday := time.Now().In(china).AddDate(0, 0, -1).Format(time.DateOnly)
	var registry struct{ Regions []obj }
	if err := c.get(ctx, "civil-registrar", "/v1/registry", &registry); err != nil {
		return err
	}
	known := func(code string) bool {
		for _, r := range registry.Regions {
			if r["code"] == code {
				return true
			}
		}
		return false
	}
	if !known(into) {
		registry.Regions = append(registry.Regions, obj{"code": into, "name": "试二镇", "valid_from": "1995-10-13"})
	}
	registry.Regions = append(registry.Regions, obj{
		"code": gone, "name": "试三镇", "valid_from": "1995-10-13", "valid_to": yesterday, "successors": []string{into},
	})
	var proposal struct{ ID, Digest string }
	id := c.id("merger")
	err := c.post(ctx, "civil-registrar", "/v1/registry/proposals", obj{"id": id, "change": obj{"regions": registry.Regions}}, &proposal)
	if err != nil {
		return err
	}
	for _, registrar := range []string{"finance-registrar", "audit-registrar"} {
		if err := c.post(ctx, registrar, "/v1/registry/proposals/"+id+"/agree", obj{"digest": proposal.Digest}, nil); err != nil {
			return err
		}
	}
	if err := c.marchOf(ctx, gone); err != nil {
		return err
	}
	b := c.newBatch(c.dibao(), "merged-again", reckoning.Payment{Who: who, For: c.month, Amount: c.people[who].amount})
	b.terms = obj{"purpose": "pay_again", "region": into}
	if err := c.pay(ctx, b); err != nil {
		return err
	}
	c.out.Say("三个机关同意 %s 并入 %s：三月仍为 27 户 26,720.00 元，退票由承接乡镇补发 · merged; March stays, what came back is paid", gone, into)
	return c.told(b)
}

// marchOf looks at what was paid in a township for March.
func (c *County) marchOf(ctx context.Context, township string) error {
	count, sum := 0, reckoning.Fen(0)
	for cursor := ""; ; {
		var page struct {
			Items []struct{ Amount relief.Fen }
			Next  string
		}
		path := fmt.Sprintf("/v1/payments?programme=%s&region=%s&period=2026-03&state=credited&limit=200&cursor=%s", c.dibao(), township, cursor)
		if err := c.get(ctx, "audit-reader", path, &page); err != nil {
			return err
		}
		for _, p := range page.Items {
			count++
			sum += reckoning.Fen(p.Amount)
		}
		if cursor = page.Next; cursor == "" {
			return errors.Join(expect("payments of March in "+township, count, townshipSize), expect("their sum", sum.String(), "26720.00"))
		}
	}
}
