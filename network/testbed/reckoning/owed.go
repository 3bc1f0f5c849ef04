package reckoning

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// end is the month in which the books end: terms without an end are entered up to it.
const end Month = 2032 * 12

// household is a household's account with one programme, month by month.
type household struct {
	owed    map[Month]terms
	granted map[Month]Fen
	paid    map[Month][]*paid
	settled map[Month]Fen // of what was too much: recovered, deducted or written off
}

// terms are what a household gets in one month.
type terms struct {
	class   string
	persons int
	amount  Fen
	paused  bool
}

// owes is what the household is owed for a month.
func (h *household) owes(m Month) Fen {
	if t := h.owed[m]; !t.paused {
		return t.amount + h.granted[m]
	}
	return h.granted[m]
}

func (e Terms) enter(b *Books) error {
	if e.Amount <= 0 || e.Persons < 1 || e.From >= end {
		return errors.New("terms are an amount above zero for at least one person, from a month of the books on")
	}
	h := b.household(e.Programme, e.Who)
	for m := e.From; m < end; m++ {
		h.owed[m] = terms{e.Class, e.Persons, e.Amount, h.owed[m].paused}
	}
	return nil
}

func (e Standard) enter(b *Books) error {
	for m := e.From; m < end; m++ {
		before := b.standards[rate{e.Programme, e.Class, m}]
		for _, who := range b.on(e.Programme) {
			h := b.household(e.Programme, who)
			t, on := h.owed[m]
			if on && t.class == e.Class && t.amount == before*Fen(t.persons) {
				t.amount = e.PerPerson * Fen(t.persons)
				h.owed[m] = t
			}
		}
		b.standards[rate{e.Programme, e.Class, m}] = e.PerPerson
	}
	return nil
}

// LeftBehind are the households of a programme that are not at their class's standard in a month.
func (b *Books) LeftBehind(programme string, month Month) (names []Who) {
	for _, who := range b.on(programme) {
		t, on := b.household(programme, who).owed[month]
		if standard := b.standards[rate{programme, t.class, month}]; on && standard > 0 && t.amount != standard*Fen(t.persons) {
			names = append(names, who)
		}
	}
	return names
}

func (e Pause) enter(b *Books) error  { return b.pause(e.Programme, e.Who, e.From, true) }
func (e Resume) enter(b *Books) error { return b.pause(e.Programme, e.Who, e.From, false) }

func (b *Books) pause(programme string, who Who, from Month, paused bool) error {
	h := b.household(programme, who)
	if _, on := h.owed[from]; !on {
		return fmt.Errorf("%s is not on the roll in %s", who, from)
	}
	for m, t := range h.owed {
		if m >= from {
			t.paused = paused
			h.owed[m] = t
		}
	}
	return nil
}

func (e Leave) enter(b *Books) error {
	h := b.household(e.Programme, e.Who)
	maps.DeleteFunc(h.owed, func(m Month, _ terms) bool { return m > e.Last })
	return nil
}

func (e Grant) enter(b *Books) error {
	if e.Amount <= 0 {
		return errors.New("a grant is more than nothing")
	}
	b.household(e.Programme, e.Who).granted[e.Month] += e.Amount
	return nil
}

func (e Subsidy) enter(b *Books) error {
	var taken []Who
	for _, roll := range e.Rolls {
		for _, who := range b.on(roll) {
			t := b.household(roll, who).owed[e.Month]
			if t.persons == 0 || t.paused || slices.Contains(taken, who) {
				continue
			}
			taken = append(taken, who)
			b.household(e.Programme, who).granted[e.Month] += e.PerPerson * Fen(t.persons)
		}
	}
	return nil
}
