// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"time"

	"relieftrail/chaincode/relief"
)

// Erase purges a person's private details of all programmes from every peer. The roll and the payments stay: they tell of
// a reference, keep anybody from being paid twice, and receipts stand on them.
func (*caseContract) Erase(ctx *Context, input string) (string, error) {
	type erase struct {
		Subject relief.SubjectRef    `json:"subject"`
		Reason  relief.ErasureReason `json:"reason"`
	}
	in, err := begin[erase](ctx, relief.ActPersonErase, input)
	if err != nil {
		return "", err
	}
	existing, err := load[relief.Erasure](ctx, relief.ErasureKey(in.Subject))
	if err != nil {
		return "", err
	}
	onRoll, err := ctx.allLeft(in.Subject)
	if err != nil {
		return "", err
	}
	keys, programmes, err := ctx.keptDetails(in.Subject, onRoll)
	if err != nil {
		return "", err
	}
	if len(onRoll) == 0 && len(keys) == 0 && existing == nil {
		return "", relief.Errorf(relief.CodeNotFound, "nothing is kept of this person")
	}
	out, changed, err := relief.Erase(existing, in.Subject, programmes, in.Reason, ctx.stamp)
	if err == nil && changed {
		err = ctx.purgeDetails(keys)
	}
	return finish(ctx, relief.ErasureKey(in.Subject), out, changed, err)
}

// allLeft tells on which programmes' rolls a person stands. Who is still in one, has a case that is not at its end, or
// is owed money that is on its way, is not erased: the details are needed.
func (ctx *Context) allLeft(subject relief.SubjectRef) (map[relief.ProgrammeID]bool, error) {
	claims, err := load[relief.MemberRecord](ctx, relief.MemberKey(subject))
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
	onRoll := map[relief.ProgrammeID]bool{} // only looked up, never ranged over
	prefix := relief.Key{Kind: relief.KindSubject, Attrs: []string{subject.String()}}
	return onRoll, ctx.scan(prefix, func(attrs []string, _ []byte) error {
		if len(attrs) != 2 {
			return relief.Errorf(relief.CodeCorrupt, "a key of the ledger cannot be read")
		}
		programme := relief.ProgrammeID(attrs[1])
		onRoll[programme] = true
		at, err := ctx.standingAt(subjectInput{programme, subject})
		if err != nil {
			return err
		}
		return ctx.left(at)
	})
}

func (ctx *Context) left(at *standing) error {
	entry := at.entry()
	if err := relief.RequireRegion(ctx.stamp.By, entry.Region); err != nil {
		return err
	}
	if entry.State != relief.RollExited {
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
		seg, err := relief.ParseLineSegment(b)
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

// keptDetails are the keys of private details that are there, of any programme: of the person, and of the household whose
// head the person is. Hashes tell, which every peer has. Of a programme whose roll the person was never on, only the
// programme's region says who may erase.
func (ctx *Context) keptDetails(subject relief.SubjectRef, onRoll map[relief.ProgrammeID]bool) (keys []string, programmes []relief.ProgrammeID, err error) {
	err = ctx.scan(relief.Key{Kind: relief.KindProgramme}, func(_ []string, value []byte) error {
		p, err := parseRecord[relief.Programme](relief.KindProgramme, value)
		if err != nil || len(p.Versions) == 0 {
			return err
		}
		id, found := p.Versions[0].ID, false
		for _, k := range []relief.Key{relief.SubjectKey(subject, id), relief.FactsKey(subject, id)} {
			key, err := ctx.key(k)
			if err != nil {
				return err
			}
			hash, err := ctx.GetStub().GetPrivateDataHash(relief.PersonsCollection, key)
			if err != nil {
				return fmt.Errorf("reading a hash of private details: %w", err)
			}
			if len(hash) > 0 {
				keys, found = append(keys, key), true
			}
		}
		if !found {
			return nil
		}
		programmes = append(programmes, id)
		if onRoll[id] {
			return nil
		}
		return relief.RequireRegion(ctx.stamp.By, p.Versions[0].Region)
	})
	return keys, programmes, err
}

// purgeDetails is the one place that erases private details.
func (ctx *Context) purgeDetails(keys []string) error {
	for _, key := range keys {
		if err := ctx.GetStub().PurgePrivateData(relief.PersonsCollection, key); err != nil {
			return fmt.Errorf("erasing private details: %w", err)
		}
	}
	return nil
}

// noDetails is the error for a person whose details are not there.
func (ctx *Context) noDetails(subject relief.SubjectRef) error {
	e, err := load[relief.Erasure](ctx, relief.ErasureKey(subject))
	if err != nil {
		return err
	}
	if e != nil && len(e.Acts) > 0 {
		return relief.Errorf(relief.CodeNotFound, "the person's details were erased on %s (%s)", e.Acts[len(e.Acts)-1].At.Format(time.DateOnly), e.Reason)
	}
	return relief.Errorf(relief.CodeNotFound, "the person's details are not kept any more")
}
