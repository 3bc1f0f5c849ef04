package rules

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// residenceChange is a month for which the roll says something else of where a household lives; "" where it says nothing any more.
type residenceChange struct {
	month relief.Period
	is    relief.Residence
}

// residences checks what a transaction has changed of where the roll says that households live: an act says so.
func (e *txChanges) residences() {
	for i := range e.entries {
		c := &e.entries[i]
		for _, change := range c.residenceChanges() {
			if e.saysResidence(c, change) {
				continue
			}
			e.report(BadRecord, "where number %d of %s in %s lives changes from %s on, and no act says so",
				c.number(), c.at.Programme, c.at.County, change.month)
			break
		}
	}
}

// residenceChanges are the months for which the roll says another residence of an entry, up to the one after which nothing changes.
func (c *changedEntry) residenceChanges() (changes []residenceChange) {
	var was []roll.ResidenceRun
	if c.position < c.before.Len() {
		was = c.before.Residences(c.position)
	}
	is := c.after.Residences(c.position)
	if slices.Equal(was, is) {
		return nil
	}
	first, last := 0, 0
	for _, r := range slices.Concat(was, is) {
		if first == 0 || r.From.FirstMonth() < first {
			first = r.From.FirstMonth()
		}
		last = max(last, r.From.FirstMonth())
		if !r.Until.IsZero() {
			last = max(last, r.Until.FirstMonth())
		}
	}
	for n := first; n <= last+1; n++ {
		month := relief.MonthPeriod(n)
		if a, b := residenceIn(was, month), residenceIn(is, month); a != b {
			changes = append(changes, residenceChange{month, b})
		}
	}
	return changes
}

// residenceIn is what runs say of a month.
func residenceIn(runs []roll.ResidenceRun, month relief.Period) relief.Residence {
	for i := range runs {
		if r := &runs[i]; !month.Before(r.From) && (r.Until.IsZero() || !r.Until.Before(month)) {
			return r.Residence
		}
	}
	return ""
}

// saysResidence reports whether an act of the transaction is the reason for another residence of an entry.
func (e *txChanges) saysResidence(c *changedEntry, r residenceChange) bool {
	opens := func(programme relief.ProgrammeID, o *roll.Opened) bool {
		return o != nil && c.is(programme, o.Number) && !r.month.Before(o.From)
	}
	byChange := func(change *roll.Change) bool {
		if change.Kind == roll.ChangeResidence {
			return c.is(change.Programme, roll.Number{County: change.County, Number: change.Number}) &&
				!r.month.Before(change.From) && r.is == change.Residence
		}
		return change.Opened != nil && opens(change.Opened.Programme, change.Opened)
	}
	byLink := func(l *roll.Link) bool {
		return slices.ContainsFunc(l.Opened, func(o roll.Opened) bool { return opens(o.Programme, &o) })
	}
	byImport := func(in *roll.ImportProposal) bool {
		return in.Programme == c.at.Programme && in.County == c.at.County && r.is != "" && !r.month.Before(in.From)
	}
	return slices.ContainsFunc(e.confirmed, byChange) || slices.ContainsFunc(e.joined, byLink) || slices.ContainsFunc(e.imported, byImport) ||
		c.comesBack() && r.is == "" && c.before.Ended(c.position, r.month)
}

// comesBack reports whether an entry that had ended has another range of months: what was said of the one before ends with it.
func (c *changedEntry) comesBack() bool {
	return c.position < c.before.Len() && c.before.From(c.position).Before(c.after.From(c.position))
}
