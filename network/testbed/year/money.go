package year

import (
	"context"
	"fmt"
	"net/http"

	"relieftrail/network/testbed/reckoning"
)

// threeSources pays one payment of 1,000.01 from three tranches, 60 to 25 to 15. It comes back, and each tranche has its share
// in return.
func (c *County) threeSources(ctx context.Context) error {
	programme, err := c.found(ctx, "yuanqi", "缘起补助", "Allowance of three sources", 1_000_000, nil)
	if err != nil {
		return err
	}
	h := c.invented(760, c.township(1)+"201", "B", 1)
	h.amount = 100_001
	if err := c.enrol(ctx, "sources-roll", programme, c.month, h); err != nil {
		return err
	}
	b := c.newBatch(programme, "sources", reckoning.Payment{Who: h.who, For: c.month, Amount: h.amount})
	b.sources = nil
	for _, s := range []struct {
		name   string
		weight int64
	}{{"central", 60}, {"city", 25}, {"county", 15}} {
		if err := c.issue(ctx, s.name, programme, 500_000, 2026); err != nil {
			return err
		}
		b.sources = append(b.sources, reckoning.Source{Tranche: c.id(s.name), Weight: s.weight})
	}
	b.back = []reckoning.Who{h.who}
	if err := through(ctx, b, c.list, c.approve, c.send, c.settle); err != nil {
		return err
	}
	books, err := c.books()
	if err != nil {
		return err
	}
	for i, share := range []string{"600.01", "250.00", "150.00"} {
		tranche := b.sources[i].Tranche
		if err := expect(tranche+" in return", books.Tranche(tranche).InReturn.String(), share); err != nil {
			return err
		}
		if err := c.compareTranche(ctx, tranche, books.Tranche(tranche)); err != nil {
			return err
		}
	}
	c.out.Say("1,000.01 元由三个来源支付：600.01、250.00、150.00；退票后各回各处 · three shares, each back where it came from")
	return c.close(ctx, b)
}

// bounds: money of 2027 for a batch of December 2026, and a batch of January 2031, are refused.
func (c *County) bounds(ctx context.Context) error {
	usual := c.payFrom[c.dibao()]
	defer func() { c.payFrom[c.dibao()] = usual }()
	if err := c.issue(ctx, "next-year", c.dibao(), 100_000, 2027); err != nil {
		return err
	}
	h := c.people[c.hero(special)]
	for i, month := range []reckoning.Month{monthNumber(12), monthNumber(5*12 + 1)} {
		b := c.newBatch(c.dibao(), fmt.Sprint("out-of-bounds-", i), reckoning.Payment{Who: h.who, For: month, Amount: h.amount})
		b.in(c, month)
		problem, err := c.refused(ctx, "civil-preparer", "/v1/batches", b.body(), http.StatusUnprocessableEntity)
		if err != nil {
			return err
		}
		c.out.Say("%s：%s", month, problem.Detail)
	}
	return nil
}
