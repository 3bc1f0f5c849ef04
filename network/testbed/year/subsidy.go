package year

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"relieftrail/network/testbed/reckoning"
	"relieftrail/network/testbed/restclient"
)

// subsidised is the first of the households whom the price subsidy is for.
const subsidised = 1000

// subsidyRolls puts 620 households with 1,100 people on three rolls: 180 of three and 120 of two persons, 220 and 100 of one. 20 of the
// households are on two of the rolls.
func (c *County) subsidyRolls(ctx context.Context) (rolls []string, whole []*household, err error) {
	var first, second, third []*household
	for n := range 620 {
		persons := 1
		switch {
		case n < 180:
			persons = 3
		case n < 300:
			persons = 2
		}
		h := c.invented(subsidised+n, c.township(1+n%2)+"201", "B", persons)
		whole = append(whole, h)
		switch {
		case n < 300:
			first = append(first, h)
		case n < 520:
			second = append(second, h)
		default:
			third = append(third, h)
		}
	}
	second = append(second, first[:10]...)
	third = append(third, second[:10]...)
	for _, r := range []struct {
		name, chinese, english string
		list                   []*household
	}{
		{"wjdi", "物价联动低保", "Subsistence allowance, for the subsidy", first}, {"wjte", "物价联动特困", "Destitute, for the subsidy", second},
		{"wjgu", "物价联动孤儿", "Orphans, for the subsidy", third},
	} {
		if err := c.enact(ctx, c.draft(r.name, r.chinese, r.english, nil)); err != nil {
			return nil, nil, err
		}
		if err := c.enrol(ctx, r.name, c.programme(r.name), c.month, r.list...); err != nil {
			return nil, nil, err
		}
		rolls = append(rolls, c.programme(r.name))
	}
	return rolls, whole, nil
}

// priceSubsidy pays 35.00 a person for August to the 1,100 people in 620 households on three rolls, 20 of them on two: one list of
// 38,500.00 from the rolls, nobody twice.
func (c *County) priceSubsidy(ctx context.Context) error {
	rolls, whole, err := c.subsidyRolls(ctx)
	if err != nil {
		return err
	}
	draft := c.draft("wujia", "价格临时补贴", "Price subsidy", obj{"unit": "person", "from_programmes": rolls})
	delete(draft, "import_until")
	programme := c.programme("wujia")
	if err := errors.Join(c.enact(ctx, draft), c.issue(ctx, "wujia", programme, 10_000_000, 2026)); err != nil {
		return err
	}
	if err := c.setRate(ctx, programme); err != nil {
		return err
	}
	taken, err := c.take(ctx, "august", programme)
	if err != nil {
		return err
	}
	if err := errors.Join(expect("households of the subsidy", taken.Count, len(whole)), expect("its sum", taken.Sum, "38500.00"),
		expect("households that are left out", taken.Refused, 20)); err != nil {
		return err
	}
	agree := obj{"digest": taken.Digest, "agree": true}
	if _, err := c.refused(ctx, "civil-preparer", "/v1/imports/"+taken.ID+"/confirm", agree, http.StatusForbidden); err != nil {
		return err
	}
	job, err := c.confirmJob(ctx, taken, programme)
	if err != nil {
		return err
	}
	if err := expect("households that were taken", job.Result.Accepted, len(whole)); err != nil {
		return err
	}
	problem, err := c.refused(ctx, "civil-preparer", "/v1/programmes/"+programme+"/rates", c.rate("40.00"), http.StatusConflict)
	if err != nil {
		return err
	}
	c.enter(reckoning.Subsidy{Programme: programme, Rolls: rolls, Month: c.month, PerPerson: 3500})
	for _, h := range whole {
		c.rolls[programme] = append(c.rolls[programme], h.who)
	}
	b, err := c.payDue(ctx, "wujia-pay", programme, c.month)
	if err != nil {
		return err
	}
	amount, _ := b.total()
	again, err := c.take(ctx, "august-again", programme)
	if err != nil {
		return err
	}
	c.out.Say("三本名册提取 %d 户、%d 户因已在前一名册不重复；再改标准：%s · from three rolls, nobody twice", taken.Count, taken.Refused, problem.Detail)
	return errors.Join(expect("the subsidy of August", amount.String(), "38500.00"), expect("new when taken once more", again.Count, 0), c.told(b))
}

// rate is the rate of the month that is lived.
func (c *County) rate(amount string) obj {
	return obj{"period": c.month.String(), "amount": amount, "document": "云发改价格〔2026〕88号"}
}

// setRate has civil affairs propose 35.00 a person for the month, and finance confirm it.
func (c *County) setRate(ctx context.Context, programme string) error {
	var proposed struct{ Digest string }
	path := "/v1/programmes/" + programme + "/rates"
	if err := c.post(ctx, "civil-preparer", path, c.rate("35.00"), &proposed); err != nil {
		return err
	}
	agree := obj{"period": c.month.String(), "digest": proposed.Digest, "agree": true}
	if _, err := c.refused(ctx, "civil-preparer", path+"/confirm", agree, http.StatusForbidden); err != nil {
		return err
	}
	return c.post(ctx, "finance-approver", path+"/confirm", agree, nil)
}

// take proposes the month's people of a programme from other rolls. Nothing is proposed when nobody is new.
func (c *County) take(ctx context.Context, name, programme string) (i rollImport, err error) {
	id := c.id(name)
	if err := c.job(ctx, "civil-preparer", fmt.Sprintf("/v1/rolls/%s/%s/takings", programme, region), obj{"id": id, "period": c.month.String()}); err != nil {
		return i, err
	}
	err = c.get(ctx, "civil-approver", "/v1/imports/"+id, &i)
	var problem *restclient.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusNotFound {
		return i, nil
	}
	return i, err
}
