// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// ConfirmClaim says for another county that a person belongs to a case's household.
func (*caseContract) ConfirmClaim(ctx *Context, input string) (string, error) {
	return confirmClaimAction.one(ctx, input)
}

// ContestClaim says for another county that a person does not.
func (*caseContract) ContestClaim(ctx *Context, input string) (string, error) {
	return contestClaimAction.one(ctx, input)
}

var (
	confirmClaimAction = caseAction(api.CaseConfirmClaim, func(w *work, in api.ClaimInput) (casework.Case, error) {
		return w.answerClaim(in, casework.ClaimConfirmed)
	})
	contestClaimAction = caseAction(api.CaseContestClaim, func(w *work, in api.ClaimInput) (casework.Case, error) {
		return w.answerClaim(in, casework.ClaimContested)
	})
)

func (w *work) answerClaim(in api.ClaimInput, state casework.ClaimState) (casework.Case, error) {
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	v, err := w.version(c.Programme, 0)
	if err != nil {
		return c, err
	}
	if err := w.Fetch(v.Beside([]relief.SubjectRef{in.Subject})...); err != nil {
		return c, err
	}
	out, changed, err := casework.AnswerClaim(c, in.ClaimTerms, state, v, w.households(), w.Actor)
	if err != nil {
		return c, err
	}
	return w.putCase(&c, out, changed)
}

// pendingClaims is what the caller has claimed today of people whom other counties know, with more claims. Only those who make
// such claims meet in the key.
func (w *work) pendingClaims(more int) (casework.PendingCount, error) {
	if more == 0 {
		return casework.PendingCount{}, nil
	}
	count, err := uow.Find[casework.PendingCount](w.Work, w.pendingClaimsKey())
	if err != nil {
		return casework.PendingCount{}, err
	}
	if count == nil {
		count = &casework.PendingCount{}
	}
	return count.Add(more) //nolint:wrapcheck // of this module
}

func (w *work) pendingClaimsKey() relief.Key {
	return relief.PendingClaimsKey(w.Actor.By, relief.DefaultCalendar.Day(w.Actor.At))
}
