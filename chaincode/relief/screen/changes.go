package screen

import (
	"cmp"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// changeBook is what changes of roll entries say.
type changeBook struct {
	ended  map[Roll]map[uint32]relief.Day // when the end of a number was first recorded
	payees map[Roll]map[uint32][]payeeChange
	quick  map[whoMonth]map[string]bool // changes that a credit followed
}

// payeeChange is a confirmed change of whom an entry's money goes to.
type payeeChange struct {
	change string
	on     relief.Day
	by     who
}

type whoMonth struct {
	who
	month string
}

func (b *changeBook) init() {
	*b = changeBook{ended: map[Roll]map[uint32]relief.Day{}, payees: map[Roll]map[uint32][]payeeChange{}, quick: map[whoMonth]map[string]bool{}}
}

// readChanges looks for deaths, of which payments are watched (S01), for ends of numbers and changed payees.
func (s *screening) readChanges() error {
	return each(s, relief.KindChange, func(c *roll.Change) {
		if !s.inside(c.County) || c.State != roll.ChangeConfirmed || len(c.Acts) == 0 {
			return
		}
		at, name := Roll{c.Programme, c.County}, "change/"+string(c.ID)
		on := s.day(&c.Acts[len(c.Acts)-1])
		switch c.Kind {
		case roll.ChangeExit, roll.ChangeHead, roll.ChangeMove, roll.ChangeMoveOut:
			if s.changes.ended[at] == nil {
				s.changes.ended[at] = map[uint32]relief.Day{}
			}
			if before, known := s.changes.ended[at][c.Number]; !known || on < before {
				s.changes.ended[at][c.Number] = on
			}
		case roll.ChangePayee:
			if c.Corrects == (roll.Corrects{}) && s.recent(on) && s.on("S25", c.Region, 1) {
				s.changes.add(at, c, payeeChange{name, on, who{c.County, c.Acts[0].By.Agency, stepOf(name, &c.Acts[0]).Official}})
			}
		}
		if c.DiedOn != "" && s.on("S01", c.Region, 1) {
			s.cases.watch(at, c.Number, watch{"S01", "", c.DiedOn.Month(), Alert{
				Programme: c.Programme, Region: c.Region, About: []string{entryName(at, c.Number)}, Period: string(c.DiedOn), Step: stepOf(name, &c.Acts[0]),
			}})
		}
	})
}

func (b *changeBook) add(at Roll, c *roll.Change, p payeeChange) {
	if b.payees[at] == nil {
		b.payees[at] = map[uint32][]payeeChange{}
	}
	b.payees[at][c.Number] = append(b.payees[at][c.Number], p)
}

// credited takes in that a number was paid.
func (s *screening) credited(at Roll, p *Payment) {
	for _, c := range s.changes.payees[at][p.Number] {
		if d := daysFrom(c.on, p.Day); d < 0 || d > s.limit("S25", "days") {
			continue
		}
		k := whoMonth{c.by, string(c.on[:7])}
		q := s.changes.quick[k]
		if q == nil {
			q = map[string]bool{}
			s.changes.quick[k] = q
		}
		q[c.change] = true
	}
}

// quickly looks for officials whose changes of payees were followed by money at once (S25).
func (s *screening) quickly() {
	for _, k := range slices.SortedFunc(maps.Keys(s.changes.quick), func(a, b whoMonth) int { return cmp.Or(byWho(a.who, b.who), cmp.Compare(a.month, b.month)) }) {
		q := s.changes.quick[k]
		if n := int64(len(q)); n >= s.limit("S25", "min") {
			s.raise("S25", Alert{
				Region: k.county, About: append(k.about(), slices.Sorted(maps.Keys(q))...), Period: k.month, Step: k.step(relief.ActRollChangePayee),
				Values: []Value{{"changes", n}},
			})
		}
	}
}
