// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/wire"
)

// caseAction is an action on one case, which reads the case and, if it says so, other keys.
func caseAction[In interface{ CaseKey() relief.Key }](
	f api.Function[In, casework.Case], handle func(*work, In) (casework.Case, error), also ...relief.Key,
) action[In, casework.Case] {
	return action[In, casework.Case]{
		f:      f,
		reads:  func(_ *work, in In) []relief.Key { return append([]relief.Key{in.CaseKey()}, also...) },
		handle: handle,
	}
}

// decision is a caseAction that decides on relief: it also reads where else the members of the household receive some.
func decision[In interface{ CaseKey() relief.Key }](
	f api.Function[In, casework.Case], handle func(*work, In) (casework.Case, error), also ...relief.Key,
) action[In, casework.Case] {
	a := caseAction(f, handle, also...)
	a.then = func(w *work, in In) []relief.Key {
		c, err := uow.Find[casework.Case](w.Work, in.CaseKey())
		if err != nil || c == nil {
			return nil // handle finds out why
		}
		v, err := w.version(c.Programme, c.Version)
		if err != nil {
			return nil
		}
		return v.Beside(c.Members)
	}
	return a
}

var applyAction = action[casework.Application, casework.Case]{f: api.CaseApply, reads: applyReads, handle: apply}

func applyReads(w *work, in casework.Application) []relief.Key {
	keys := []relief.Key{relief.CaseKey(in.ID), relief.ProgrammeKey(in.Programme)}
	if in.Need != "" {
		keys = append(keys, relief.NeedKey(in.Need))
	}
	if v, err := w.version(in.Programme, 0); err == nil { // apply finds out why not
		keys = append(keys, v.Beside(in.Members)...)
	}
	for _, ref := range in.Members {
		keys = append(keys, relief.ClaimKey(ref, in.Programme))
	}
	return keys
}

// mayApply refuses an application in a region that is not registered, and of a member whose reference another has replaced.
func (w *work) mayApply(in *casework.Application) error {
	if err := w.registered(in.Region); err != nil {
		return err
	}
	for _, ref := range in.Members {
		if err := w.requirePresent("members", ref); err != nil {
			return err
		}
	}
	return nil
}

func apply(w *work, in casework.Application) (casework.Case, error) {
	var none casework.Case
	facts, err := w.sealedFacts()
	if err != nil {
		return none, err
	}
	person, err := w.sealed(wire.TransientPersons, maxPersonBytes)
	if err != nil {
		return none, err
	}
	v, err := w.version(in.Programme, 0)
	if err != nil {
		return none, err
	}
	if err := w.mayApply(&in); err != nil {
		return none, err
	}
	existing, err := uow.Find[casework.Case](w.Work, relief.CaseKey(in.ID))
	if err != nil {
		return none, err
	}
	bill, err := w.billOf(in.BillTags())
	if err != nil {
		return none, err
	}
	c, changed, err := casework.Apply(in, hash(facts), v, existing, bill, w.households(), w.Actor)
	if err != nil || !changed {
		return c, err
	}
	count, err := w.pendingClaims(c.Pending())
	if err != nil {
		return none, err
	}
	if err := w.takeUp(&c); err != nil {
		return none, err
	}
	if c.Pending() > 0 {
		if err := w.Put(w.pendingClaimsKey(), count); err != nil {
			return none, err
		}
	}
	if err := w.PutPrivate(relief.FactsKey(c.ID, 0), facts); err != nil {
		return none, err
	}
	if err := w.PutPrivate(relief.CaseDetailsKey(c.ID), person); err != nil {
		return none, err
	}
	return w.putCase(nil, c, true)
}

// takeUp ends the need that an application names.
func (w *work) takeUp(c *casework.Case) error {
	if c.Need == "" {
		return nil
	}
	n, err := uow.Get[casework.Need](w.Work, relief.NeedKey(c.Need))
	if err != nil {
		return err
	}
	out, changed, err := n.TakeUp(c, w.Actor)
	if err != nil {
		return err
	}
	_, err = putIf(w, changed, relief.NeedKey(c.Need), out)
	return err
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// getCase reads the case that an act is about.
func (w *work) getCase(id relief.CaseID) (casework.Case, error) {
	return uow.Get[casework.Case](w.Work, relief.CaseKey(id))
}

// caseAndVersion reads a case and the version of its programme that it is under.
func (w *work) caseAndVersion(id relief.CaseID) (casework.Case, *programme.Version, error) {
	c, err := w.getCase(id)
	if err != nil {
		return c, nil, err
	}
	v, err := w.version(c.Programme, c.Version)
	return c, v, err
}

// putCase has a case written if an act changed it, and the claims on its household if they are others than before. Facts that
// the case does not hold any more are purged. before is nil for a new case.
func (w *work) putCase(before *casework.Case, c casework.Case, changed bool) (casework.Case, error) {
	if !changed {
		return *before, nil
	}
	if c.ClaimsDiffer(before) {
		if err := w.putClaims(before, &c); err != nil {
			return c, err
		}
		if err := w.keepHousehold(before, &c); err != nil {
			return c, err
		}
	}
	if before != nil {
		for _, lost := range c.LostFacts(before) {
			if err := w.Purge(relief.FactsKey(c.ID, lost.Act)); err != nil {
				return c, err
			}
		}
	}
	return c, w.Put(relief.CaseKey(c.ID), c)
}

// putClaims has the claims written of all who are in the household or were in it before.
func (w *work) putClaims(before, c *casework.Case) error {
	people := slices.Clone(c.Members)
	if before != nil {
		for _, ref := range before.Members {
			if !slices.Contains(people, ref) {
				people = append(people, ref)
			}
		}
	}
	for _, ref := range people {
		m, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(ref))
		if err != nil {
			return err
		}
		out, changed := c.Claimed(ref, m)
		if !changed {
			continue
		}
		if err := w.putMember(ref, c.Programme, out); err != nil {
			return err
		}
	}
	return nil
}

// putMember has a person's member record written, and that the person has or had a claim in a programme.
func (w *work) putMember(ref relief.SubjectRef, programme relief.ProgrammeID, m casework.MemberRecord) error {
	if err := w.requireEpoch("members", ref); err != nil {
		return err
	}
	claim := relief.ClaimKey(ref, programme)
	known, err := w.Value(claim)
	if err != nil {
		return err
	}
	if known == nil {
		if err := w.PutValue(claim, []byte{1}); err != nil {
			return err
		}
	}
	return w.Put(relief.MemberKey(ref), m)
}

var attachAction = caseAction(api.CaseAttach, attach)

func attach(w *work, in api.AttachInput) (casework.Case, error) {
	c, v, err := w.caseAndVersion(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.Attach(c, v, in.EvidenceTerms, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putPaper(&c, out, changed)
}

var askAction = caseAction(api.CaseAsk, ask, relief.DepartmentsKey())

func ask(w *work, in api.AskInput) (casework.Case, error) {
	departments, err := w.departments()
	if err != nil {
		return casework.Case{}, err
	}
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.Ask(c, in.QuestionTerms, departments, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	return w.putCase(&c, out, changed)
}

var matchAction = caseAction(api.CaseMatch, match, relief.DepartmentsKey())

func match(w *work, in api.MatchInput) (casework.Case, error) {
	departments, err := w.departments()
	if err != nil {
		return casework.Case{}, err
	}
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.RecordMatch(c, in.Statement, departments, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putPaper(&c, out, changed)
}

var answerMatchAction = caseAction(api.CaseAnswerMatch, answerMatch)

func answerMatch(w *work, in api.AnswerMatchInput) (casework.Case, error) {
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.AnswerMatch(c, in.Match, in.Outcome, in.SHA256, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putPaper(&c, out, changed)
}

var noticeAction = caseAction(api.CaseNotice, notice, relief.CalendarKey(), relief.ParametersKey())

func notice(w *work, in api.NoticeInput) (casework.Case, error) {
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	v, err := w.version(c.Programme, 0)
	if err != nil {
		return c, err
	}
	fixed, err := w.fixed()
	if err != nil {
		return c, err
	}
	days, err := w.days()
	if err != nil {
		return c, err
	}
	out, changed, err := casework.OpenNotice(c, v, fixed, days, in.Terms, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, changed)
}

var objectAction = caseAction(api.CaseObject, object, relief.CalendarKey())

func object(w *work, in api.ObjectInput) (casework.Case, error) {
	days, err := w.days()
	if err != nil {
		return casework.Case{}, err
	}
	c, v, err := w.caseAndVersion(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.Object(c, v, days, in.Channel, in.SHA256, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, changed)
}

var answerAction = caseAction(api.CaseAnswer, answer)

func answer(w *work, in api.AnswerInput) (casework.Case, error) {
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.AnswerObjection(c, in.Objection, in.Founded, in.SHA256, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, changed)
}

var withdrawAction = caseAction(api.CaseWithdraw, withdraw)

func withdraw(w *work, in api.CaseInput) (casework.Case, error) {
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.Withdraw(c, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, changed)
}

// Note adds a note of audit's.
func (*caseContract) Note(ctx *Context, input string) (string, error) {
	return noteAction.one(ctx, input)
}

var noteAction = caseAction(api.CaseNote, note)

func note(w *work, in api.NoteInput) (casework.Case, error) {
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.AddNote(c, in.SHA256, w.Actor)
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, changed)
}
