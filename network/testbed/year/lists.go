package year

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"relieftrail/network/testbed/reckoning"
	"relieftrail/network/testbed/restclient"
)

// onLeave pays February: the batch of 490 lines has a wrong one and control totals that are off by one, and its preparer is on leave.
// It is handed over, the line replaced, the totals corrected, and it is sealed under the same id.
func (c *County) onLeave(ctx context.Context) error {
	payments, err := c.due(c.dibao(), c.month)
	if err != nil {
		return err
	}
	right := c.newBatch(c.dibao(), c.month.String(), payments...)
	if err := expect("lines", len(payments), households); err != nil {
		return err
	}
	sum, _ := right.total()
	missing := payments[0]
	wrong := *right
	wrong.payments, wrong.terms = payments[1:], obj{"count": len(payments) + 1, "sum": (sum + 1).String()}
	if err := c.list(ctx, &wrong); err != nil {
		return err
	}
	out := payments[1]
	control := obj{"count": len(payments), "sum": sum.String()}
	for act, body := range map[string]obj{"/control": control, "/seal": {}} {
		if _, err := c.refused(ctx, "civil-second-preparer", right.path(act), body, http.StatusForbidden); err != nil {
			return err
		}
	}
	if err := c.post(ctx, "civil-approver", right.path("/hand-over"), obj{"to": "civil-second-preparer"}, nil); err != nil {
		return err
	}
	subject, err := c.lookUp(ctx, c.people[out.Who])
	if err != nil {
		return err
	}
	if err := c.post(ctx, "civil-second-preparer", right.path("/lines/remove"), obj{"subjects": []string{subject}}, nil); err != nil {
		return err
	}
	replaced := *right
	replaced.payments = []reckoning.Payment{missing, out}
	job, err := c.upload(ctx, "civil-second-preparer", right, c.listFile(&replaced))
	if err != nil {
		return err
	}
	if err := expect("lines that replace the wrong one", job.Result.Accepted, 2); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-second-preparer", right.path("/control"), control, nil); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-second-preparer", right.path("/seal"), nil, nil); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-approver", right.path("/approve"), nil, nil); err != nil {
		return err
	}
	c.out.Say("经办人休假：批次移交，更正一行和控制总数，同一编号封存 · handed over, corrected, sealed under its id")
	if err := c.payApproved(ctx, right); err != nil {
		return err
	}
	return c.told(right)
}

// lookUp is the reference of a household's head.
func (c *County) lookUp(ctx context.Context, h *household) (string, error) {
	var found struct{ Subject string }
	err := c.post(ctx, "civil-preparer", "/v1/subjects/lookup", obj{"id_number": h.id, "application": obj{"programme": c.dibao(), "region": region}}, &found)
	return found.Subject, err
}

// wrongColumns lists April with another name, another card, nine persons for two and a village of another township. Each of the four
// lines is refused with its column; with the right columns they are taken.
func (c *County) wrongColumns(ctx context.Context) error {
	payments, err := c.due(c.dibao(), c.month)
	if err != nil {
		return err
	}
	payments = slices.DeleteFunc(payments, func(p reckoning.Payment) bool { return p.Who == c.newcomer }) // paid with earlier months
	b := c.newBatch(c.dibao(), c.month.String(), payments...)
	if err := c.open(ctx, b); err != nil {
		return err
	}
	var lines []listed
	for _, p := range payments {
		h := *c.people[p.Who]
		lines = append(lines, listed{&h, p.Amount})
	}
	lines[0].name = "完全不同"
	lines[1].account = lines[10].account
	lines[2].persons = 9
	lines[3].village = c.township(6) + "201"
	job, err := c.upload(ctx, "civil-preparer", b, listFile(b.month.String(), lines))
	if err != nil {
		return err
	}
	if err := expect("lines taken", job.Result.Accepted, len(payments)-4); err != nil {
		return err
	}
	want := []string{"name-differs", "account-differs", "persons-differs", "region-differs"}
	if got := codes(job); !slices.Equal(got, want) {
		return fmt.Errorf("the lines are refused with %v, expected %v", got, want)
	}
	for _, r := range job.Result.Refusals {
		c.out.Say("第 %d 行：%s", r.Line, r.Reason)
	}
	if _, err := c.upload(ctx, "civil-preparer", b, c.listFile(b)); err != nil {
		return err
	}
	if err := c.payListed(ctx, b); err != nil {
		return err
	}
	return c.told(b)
}

// codes are why lines were refused, in the order of the lines.
func codes(job restclient.Job) (list []string) {
	refusals := slices.Clone(job.Result.Refusals)
	slices.SortFunc(refusals, func(a, b restclient.Refusal) int { return a.Line - b.Line })
	for _, r := range refusals {
		list = append(list, r.Code)
	}
	return list
}

// once pays relief that is given once to five households whose roll is imported.
func (c *County) once(ctx context.Context) error {
	programme, err := c.found(ctx, "linshi", "一次性生活补助", "One allowance", 1_000_000, obj{"cycle": "once"})
	if err != nil {
		return err
	}
	var list []*household
	for n := range 5 {
		list = append(list, c.invented(700+n, c.township(1)+"201", "B", 1))
	}
	if err := c.enrol(ctx, "once-roll", programme, c.month, list...); err != nil {
		return err
	}
	for _, h := range list {
		c.enter(reckoning.Leave{Programme: programme, Who: h.who, Last: c.month})
	}
	payments, err := c.due(programme, c.month)
	if err != nil {
		return err
	}
	b := c.newBatch(programme, "once-pay", payments...)
	if err := c.payAsListed(ctx, b); err != nil {
		return err
	}
	return c.told(b)
}

// onceAgain lists the same households again a month later: every line is refused.
func (c *County) onceAgain(ctx context.Context) error {
	programme := c.programme("linshi")
	var payments []reckoning.Payment
	for _, who := range c.rolls[programme] {
		payments = append(payments, reckoning.Payment{Who: who, For: c.month, Amount: c.people[who].amount})
	}
	b := c.newBatch(programme, "once-again", payments...)
	if err := c.open(ctx, b); err != nil {
		return err
	}
	job, err := c.upload(ctx, "civil-preparer", b, c.listFile(b))
	if err != nil {
		return err
	}
	if err := expect("lines refused", job.Result.Refused, len(payments)); err != nil {
		return err
	}
	c.out.Say("一次性补助再次列入：%d 行全部拒绝（%s）· once is once", job.Result.Refused, job.Result.Refusals[0].Reason)
	return c.post(ctx, "civil-approver", b.path("/cancel"), obj{"reason": "重复"}, nil)
}
