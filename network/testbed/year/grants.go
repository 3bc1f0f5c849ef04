package year

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"relieftrail/network/testbed/reckoning"
)

// china is the time of the county.
var china = time.FixedZone("Asia/Shanghai", 8*3600)

// thisMonth is the month of the clock. A decision pays from it on, whatever month of the year is told.
func thisMonth() reckoning.Month {
	now := time.Now().In(china)
	return reckoning.Month(now.Year()*12 + int(now.Month()) - 1)
}

// foundGrants puts a programme of single grants in force, and issues money of the clock's year for it.
func (c *County) foundGrants(ctx context.Context, name, chinese, english string, terms obj) (string, error) {
	draft := c.draft(name, chinese, english, obj{"unit": "person", "cycle": "grant", "notice_days": c.noticeDays, "entitled_from": "same_period"})
	delete(draft, "import_until")
	for field, value := range terms {
		draft[field] = value
	}
	programme := c.programme(name)
	if err := c.enact(ctx, draft); err != nil {
		return programme, err
	}
	return programme, c.issue(ctx, name, programme, 5_000_000, int(thisMonth()/12))
}

// application is an application for a single grant.
func (c *County) application(name, programme string, h *household, amount string) obj {
	return obj{
		"id": c.id(name), "programme": programme, "region": h.village, "settlement": "rural", "account": h.account, "income": "300.00", "reason": "因病致贫",
		"members": []obj{{"name": h.name, "id_number": h.id}}, "amount": amount,
	}
}

// visit has the village visit a household.
func (c *County) visit(ctx context.Context, name string, h *household) error {
	return c.post(ctx, "civil-village", "/v1/cases/"+c.id(name)+"/evidence", obj{
		"kind": "home-visit", "taken_at": time.Now().UTC().Format(time.RFC3339), "region": h.village, "sha256": strings.Repeat("a", 64),
		"media_type": "image/jpeg",
	}, nil)
}

// bills pays two medical bills of one month, 1,234.56 and 789.01. A third application with the first's bill is refused.
func (c *County) bills(ctx context.Context) error {
	programme, err := c.foundGrants(ctx, "yiliao", "医疗救助", "Medical assistance", obj{"bill_required": true, "grants_a_month": 3})
	if err != nil {
		return err
	}
	month := thisMonth()
	// A bill is paid once, in whatever year of this ledger it comes again: each run has bills of its own.
	number := func(n int) string { return fmt.Sprintf("2026-%03d%03d", c.run, n) }
	h := c.invented(780, villageOfOfficials, "A", 1)
	c.rolls[programme] = append(c.rolls[programme], h.who)
	b := c.newBatch(programme, "bills")
	b.in(c, month)
	for _, bill := range []struct {
		name, number, amount string
		fen                  reckoning.Fen
	}{{"bill-1", "安医 " + number(123), "1234.56", 123_456}, {"bill-2", "安医 " + number(124), "789.01", 78_901}} {
		in := c.application(bill.name, programme, h, bill.amount)
		in["bill"] = obj{"hospital": "安宁市人民医院", "number": bill.number}
		if err := c.post(ctx, "civil-township", "/v1/cases", in, nil); err != nil {
			return err
		}
		if err := c.visit(ctx, bill.name, h); err != nil {
			return err
		}
		path := "/v1/cases/" + c.id(bill.name)
		if err := c.post(ctx, "civil-township", path+"/notices", obj{"class": "A", "persons": 1, "amount": bill.amount}, nil); err != nil {
			return err
		}
		if err := c.post(ctx, "civil-approver", path+"/decision", obj{"outcome": "granted"}, nil); err != nil {
			return err
		}
		c.enter(reckoning.Grant{Programme: programme, Who: h.who, Month: month, Amount: bill.fen})
		b.payments = append(b.payments, reckoning.Payment{Who: h.who, For: month, Amount: bill.fen})
	}
	third := c.application("bill-3", programme, h, "1234.56")
	third["bill"] = obj{"hospital": "安宁市人民医院", "number": "安医" + strings.ReplaceAll(number(123), "-", "")}
	problem, err := c.refused(ctx, "civil-township", "/v1/cases", third, http.StatusConflict)
	if err != nil {
		return err
	}
	if err := through(ctx, b, c.listGranted, c.payListed); err != nil {
		return err
	}
	c.out.Say("一月两张票据 1,234.56 与 789.01 元，两笔支付；第一张票据再次申请：%s · two bills, two payments", problem.Detail)
	return c.told(b)
}

// villageOfOfficials is the village whose officials live the year.
const villageOfOfficials = region + "001001"

// emergency: a township decides 1,800.00 on the day of the application, and the papers follow. It may decide neither 2,000.01 nor 300.00
// more for the same person in twelve months.
func (c *County) emergency(ctx context.Context) error {
	programme, err := c.foundGrants(ctx, "jinan", "急难救助", "Emergency relief", obj{
		"papers_workdays": 10, "grants_a_month": 3,
		"township": obj{"max_amount": "2000.00", "max_year": "2000.00", "by": "county_confirms", "confirm_workdays": 2},
	})
	if err != nil {
		return err
	}
	h, other := c.invented(781, villageOfOfficials, "A", 1), c.invented(782, villageOfOfficials, "A", 1)
	c.rolls[programme] = append(c.rolls[programme], h.who)
	decide := func(name string) string { return "/v1/cases/" + c.id(name) + "/decision/township" }
	for _, a := range []struct {
		name, amount string
		of           *household
		refused      bool
	}{{"urgent", "1800.00", h, false}, {"too-much", "2000.01", other, true}, {"once-more", "300.00", h, true}} {
		if err := c.post(ctx, "civil-township", "/v1/cases", c.application(a.name, programme, a.of, a.amount), nil); err != nil {
			return err
		}
		grant := obj{"outcome": "granted", "amount": a.amount}
		if !a.refused {
			if err := c.post(ctx, "civil-township", decide(a.name), grant, nil); err != nil {
				return err
			}
			continue
		}
		problem, err := c.refused(ctx, "civil-township", decide(a.name), grant, http.StatusForbidden)
		if err != nil {
			return err
		}
		c.out.Say("乡镇决定 %s 元：%s", a.amount, problem.Detail)
	}
	month := thisMonth()
	c.enter(reckoning.Grant{Programme: programme, Who: h.who, Month: month, Amount: 180_000})
	b := c.newBatch(programme, "urgent-pay", reckoning.Payment{Who: h.who, For: month, Amount: 180_000})
	b.in(c, month)
	if err := through(ctx, b, c.listGranted, c.payListed); err != nil {
		return err
	}
	return errors.Join(c.papers(ctx, h), c.told(b))
}

// papers brings the papers of the emergency and the county's confirmation.
func (c *County) papers(ctx context.Context, h *household) error {
	path := "/v1/cases/" + c.id("urgent")
	var before, after struct {
		State string
		Grant struct {
			PapersDue string `json:"papers_due"`
			Papers    *struct{ Late bool }
		}
	}
	if err := c.get(ctx, "civil-approver", path, &before); err != nil {
		return err
	}
	if before.Grant.PapersDue == "" || before.Grant.Papers != nil {
		return errors.New("the papers of the emergency have no day on which they are due")
	}
	if err := c.visit(ctx, "urgent", h); err != nil {
		return err
	}
	if err := c.post(ctx, "civil-approver", path+"/decision/confirm", obj{"agree": true}, nil); err != nil {
		return err
	}
	if err := c.get(ctx, "civil-approver", path, &after); err != nil {
		return err
	}
	if after.Grant.Papers == nil || after.Grant.Papers.Late {
		return errors.New("the papers of the emergency are there, and in time")
	}
	c.out.Say("乡镇当日决定 1,800.00 元先行救助，材料应于 %s 前补齐，已补；县级两个工作日内确认 · help first, the papers in time", before.Grant.PapersDue)
	return nil
}
