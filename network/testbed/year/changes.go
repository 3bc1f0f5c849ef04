package year

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"relieftrail/network/testbed/reckoning"
)

// change has a change of a household's entry on the roll of 低保 take effect.
func (c *County) change(ctx context.Context, kind string, h *household, terms obj) error {
	subject, err := c.lookUp(ctx, h)
	if err != nil {
		return err
	}
	terms["kind"], terms["programme"], terms["subject"] = kind, c.dibao(), subject
	_, err = c.agree(ctx, c.dibao(), terms)
	return err
}

// agree has a change of a roll entry proposed by one official and confirmed by another by its digest. The one who proposed it is
// refused. It gives the change's id.
func (c *County) agree(ctx context.Context, programme string, change obj) (string, error) {
	var proposed struct{ ID, SHA256 string }
	if err := c.post(ctx, c.preparer(programme), "/v1/changes", change, &proposed); err != nil {
		return "", err
	}
	path, agree := "/v1/changes/"+proposed.ID+"/confirm", obj{"sha256": proposed.SHA256, "agree": true}
	if _, err := c.refused(ctx, c.preparer(programme), path, agree, http.StatusForbidden); err != nil {
		return "", err
	}
	return proposed.ID, c.post(ctx, c.approver(programme), path, agree, nil)
}

// grantedFromFebruary puts a newcomer on the roll in March with effect from February.
func (c *County) grantedFromFebruary(ctx context.Context) error {
	h := c.invented(households, c.township(1)+"201", "B", 1)
	if err := c.enrol(ctx, "newcomer", c.dibao(), c.month-1, h); err != nil {
		return err
	}
	c.newcomer = h.who
	c.out.Say("三月核定新户，自二月起享受 · granted in March, from February on")
	return nil
}

// paidInApril pays the newcomer February, March and April in one transfer.
func (c *County) paidInApril(ctx context.Context) error {
	b, err := c.payDue(ctx, "newcomer", c.dibao(), c.month-2)
	if err != nil {
		return err
	}
	if err := expect("payments to the newcomer", len(b.payments), 3); err != nil {
		return err
	}
	if err := expect("transfers to the newcomer", len(b.file.Payments), 1); err != nil {
		return err
	}
	return expect("the newcomer's transfer", b.transferTo(c.newcomer).String(), "1440.00")
}

// standardRaised raises class B from 480.00 to 500.00 a person in July, from January on. Two households are left behind, and are
// named. July's transfers have the top-ups of six months.
func (c *County) standardRaised(ctx context.Context) error {
	from := monthNumber(1)
	draft := c.draft("dibao", "最低生活保障（低保）", "Minimum living allowance", c.dibaoTerms("500.00"))
	draft["version"] = 2
	if err := c.enact(ctx, draft); err != nil {
		return err
	}
	if err := c.rerate(ctx, from); err != nil {
		return err
	}
	c.enter(reckoning.Standard{Programme: c.dibao(), Class: "B", From: from, PerPerson: 50_000})
	b, err := c.payDue(ctx, c.month.String(), c.dibao(), from)
	if err != nil {
		return err
	}
	who := c.hero(atStandard)
	if err := expect("July's transfer of a household of two", b.transferTo(who).String(), "1240.00"); err != nil {
		return err
	}
	books, err := c.books()
	if err != nil {
		return err
	}
	for m := from; m <= c.month; m++ {
		if err := expect(fmt.Sprint("paid for ", m), books.Paid(c.dibao(), who, m), books.Owed(c.dibao(), who, m)); err != nil {
			return err
		}
	}
	if got, want := books.LeftBehind(c.dibao(), c.month), []reckoning.Who{c.hero(behindOne), c.hero(behindTwo)}; !slices.Equal(got, want) {
		return fmt.Errorf("left behind are %v, expected %v", got, want)
	}
	c.out.Say("七月提标，自一月起：两人户七月到账 1,240.00 元 = 1,000.00 + 6×40.00；两户未提，列名 · raised from January, two left behind are named")
	return c.told(b)
}

// headDied: the head of a household of four at 330.00 a person died on 20 May, which is known after June was paid. The spouse is the head of
// three from June on, and 330.00 of June was too much. Nobody applies again.
func (c *County) headDied(ctx context.Context) error {
	h := c.people[c.hero(headDies)]
	spouse := c.people[named(spouse)]
	err := c.change(ctx, "head", h, obj{
		"name": spouse.name, "id_number": spouse.id, "account": spouse.account, "bank": "农村信用社", "class": "C", "persons": 3,
		"amount": "990.00", "died_on": "2026-05-20", "evidence_sha256": zeros, "reason": "户主去世",
	})
	if err != nil {
		return err
	}
	h.name, h.id, h.account, h.persons, h.amount = spouse.name, spouse.id, spouse.account, 3, 99_000
	c.enter(reckoning.Terms{Programme: c.dibao(), Who: h.who, From: c.month, Class: "C", Persons: 3, Amount: h.amount})
	if err := c.overpaid(ctx, h.who, "330.00"); err != nil {
		return err
	}
	c.out.Say("户主去世，配偶为户主，三人 990.00 元；六月多发 330.00 元；不重新申请、不公示 · the spouse is head; 330.00 of June was too much")
	return nil
}

// numberCorrected: January was paid under a valid but wrong identity number. Once two officials have corrected it, January is refused under
// the right number, because it is paid. The right number's entry begins with the month of the clock.
func (c *County) numberCorrected(ctx context.Context) error {
	h := c.people[c.hero(wrongNumber)]
	from, err := c.lookUp(ctx, h)
	if err != nil {
		return err
	}
	right := c.invented(951, h.village, h.class, 1)
	delete(c.people, right.who)
	var proposed struct{ SHA256 string }
	if err := c.post(ctx, "civil-preparer", "/v1/links", obj{"earlier": from, "id_number": right.id, "evidence_sha256": zeros}, &proposed); err != nil {
		return err
	}
	path, agree := "/v1/links/"+from+"/confirm", obj{"sha256": proposed.SHA256, "agree": true}
	if _, err := c.refused(ctx, "civil-preparer", path, agree, http.StatusForbidden); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-approver", path, agree, nil); err != nil {
		return err
	}
	h.id = right.id
	b := c.newBatch(c.dibao(), "january-again", reckoning.Payment{Who: h.who, For: monthNumber(1), Amount: h.amount})
	b.in(c, monthNumber(1))
	if err := c.open(ctx, b); err != nil {
		return err
	}
	job, err := c.upload(ctx, "civil-preparer", b, c.listFile(b))
	if err != nil {
		return err
	}
	if got := codes(job); !slices.Equal(got, []string{"already-paid"}) {
		return fmt.Errorf("the right number is refused for January with %v, expected already-paid", got)
	}
	c.out.Say("身份证号更正：一月在正确号码下再次列入，被拒绝（%s）· January is paid already", job.Result.Refusals[0].Reason)
	return c.post(ctx, "civil-approver", b.path("/cancel"), obj{"reason": "一月已发放"}, nil)
}
