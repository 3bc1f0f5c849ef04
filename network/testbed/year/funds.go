package year

import (
	"context"
	"errors"
	"net/http"

	"relieftrail/network/testbed/reckoning"
)

// takenBack: the county takes 50,000.00 back from a township's tranche, tops another one up, carries over what is left at the end
// of the year, and three agencies sign the list of the year's end.
func (c *County) takenBack(ctx context.Context) error {
	county, township := c.id("county-fund"), c.id("township-fund")
	usual := c.payFrom[c.dibao()]
	defer func() { c.payFrom[c.dibao()] = usual }()
	if err := c.issue(ctx, "county-fund", c.dibao(), 20_000_000, 2026); err != nil {
		return err
	}
	targets := obj{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"}
	err := c.post(ctx, "finance-approver", "/v1/tranches/"+county+"/allocations", obj{
		"id": township, "region": c.township(1), "amount": "150000.00", "account": c.accountOf(c.dibao()), "targets": targets,
	}, nil)
	if err != nil {
		return err
	}
	c.tranches = append(c.tranches, township)
	c.enter(reckoning.Allocate{From: county, To: township, Amount: 15_000_000})
	before, err := c.available(ctx, county)
	if err != nil {
		return err
	}
	if err := c.adjust(ctx, township, "take-backs", obj{"amount": "50000.00", "reason": "收回结余资金"}); err != nil {
		return err
	}
	c.enter(reckoning.TakeBack{From: township, To: county, Amount: 5_000_000})
	after, err := c.available(ctx, county)
	if err != nil {
		return err
	}
	c.out.Say("从乡镇收回 50,000.00 元，县级可用由 %s 变为 %s · the county has 50,000.00 more", before, after)
	if err := errors.Join(expect("before", before.String(), "50000.00"), expect("after", after.String(), "100000.00")); err != nil {
		return err
	}
	if err := c.carriedOver(ctx, county, township); err != nil {
		return err
	}
	return c.yearEnd(ctx, county)
}

// adjust proposes a change of a tranche's money and has another official of finance confirm it, who is not the one who proposed it.
func (c *County) adjust(ctx context.Context, tranche, kind string, in obj) error {
	var t struct {
		Adjustments []struct {
			Number int
			SHA256 string
		}
	}
	path := "/v1/tranches/" + tranche
	if err := c.post(ctx, "finance-preparer", path+"/"+kind, in, &t); err != nil {
		return err
	}
	last := t.Adjustments[len(t.Adjustments)-1]
	return c.post(ctx, "finance-approver", path+"/adjustments/confirm", obj{"adjustment": last.Number, "sha256": last.SHA256, "agree": true}, nil)
}

// available is what a tranche can still give, as the ledger says.
func (c *County) available(ctx context.Context, tranche string) (reckoning.Fen, error) {
	books, err := c.books()
	if err != nil {
		return 0, err
	}
	want := books.Tranche(tranche)
	return want.Available(), c.compareTranche(ctx, tranche, want)
}

// carriedOver: what the county has left goes to a tranche of 2027; the township's is taken back whole and closed.
func (c *County) carriedOver(ctx context.Context, county, township string) error {
	next := c.id("county-fund-2027")
	if err := c.issue(ctx, "county-fund-2027", c.dibao(), 100_000, 2027); err != nil {
		return err
	}
	top := obj{"amount": "1200.00", "document": "云财社〔2026〕99号", "reason": "追加下达"}
	if err := c.adjust(ctx, county, "top-ups", top); err != nil {
		return err
	}
	c.enter(reckoning.TopUp{To: county, Amount: 120_000})
	if err := c.adjust(ctx, township, "take-backs", obj{"amount": "100000.00", "reason": "年终收回"}); err != nil {
		return err
	}
	c.enter(reckoning.TakeBack{From: township, To: county, Amount: 10_000_000})
	if err := c.adjust(ctx, county, "refunds", obj{"amount": "1000.00", "reason": "多下达部分退回"}); err != nil {
		return err
	}
	c.enter(reckoning.Refund{Tranche: county, Amount: 100_000})
	if err := c.adjust(ctx, county, "carry-overs", obj{"to": next, "amount": "200200.00", "reason": "年终结转"}); err != nil {
		return err
	}
	c.enter(reckoning.CarryOver{From: county, To: next, Amount: 20_020_000})
	for _, id := range []string{township, county} {
		if err := c.post(ctx, "finance-approver", "/v1/tranches/"+id+"/close", nil, nil); err != nil {
			return err
		}
	}
	left, err := c.available(ctx, next)
	if err != nil {
		return err
	}
	c.out.Say("年终结转 200,200.00 元至 2027 年，可用 %s 元 · carried over", left)
	return expect("the next year's tranche", left.String(), "201200.00")
}

// yearEnd: three agencies sign the list of the year's end; a digest of another list is refused.
func (c *County) yearEnd(ctx context.Context, closed string) error {
	path := "/v1/year-ends/2026-" + c.county(c.dibao())
	var now struct {
		SHA256   string
		Tranches []struct{ ID, State string }
		Missing  []string
		Signed   *struct{ State string }
	}
	if err := c.get(ctx, "audit-reader", path, &now); err != nil {
		return err
	}
	listed := false
	for _, t := range now.Tranches {
		listed = listed || t.ID == closed && t.State == "closed"
	}
	if err := expect("the closed tranche is listed", listed, true); err != nil {
		return err
	}
	wrong := obj{"sha256": "0000000000000000000000000000000000000000000000000000000000000000"}
	if _, err := c.refused(ctx, "finance-approver", path+"/signatures", wrong, http.StatusConflict); err != nil {
		return err
	}
	for _, by := range []string{"finance-approver", "civil-approver", "audit-approver"} {
		if err := c.post(ctx, by, path+"/signatures", obj{"sha256": now.SHA256}, nil); err != nil {
			return err
		}
	}
	if err := c.get(ctx, "audit-reader", path, &now); err != nil {
		return err
	}
	if now.Signed == nil {
		return errors.New("the year's end is not signed")
	}
	c.out.Say("三部门签署决算 · three agencies sign the year's end: %s", now.SHA256)
	return expect("the year's end", now.Signed.State, "signed")
}
