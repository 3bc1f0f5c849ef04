// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"cmp"
	"errors"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// traces is where the ledger has a person, under all references of theirs: on rolls, and in cases as the head of a household or
// another member.
type traces struct {
	subject relief.SubjectRef
	refs    []relief.SubjectRef // subject and those that are linked to it
	places  []*rollPlace
	cases   []casework.Case // that have or had facts of the person
	claims  []casework.Claim
}

func (w *work) traces(subject relief.SubjectRef) (*traces, error) {
	refs, err := w.linked(subject)
	if err != nil {
		return nil, err
	}
	t := &traces{subject: subject, refs: refs}
	var kept []relief.CaseID
	for _, ref := range refs {
		member, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(ref))
		if err != nil {
			return nil, err
		}
		if member == nil {
			continue
		}
		t.claims = append(t.claims, member.Claims...)
		for _, id := range member.Kept {
			if !slices.Contains(kept, id) {
				kept = append(kept, id)
			}
		}
	}
	keys := make([]relief.Key, len(kept))
	for i, id := range kept {
		keys[i] = relief.CaseKey(id)
	}
	if err := w.Fetch(keys...); err != nil {
		return nil, err
	}
	for _, id := range kept {
		c, err := w.getCase(id)
		if err != nil {
			return nil, err
		}
		t.cases = append(t.cases, c)
	}
	for _, ref := range refs {
		places, err := w.rollPlaces(ref)
		if err != nil {
			return nil, err
		}
		t.places = append(t.places, places...)
	}
	return t, nil
}

// region is where the person's entry or case is, "" for a person whom the ledger does not know.
func (t *traces) region() relief.Region {
	if len(t.places) > 0 {
		return t.places[0].entry().Region
	}
	if len(t.cases) > 0 {
		return t.cases[0].Region
	}
	return ""
}

// requireRegion refuses an official whose region does not cover all entries and cases of the person.
func (t *traces) requireRegion(by relief.Official) error {
	for _, p := range t.places {
		if err := relief.RequireRegion(by, p.entry().Region); err != nil {
			return err
		}
	}
	for i := range t.cases {
		if err := relief.RequireRegion(by, t.cases[i].Region); err != nil {
			return err
		}
	}
	return nil
}

// on are the person's places on a programme's rolls: one for each reference that was on them.
func (t *traces) on(id relief.ProgrammeID) (places []*rollPlace) {
	for _, p := range t.places {
		if p.at.Programme == id {
			places = append(places, p)
		}
	}
	return places
}

// requireOver refuses, with PENDING, to erase what somebody may still need: the details of a person who is on a roll, is in a
// case that is not at its end or can be appealed, is owed money that is on its way, or whose entry has an open change; and
// whatever audit holds.
func (w *work) requireOver(t *traces) error {
	if err := w.noHold(t); err != nil {
		return err
	}
	days, err := w.days()
	if err != nil {
		return err
	}
	for i := range t.cases {
		if err := t.cases[i].RequireOver(days, w.Actor.At); err != nil {
			return err
		}
	}
	now := relief.MonthPeriod(days.Day(w.Actor.At).Month())
	for _, c := range t.claims {
		if c.Until.IsZero() || !c.Until.Before(now) {
			return relief.Errorf(relief.CodePending, "the person is in a household that receives relief: %s in %s", c.Programme, c.County)
		}
	}
	for _, p := range t.places {
		if err := w.noOpenChange(p); err != nil {
			return err
		}
		numbers, err := w.numbers(p)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			if err := w.requireLeft(number); err != nil {
				return err
			}
		}
		if err := w.requireGrantsPaid(t.subject, p.at.Programme); err != nil {
			return err
		}
		if err := w.noAppeal(p); err != nil {
			return err
		}
	}
	return nil
}

// noAppeal refuses, with PENDING, a person whose exit from the roll is appealed: an imported household's case keeps no facts, and
// still needs the details.
func (w *work) noAppeal(p *rollPlace) error {
	if !p.index.Case.OfRoll() {
		return nil
	}
	c, err := w.getCase(p.index.Case)
	if err != nil || c.State != casework.CaseExitAppealed {
		return err
	}
	return relief.Errorf(relief.CodePending, "the appeal in case %s is not decided", c.ID)
}

// noHold refuses, with PENDING, a person whom audit holds, and one with a case that audit holds or in which audit holds another
// member: the facts of a household are one document.
func (w *work) noHold(t *traces) error {
	people := slices.Clone(t.refs)
	var ids []relief.HoldID
	for i := range t.cases {
		ids = append(ids, relief.NewCaseHoldID(t.cases[i].ID))
		for _, ref := range t.cases[i].Members {
			linked, err := w.linked(ref)
			if err != nil {
				return err
			}
			people = append(people, linked...)
		}
	}
	for _, ref := range people {
		ids = append(ids, relief.NewSubjectHoldID(ref))
	}
	keys := make([]relief.Key, len(ids))
	for i, id := range ids {
		keys[i] = relief.HoldKey(id)
	}
	if err := w.Fetch(keys...); err != nil {
		return err
	}
	for _, k := range keys {
		h, err := uow.Find[roll.Hold](w.Work, k)
		if err != nil {
			return err
		}
		if h != nil && h.State == roll.HoldInForce {
			return relief.Errorf(relief.CodePending, "audit holds %s (%s): nothing of it is erased until the hold is lifted", h.ID, h.Reason)
		}
	}
	return nil
}

// requireLeft refuses, with PENDING, a person who is on the roll, who is entitled until a month that is not over, or whose payments have
// not all their answers.
func (w *work) requireLeft(p *rollPlace) error {
	entry := p.entry()
	if entry.State != roll.Exited && !p.index.Exited { // an entry of one-off relief or of grants ends by itself
		return relief.Errorf(relief.CodePending, "the person is on the roll of %s; details are erased after they have left", entry.Programme)
	}
	days, err := w.days()
	if err != nil {
		return err
	}
	if !entry.Until.Before(relief.MonthPeriod(days.Day(w.Actor.At).Month())) {
		return relief.Errorf(relief.CodePending, "the person is entitled in %s until %s; details are erased after that", entry.Programme, entry.Until)
	}
	cycle, err := w.cycle(p.at.Programme)
	if err != nil {
		return err
	}
	periods := cycle.Periods(p.segment.Begins(p.slot()), lastPeriod(&entry))
	payments, err := w.paymentsIn(p.at, periods)
	if err != nil {
		return err
	}
	for i := range payments {
		pending, err := payments[i].Pending(p.slot(), w.batchState)
		if err != nil {
			return err
		}
		if pending {
			return relief.Errorf(relief.CodePending, "the payment of %s for %s is on its way", entry.Programme, periods[i])
		}
	}
	return nil
}

// lastPeriod is the last period that somebody who has left was entitled to or was paid.
func lastPeriod(e *roll.Entry) relief.Period {
	if e.Until.Before(e.PaidTill) {
		return e.PaidTill
	}
	return e.Until
}

// retentionOver is the day from which the retention of all programmes is over, "" when none states one. It runs from the end of
// the last period on the roll and from the last act on a case or on a change of the entry.
func (w *work) retentionOver(t *traces) (over relief.Day, err error) {
	days, err := w.days()
	if err != nil {
		return "", err
	}
	later := func(id relief.ProgrammeID, from relief.Day) error {
		p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(id))
		if err != nil {
			return err
		}
		over = max(over, retained(from, p.RetentionMonths()))
		return nil
	}
	for _, p := range t.places {
		entry := p.entry()
		from := lastPeriod(&entry).DayAfter()
		if from == "" && !lastPeriod(&entry).IsZero() { // it ends with the last of all days
			from = relief.LastDay
		}
		last, err := w.lastChange(p.subject(), p.at.Programme)
		if err != nil {
			return "", err
		}
		if last != nil {
			from = max(from, days.Day(last.Acts[len(last.Acts)-1].At))
		}
		if err := later(p.at.Programme, from); err != nil {
			return "", err
		}
	}
	for i := range t.cases {
		if err := later(t.cases[i].Programme, days.Day(t.cases[i].LastDecided())); err != nil {
			return "", err
		}
	}
	return over, nil
}

// retained is the day from which a retention that began on a day is over, "" for none: what is kept for longer than there are days is
// kept until the last one.
func retained(from relief.Day, months int) relief.Day {
	if from == "" || months <= 0 {
		return ""
	}
	return cmp.Or(from.AddMonths(months), relief.LastDay)
}

// requireRetention refuses, with PENDING, an erasure before the retention is over, unless its reason does not wait for it.
func (w *work) requireRetention(t *traces, reason roll.ErasureReason) error {
	if reason.BeforeRetention() {
		return nil
	}
	over, err := w.retentionOver(t)
	if err != nil {
		return err
	}
	days, err := w.days()
	if err != nil {
		return err
	}
	if days.Day(w.Actor.At) < over {
		return relief.Errorf(relief.CodePending, "the retention that the programme states is over on %s", over)
	}
	return nil
}

// deciders are the officials who decided about the person: in cases, and by confirming changes of the entry.
func (w *work) deciders(t *traces) ([]relief.Official, error) {
	var officials []relief.Official
	for i := range t.cases {
		officials = append(officials, t.cases[i].Deciders()...)
	}
	for _, p := range t.places {
		c, err := w.lastChange(p.subject(), p.at.Programme)
		for err == nil && c != nil {
			if by, ok := relief.LastBy(c.Acts, relief.ActRollConfirmChange); ok {
				officials = append(officials, by)
			}
			if c.Previous == "" {
				break
			}
			var previous roll.Change
			previous, err = w.change(c.Previous)
			c = &previous
		}
		if err != nil {
			return nil, err
		}
	}
	return officials, nil
}

// dueErasures says of people when their retention is over and why nothing is erased now.
func dueErasures(w *work, in api.SubjectsInput) (api.DueErasures, error) {
	out := api.DueErasures{Items: []api.DueErasure{}}
	if len(in.Subjects) < 1 || len(in.Subjects) > api.MaxDue {
		return out, relief.FieldErrorf("subjects", "there are 1 to %d people", api.MaxDue)
	}
	for _, ref := range in.Subjects {
		item, err := w.dueErasure(ref)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

func (w *work) dueErasure(ref relief.SubjectRef) (api.DueErasure, error) {
	item := api.DueErasure{Subject: ref}
	t, err := w.traces(ref)
	if err != nil {
		return item, err
	}
	k, err := w.keptDetails(t)
	if err != nil || k.Empty() {
		return item, err
	}
	item.Region = t.region()
	if item.Due, err = w.retentionOver(t); err != nil || item.Due == "" {
		return item, err
	}
	e, err := uow.Find[roll.Erasure](w.Work, relief.ErasureKey(ref))
	if err != nil {
		return item, err
	}
	if e != nil {
		item.State = e.State
	}
	if err = w.requireOver(t); err == nil {
		err = w.requireRetention(t, roll.ErasureRetention)
	}
	var waits *relief.Error
	if errors.As(err, &waits) && waits.Code == relief.CodePending {
		item.Wait, err = waits.Detail, nil
	}
	return item, err
}
