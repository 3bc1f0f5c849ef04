// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// ChangePayee proposes another payee.
func (*rollContract) ChangePayee(ctx *Context, input string) (string, error) {
	return changePayeeAction.one(ctx, input)
}

// Exit proposes that a household leaves the roll.
func (*rollContract) Exit(ctx *Context, input string) (string, error) {
	return exitAction.one(ctx, input)
}

// Suspend proposes that nothing is paid from a period on.
func (*rollContract) Suspend(ctx *Context, input string) (string, error) {
	return suspendAction.one(ctx, input)
}

// Resume proposes that relief is paid again.
func (*rollContract) Resume(ctx *Context, input string) (string, error) {
	return resumeAction.one(ctx, input)
}

// SetTerms proposes other terms.
func (*rollContract) SetTerms(ctx *Context, input string) (string, error) {
	return setTermsAction.one(ctx, input)
}

// SetResidence proposes that a household lives in an urban or rural place.
func (*rollContract) SetResidence(ctx *Context, input string) (string, error) {
	return setResidenceAction.one(ctx, input)
}

// ConfirmChange has a change take effect, or refuses it.
func (*rollContract) ConfirmChange(ctx *Context, input string) (string, error) {
	return confirmChangeAction.one(ctx, input)
}

// WithdrawChange takes a proposal back.
func (*rollContract) WithdrawChange(ctx *Context, input string) (string, error) {
	return withdrawChangeAction.one(ctx, input)
}

// GetChange gives a change.
func (*rollContract) GetChange(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollGetChange, func(w *work, in api.ChangeInput) (roll.Change, error) {
		return w.change(in.Change)
	})
}

// ListChanges gives a page of changes.
func (*rollContract) ListChanges(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollListChanges, func(w *work, in api.ChangeFilter) (api.Page[roll.Change], error) {
		return uow.List(w.Work, relief.KindChange, in.PageInput, relief.ParseChangeID, func(c *roll.Change) bool {
			return (in.Programme == "" || in.Programme == c.Programme) && (in.Region == "" || in.Region.Covers(c.Region)) &&
				(in.State == "" || in.State == c.State) && (in.Kind == "" || in.Kind == c.Kind)
		})
	})
}

// ChangeDetails gives the sealed details of a payee's change.
func (*rollContract) ChangeDetails(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollChangeDetails, changeDetails)
}

var changePayeeAction = action[api.ChangePayeeInput, roll.Change]{
	f:     api.RollChangePayee,
	reads: func(_ *work, in api.ChangePayeeInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.ChangePayeeInput) (roll.Change, error) {
		sealed, err := w.sealed(wire.TransientPersons, maxPersonBytes)
		if err != nil {
			return roll.Change{}, err
		}
		return w.propose(in.EntryInput, roll.ChangeTerms{
			Kind: roll.ChangePayee, Reason: in.Reason, Payee: in.Payee, Corrects: in.Corrects, EvidenceSHA256: in.EvidenceSHA256,
			DetailsSHA256: hash(sealed),
		}, sealed)
	},
}

var exitAction = action[api.ExitInput, roll.Change]{
	f:     api.RollExit,
	reads: func(_ *work, in api.ExitInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.ExitInput) (roll.Change, error) {
		return w.propose(in.EntryInput, roll.ChangeTerms{
			Kind: roll.ChangeExit, Reason: string(in.Reason), DiedOn: in.DiedOn, LastPeriod: in.LastPeriod,
		}, nil)
	},
}

var suspendAction = action[api.SuspendInput, roll.Change]{
	f:     api.RollSuspend,
	reads: func(_ *work, in api.SuspendInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.SuspendInput) (roll.Change, error) {
		return w.propose(in.EntryInput, roll.ChangeTerms{Kind: roll.ChangeSuspend, Reason: in.Reason, From: in.From}, nil)
	},
}

var resumeAction = action[api.ResumeInput, roll.Change]{
	f:     api.RollResume,
	reads: func(_ *work, in api.ResumeInput) []relief.Key { return proposalReads(in.EntryInput) },
	handle: func(w *work, in api.ResumeInput) (roll.Change, error) {
		return w.propose(in.EntryInput, roll.ChangeTerms{Kind: roll.ChangeResume, Reason: in.Reason, From: in.From}, nil)
	},
}

// proposalReads are what a proposal reads whatever it decides.
func proposalReads(in api.EntryInput) []relief.Key {
	return []relief.Key{
		relief.RollIndexKey(in.Subject, in.Programme), relief.LastChangeKey(in.Subject, in.Programme),
		relief.ProgrammeKey(in.Programme), relief.CalendarKey(),
	}
}

// propose records a proposal. sealed are the private details of a new payee, nil for any other change.
func (w *work) propose(in api.EntryInput, t roll.ChangeTerms, sealed []byte) (roll.Change, error) {
	place, err := w.rollPlace(in.Programme, in.Subject)
	if err != nil {
		return roll.Change{}, err
	}
	return w.proposeAt(place, t, sealed)
}

// proposeAt is propose for the entry at a place.
func (w *work) proposeAt(place *rollPlace, t roll.ChangeTerms, sealed []byte) (roll.Change, error) {
	var none roll.Change
	subject, programme := place.segment.Ref(place.slot()), place.at.Programme
	part, err := w.part(place.at)
	if err != nil {
		return none, err
	}
	days, err := w.days()
	if err != nil {
		return none, err
	}
	last, err := w.lastChange(subject, programme)
	if err != nil {
		return none, err
	}
	if err := w.mayChangeEntry(place, t.Kind); err != nil {
		return none, err
	}
	c, changed, err := roll.ProposeChange(&part, place.slot(), t, last, days, w.Actor)
	if err != nil || !changed {
		return c, err
	}
	if until := place.entry().Until; c.Kind == roll.ChangeExit && !until.IsZero() && until.Before(c.LastPeriod) {
		return none, relief.FieldErrorf("last_period", "the entry ends with %s: an exit does not make it longer", until)
	}
	if err := w.checkGranted(place, &c); err != nil {
		return none, err
	}
	if err := w.mayTakeEffect(place, &c, days); err != nil { // what the case's state does not allow is refused now
		return none, err
	}
	if sealed != nil {
		if err := w.PutPrivate(relief.ChangeKey(c.ID), sealed); err != nil {
			return none, err
		}
	}
	if err := w.Put(relief.LastChangeKey(subject, programme), roll.LastChange{Change: c.ID}); err != nil {
		return none, err
	}
	return c, w.Put(relief.ChangeKey(c.ID), c)
}

// mayChangeEntry refuses changes of an entry on a roll whose people come from other rolls by the rate of a month, but for another payee
// and an exit.
func (w *work) mayChangeEntry(place *rollPlace, kind roll.ChangeKind) error {
	v, err := w.firstVersion(place.at.Programme)
	if err != nil || !v.FromRolls() {
		return err
	}
	if kind == roll.ChangePayee || kind == roll.ChangeExit {
		return nil
	}
	return w.fromRolls()
}

// fromRolls is the refusal of an act that has no place in a programme that takes its people from other rolls.
func (w *work) fromRolls() error {
	return &relief.Error{Code: relief.CodeWrongState, Field: "programme",
		Detail: "the programme takes its people from other rolls: change the entry there, and take the people of a month once more"}
}

var confirmChangeAction = action[api.ConfirmChangeInput, roll.Change]{
	f: api.RollConfirmChange,
	reads: func(_ *work, in api.ConfirmChangeInput) []relief.Key {
		return []relief.Key{relief.ChangeKey(in.Change), relief.CalendarKey()}
	},
	handle: confirmChange,
}

// confirmChange has a change take effect, or refuses it.
func confirmChange(w *work, in api.ConfirmChangeInput) (roll.Change, error) {
	c, err := w.change(in.Change)
	if err != nil {
		return c, err
	}
	out, changed, err := roll.DecideChange(c, in.ChangeDecision, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if in.Agree {
		err = w.takeEffect(&out)
	} else {
		err = w.dropDetails(&out)
	}
	if err != nil {
		return c, err
	}
	return out, w.Put(relief.ChangeKey(out.ID), out)
}

var withdrawChangeAction = action[api.ChangeInput, roll.Change]{
	f:      api.RollWithdrawChange,
	reads:  func(_ *work, in api.ChangeInput) []relief.Key { return []relief.Key{relief.ChangeKey(in.Change)} },
	handle: withdrawChange,
}

// withdrawChange takes a proposal back.
func withdrawChange(w *work, in api.ChangeInput) (roll.Change, error) {
	c, err := w.change(in.Change)
	if err != nil {
		return c, err
	}
	out, changed, err := roll.WithdrawChange(c, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if err := w.dropDetails(&out); err != nil {
		return c, err
	}
	return out, w.Put(relief.ChangeKey(out.ID), out)
}

func (w *work) change(id relief.ChangeID) (roll.Change, error) {
	return uow.Get[roll.Change](w.Work, relief.ChangeKey(id))
}

// lastChange is a person's last change in a programme, nil for none.
func (w *work) lastChange(subject relief.SubjectRef, programme relief.ProgrammeID) (*roll.Change, error) {
	last, err := uow.Find[roll.LastChange](w.Work, relief.LastChangeKey(subject, programme))
	if err != nil || last == nil {
		return nil, err
	}
	c, err := w.change(last.Change)
	return &c, err
}

// noOpenChange refuses, with PENDING, a person whose last change is not decided.
func (w *work) noOpenChange(p *rollPlace) error {
	last, err := w.lastChange(p.segment.Ref(p.slot()), p.at.Programme)
	if err != nil || last == nil || last.State != roll.ChangeProposed {
		return err
	}
	return relief.Errorf(relief.CodePending, "change %s of the person's entry is not decided yet: confirm, refuse or withdraw it first", last.ID)
}

// forgetChanges takes the tags of erased details off a person's changes.
func (w *work) forgetChanges(subject relief.SubjectRef, programme relief.ProgrammeID) error {
	c, err := w.lastChange(subject, programme)
	for err == nil && c != nil {
		if c.Payee != (roll.Payee{}) {
			c.Payee = roll.Payee{}
			if err := w.Put(relief.ChangeKey(c.ID), *c); err != nil {
				return err
			}
		}
		if c.Previous == "" {
			return nil
		}
		var previous roll.Change
		previous, err = w.change(c.Previous)
		c = &previous
	}
	return err
}

// dropDetails purges the private details of a change that does not take effect.
func (w *work) dropDetails(c *roll.Change) error {
	if !c.Kind.BringsDetails() {
		return nil
	}
	return w.Purge(relief.ChangeKey(c.ID))
}

// purgeChanged purges the details that an act on the entry brought, for somebody who gets later ones.
func (w *work) purgeChanged(subject relief.SubjectRef, programme relief.ProgrammeID, index *roll.IndexEntry) error {
	if !index.Changed() {
		return nil
	}
	return w.Purge(index.DetailsKey(subject, programme))
}
