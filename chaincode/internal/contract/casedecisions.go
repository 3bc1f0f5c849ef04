// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

type decideInput struct {
	caseOf
	Outcome casework.DecisionOutcome `json:"outcome"`
	Segment uint32                   `json:"segment"` // of the roll, for a grant
	casework.RefusalTerms
}

// Decide grants or refuses an application. A grant puts the household on the roll in the same transaction: in the segment
// that is named, or under its old number.
func (c *caseContract) Decide(ctx *Context, input string) (string, error) {
	return decideDeed.one(ctx, input)
}

var decideDeed = deed[decideInput]{
	act:  relief.ActCaseDecide,
	keys: func(_ *desk, in decideInput) []relief.Key { return append(in.caseOf.keys(), relief.CalendarKey()) },
	do: func(d *desk, in decideInput, _ int) (any, bool, error) {
		return d.amendDated(in.Case, func(c casework.Case, v *programme.Version, days *relief.Calendar) (casework.Case, bool, error) {
			switch in.Outcome {
			case casework.Refused:
				return casework.Refuse(c, v, days, in.RefusalTerms, d.stamp)
			case casework.Granted:
				if in.RefusalTerms != (casework.RefusalTerms{}) {
					return c, false, relief.FieldErrorf("reason", "a grant has no reason and no appeal")
				}
				out, changed, err := casework.Grant(c, v, days, d.stamp)
				if err != nil || !changed {
					return c, false, err
				}
				out, err = d.enrolGranted(out, v, in.Segment)
				return out, true, err
			}
			return c, false, relief.FieldErrorf("outcome", "the outcome is granted or refused")
		})
	},
}

func (d *desk) enrolGranted(c casework.Case, v *programme.Version, segment uint32) (casework.Case, error) {
	standing, err := find[roll.IndexEntry](d, relief.RollIndexKey(c.Head(), c.Programme))
	if err != nil {
		return c, err
	}
	county := c.Region.County()
	if standing != nil && standing.County == county {
		segment = standing.Number / uint32(v.SegmentSize) //nolint:gosec // 1 to 1000
	}
	at, seg, err := d.segmentOf(c.Programme, county, segment, v.SegmentSize)
	if err != nil {
		return c, err
	}
	c, seg, record, err := casework.Enrol(c, seg, at.SegmentAddr, standing)
	if err != nil {
		return c, err
	}
	d.writeSegment(at, seg)
	return c, d.keep(relief.RollIndexKey(c.Head(), c.Programme), record)
}

type reviewInput struct {
	caseOf
	casework.ReviewTerms
}

// Review prepares a re-check or a change; new facts of the household may travel with it.
func (c *caseContract) Review(ctx *Context, input string) (string, error) {
	return reviewDeed.one(ctx, input)
}

var reviewDeed = deed[reviewInput]{
	act:  relief.ActCaseReview,
	keys: func(_ *desk, in reviewInput) []relief.Key { return in.caseOf.keys() },
	do: func(d *desk, in reviewInput, n int) (any, bool, error) {
		facts, sum := []byte(nil), ""
		if _, err := d.transient(wire.TransientFacts); err == nil {
			if facts, err = d.sealed(wire.TransientFacts, n, wire.MaxFactsBytes); err != nil {
				return nil, false, err
			}
			sum = hash(facts)
		}
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			v, err := d.version(c.Programme, 0)
			if err != nil {
				return c, false, err
			}
			if err := d.fetch(v.Beside(in.Members)...); err != nil {
				return c, false, err
			}
			out, changed, err := casework.PrepareReview(c, v, in.ReviewTerms, sum, d.households(), d.stamp)
			if err == nil && changed && facts != nil {
				d.private = append(d.private, privateValue{relief.FactsKey(c.Head(), c.Programme), facts})
			}
			return out, changed, err
		})
	},
}

type confirmInput struct {
	caseOf
	Agree bool `json:"agree"`
}

// Confirm has a review take effect, or sends it back.
func (c *caseContract) Confirm(ctx *Context, input string) (string, error) {
	return confirmDeed.one(ctx, input)
}

var confirmDeed = deed[confirmInput]{
	act:  relief.ActCaseConfirm,
	keys: func(_ *desk, in confirmInput) []relief.Key { return append(in.caseOf.keys(), relief.CalendarKey()) },
	do: func(d *desk, in confirmInput, _ int) (any, bool, error) {
		return d.amendDated(in.Case, func(c casework.Case, v *programme.Version, days *relief.Calendar) (casework.Case, bool, error) {
			if c.Review != nil {
				var err error
				if v, err = d.version(c.Programme, c.Review.Version); err != nil {
					return c, false, err
				}
			}
			out, done, err := casework.ConfirmReview(c, v, days, in.Agree, d.stamp)
			if err != nil || done == nil {
				return c, false, err
			}
			switch done.Finds {
			case casework.FindingExit:
				err = d.leave(&out, done.Last)
			case casework.FindingChange:
				err = d.onRoll(&out, func(seg roll.Segment, position int) (roll.Segment, error) {
					return roll.Change(seg, position, out.Terms, done.From)
				})
			case casework.FindingKeep:
			}
			return out, true, err
		})
	},
}

// onRoll changes the roll entry of a granted case.
func (d *desk) onRoll(c *casework.Case, f func(roll.Segment, int) (roll.Segment, error)) error {
	v, err := d.version(c.Programme, c.Version)
	if err != nil {
		return err
	}
	if c.Roll == nil {
		return relief.Errorf(relief.CodeCorrupt, "the case is not on the roll")
	}
	size := uint32(v.SegmentSize) //nolint:gosec // 1 to 1000
	at, seg, err := d.segmentOf(c.Programme, c.Roll.County, c.Roll.Number/size, v.SegmentSize)
	if err != nil {
		return err
	}
	position := int(c.Roll.Number % size)
	if position >= seg.Len() || seg.Ref(position) != c.Head() {
		return relief.Errorf(relief.CodeCorrupt, "the roll has somebody else under number %d", c.Roll.Number)
	}
	if seg, err = f(seg, position); err != nil {
		return err
	}
	d.writeSegment(at, seg)
	return nil
}

// leave takes a case's household off the roll; the case says already why.
func (d *desk) leave(c *casework.Case, last relief.Period) error {
	at, err := d.standingAt(subjectInput{c.Programme, c.Head()})
	if err != nil {
		return err
	}
	_, err = d.exitRoll(at, c.Ended.Reason, last)
	return err
}

// exitRoll writes an exit on the roll.
func (d *desk) exitRoll(at *standing, reason roll.ExitReason, last relief.Period) (changed bool, err error) {
	paidTill, err := d.paidTill(at, last)
	if err != nil {
		return false, err
	}
	seg, record, changed, err := roll.Exit(at.segment, at.place.SegmentAddr, at.record.Number, reason, last, paidTill)
	if err != nil || !changed {
		return false, err
	}
	record.Case, record.Page, record.Own = at.record.Case, at.record.Page, at.record.Own
	ref := seg.Ref(at.position())
	at.segment = seg
	d.writeSegment(at.place, seg)
	return true, d.keep(relief.RollIndexKey(ref, at.place.Programme), record)
}

type suspendInput struct {
	caseOf
	From   relief.Period `json:"from"`
	Reason string        `json:"reason"`
}

// Suspend has nothing paid from a period on.
func (c *caseContract) Suspend(ctx *Context, input string) (string, error) {
	return suspendDeed.one(ctx, input)
}

var suspendDeed = deed[suspendInput]{
	act:  relief.ActCaseSuspend,
	keys: func(_ *desk, in suspendInput) []relief.Key { return append(in.caseOf.keys(), relief.CalendarKey()) },
	do: func(d *desk, in suspendInput, _ int) (any, bool, error) {
		return d.amendDated(in.Case, func(c casework.Case, _ *programme.Version, days *relief.Calendar) (casework.Case, bool, error) {
			out, changed, err := casework.Suspend(c, days, in.From, in.Reason, d.stamp)
			if err == nil && changed {
				err = d.onRoll(&out, func(seg roll.Segment, position int) (roll.Segment, error) {
					return roll.Suspend(seg, position, in.From)
				})
			}
			return out, changed, err
		})
	},
}

type resumeInput struct {
	caseOf
	From relief.Period `json:"from"`
}

// Resume ends a suspension.
func (c *caseContract) Resume(ctx *Context, input string) (string, error) {
	return resumeDeed.one(ctx, input)
}

var resumeDeed = deed[resumeInput]{
	act:  relief.ActCaseResume,
	keys: func(_ *desk, in resumeInput) []relief.Key { return in.caseOf.keys() },
	do: func(d *desk, in resumeInput, _ int) (any, bool, error) {
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			out, changed, err := casework.Resume(c, in.From, d.stamp)
			if err == nil && changed {
				err = d.onRoll(&out, func(seg roll.Segment, position int) (roll.Segment, error) {
					return roll.Resume(seg, position, in.From)
				})
			}
			return out, changed, err
		})
	},
}

type exitInput struct {
	subjectInput
	Reason     roll.ExitReason `json:"reason"`
	DiedOn     relief.Day      `json:"died_on"`
	LastPeriod relief.Period   `json:"last_period"`
}

// Exit takes a household off the roll, and ends the case that put it there.
func (c *caseContract) Exit(ctx *Context, input string) (string, error) {
	return exitDeed.one(ctx, input)
}

var exitDeed = deed[exitInput]{
	act: relief.ActCaseExit,
	keys: func(_ *desk, in exitInput) []relief.Key {
		return []relief.Key{relief.RollIndexKey(in.Subject, in.Programme), relief.ProgrammeKey(in.Programme), relief.CalendarKey()}
	},
	do: func(d *desk, in exitInput, _ int) (any, bool, error) {
		at, err := d.standingAt(in.subjectInput)
		if err != nil {
			return nil, false, err
		}
		entry := at.entry()
		if err := relief.RequireRegion(d.stamp.By, entry.Region); err != nil {
			return nil, false, err
		}
		days, err := d.days()
		if err != nil {
			return nil, false, err
		}
		last, err := roll.LastPeriod(in.Reason, in.DiedOn, in.LastPeriod, entry.From, days, d.stamp)
		if err != nil {
			return nil, false, err
		}
		if at.record.Case == "" {
			changed, err := d.exitRoll(at, in.Reason, last)
			return at.entry(), changed, err
		}
		_, changed, err := d.amendDated(at.record.Case, func(c casework.Case, v *programme.Version, days *relief.Calendar) (casework.Case, bool, error) {
			out, changed, err := casework.Exit(c, v, days, in.Reason, in.DiedOn, last, d.stamp)
			if err == nil && changed {
				_, err = d.exitRoll(at, in.Reason, last)
			}
			return out, changed, err
		})
		return at.entry(), changed, err
	},
}

type appealInput struct {
	caseOf
	SHA256 string `json:"sha256"`
}

// Appeal records the appeal of somebody who was refused or who left.
func (c *caseContract) Appeal(ctx *Context, input string) (string, error) {
	return appealDeed.one(ctx, input)
}

var appealDeed = deed[appealInput]{
	act:  relief.ActCaseAppeal,
	keys: func(_ *desk, in appealInput) []relief.Key { return append(in.caseOf.keys(), relief.CalendarKey()) },
	do: func(d *desk, in appealInput, _ int) (any, bool, error) {
		return d.amendDated(in.Case, func(c casework.Case, v *programme.Version, days *relief.Calendar) (casework.Case, bool, error) {
			return casework.LodgeAppeal(c, v, days, in.SHA256, d.stamp)
		})
	},
}

type decideAppealInput struct {
	caseOf
	Upheld bool   `json:"upheld"`
	SHA256 string `json:"sha256"`
}

// DecideAppeal upholds or reverses what was appealed.
func (c *caseContract) DecideAppeal(ctx *Context, input string) (string, error) {
	return decideAppealDeed.one(ctx, input)
}

var decideAppealDeed = deed[decideAppealInput]{
	act:  relief.ActCaseDecideAppeal,
	keys: func(_ *desk, in decideAppealInput) []relief.Key { return in.caseOf.keys() },
	do: func(d *desk, in decideAppealInput, _ int) (any, bool, error) {
		return d.amend(in.Case, func(c casework.Case) (casework.Case, bool, error) {
			v, err := d.version(c.Programme, c.Version)
			if err != nil {
				return c, false, err
			}
			if err := d.fetch(v.Beside(c.Members)...); err != nil {
				return c, false, err
			}
			out, changed, err := casework.DecideAppeal(c, v, d.households(), in.Upheld, in.SHA256, d.stamp)
			if err == nil && changed && out.State == casework.CaseInForce {
				err = d.reinstate(&out)
			}
			return out, changed, err
		})
	},
}

// reinstate puts a household back on the roll where it was. A roll has one entry for a household: if a later grant or import has
// taken it since, what that one granted stands there, and the old entitlement cannot go on in its place.
func (d *desk) reinstate(c *casework.Case) error {
	record, err := mustFind[roll.IndexEntry](d, relief.RollIndexKey(c.Head(), c.Programme))
	if err != nil {
		return err
	}
	if record.Case != c.ID {
		return relief.Errorf(relief.CodeConflict, "the household was granted relief anew after this exit: the exit can be upheld, not undone")
	}
	if err := d.onRoll(c, roll.Reinstate); err != nil {
		return err
	}
	return d.keep(relief.RollIndexKey(c.Head(), c.Programme), roll.IndexEntry{
		County: c.Roll.County, Number: c.Roll.Number, Case: c.ID, Page: record.Page, Own: record.Own,
	})
}
