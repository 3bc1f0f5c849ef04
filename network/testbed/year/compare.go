package year

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/reckoning"
)

// touch notes that the books of a batch's months have changed since they were last compared.
func (c *County) touch(b *batch) {
	if c.touched[b.programme] == nil {
		c.touched[b.programme] = map[reckoning.Month]bool{}
	}
	for _, p := range b.payments {
		c.touched[b.programme][c.monthsOf(b.programme, p.For)[0]] = true
	}
}

// monthsOf are the months of the period in which a programme pays a month.
func (c *County) monthsOf(programme string, month reckoning.Month) []reckoning.Month {
	if !c.quarterly[programme] {
		return []reckoning.Month{month}
	}
	first := month - month%3
	return []reckoning.Month{first, first + 1, first + 2}
}

// compare compares the ledger's books with the reckoning: every household and month that was paid since the last
// comparison, and every tranche.
func (c *County) compare(ctx context.Context) error {
	books, err := c.books()
	if err != nil {
		return err
	}
	if err := books.Check(); err != nil {
		return err
	}
	compared := reckoning.Fen(0)
	for _, programme := range slices.Sorted(maps.Keys(c.touched)) {
		for _, month := range slices.Sorted(maps.Keys(c.touched[programme])) {
			sum, err := c.compareMonth(ctx, books, programme, month)
			if err != nil {
				return err
			}
			compared += sum
		}
	}
	clear(c.touched)
	for _, id := range c.tranches {
		if err := c.compareTranche(ctx, id, books.Tranche(id)); err != nil {
			return err
		}
	}
	for _, programme := range slices.Sorted(maps.Keys(c.rolls)) {
		if err := c.compareOverpayments(ctx, books, programme); err != nil {
			return err
		}
	}
	owed, paid := books.Month(c.programme("dibao"), c.month)
	c.out.Say("对账：账本与另算一致，本月核对 %s 元；低保应发 %s 元、已发 %s 元 · ledger and reckoning agree, to the fen", compared, owed, paid)
	return nil
}

// compareMonth compares the payments for one month of a programme, or for the quarter that begins with it.
func (c *County) compareMonth(ctx context.Context, books *reckoning.Books, programme string, month reckoning.Month) (sum reckoning.Fen, err error) {
	onLedger, err := c.credited(ctx, programme, month)
	if err != nil {
		return 0, err
	}
	for _, who := range c.rolls[programme] {
		var want reckoning.Fen
		for _, m := range c.monthsOf(programme, month) {
			want += books.Paid(programme, who, m)
		}
		if onLedger[who] != want {
			return 0, fmt.Errorf("%s, %s, household %s: the ledger has paid %s, the reckoning %s", programme, month, who, onLedger[who], want)
		}
		sum += want
		delete(onLedger, who)
	}
	for who, fen := range onLedger {
		return 0, fmt.Errorf("%s, %s: the ledger has paid %s to %s, who is on no roll", programme, month, fen, who)
	}
	return sum, nil
}

// credited adds up what each household holds for a month, payment by payment.
func (c *County) credited(ctx context.Context, programme string, month reckoning.Month) (map[reckoning.Who]reckoning.Fen, error) {
	held := map[reckoning.Who]reckoning.Fen{}
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				ID     string
				Number uint32
				Amount relief.Fen
			}
			Next string
		}
		path := fmt.Sprintf("/v1/payments?programme=%s&period=%s&state=credited&limit=200&cursor=%s", programme, c.period(programme, month), cursor)
		if err := c.get(ctx, "audit-reader", path, &page); err != nil {
			return nil, err
		}
		for _, p := range page.Items {
			who, known := c.numbers[rollNumber{programme, p.Number}]
			if !known {
				return nil, fmt.Errorf("the ledger paid %s to somebody unknown", p.ID)
			}
			held[who] += reckoning.Fen(p.Amount)
		}
		if cursor = page.Next; cursor == "" {
			return held, nil
		}
	}
}

// period is how a programme writes the period of a month.
func (c *County) period(programme string, month reckoning.Month) string {
	if c.quarterly[programme] {
		return fmt.Sprintf("%04d-Q%d", month/12, month%12/3+1)
	}
	return month.String()
}

// compareTranche compares the parts of a tranche's money.
func (c *County) compareTranche(ctx context.Context, id string, want reckoning.Tranche) error {
	var record struct {
		Balances struct {
			Issued, Allocated, Reserved, Paid, Recovered, Refunded, Available relief.Fen

			ToppedUp    relief.Fen `json:"topped_up"`
			InReturn    relief.Fen `json:"in_return"`
			TakenBack   relief.Fen `json:"taken_back"`
			CarriedOver relief.Fen `json:"carried_over"`
		}
	}
	if err := c.get(ctx, "audit-reader", "/v1/tranches/"+id, &record); err != nil {
		return err
	}
	b := record.Balances
	for _, part := range []struct {
		name string
		got  relief.Fen
		want reckoning.Fen
	}{
		{"issued", b.Issued, want.Issued},
		{"allocated", b.Allocated, want.Allocated},
		{"reserved", b.Reserved, want.Reserved},
		{"paid", b.Paid, want.Paid},
		{"in return", b.InReturn, want.InReturn},
		{"recovered", b.Recovered, want.Recovered},
		{"topped up", b.ToppedUp, want.ToppedUp},
		{"refunded", b.Refunded, want.Refunded},
		{"taken back", b.TakenBack, want.TakenBack},
		{"carried over", b.CarriedOver, want.CarriedOver},
		{"available", b.Available, want.Available()},
	} {
		if reckoning.Fen(part.got) != part.want {
			return fmt.Errorf("tranche %s, %s: the ledger has %s, the reckoning %s", id, part.name, part.got, part.want)
		}
	}
	return nil
}
