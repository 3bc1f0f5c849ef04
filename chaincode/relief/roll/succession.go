package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// A roll number's person and region never change. When they would, the number ends with a last period and another one opens
// from the next month that is not listed: the household goes on under it.

// Succeeds reports whether a change of the kind ends a number, or opens the one that follows.
func (k ChangeKind) Succeeds() bool {
	return k == ChangeHead || k == ChangeMove || k == ChangeMoveOut || k == ChangeMoveIn
}

// SuccessionTerms are the terms of a change that ends a number and opens another.
type SuccessionTerms struct {
	// Head is the member who leads the household from now on.
	Head relief.SubjectRef `json:"new_head,omitzero"`
	// ToProgramme and ToRegion say where the household goes on: ToRegion is a county for a household that leaves the county.
	ToProgramme relief.ProgrammeID `json:"to_programme,omitempty"`
	ToRegion    relief.Region      `json:"to_region,omitempty"`
	// MovedOut is the change by which the other county ended the number, of a household that is taken in.
	MovedOut relief.ChangeID `json:"moved_out,omitempty"`
}

// Opened is the number under which a household goes on, and its first period there.
type Opened struct {
	Programme relief.ProgrammeID `json:"programme"`
	Number
	From relief.Period `json:"from"`
}

// Details names whose private details come with a change, and the programme that they are for.
func (c *Change) Details() (relief.SubjectRef, relief.ProgrammeID) {
	switch c.Kind {
	case ChangeHead:
		return c.Head, c.Programme
	case ChangeMoveIn:
		return c.Subject, c.ToProgramme
	}
	return c.Subject, c.Programme
}

// Payees are the people whose private details a change shows: the one who is paid now, and the one who is to be.
func (c *Change) Payees() []relief.SubjectRef {
	if next, _ := c.Details(); next != c.Subject {
		return []relief.SubjectRef{c.Subject, next}
	}
	return []relief.SubjectRef{c.Subject}
}

// PaidOn names the county whose roll the payee of a change is on.
func (c *Change) PaidOn() relief.Region {
	if c.Kind == ChangeMoveIn {
		return c.ToRegion.County()
	}
	return c.County
}

// Granted are the terms that a change names: the class, the number of persons and the amount a month.
func (t *ChangeTerms) Granted() Terms {
	return Terms{Class: t.Class, Persons: t.Persons, Amount: t.Amount}
}

// region is the region whose officials propose and confirm a change of an entry of a region.
func (t *ChangeTerms) region(entry relief.Region) relief.Region {
	if t.Kind == ChangeMoveIn {
		return t.ToRegion
	}
	return entry
}

// checkSuccession refuses what cannot take effect on the entry as it is. It fills in the first period without a head who has
// died.
func (t *ChangeTerms) checkSuccession(part *Part, slot int, cal *relief.Calendar, actor relief.Actor) error {
	if err := relief.CheckText("reason", t.Reason, 0, maxChangeReason); err != nil {
		return err
	}
	e := part.Segment.Entry(slot, part.At)
	if t.Kind == ChangeMoveIn {
		return t.checkMoveIn(&e)
	}
	switch {
	case e.State == Exited:
		return relief.Errorf(relief.CodeWrongState, "the roll entry has exited")
	case !e.Until.IsZero():
		return relief.Errorf(relief.CodeWrongState, "one-off relief is not continued under another number")
	}
	switch t.Kind {
	case ChangeHead:
		return t.checkHead(&e, cal, actor)
	case ChangeMove:
		return t.checkMove(&e, cal, actor)
	default:
		return t.checkMoveOut(&e)
	}
}

func (t *ChangeTerms) checkHead(e *Entry, cal *relief.Calendar, actor relief.Actor) error {
	if err := t.checkDetails(); err != nil {
		return err
	}
	if t.Head.IsZero() || t.Head == e.Subject {
		return relief.FieldErrorf("new_head", "another member of the household must be named")
	}
	if t.DiedOn == "" {
		return firstPeriod(t.From, e)
	}
	last, err := LastPeriod(ExitDeath, t.DiedOn, relief.Period{}, e.From, cal, actor)
	if err != nil {
		return err
	}
	switch {
	case t.From.IsZero():
		t.From = last.Next()
	case t.From != last.Next():
		return relief.FieldErrorf("from", "after a death on that day the household has other terms from %s on", last.Next())
	}
	return firstPeriod(t.From, e)
}

// firstPeriod refuses a first month that is none of the entry's.
func firstPeriod(from relief.Period, e *Entry) error {
	switch {
	case from.IsZero() || from.Quarterly():
		return relief.FieldErrorf("from", "a month is written 2026-11")
	case from.Before(e.From):
		return relief.FieldErrorf("from", "the entry begins with %s", e.From)
	}
	return nil
}

func (t *ChangeTerms) checkMove(e *Entry, cal *relief.Calendar, actor relief.Actor) error {
	switch {
	case !e.County.Covers(t.ToRegion) || t.ToRegion == e.County:
		return &relief.Error{Code: relief.CodeRegion, Field: "to_region", Detail: "the household moves inside county " + string(e.County) +
			": another county takes it in by a move_out and a move_in"}
	case t.ToRegion == e.Region:
		return relief.FieldErrorf("to_region", "the household lives there already")
	}
	if t.From.IsZero() {
		t.From = NextPossible(e, cal.Day(actor.At))
	}
	return firstPeriod(t.From, e)
}

// NextPossible is the first period of another number that opens on a day, unless it is listed: the present one, or the entry's
// first one.
func NextPossible(e *Entry, day relief.Day) relief.Period {
	now := relief.MonthPeriod(day.Month())
	if now.Before(e.From) {
		return e.From
	}
	return now
}

func (t *ChangeTerms) checkMoveOut(e *Entry) error {
	if t.ToRegion == "" || t.ToRegion.County() != t.ToRegion || t.ToRegion == e.County {
		return relief.FieldErrorf("to_region", "the county must be another one than the entry's, six digits")
	}
	if _, err := relief.ParseProgrammeID(string(t.ToProgramme)); err != nil {
		return relief.FieldErrorf("to_programme", "the programme of the other county is missing")
	}
	if t.LastPeriod.IsZero() || t.LastPeriod.Quarterly() || t.LastPeriod.Before(e.From.Previous()) {
		return relief.FieldErrorf("last_period", "the last month must not be before the first one, %s", e.From)
	}
	return nil
}

func (t *ChangeTerms) checkMoveIn(e *Entry) error {
	if err := t.checkDetails(); err != nil {
		return err
	}
	switch {
	case e.State != Exited:
		return relief.Errorf(relief.CodeWrongState, "the household is on the roll of %s", e.County)
	case t.MovedOut == "":
		return relief.FieldErrorf("moved_out", "the change is missing by which the other county ended the number")
	}
	return nil
}

// Follows refuses a household that another county has not let go to here, or that has been taken in already. out is the change
// by which the other county ended the number.
func (t *ChangeTerms) Follows(out *Change) error {
	switch {
	case out.Kind != ChangeMoveOut || out.State != ChangeConfirmed:
		return relief.Errorf(relief.CodeWrongState, "change %s has let no household go to another county", out.ID)
	case out.Opened != nil:
		return relief.Errorf(relief.CodeWrongState, "the household has been taken in: number %d of %s in %s",
			out.Opened.Number.Number, out.Opened.Programme, out.Opened.County)
	case out.ToRegion != t.ToRegion.County() || out.ToProgramme != t.ToProgramme:
		return relief.FieldErrorf("to_region", "change %s lets the household go to programme %s in %s", out.ID, out.ToProgramme, out.ToRegion)
	}
	return nil
}

// Ended says how a number ends because its household goes on under another one.
type Ended struct {
	From   relief.Period // the first month of another number, unless it is listed
	Last   relief.Period // the last month under it
	DiedOn relief.Day    // of a head who died
}

// EndNumber ends the number of an entry.
func EndNumber(seg Segment, slot int, by *Ended) (Segment, error) {
	e := seg.edit(0)
	if err := e.inForce(slot, by.Last); err != nil {
		return seg, err
	}
	code := slices.Index(exitReasons, ExitSucceeded)
	if err := e.exit(slot, byte(code), Leaving{DiedOn: by.DiedOn, Last: by.Last}); err != nil { //nolint:gosec // one of eight
		return seg, err
	}
	return e.segment(), nil
}

// EndContinued has a number that ended because another one continues it end with another month: a sooner one, because the
// household had left by then, or again the one before such an exit.
func EndContinued(seg Segment, slot int, last relief.Period) (Segment, error) {
	if slot < 0 || slot >= seg.Len() || !seg.exited(slot) {
		return seg, relief.Errorf(relief.CodeCorrupt, "the number before has not ended")
	}
	if err := checkMonth("last_period", last); err != nil {
		return seg, err
	}
	e := seg.edit(0)
	e.setUntil(slot, last)
	if err := e.slots.checkSlot(slot); err != nil {
		return seg, relief.FieldErrorf("last_period", "the roll cannot hold a month so far away")
	}
	return e.segment(), nil
}

// Successor is what the new number has: whose it is, where, who is paid, from which month on; and what it continues.
type Successor struct {
	Subject relief.SubjectRef
	Region  relief.Region
	Payee   Payee
	From    relief.Period
	Terms   Terms // zero: those of the number before
	// Before is the segment of the number before, after it ended, and Slot its place there.
	Before Segment
	At     SegmentAddr
	Slot   int
}

// OpenNumber puts a successor under the next free number of part. Without terms of its own it continues the terms and the
// suspensions of the number before. part does not change. PENDING when it has no room.
func OpenNumber(part Part, s *Successor) (Part, Number, error) {
	terms := s.Terms
	if terms.IsZero() {
		terms = s.Before.slotTerms(s.Slot).unpacked()
	}
	in := Input{
		Ref: s.Subject, Region: s.Region, Payee: s.Payee, Class: terms.Class[0], Persons: terms.Persons, Amount: terms.Amount,
	}
	if code := checkRollInput(part.At.County, &in); code != "" {
		return part, Number{}, relief.Errorf(relief.CodeInvalid, "the household cannot be put on the roll: %s", code)
	}
	slot := part.Segment.Len()
	opened := Number{County: part.At.County, Number: part.At.First() + uint32(slot)} //nolint:gosec // at most 1000
	if slot >= int(part.At.Size) || opened.Number > relief.MaxRollNumber {
		return part, Number{}, relief.Errorf(relief.CodePending, "segment %d of the roll is full", part.At.Segment)
	}
	e := part.Segment.edit(1)
	e.add(packRoll(&in, s.From, relief.Period{}))
	if err := e.keep(slot, s.carried(slot)); err != nil {
		return part, Number{}, err
	}
	out := Part{At: part.At, Segment: e.segment(), Payees: part.Payees.withRoom(1)}
	out.Payees.set(slot, s.Payee)
	if s.At.Programme != part.At.Programme {
		return out, opened, nil
	}
	before := Predecessor{
		County: s.At.County, Number: s.At.First() + uint32(s.Slot), //nolint:gosec // at most 1000
		From: s.Before.Begins(s.Slot), Until: s.Before.lastOf(s.Slot),
	}
	if before.Until.Before(before.From) { // it ended before it began
		return out, opened, nil
	}
	var err error
	out.Segment, err = out.Segment.WithPredecessor(slot, before)
	return out, opened, err
}

// lastOf is the last month in which an entry that has exited was entitled or paid.
func (s Segment) lastOf(slot int) relief.Period {
	until, paid := s.periodAt(slot, rollUntil), s.periodAt(slot, rollPaid)
	if until.Before(paid) {
		return paid
	}
	return until
}

// carried are the spans of the number before that count for the new one in a slot: the numbers before that one; without
// terms of its own, later terms and suspensions; and in the same region, where the household lives.
func (s *Successor) carried(slot int) (spans []span) {
	for tail := s.Before.tailOf(s.Slot); len(tail) > 0; tail = tail[spanWidth:] {
		sp := readSpan(tail)
		sp.position = uint16(slot) //nolint:gosec // below 1000
		counts := s.Terms.IsZero() && (sp.isTerms() || sp.class == classSuspended) ||
			sp.class == classResidence && s.Before.InRegion(s.Slot, s.Region)
		later := counts && (sp.to.IsZero() || !sp.to.Before(s.From))
		switch {
		case sp.class == classPredecessor:
		case !later:
			continue
		case sp.from.Before(s.From):
			sp.from = s.From
		}
		spans = append(spans, sp)
	}
	return spans
}

// Overlaps reports whether two numbers of one human being are entitled to the same period, or were paid for it.
func (e *Entry) Overlaps(o *Entry) bool {
	last := func(e *Entry) relief.Period {
		if e.State == InForce && e.Until.IsZero() {
			return relief.Period{}
		}
		if e.Until.Before(e.PaidTill) {
			return e.PaidTill
		}
		return e.Until
	}
	a, b := last(e), last(o)
	if !a.IsZero() && a.Before(e.From) || !b.IsZero() && b.Before(o.From) {
		return false // ended before it began
	}
	return (a.IsZero() || !a.Before(o.From)) && (b.IsZero() || !b.Before(e.From))
}
