// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

var decideAction = decision(api.CaseDecide, decide, relief.CalendarKey())

// decide grants or refuses an application. A grant puts the household on the roll in the same transaction: in the segment
// that is named, or under its old number.
func decide(w *work, in api.DecideInput) (casework.Case, error) {
	return w.decided(in, casework.Refuse, func(c casework.Case, v *programme.Version, days *relief.Calendar) (casework.Case, error) {
		if v.Cycle == programme.CycleGrant {
			return w.grantOnce(c, &in, days, casework.GrantOnce)
		}
		return w.grant(c, &in, v, days)
	})
}

// decided refuses an application, or has it granted.
func (w *work) decided(
	in api.DecideInput,
	refuse func(casework.Case, *programme.Version, *relief.Calendar, casework.RefusalTerms, relief.Actor) (casework.Case, bool, error),
	grant func(casework.Case, *programme.Version, *relief.Calendar) (casework.Case, error),
) (casework.Case, error) {
	days, err := w.days()
	if err != nil {
		return casework.Case{}, err
	}
	c, v, err := w.caseAndVersion(in.Case)
	if err != nil {
		return c, err
	}
	switch in.Outcome {
	case casework.Refused:
		if in.GrantTerms != (casework.GrantTerms{}) {
			return c, errRefusalAmount
		}
		out, changed, err := refuse(c, v, days, in.RefusalTerms, w.Actor)
		if err != nil {
			return c, err
		}
		return w.putCase(&c, out, changed)
	case casework.Granted:
		return grant(c, v, days)
	}
	return c, errOutcome
}

// grant grants what the notice said, and puts the household on the roll.
func (w *work) grant(c casework.Case, in *api.DecideInput, v *programme.Version, days *relief.Calendar) (casework.Case, error) {
	if in.GrantTerms != (casework.GrantTerms{}) {
		return c, errGrantAmount
	}
	if in.RefusalTerms != (casework.RefusalTerms{}) {
		return c, errGrantReason
	}
	if err := w.Fetch(v.Beside(c.Members)...); err != nil {
		return c, err
	}
	out, changed, err := casework.Grant(c, v, days, w.households(), w.Actor)
	if err != nil || !changed {
		return c, err
	}
	if out, err = w.enrolGranted(out, v, in.Segment); err != nil {
		return c, err
	}
	return w.putCase(&c, out, true)
}

var (
	errOutcome       = relief.FieldErrorf("outcome", "the outcome is granted or refused")
	errGrantReason   = relief.FieldErrorf("reason", "a grant has no reason and no appeal")
	errGrantAmount   = relief.FieldErrorf("amount", "a decision grants what the notice said; only one on a single grant has an amount")
	errRefusalAmount = relief.FieldErrorf("amount", "a refusal has no amount")
)

// returning is the roll index entry of a granted household's head, with what the roll says of it now: nil for somebody new.
func (w *work) returning(c *casework.Case, size uint32) (*roll.IndexEntry, error) {
	index, err := uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(c.Head(), c.Programme))
	if err != nil || index == nil {
		return nil, err
	}
	if index.Moved, err = w.movedSince(c.Programme, size, index, c.Region); err != nil || !index.Exited {
		return index, err
	}
	back := []roll.Input{{Ref: c.Head()}}
	paying, err := w.paying(c.Programme, size, back, func(relief.SubjectRef) (*roll.IndexEntry, error) { return index, nil })
	index.Paying = paying[c.Head()]
	return index, err
}

func (w *work) enrolGranted(c casework.Case, v *programme.Version, segment uint32) (casework.Case, error) {
	if err := w.requireFreeUnder(c.Head(), c.Programme, c.Decision.From); err != nil {
		return c, err
	}
	if err := w.requireBegin(c.Region, c.Decision.From); err != nil {
		return c, err
	}
	county, size := c.Region.County(), uint32(v.SegmentSize) //nolint:gosec // 1 to 1000
	index, err := w.returning(&c, size)
	if err != nil {
		return c, err
	}
	if index != nil && index.County == county && !index.Moved {
		segment = index.Number / size
	}
	at, err := segmentAddr(c.Programme, county, segment, size)
	if err != nil {
		return c, err
	}
	before, err := w.part(at)
	if err != nil {
		return c, err
	}
	c, after, record, err := casework.Enrol(c, before, index)
	if err != nil {
		return c, err
	}
	if err := w.putPart(&before, &after); err != nil {
		return c, err
	}
	if index != nil {
		if err := w.purgeChanged(c.Head(), c.Programme, index); err != nil {
			return c, err
		}
	}
	return c, w.Put(relief.RollIndexKey(c.Head(), c.Programme), record)
}

var reviewAction = caseAction(api.CaseReview, review)

// review prepares a re-check or a change; new facts of the household may travel with it. They stay beside those in force until
// the review is confirmed.
func review(w *work, in api.ReviewInput) (casework.Case, error) {
	facts, sum := []byte(nil), ""
	if _, err := w.Transient(wire.TransientFacts); err == nil {
		if facts, err = w.sealedFacts(); err != nil {
			return casework.Case{}, err
		}
		sum = hash(facts)
	}
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	v, err := w.version(c.Programme, 0)
	if err != nil {
		return c, err
	}
	if err := w.Fetch(v.Beside(in.Members)...); err != nil {
		return c, err
	}
	onRoll, err := w.followRoll(&c)
	if err != nil {
		return c, err
	}
	days, err := w.days()
	if err != nil {
		return c, err
	}
	standards, err := w.standardsFor(c.Programme, v, in.From)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.PrepareReview(c, v, standards, days.Day(w.Actor.At), in.ReviewTerms, sum, onRoll, w.households(), w.Actor)
	if err != nil {
		return c, err
	}
	if changed && facts != nil {
		if err := w.PutPrivate(relief.FactsKey(c.ID, out.Review.Act), facts); err != nil {
			return c, err
		}
	}
	return w.putCase(&c, out, changed)
}

// standardsFor is the version whose standards hold for a month; v for no month.
func (w *work) standardsFor(id relief.ProgrammeID, v *programme.Version, month relief.Period) (*programme.Version, error) {
	if month.IsZero() {
		return v, nil
	}
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(id))
	if err != nil {
		return nil, err
	}
	return p.VersionFor(month) //nolint:wrapcheck // of this module
}

// followRoll has a case in force follow the terms that its household has on the roll, which a re-rate may have changed, and gives the
// payee that the roll has; the zero Payee of a case that is not on the roll.
func (w *work) followRoll(c *casework.Case) (roll.Payee, error) {
	if c.Roll == nil || !c.Live() {
		return roll.Payee{}, nil
	}
	place, err := w.placeOf(c)
	if err != nil {
		return roll.Payee{}, err
	}
	e := place.entry()
	c.Terms = roll.Terms{Class: e.Class, Persons: e.Persons, Amount: e.Amount}
	payees, err := w.payeesOf(place.at)
	if err != nil {
		return roll.Payee{}, err
	}
	return payees.Payee(place.slot()), nil
}

var confirmAction = caseAction(api.CaseConfirm, confirm, relief.CalendarKey())

// confirm has a re-check take effect, or sends it back.
func confirm(w *work, in api.ConfirmInput) (casework.Case, error) {
	days, err := w.days()
	if err != nil {
		return casework.Case{}, err
	}
	c, v, err := w.caseAndVersion(in.Case)
	if err != nil {
		return c, err
	}
	if c.Review != nil {
		if !in.From.IsZero() && in.From != c.Review.From {
			return c, &relief.Error{Code: relief.CodeConflict, Field: "from", Detail: "the re-check has another first month: read it again"}
		}
		if v, err = w.version(c.Programme, c.Review.Version); err != nil {
			return c, err
		}
	}
	out, done, err := casework.ConfirmReview(c, v, days, w.households(), in.Agree, w.Actor)
	if err != nil || done == nil {
		return c, err
	}
	switch done.Outcome {
	case casework.RecheckExit:
		err = w.leave(&out, done.Last)
	case casework.RecheckChange:
		err = w.changeOnRoll(&out, done.From)
	case casework.RecheckKeep:
	}
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, true)
}

// leave takes a case's household off the roll; the case says already why.
func (w *work) leave(c *casework.Case, last relief.Period) error {
	place, err := w.rollPlace(c.Programme, c.Head())
	if err != nil {
		return err
	}
	return w.exitRoll(place, roll.Leaving{Reason: c.Ended.Reason, Last: last})
}

// changeOnRoll has the household's new terms hold from a period on.
func (w *work) changeOnRoll(c *casework.Case, from relief.Period) error {
	if err := w.requireBegin(c.Region, from); err != nil {
		return err
	}
	place, err := w.placeOf(c)
	if err != nil {
		return err
	}
	seg, err := roll.SetTerms(place.segment, place.slot(), c.Terms, from)
	if err != nil {
		return err
	}
	return w.putEntry(place, seg)
}

// placeOf finds the household of a granted case on the roll.
func (w *work) placeOf(c *casework.Case) (*rollPlace, error) {
	if c.Roll == nil {
		return nil, relief.Errorf(relief.CodeCorrupt, "the case is not on the roll")
	}
	place, err := w.rollPlace(c.Programme, c.Head())
	if err != nil {
		return nil, err
	}
	if place.index.Number != c.Roll.Number || place.index.County != c.Roll.County {
		return nil, relief.Errorf(relief.CodeCorrupt, "the roll has the household under number %d, the case under %d", place.index.Number, c.Roll.Number)
	}
	return place, nil
}

var appealAction = caseAction(api.CaseAppeal, appeal, relief.CalendarKey())

// appeal records the appeal of a household that was refused or has left.
func appeal(w *work, in api.AppealInput) (casework.Case, error) {
	days, err := w.days()
	if err != nil {
		return casework.Case{}, err
	}
	c, v, err := w.caseAndVersion(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.LodgeAppeal(c, v, days, in.SHA256, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, changed)
}

var decideAppealAction = decision(api.CaseDecideAppeal, decideAppeal)

// decideAppeal upholds or reverses what was appealed.
func decideAppeal(w *work, in api.DecideAppealInput) (casework.Case, error) {
	c, v, err := w.caseAndVersion(in.Case)
	if err != nil {
		return c, err
	}
	if err := w.Fetch(v.Beside(c.Members)...); err != nil {
		return c, err
	}
	out, changed, err := casework.DecideAppeal(c, v, w.households(), in.Upheld, in.SHA256, w.Actor)
	if err != nil || !changed {
		return c, err
	}
	if out.State == casework.CaseInForce {
		if err := w.reinstate(&out); err != nil {
			return c, err
		}
	}
	return w.putCase(&c, out, true)
}

// reinstate puts a household back on the roll where it was. A roll has one entry for a household: if a later grant or import has
// taken it, the entry has what that one granted, and the old entitlement cannot go on in its place.
func (w *work) reinstate(c *casework.Case) error {
	index, err := uow.Get[roll.IndexEntry](w.Work, relief.RollIndexKey(c.Head(), c.Programme))
	if err != nil {
		return err
	}
	if index.Case != c.ID {
		return relief.Errorf(relief.CodeConflict, "the household was granted relief again after this exit: the exit can be upheld, not undone")
	}
	place, err := w.placeOf(c)
	if err != nil {
		return err
	}
	payees, err := w.payeesOf(place.at)
	if err != nil {
		return err
	}
	if payee := payees.Payee(place.slot()); !payee.Valid() {
		return relief.Errorf(relief.CodeConflict, "the household's private details were erased: the exit can be upheld, not undone")
	}
	if err := w.reinstateEarlier(place); err != nil {
		return err
	}
	present, err := w.segment(place.at) // which may have an earlier number, too
	if err != nil {
		return err
	}
	seg, err := roll.Reinstate(present, place.slot())
	if err != nil {
		return err
	}
	entry := roll.IndexEntry{County: c.Roll.County, Number: c.Roll.Number, Case: c.ID}.WithDetailsOf(&index)
	v, err := w.firstVersion(c.Programme)
	if err != nil {
		return err
	}
	if v.FromRolls() || v.Cycle == programme.CycleOnce { // the entry was for its first month alone, and is again
		entry.Exited, entry.Until = true, seg.From(place.slot())
		seg = roll.EndWith(seg, place.slot(), entry.Until)
	}
	if err := w.putSegment(place.at, seg); err != nil {
		return err
	}
	return w.Put(relief.RollIndexKey(c.Head(), c.Programme), entry)
}
