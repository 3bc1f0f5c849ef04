// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// DecideTownship grants or refuses an application for a sum that the programme leaves to townships.
func (*caseContract) DecideTownship(ctx *Context, input string) (string, error) {
	return decideTownshipAction.one(ctx, input)
}

// ConfirmTownship says for the county whether it agrees with what one official of a township decided.
func (*caseContract) ConfirmTownship(ctx *Context, input string) (string, error) {
	return confirmTownshipAction.one(ctx, input)
}

var (
	decideTownshipAction  = decision(api.CaseDecideTownship, decideTownship, relief.CalendarKey())
	confirmTownshipAction = caseAction(api.CaseConfirmTownship, confirmTownship, relief.CalendarKey())
)

func decideTownship(w *work, in api.DecideInput) (casework.Case, error) {
	return w.decided(in, casework.RefuseByTownship, func(c casework.Case, _ *programme.Version, days *relief.Calendar) (casework.Case, error) {
		return w.grantOnce(c, &in, days, casework.GrantOnceByTownship)
	})
}

// grantOnce decides a single grant. The grant is a payment, and the person is put on the roll for it, in the same transaction.
func (w *work) grantOnce(c casework.Case, in *api.DecideInput, days *relief.Calendar, decide decideOnce) (casework.Case, error) {
	if in.RefusalTerms != (casework.RefusalTerms{}) {
		return c, errGrantReason
	}
	v, err := w.deciding(&c)
	if err != nil {
		return c, err
	}
	if err := w.Fetch(v.Beside(c.Members)...); err != nil {
		return c, err
	}
	before, record, err := w.grantsOf(c.Head(), c.Programme)
	if err != nil {
		return c, err
	}
	out, changed, err := decide(c, v, days, w.households(), in.GrantTerms, before, w.Actor)
	if err != nil || !changed {
		return c, err
	}
	bill, err := w.takeBill(&out)
	if err != nil {
		return c, err
	}
	number, err := w.enrolForGrant(&out, v, in.Segment, record)
	if err != nil {
		return c, err
	}
	id, err := w.putGrant(out.Programme, number, out.Decision.From, out.Terms.Amount)
	if err != nil {
		return c, err
	}
	out = out.Paid(id)
	if bill != nil {
		if err := w.Put(relief.BillKey(out.Bill), bill); err != nil {
			return c, err
		}
	}
	if err := w.Put(relief.GrantsKey(out.Head(), out.Programme), record.With(out.Entry(days.Day(w.Actor.At)))); err != nil {
		return c, err
	}
	return w.putCase(&c, out, true)
}

// decideOnce is casework.GrantOnce, or what a township does in its place.
type decideOnce func(
	casework.Case, *programme.Version, *relief.Calendar, *casework.Households, casework.GrantTerms, casework.GrantedBefore, relief.Actor,
) (casework.Case, bool, error)

// deciding is the version under which a grant is decided: that of the notice, or, before any notice, the one in force.
func (w *work) deciding(c *casework.Case) (*programme.Version, error) {
	number := c.Version
	if c.State == casework.CaseApplied {
		number = 0
	}
	return w.version(c.Programme, number)
}

// grantsOf are the grants that a person has had from a programme, under linked references too, and the record of those under this
// one.
func (w *work) grantsOf(ref relief.SubjectRef, id relief.ProgrammeID) (before casework.GrantedBefore, own casework.GrantRecord, err error) {
	refs, err := w.linked(ref)
	if err != nil {
		return nil, own, err
	}
	for _, r := range refs {
		record, err := uow.Find[casework.GrantRecord](w.Work, relief.GrantsKey(r, id))
		if err != nil {
			return nil, own, err
		}
		if record == nil {
			continue
		}
		before = append(before, *record)
		if r == ref {
			own = *record
		}
	}
	return before, own, nil
}

// billOf is the record of a bill by its tags under keys of several epochs: the first record that is there, nil for none.
func (w *work) billOf(tags []relief.Tag) (*casework.Bill, error) {
	for _, tag := range tags {
		bill, err := uow.Find[casework.Bill](w.Work, relief.BillKey(tag))
		if err != nil || bill != nil {
			return bill, err
		}
	}
	return nil, nil //nolint:nilnil // no bill: the domain asks for nil
}

// takeBill is the record of the bill that a grant is for, nil for a grant without one.
func (w *work) takeBill(c *casework.Case) (*casework.Bill, error) {
	if c.Bill.IsZero() {
		return nil, nil //nolint:nilnil // no bill, no record
	}
	there, err := w.billOf(c.BillTags())
	if err != nil {
		return nil, err
	}
	taken, err := c.TakeBill(there)
	return &taken, err
}

// enrolForGrant gives the person of a grant a number on the roll, in the segment that is named, or finds the one that they have. The
// details that the case brought are the person's from then on if they name another payee.
func (w *work) enrolForGrant(
	c *casework.Case, v *programme.Version, segment uint32, earlier casework.GrantRecord,
) (roll.Number, error) {
	none, index := roll.Number{}, (*roll.IndexEntry)(nil)
	index, err := uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(c.Head(), c.Programme))
	if err != nil {
		return none, err
	}
	at, err := segmentAddr(c.Programme, c.Region.County(), segment, uint32(v.SegmentSize)) //nolint:gosec // 1 to 1000
	if err != nil {
		return none, err
	}
	same := false
	if index != nil {
		place, err := w.rollPlace(c.Programme, c.Head())
		if err != nil {
			return none, err
		}
		if place.segment.InRegion(place.slot(), c.Region) {
			at = place.at
		}
		payees, err := w.payeesOf(place.at)
		if err != nil {
			return none, err
		}
		same = payees.Payee(place.slot()) == c.Payee
		if !same {
			if index.Paying, err = w.payingGrants(earlier); err != nil {
				return none, err
			}
		}
	}
	before, err := w.part(at)
	if err != nil {
		return none, err
	}
	after, entry, err := casework.EnrolForGrant(c, before, index)
	if err != nil {
		return none, err
	}
	if err := w.putPart(&before, &after); err != nil {
		return none, err
	}
	if index != nil && !entry.SameDetails(index) {
		if err := w.purgeChanged(c.Head(), c.Programme, index); err != nil {
			return none, err
		}
	}
	return roll.Number{County: entry.County, Number: entry.Number}, w.Put(relief.RollIndexKey(c.Head(), c.Programme), entry)
}

func confirmTownship(w *work, in api.ConfirmTownshipInput) (casework.Case, error) {
	days, err := w.days()
	if err != nil {
		return casework.Case{}, err
	}
	c, err := w.getCase(in.Case)
	if err != nil {
		return c, err
	}
	out, changed, err := casework.ConfirmTownship(c, days, in.ConfirmTerms, w.Actor)
	if err != nil || !changed {
		return c, err
	}
	if out.State == casework.CaseRevoked {
		if err := w.revoke(&out); err != nil {
			return c, err
		}
	}
	return w.putCase(&c, out, true)
}

// revoke takes the grant of a case back: it is paid no more, counts no more, and its bill may be granted.
func (w *work) revoke(c *casework.Case) error {
	if err := w.takeBack(c.Grant.Payment); err != nil {
		return err
	}
	_, record, err := w.grantsOf(c.Head(), c.Programme)
	if err != nil {
		return err
	}
	if !c.Bill.IsZero() {
		if err := w.Delete(relief.BillKey(c.Bill)); err != nil {
			return err
		}
	}
	return w.Put(relief.GrantsKey(c.Head(), c.Programme), record.Without(c.ID))
}

// putPaper has a case written to which an act has brought a paper; where help came first, it may have been the last one.
func (w *work) putPaper(before *casework.Case, c casework.Case, changed bool) (casework.Case, error) {
	if !changed || c.PapersMissing() == "" {
		return w.putCase(before, c, changed)
	}
	days, err := w.days()
	if err != nil {
		return c, err
	}
	v, err := w.version(c.Programme, c.Version)
	if err != nil {
		return c, err
	}
	if c, err = casework.TakePapers(c, v, days, w.Actor); err != nil {
		return c, err
	}
	return w.putCase(before, c, true)
}
