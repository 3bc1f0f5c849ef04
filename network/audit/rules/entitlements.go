package rules

import (
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// changedEntry is a roll entry that a transaction has opened or changed. before does not have it when it is new.
type changedEntry struct {
	at            roll.SegmentAddr
	position      int
	before, after roll.Segment
}

func (c *changedEntry) number() uint32 { return c.at.First() + uint32(c.position) } //nolint:gosec // < 1000

// owedChange is a month for which an entry is owed something else than before.
type owedChange struct {
	month   relief.Period
	was, is relief.Fen
}

// owedIn is what the runs of an entry's terms say is owed for a month.
func owedIn(runs []roll.Run, month relief.Period) (owed relief.Fen) {
	for i := range runs {
		r := &runs[i]
		switch {
		case month.Before(r.From) || !r.Until.IsZero() && r.Until.Before(month):
		case r.Suspended:
			return 0
		default:
			owed = r.Amount
		}
	}
	return owed
}

// owedOf is what is owed to an entry for a month or a quarter.
func owedOf(seg roll.Segment, position int, p relief.Period) (owed relief.Fen) {
	if position >= seg.Len() {
		return 0
	}
	runs := seg.Runs(position)
	for month := p.FirstMonth(); month <= p.LastMonth(); month++ {
		owed += owedIn(runs, relief.MonthPeriod(month))
	}
	return owed
}

// owedChanges are the months for which an entry is owed something else than before, up to the one after which nothing changes in
// its terms, nor in those of others.
func (c *changedEntry) owedChanges(others ...roll.Run) (changes []owedChange) {
	var was []roll.Run
	if c.position < c.before.Len() {
		was = c.before.Runs(c.position)
	}
	is := c.after.Runs(c.position)
	first, last := 0, 0
	for _, r := range slices.Concat(was, is, others) {
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
		if a, b := owedIn(was, month), owedIn(is, month); a != b {
			changes = append(changes, owedChange{month, a, b})
		}
	}
	return changes
}

// entitlements checks what a transaction has changed of what people are owed: an act says so, nobody is owed the same under two
// numbers, and what is listed or credited above what is owed now is an overpayment.
func (e *txChanges) entitlements() {
	for i := range e.entries {
		c := &e.entries[i]
		changes := c.owedChanges()
		if len(changes) == 0 {
			continue
		}
		if !e.founds(c, changes) {
			e.report(BadRecord, "what number %d of %s in %s is owed changes from %s on, and no act says so",
				c.number(), c.at.Programme, c.at.County, changes[0].month)
		}
		e.entitledTwice(c)
		e.lowered(c, changes)
		e.stillTaken(c)
	}
}

// founds reports whether an act of the transaction is the reason for the changes of an entry.
func (e *txChanges) founds(c *changedEntry, changes []owedChange) bool {
	return slices.ContainsFunc(e.confirmed, func(change *roll.Change) bool { return e.foundsByChange(change, c, changes) }) ||
		slices.ContainsFunc(e.joined, func(l *roll.Link) bool { return foundsByLink(l, c, changes) }) ||
		e.foundsByRoll(c, changes) || e.foundsByCase(c) || e.foundsBySource(c, changes)
}

func (e *txChanges) foundsByChange(change *roll.Change, c *changedEntry, changes []owedChange) bool {
	number := roll.Number{County: change.County, Number: change.Number}
	leaves := change.Kind == roll.ChangeExit || change.Kind == roll.ChangeMoveOut
	if leaves && changeSays(change, changes) && e.continues(change.Programme, number, c.is) {
		return true
	}
	return c.is(change.Programme, number) && changeSays(change, changes) ||
		change.Opened != nil && c.is(change.Opened.Programme, change.Opened.Number) && begins(changes, change.Opened.From)
}

func foundsByLink(l *roll.Link, c *changedEntry, changes []owedChange) bool {
	ended := c.after.Ref(c.position) == l.From && ends(changes)
	return ended || slices.ContainsFunc(l.Opened, func(o roll.Opened) bool { return c.is(o.Programme, o.Number) && begins(changes, o.From) })
}

// foundsByRoll looks for an import, and for a re-rate that raises what the entry is owed.
func (e *txChanges) foundsByRoll(c *changedEntry, changes []owedChange) bool {
	for _, in := range e.imported {
		if in.Programme == c.at.Programme && in.County == c.at.County && begins(changes, in.From) {
			return true
		}
	}
	if slices.ContainsFunc(changes, func(o owedChange) bool { return o.is < o.was }) {
		return false
	}
	named := func(p roll.Rerated) bool { return p.Position == c.position && p.Behind == "" }
	for _, r := range e.rerated {
		if r.at == c.key() && begins(changes, r.from) && slices.ContainsFunc(r.people, named) {
			return true
		}
	}
	return false
}

func (e *txChanges) foundsByCase(c *changedEntry) bool {
	for _, k := range e.cases {
		if k.Roll != nil && e.continues(k.Programme, *k.Roll, c.is) {
			return true
		}
		if k.Grant != nil && c.is(k.Programme, roll.Number{County: k.Grant.Payment.County, Number: k.Grant.Payment.Number}) {
			return true
		}
	}
	return false
}

// is reports whether the entry is a number's of a programme.
func (c *changedEntry) is(programme relief.ProgrammeID, n roll.Number) bool {
	return programme == c.at.Programme && n.County == c.at.County && n.Number == c.number()
}

// continues reports whether a number, or one that it continues, is the one that is asked for.
func (e *txChanges) continues(programme relief.ProgrammeID, n roll.Number, is func(relief.ProgrammeID, roll.Number) bool) bool {
	size := e.Sizes[programme]
	for size > 0 {
		if is(programme, n) {
			return true
		}
		seg, err := roll.ParseSegment(e.Segments[relief.RollKey(programme, n.County, n.Number/size).String()])
		if err != nil {
			return false // reported when it was written
		}
		before, ok := seg.Predecessor(int(n.Number % size))
		if !ok {
			return false
		}
		n = roll.Number{County: before.County, Number: before.Number}
	}
	return false
}

// key is the key of the segment that the entry is in.
func (c *changedEntry) key() string {
	return relief.RollKey(c.at.Programme, c.at.County, c.at.Segment).String()
}

// begins reports whether nothing changes before a month.
func begins(changes []owedChange, from relief.Period) bool {
	return !changes[0].month.Before(from)
}

// ends reports whether nothing is owed any more in the months that change.
func ends(changes []owedChange) bool {
	return !slices.ContainsFunc(changes, func(o owedChange) bool { return o.is != 0 })
}

// changeSays reports whether a change of an entry leads to what is owed now.
func changeSays(c *roll.Change, changes []owedChange) bool {
	switch c.Kind {
	case roll.ChangePayee:
		return false
	case roll.ChangeExit:
		return ends(changes) && (c.LastPeriod.IsZero() || c.LastPeriod.Before(changes[0].month))
	case roll.ChangeSuspend:
		return ends(changes) && begins(changes, c.From)
	case roll.ChangeResume:
		return begins(changes, c.From)
	case roll.ChangeGrant:
		return begins(changes, c.From) && !slices.ContainsFunc(changes, func(o owedChange) bool { return o.is != 0 && o.is != c.Amount })
	case roll.ChangeHead:
		return !slices.ContainsFunc(changes, func(o owedChange) bool { return o.is != 0 && o.is != c.Amount })
	case roll.ChangeMove, roll.ChangeMoveOut:
		return ends(changes)
	}
	return false
}

// entitledTwice finds months from which on an entry is owed something that the same human being is owed under another number: of
// the programme, in whatever county, or of one that excludes it.
func (e *txChanges) entitledTwice(c *changedEntry) {
	if e.grantsOnly(c.at.Programme) {
		return
	}
	self := rollNumber{c.key(), c.position}
	for _, other := range e.numbersOf(c.after.Ref(c.position)) {
		if other == self {
			continue
		}
		k, _ := relief.ParseKey(other.segment)
		of := relief.ProgrammeID(k.Attrs[0])
		seg, err := roll.ParseSegment(e.Segments[other.segment])
		if err != nil || other.slot >= seg.Len() || e.grantsOnly(of) || of != c.at.Programme && !e.exclude(of, c.at.Programme) {
			continue
		}
		runs := seg.Runs(other.slot)
		for _, o := range c.owedChanges(runs...) {
			if o.was == 0 && o.is > 0 && owedIn(runs, o.month) > 0 {
				e.report(PaidTwice, "number %d of %s in %s is owed something for %s, and the same person in %s, slot %d",
					c.number(), c.at.Programme, c.at.County, o.month, KeyName(other.segment), other.slot)
				return
			}
		}
	}
}

// lowered checks that what open batches listed was taken out when less is owed, and that the rest above it is an overpayment.
func (e *txChanges) lowered(c *changedEntry, changes []owedChange) {
	for _, o := range changes {
		if o.is >= o.was {
			continue
		}
		for _, p := range []relief.Period{o.month, quarterOf(o.month)} {
			e.overpaid(place{c.at, payment.ValueAddr{Period: p, Segment: c.at.Segment}}, c.position)
		}
	}
}

// overpaid checks the payments of a number for a period for which more is listed and credited than is owed.
func (e *txChanges) overpaid(p place, position int) {
	people, err1 := roll.ParseSegment(e.Segments[relief.RollKey(p.at.Programme, p.at.County, p.Segment).String()])
	of, err2 := e.ofPeriod(p)
	if err1 != nil || err2 != nil || of.Grants(position) {
		return // reported when it was written
	}
	sums, err := of.Sums(position, e.batchState)
	if err != nil || sums.Held() <= owedOf(people, position, p.Period) {
		return
	}
	number := p.at.First() + uint32(position) //nolint:gosec // < 1000
	for _, l := range of.OfEntry(position) {
		if b := e.Batches[l.Batch]; l.State == payment.LineListed && b != nil && b.State == payment.BatchOpen {
			e.report(Money, "batch %s still lists number %d of %s for %s, though less is owed now", l.Batch, number, p.at.Programme, p.Period)
		}
	}
	o := e.Overpayments[relief.NewOverpaymentID(p.at.Programme, p.at.County, number)]
	if o == nil || !slices.Contains(o.Periods, p.Period) {
		e.report(Money, "%s is listed and credited to number %d of %s for %s, %s is owed, and no overpayment says so",
			sums.Held(), number, p.at.Programme, p.Period, owedOf(people, position, p.Period))
	}
}

// carriedOut is a segment that a re-rate has changed.
type carriedOut struct {
	at     string // the roll segment's key
	from   relief.Period
	people []roll.Rerated
}

// keep keeps a record that others are held against.
func (e *txChanges) keep(r Record) { e.Segments[r.Name] = r.Value }

// importChunk notes that a transaction carried a chunk of an import out.
func (e *txChanges) importChunk(r Record) {
	c, ok := unpack[roll.ImportChunkRecord](e, r)
	if !ok || c.Tx != e.tx.ID {
		return
	}
	var in roll.ImportProposal
	name := relief.ImportKey(relief.ImportID(r.Key.Attrs[0])).String()
	if err := json.Unmarshal(e.Segments[name], &in); err != nil || in.State != roll.ImportConfirmed {
		e.report(BadRecord, "%s was carried out, and its import is not confirmed", KeyName(r.Name))
		return
	}
	e.imported = append(e.imported, &in)
}

// rerateSegment notes what a re-rate did to a segment.
func (e *txChanges) rerateSegment(r Record) {
	s, ok := unpack[roll.RerateSegmentRecord](e, r)
	if !ok || s.Tx != e.tx.ID {
		return
	}
	var p roll.RerateProposal
	name := relief.RerateKey(relief.RerateID(r.Key.Attrs[0])).String()
	if err := json.Unmarshal(e.Segments[name], &p); err != nil || p.State != roll.RerateConfirmed {
		e.report(BadRecord, "%s was carried out, and its re-rate is not confirmed", KeyName(r.Name))
		return
	}
	people, err := roll.ReadRerated(s.People)
	if err != nil {
		e.report(BadRecord, "%s: %v", KeyName(r.Name), err)
		return
	}
	e.rerated = append(e.rerated, carriedOut{relief.RollKey(p.Programme, p.County, s.Segment).String(), p.From, people})
}

// changedEntries notes the entries of a roll segment that differ.
func (e *txChanges) changedEntries(r Record, before, after roll.Segment) {
	at, err := stored.SegmentOf(r.Key)
	if err != nil {
		return // reported by readable
	}
	at.Size = e.Sizes[at.Programme]
	for i := range after.Len() {
		if i < before.Len() && before.SameEntry(after, i) {
			continue
		}
		e.entries = append(e.entries, changedEntry{at, i, before, after})
		if i >= before.Len() {
			e.addNumber(after.Ref(i), rollNumber{r.Name, i})
		}
	}
}
