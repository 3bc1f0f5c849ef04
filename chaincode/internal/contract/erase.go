// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// Erase purges a person's private details of all programmes from every peer. The roll and the payments stay: they tell of
// a reference, keep anybody from being paid twice, and receipts stand on them.
func (*caseContract) Erase(ctx *Context, input string) (string, error) {
	type erase struct {
		Subject relief.SubjectRef  `json:"subject"`
		Reason  roll.ErasureReason `json:"reason"`
	}
	in, err := begin[erase](ctx, relief.ActPersonErase, input)
	if err != nil {
		return "", err
	}
	existing, err := load[roll.Erasure](ctx, relief.ErasureKey(in.Subject))
	if err != nil {
		return "", err
	}
	onRoll, err := ctx.allLeft(in.Subject)
	if err != nil {
		return "", err
	}
	kept, err := ctx.keptDetails(in.Subject, onRoll)
	if err != nil {
		return "", err
	}
	if len(onRoll) == 0 && len(kept.programmes) == 0 && existing == nil {
		return "", relief.Errorf(relief.CodeNotFound, "nothing is kept of this person")
	}
	out, changed, err := roll.Erase(existing, in.Subject, kept.programmes, in.Reason, ctx.stamp)
	if err == nil && changed {
		err = ctx.purgeDetails(in.Subject, kept)
	}
	return finish(ctx, relief.ErasureKey(in.Subject), out, changed, err)
}

// allLeft gives where a person stands, by programme. Who is still in one, has a case that is not at its end, or
// is owed money that is on its way, is not erased: the details are needed.
func (ctx *Context) allLeft(subject relief.SubjectRef) (map[relief.ProgrammeID]roll.IndexEntry, error) {
	claims, err := load[casework.MemberRecord](ctx, relief.MemberKey(subject))
	if err != nil {
		return nil, err
	}
	now := relief.MonthPeriod(ctx.stamp.At.Year()*12 + int(ctx.stamp.At.Month()) - 1)
	if claims != nil {
		for _, c := range claims.Claims {
			if c.Until.IsZero() || !c.Until.Before(now) {
				return nil, relief.Errorf(relief.CodePending, "case %s is not at its end", c.Case)
			}
		}
	}
	onRoll := map[relief.ProgrammeID]roll.IndexEntry{} // only looked up, never ranged over
	return onRoll, ctx.standings(subject, func(at *standing) error {
		onRoll[at.place.Programme] = at.record
		return ctx.left(at)
	})
}

func (ctx *Context) left(at *standing) error {
	entry := at.entry()
	if err := relief.RequireRegion(ctx.stamp.By, entry.Region); err != nil {
		return err
	}
	if entry.State != roll.Exited {
		return relief.Errorf(relief.CodePending, "the person is on the roll of %s; details are erased after they have left", entry.Programme)
	}
	last := entry.Until
	if last.Before(entry.PaidTill) {
		last = entry.PaidTill
	}
	periods := relief.PeriodsBetween(entry.From, last)
	keys := make([]relief.Key, len(periods))
	for i, p := range periods {
		keys[i] = relief.LinesKey(at.place.Programme, at.place.County, p, at.place.Segment)
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return err
	}
	for i, b := range values {
		seg, err := payment.ParseLineSegment(b)
		if err != nil {
			return err
		}
		pending, err := seg.Pending(at.position(), ctx.batchState)
		if err != nil {
			return err
		}
		if pending {
			return relief.Errorf(relief.CodePending, "the payment of %s for %s is on its way", entry.Programme, periods[i])
		}
	}
	return nil
}

// noDetails is the error for a person whose details are not there.
func (ctx *Context) noDetails(subject relief.SubjectRef) error {
	e, err := load[roll.Erasure](ctx, relief.ErasureKey(subject))
	if err != nil {
		return err
	}
	if e != nil && len(e.Acts) > 0 {
		return relief.Errorf(relief.CodeNotFound, "the person's details were erased on %s (%s)", e.Acts[len(e.Acts)-1].At.Format(time.DateOnly), e.Reason)
	}
	return relief.Errorf(relief.CodeNotFound, "the person's details are not kept any more")
}
