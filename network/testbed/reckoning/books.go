package reckoning

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// Books are a county's books.
type Books struct {
	households map[entry]*household
	standards  map[rate]Fen
	tranches   map[string]*Tranche
	orders     map[string]*order
}

// entry is a household on a programme's roll.
type entry struct {
	programme string
	who       Who
}

// rate is what a class of a programme gets in a month.
type rate struct {
	programme, class string
	month            Month
}

// Reckon reckons the books from all that happened, in its order.
func Reckon(happened []Event) (*Books, error) {
	b := &Books{
		households: map[entry]*household{}, standards: map[rate]Fen{}, tranches: map[string]*Tranche{}, orders: map[string]*order{},
	}
	for i, e := range happened {
		if err := e.enter(b); err != nil {
			return nil, fmt.Errorf("event %d, %+v: %w", i, e, err)
		}
	}
	return b, nil
}

// household gives a household's account with a programme.
func (b *Books) household(programme string, who Who) *household {
	e := entry{programme, who}
	if b.households[e] == nil {
		b.households[e] = &household{owed: map[Month]terms{}, granted: map[Month]Fen{}, paid: map[Month][]*paid{}, settled: map[Month]Fen{}}
	}
	return b.households[e]
}

// Owed is what a household is owed for a month.
func (b *Books) Owed(programme string, who Who, month Month) Fen {
	return b.household(programme, who).owes(month)
}

// Paid is what a household holds for a month, deductions included.
func (b *Books) Paid(programme string, who Who, month Month) Fen {
	return b.household(programme, who).holds(month)
}

// Overpaid is what a household still has to give back.
func (b *Books) Overpaid(programme string, who Who) Fen { return b.household(programme, who).open() }

// Month sums up a month of a programme: what is owed and what was paid for it.
func (b *Books) Month(programme string, month Month) (owed, paid Fen) {
	for e, h := range b.households {
		if e.programme == programme {
			owed += h.owes(month)
			paid += h.holds(month)
		}
	}
	return owed, paid
}

// Overpayments are the households of a programme that have to give something back, with how much.
func (b *Books) Overpayments(programme string) map[Who]Fen {
	open := map[Who]Fen{}
	for e, h := range b.households {
		if fen := h.open(); e.programme == programme && fen > 0 {
			open[e.who] = fen
		}
	}
	return open
}

// Unpaid are the households of a programme that hold less for a month than they are owed, with how much less.
func (b *Books) Unpaid(programme string, month Month) map[Who]Fen {
	gaps := map[Who]Fen{}
	for e, h := range b.households {
		if gap := h.owes(month) - h.holds(month); e.programme == programme && gap > 0 {
			gaps[e.who] = gap
		}
	}
	return gaps
}

// Tranche is a tranche's money.
func (b *Books) Tranche(id string) Tranche {
	if t := b.tranches[id]; t != nil {
		return *t
	}
	return Tranche{}
}

// Check holds the books against themselves: no part of a tranche's money is below zero.
func (b *Books) Check() error {
	for _, id := range slices.Sorted(maps.Keys(b.tranches)) {
		t := b.tranches[id]
		if low := min(t.Issued, t.ToppedUp, t.Recovered, t.Allocated, t.Reserved, t.Paid, t.InReturn, t.Refunded, t.TakenBack, t.CarriedOver, t.Available()); low < 0 {
			return fmt.Errorf("tranche %s: %+v with %s available", id, *t, t.Available())
		}
	}
	return nil
}

// on are the households of a programme, in the order of their names.
func (b *Books) on(programme string) []Who {
	var names []Who
	for e := range b.households {
		if e.programme == programme {
			names = append(names, e.who)
		}
	}
	slices.SortFunc(names, func(a, c Who) int { return cmp.Compare(a, c) })
	return names
}
