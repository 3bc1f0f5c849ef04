package reckoning

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// paid is one payment as the books have it.
type paid struct {
	Payment
	order    *order
	shares   []Fen // of what was transferred, by source
	credited bool
}

func (p *paid) transferred() Fen { return p.Amount - p.Deducted }

// order is what the bank was told.
type order struct {
	Order
	payments []*paid
	answered bool
	closed   bool
	back     []Fen // in return, by source
}

// Tranche is a tranche's money. What is available is what came to it, issued, topped up or recovered, less everything else.
type Tranche struct {
	Issued, ToppedUp, Recovered                                           Fen
	Allocated, Reserved, Paid, InReturn, Refunded, TakenBack, CarriedOver Fen
}

// Available is what a tranche can still give.
func (t Tranche) Available() Fen {
	return t.Issued + t.ToppedUp + t.Recovered - t.Allocated - t.Reserved - t.Paid - t.InReturn - t.Refunded - t.TakenBack - t.CarriedOver
}

func (b *Books) tranche(id string) *Tranche {
	if b.tranches[id] == nil {
		b.tranches[id] = &Tranche{}
	}
	return b.tranches[id]
}

func (e Issue) enter(b *Books) error {
	b.tranche(e.Tranche).Issued += e.Amount
	return b.Check()
}

func (e Allocate) enter(b *Books) error {
	b.tranche(e.From).Allocated += e.Amount
	b.tranche(e.To).Issued += e.Amount
	return b.Check()
}

func (e TopUp) enter(b *Books) error {
	if e.From != "" {
		b.tranche(e.From).Allocated += e.Amount
	}
	b.tranche(e.To).ToppedUp += e.Amount
	return b.Check()
}

func (e TakeBack) enter(b *Books) error {
	b.tranche(e.From).TakenBack += e.Amount
	b.tranche(e.To).Allocated -= e.Amount
	return b.Check()
}

func (e CarryOver) enter(b *Books) error {
	b.tranche(e.From).CarriedOver += e.Amount
	b.tranche(e.To).ToppedUp += e.Amount
	return b.Check()
}

func (e Refund) enter(b *Books) error {
	b.tranche(e.Tranche).Refunded += e.Amount
	return b.Check()
}

func (e Order) enter(b *Books) error {
	if b.orders[e.Batch] != nil || len(e.Sources) == 0 {
		return errors.New("an order is given once, and has a source")
	}
	o := &order{Order: e, back: make([]Fen, len(e.Sources))}
	b.orders[e.Batch] = o
	sum, drawn := Fen(0), make([]Fen, len(e.Sources))
	for _, p := range e.Payments {
		if p.Amount <= 0 || p.Deducted < 0 || p.Deducted > p.Amount {
			return fmt.Errorf("a payment of %s with %s deducted", p.Amount, p.Deducted)
		}
		sum += p.Amount - p.Deducted
		upTo := drawnUpTo(sum, e.Sources)
		entered := &paid{Payment: p, order: o}
		for i := range upTo {
			entered.shares = append(entered.shares, upTo[i]-drawn[i])
		}
		drawn = upTo
		h := b.household(e.Programme, p.Who)
		h.paid[p.For] = append(h.paid[p.For], entered)
		o.payments = append(o.payments, entered)
	}
	for i, s := range e.Sources {
		b.tranche(s.Tranche).Reserved += drawn[i]
	}
	return b.Check()
}

// drawnUpTo divides a sum among sources: the first sources together have their weights' part of it, rounded half up.
func drawnUpTo(sum Fen, sources []Source) []Fen {
	var whole, first int64
	for _, s := range sources {
		whole += s.Weight
	}
	shares, before := make([]Fen, len(sources)), Fen(0)
	for i, s := range sources {
		first += s.Weight
		together := part(sum, first, whole)
		shares[i], before = together-before, together
	}
	return shares
}

func (e Answer) enter(b *Books) error {
	o := b.orders[e.Batch]
	if o == nil || o.answered {
		return errors.New("the bank answers an order once")
	}
	o.answered = true
	for _, p := range o.payments {
		// A deduction stands even if its transfer comes back, and then the rest alone is owed again.
		back := slices.Contains(e.Back, p.Who)
		p.credited = !back
		for i, s := range o.Sources {
			t := b.tranche(s.Tranche)
			t.Reserved -= p.shares[i]
			if back {
				t.InReturn += p.shares[i]
				o.back[i] += p.shares[i]
				continue
			}
			t.Paid += p.shares[i]
		}
		if p.Deducted > 0 {
			if _, err := b.household(o.Programme, p.Who).settle(p.Deducted); err != nil {
				return err
			}
		}
	}
	return b.Check()
}

func (e Reverse) enter(b *Books) error {
	o := b.orders[e.Batch]
	if o == nil || !o.answered {
		return errors.New("what the bank answered is reversed, and it has not answered")
	}
	done := 0
	for _, p := range o.payments {
		back := slices.Contains(e.Back, p.Who)
		if !back && !slices.Contains(e.Paid, p.Who) {
			continue
		}
		if p.credited != back {
			return fmt.Errorf("the bank has answered this for %s already", p.Who)
		}
		p.credited = !back
		done++
		for i, s := range o.Sources {
			share := p.shares[i]
			if back {
				share = -share
			}
			b.tranche(s.Tranche).Paid += share
			if !o.closed {
				b.tranche(s.Tranche).InReturn -= share
				o.back[i] -= share
			}
		}
	}
	if done == 0 {
		return errors.New("nobody's answer is reversed")
	}
	return b.Check()
}

func (e Close) enter(b *Books) error {
	o := b.orders[e.Batch]
	if o == nil || !o.answered {
		return errors.New("an order is closed when the bank has answered it")
	}
	o.closed = true
	for i, s := range o.Sources {
		b.tranche(s.Tranche).InReturn -= o.back[i]
		o.back[i] = 0
	}
	return b.Check()
}

// holds is what the household holds for a month: what was credited, with what was deducted of it. Of a transfer that came
// back the deduction stays.
func (h *household) holds(m Month) (fen Fen) {
	for _, p := range h.paid[m] {
		switch {
		case p.credited:
			fen += p.Amount
		case p.order.answered:
			fen += p.Deducted
		}
	}
	return fen
}

// excess is what the household holds for a month above what it is owed.
func (h *household) excess(m Month) Fen { return max(0, h.holds(m)-h.owes(m)) }

// openFor is what the household still has to give back for a month.
func (h *household) openFor(m Month) Fen { return max(0, h.excess(m)-h.settled[m]) }

// open is what the household still has to give back.
func (h *household) open() (fen Fen) {
	for m := range h.paid {
		fen += h.openFor(m)
	}
	return fen
}

// settle settles a part of what the household has to give back, the oldest month first. It gives the part of each month.
func (h *household) settle(amount Fen) (map[Month]Fen, error) {
	if amount <= 0 || amount > h.open() {
		return nil, fmt.Errorf("%s is settled, %s is open", amount, h.open())
	}
	parts := map[Month]Fen{}
	for _, m := range slices.Sorted(maps.Keys(h.paid)) {
		fen := min(amount, h.openFor(m))
		parts[m] = fen
		h.settled[m] += fen
		amount -= fen
	}
	return parts, nil
}

// enter gives money that came back to the tranches that paid it: within a month the first payment first, by its shares.
func (e Recover) enter(b *Books) error {
	h := b.household(e.Programme, e.Who)
	parts, err := h.settle(e.Amount)
	if err != nil {
		return err
	}
	for m, rest := range parts {
		for _, p := range h.paid[m] {
			back := min(rest, p.transferred())
			if !p.credited || back == 0 {
				continue
			}
			rest -= back
			var sources []Source
			for i, s := range p.order.Sources {
				sources = append(sources, Source{s.Tranche, int64(p.shares[i])})
			}
			for i, share := range drawnUpTo(back, sources) {
				b.tranche(sources[i].Tranche).Recovered += share
			}
		}
		if rest > 0 {
			return fmt.Errorf("%s of what came back for %s was never transferred", rest, m)
		}
	}
	return b.Check()
}

func (e WriteOff) enter(b *Books) error {
	_, err := b.household(e.Programme, e.Who).settle(e.Amount)
	return err
}
