package oversight

import (
	"cmp"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Closing works out a month, segment by segment in the order of the roll.
type Closing struct {
	rows     RowsOf
	month    Month
	payBy    uint32
	moving   bool // people enter and leave the roll
	batch    payment.BatchLookup
	villages map[relief.Region]*villageSum // ordered at the end
	classes  ['Z' + 1]ClassFacts
}

// villageSum is a village while its rows come.
type villageSum struct {
	Village
	tree tree
}

// NewClosing begins to work a month out. holds says of which batches the accounting period is the month's; batch finds the state of
// a batch that lists a payment.
func NewClosing(
	p *programme.Programme, county relief.Region, period relief.Period, holds func(relief.BatchID) bool, batch payment.BatchLookup,
) (*Closing, error) {
	day, v, err := PayBy(p, period)
	if err != nil {
		return nil, err
	}
	return &Closing{
		rows: RowsOf{holds}, payBy: day.Number(), moving: v.Cycle == programme.CycleMonthly || v.Cycle == programme.CycleQuarterly, batch: batch,
		month:    Month{Programme: v.ID, County: county, Period: period, ProgrammeVersion: v.Version, PayBy: day},
		villages: map[relief.Region]*villageSum{},
	}, nil
}

// Add takes in a segment of the roll. values are what its people are paid for the period, and all else that batches of the
// accounting period hold in the segment.
func (c *Closing) Add(entries roll.Segment, values []payment.Value) error {
	held, err := linesOf(entries, values)
	if err != nil {
		return err
	}
	var village *villageSum // of the entry before: neighbours mostly live in the same one
	for position := range entries.Len() {
		own := held.take(position)
		if village == nil || !entries.InRegion(position, village.Code) {
			village = c.village(entries.Region(position))
		}
		c.list(village, entries, position, own)
		if err := c.tally(entries, position, own); err != nil {
			return err
		}
		c.move(entries, position)
	}
	return nil
}

func (c *Closing) village(code relief.Region) *villageSum {
	v := c.villages[code]
	if v == nil {
		v = &villageSum{Village: Village{Code: code}}
		c.villages[code] = v
	}
	return v
}

// list adds the rows of an entry to its village.
func (c *Closing) list(v *villageSum, entries roll.Segment, position int, own []heldLine) {
	var last Row
	var sum relief.Fen
	rows := 0
	for i := range own {
		row, listed := c.rows.row(entries, position, &own[i])
		if !listed {
			continue
		}
		v.tree.add(row.Hash())
		v.Sum += row.Amount
		v.Deducted += row.Deducted
		last, sum, rows = row, sum+row.Amount, rows+1
	}
	if rows == 0 {
		return
	}
	v.Rows += rows
	v.Households++
	v.Persons += int(last.Persons)
	class := &c.classes[last.Class[0]]
	class.Class = last.Class
	class.Households++
	class.Persons += int(last.Persons)
	class.Sum += sum
}

// tally counts what is due to an entry for the period.
func (c *Closing) tally(entries roll.Segment, position int, own []heldLine) error {
	period := c.month.Period
	if _, before := entries.PredecessorIn(position, period); !before && entries.NothingOwed(position, period) == "" {
		u := unit{due: entries.Owed(position, period)}
		for i := range own {
			if l := &own[i]; l.period == period && l.Kind != relief.PaymentGrant {
				if err := c.count(&u, l); err != nil {
					return err
				}
			}
		}
		c.close(&u)
	}
	return c.tallyGrants(own)
}

// tallyGrants counts the single grants of the period: what was granted is due.
func (c *Closing) tallyGrants(own []heldLine) error {
	period := c.month.Period
	for i := range own {
		l := &own[i]
		if l.period != period || l.Kind != relief.PaymentGrant || l.Again != 0 {
			continue
		}
		u, chain := unit{due: l.Amount}, [256]bool{}
		chain[l.Attempt] = true
		for k := i; k < len(own); k++ { // what pays it again has a higher number
			if again := &own[k]; again.period == period && again.further && (k == i || chain[again.Again]) {
				chain[again.Attempt] = true
				if err := c.count(&u, again); err != nil {
					return err
				}
			}
		}
		c.close(&u)
	}
	return nil
}

// unit is one payment that is due, with all payments that were made for it.
type unit struct {
	due, onTime, paid relief.Fen
	credited          bool
	day               uint32 // of the first credit that stands
	returned, listed  bool
}

// count adds a payment to what it is for. A person is paid by the regular payment; a top-up of terms that were raised later adds
// money and makes nobody late.
func (c *Closing) count(u *unit, l *heldLine) error {
	main := l.Kind != relief.PaymentTopUp
	counts := l.Deducted // a deduction stays when the transfer comes back
	switch l.State {
	case payment.LineCredited:
		counts = l.Amount
		if main && (!u.credited || l.Day < u.day) {
			u.credited, u.day = true, l.Day
		}
	case payment.LineReturned, payment.LineReversed:
		u.returned = u.returned || main
	case payment.LineListed:
		state, err := c.batch(l.Batch)
		u.listed = u.listed || main && state != payment.BatchCancelled
		return err
	default:
		return nil
	}
	if u.paid += counts; l.Day <= c.payBy {
		u.onTime += counts
	}
	return nil
}

// close counts a payment that is due.
func (c *Closing) close(u *unit) {
	m := &c.month.Facts
	m.Due++
	m.DueSum += u.due
	m.OnTimeSum += min(u.onTime, u.due)
	m.PaidSum += min(u.paid, u.due)
	if !u.credited {
		m.Unpaid++
		if u.returned && !u.listed {
			m.Returned++
		}
		return
	}
	if u.returned {
		m.PaidAgain++
	}
	switch late := int(u.day) - int(c.payBy); {
	case late <= 0:
		m.OnTime++
	case late <= 5:
		m.Late5++
	case late <= 10:
		m.Late10++
	case late <= 30:
		m.Late30++
	default:
		m.Later++
	}
}

// move counts an entry that came to the roll or left it, was suspended, or whose head died. A household that goes on under another
// number of the county neither comes nor leaves.
func (c *Closing) move(entries roll.Segment, position int) {
	m, period := &c.month.Facts, c.month.Period
	if died := entries.DiedOn(position); died != "" && died.Month() >= period.FirstMonth() && died.Month() <= period.LastMonth() {
		m.Deaths++
	}
	if !c.moving {
		return
	}
	now, suspended := entries.ListedIn(position, period)
	before, _ := entries.ListedIn(position, period.Previous())
	if suspended {
		m.Suspended++
	}
	switch number, continues := entries.PredecessorIn(position, period.Previous()); {
	case now && !before && (!continues || number.County != c.month.County):
		m.Entered++
	case before && !now && !entries.Succeeded(position):
		m.Left++
	}
}

// Month is the month without acts: Close makes it the next version.
func (c *Closing) Month() Month {
	m := c.month
	m.Classes, m.Villages = []ClassFacts{}, []Village{}
	for i := range c.classes {
		if of := &c.classes[i]; of.Households > 0 {
			m.Classes = append(m.Classes, *of)
		}
	}
	for _, v := range c.villages {
		if v.Rows == 0 {
			continue
		}
		v.Root = hexOf(v.tree.root())
		m.Villages = append(m.Villages, v.Village)
		m.Rows += v.Rows
		m.Households += v.Households
		m.Persons += v.Persons
		m.Sum += v.Sum
		m.Deducted += v.Deducted
	}
	slices.SortFunc(m.Villages, func(a, b Village) int { return compareRegions(a.Code, b.Code) })
	return m
}

func compareRegions(a, b relief.Region) int { return cmp.Compare(a, b) }
