// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"reflect"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/programme"
)

// ProposeList proposes to publish the list of a month.
func (*oversightContract) ProposeList(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightProposeList, func(w *work, in api.MonthInput) (oversight.Publication, error) {
		var none oversight.Publication
		month, p, err := w.currentMonth(in)
		if err != nil {
			return none, err
		}
		before, err := uow.Find[oversight.Publication](w.Work, publicationKey(in))
		if err != nil {
			return none, err
		}
		if before == nil {
			days, err := w.days()
			if err != nil {
				return none, err
			}
			fixed, err := w.fixed()
			if err != nil {
				return none, err
			}
			due, err := oversight.ListDue(p, fixed, in.Period, days)
			if err != nil {
				return none, err
			}
			begun := oversight.NewPublication(month, due)
			before = &begun
		}
		out, changed, err := oversight.ProposeList(*before, month, w.Actor)
		if err != nil {
			return none, err
		}
		return putIf(w, changed, publicationKey(in), out)
	})
}

// TakeDownList proposes to take a list down.
func (*oversightContract) TakeDownList(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightTakeDownList, func(w *work, in api.TakeDownInput) (oversight.Publication, error) {
		before, err := w.publication(in.MonthInput)
		if err != nil {
			return before, err
		}
		out, changed, err := oversight.ProposeTakeDown(before, in.Reason, w.Actor)
		if err != nil {
			return out, err
		}
		return putIf(w, changed, publicationKey(in.MonthInput), out)
	})
}

// DecideList carries out what is proposed about a list. What is to be shown is read again: all agencies' indexes keep the rows as they
// stand at this moment.
func (*oversightContract) DecideList(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightDecideList, func(w *work, in api.ListDecisionInput) (oversight.Publication, error) {
		var none oversight.Publication
		before, err := w.publication(in.MonthInput)
		if err != nil {
			return none, err
		}
		days, today, err := w.listDays(in.MonthInput)
		if err != nil {
			return none, err
		}
		out, err := oversight.DecideList(before, in.ListDecision, days, today, w.Actor)
		if err != nil {
			return none, err
		}
		if in.Agree && out.Shown != nil {
			month, _, err := w.currentMonth(in.MonthInput)
			if err != nil {
				return none, err
			}
			if month.Version != out.Shown.Month {
				return none, relief.Errorf(relief.CodeConflict, "提议之后又结账，请重新提议 · the month was closed again since: propose its last version")
			}
		}
		return out, w.Put(publicationKey(in.MonthInput), out)
	})
}

// Publication gives a published list.
func (*oversightContract) Publication(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.OversightPublication, func(w *work, in api.MonthInput) (oversight.Publication, error) {
		return w.publication(in)
	})
}

func publicationKey(in api.MonthInput) relief.Key {
	return relief.PublicationKey(in.Programme, in.County, in.Period)
}

func (w *work) publication(in api.MonthInput) (oversight.Publication, error) {
	return uow.Get[oversight.Publication](w.Work, publicationKey(in))
}

// listDays are the days that a list of a period is shown, by the programme, and today.
func (w *work) listDays(in api.MonthInput) (shown int, today relief.Day, err error) {
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return 0, "", err
	}
	v, err := p.VersionFor(in.Period.End())
	if err != nil {
		return 0, "", err //nolint:wrapcheck // of this module
	}
	fixed, err := w.fixed()
	if err != nil {
		return 0, "", err
	}
	days, err := w.days()
	if err != nil {
		return 0, "", err
	}
	return fixed.OnlineDays(v), days.Day(w.Actor.At), nil
}

// currentMonth is the last version of a closed month, whose rows are still what the ledger has.
func (w *work) currentMonth(in api.MonthInput) (*oversight.Month, *programme.Programme, error) {
	month, err := w.month(in)
	if err != nil {
		return nil, nil, err
	}
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return nil, nil, err
	}
	now, err := w.closing(&p, in)
	if err != nil {
		return nil, nil, err
	}
	if !reflect.DeepEqual(now.Villages, month.Villages) {
		return nil, nil, relief.Errorf(relief.CodeConflict, "结账后明细已变化，请重新结账 · the rows have changed since the month was closed: close it again")
	}
	return &month, &p, nil
}
