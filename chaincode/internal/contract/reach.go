// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/statement"
)

// limit holds the answer of a function that only reads to the caller's region: it refuses the answer, or takes out of it
// what concerns other regions.
type limit func(w *work, in, out any) error

// limits has every function that only reads; one without a limit answers nobody. Records that concern people are for who
// covers their region, records that concern a region as a whole for who covers it or lies inside it, and records
// without a region for everybody. relief.ActReadAll widens the caller's region to all.
var limits = map[string]limit{
	api.RegistryPing.Name():        everybody,
	api.RegistryGet.Name():         everybody,
	api.RegistryGetProposal.Name(): everybody,
	api.ProgrammeGet.Name():        everybody,
	api.ProgrammeList.Name():       everybody,
	api.ProgrammeRates.Name():      everybody,
	api.ReadingGet.Name():          everybody,
	api.OfficialGet.Name():         everybody,

	api.FundGet.Name(): limited(api.FundGet, func(w *work, _ api.TrancheInput, t *fund.Tranche) error {
		return w.requireMeets(t.Region)
	}),
	api.FundList.Name(): limited(api.FundList, func(w *work, _ api.PageInput, p *api.Page[fund.Tranche]) error {
		return keepItems(w.meets, p, func(t *fund.Tranche) relief.Region { return t.Region })
	}),
	api.FundYearEnd.Name(): limited(api.FundYearEnd, func(w *work, in api.YearEndInput, _ *api.YearEnd) error {
		return w.requireCovers(in.ID.County()) // it names people's overpayments
	}),
	api.PaymentGet.Name(): limited(api.PaymentGet, func(w *work, _ api.BatchInput, b *payment.Batch) error {
		return w.requireMeets(b.Region)
	}),
	api.PaymentList.Name(): limited(api.PaymentList, func(w *work, _ api.BatchFilter, p *api.Page[payment.Batch]) error {
		return keepItems(w.meets, p, func(b *payment.Batch) relief.Region { return b.Region })
	}),
	api.PaymentLines.Name(): limited(api.PaymentLines, limitLines),
	api.PaymentSlots.Name(): limited(api.PaymentSlots, limitSlots),
	api.PaymentPayment.Name(): limited(api.PaymentPayment, func(w *work, _ api.PaymentInput, p *payment.Payment) error {
		return w.requireOnRoll(p.Programme, p.County, p.Number)
	}),

	api.OverpaymentGet.Name(): limited(api.OverpaymentGet, func(w *work, _ api.OverpaymentInput, o *api.Overpayment) error {
		return w.requireCovers(o.Region)
	}),
	api.OverpaymentList.Name(): limited(api.OverpaymentList, func(w *work, in api.OverpaymentFilter, p *api.Page[api.Overpayment]) error {
		return w.narrow(in.Region, keepItems(w.covers, p, func(o *api.Overpayment) relief.Region { return o.Region }))
	}),

	api.StatementGet.Name(): limited(api.StatementGet, func(w *work, _ api.StatementInput, s *statement.Statement) error {
		return w.requireMeets(s.Region)
	}),
	api.StatementList.Name(): limited(api.StatementList, func(w *work, _ api.PageInput, p *api.Page[statement.Statement]) error {
		return keepItems(w.meets, p, func(s *statement.Statement) relief.Region { return s.Region })
	}),
	api.StatementAccount.Name(): limited(api.StatementAccount, func(w *work, _ api.TrancheInput, a *api.AccountBalance) error {
		return w.requireMeets(a.Region)
	}),

	api.ReversalGet.Name(): limited(api.ReversalGet, func(w *work, _ api.ReversalInput, r *reversal.Reversal) error {
		return w.requireCovers(r.Region)
	}),
	api.ReversalList.Name(): limited(api.ReversalList, func(w *work, _ api.PageInput, p *api.Page[reversal.Reversal]) error {
		return keepItems(w.covers, p, func(r *reversal.Reversal) relief.Region { return r.Region })
	}),

	api.OversightMonth.Name(): limited(api.OversightMonth, func(w *work, in api.MonthInput, _ *oversight.Month) error {
		return w.requireMeets(in.County)
	}),
	api.OversightPublication.Name(): limited(api.OversightPublication, func(w *work, in api.MonthInput, _ *oversight.Publication) error {
		return w.requireMeets(in.County)
	}),
	api.OversightGetPlan.Name(): limited(api.OversightGetPlan, func(w *work, _ api.PlanIDInput, p *draw.Plan) error {
		return w.requireMeets(p.County)
	}),
	api.OversightDrawn.Name(): limited(api.OversightDrawn, func(w *work, _ api.PlanIDInput, d *draw.DrawnUnits) error {
		return w.requireCovers(d.County)
	}),
	api.OversightForesee.Name(): limited(api.OversightForesee, func(w *work, _ api.RevealInput, d *draw.DrawnUnits) error {
		return w.requireCovers(d.County)
	}),
	api.OversightGetVisit.Name(): limited(api.OversightGetVisit, func(w *work, _ api.UnitInput, v *draw.Visit) error {
		return w.requireCovers(v.County)
	}),
	api.OversightRows.Name(): limited(api.OversightRows, func(w *work, in api.VillageInput, _ *api.VillageRows) error {
		return w.requireCovers(in.Village)
	}),

	api.RollStatus.Name(): limited(api.RollStatus, func(w *work, in api.RollInput, _ *api.RollFill) error {
		return w.requireMeets(in.County)
	}),
	api.RollSegment.Name():   limited(api.RollSegment, limitSegment),
	api.RollRefs.Name():      limited(api.RollRefs, limitRefs),
	api.RollEntry.Name():     limited(api.RollEntry, limitEntry),
	api.RollEntriesOf.Name(): limited(api.RollEntriesOf, limitEntries),
	api.RollStanding.Name(): limited(api.RollStanding, func(w *work, in api.SegmentInput, _ *api.SegmentStanding) error {
		return w.requireCovers(in.County)
	}),
	api.RollTakeSegment.Name(): limited(api.RollTakeSegment, func(w *work, in api.TakeSegmentInput, _ *api.TakenSegment) error {
		return w.requireCovers(in.County)
	}),
	api.RollGetImport.Name(): limited(api.RollGetImport, func(w *work, _ api.ImportIDInput, d *api.ImportDetails) error {
		return w.requireMeets(d.Import.County)
	}),
	api.RollListImports.Name(): limited(api.RollListImports, func(w *work, _ api.PageInput, p *api.Page[roll.ImportProposal]) error {
		return keepItems(w.meets, p, func(i *roll.ImportProposal) relief.Region { return i.County })
	}),
	api.RollRerateSegment.Name(): limited(api.RollRerateSegment, func(w *work, in api.RerateSegmentInput, _ *api.RerateSegment) error {
		return w.requireCovers(in.County)
	}),
	api.RollGetRerate.Name(): limited(api.RollGetRerate, func(w *work, _ api.RerateIDInput, d *api.RerateDetails) error {
		return w.requireMeets(d.Rerate.County)
	}),
	api.RollSharedAccounts.Name(): limited(api.RollSharedAccounts, func(w *work, _ api.TagsInput, d *api.DeclaredAccounts) error {
		return keep(w.meets, &d.Accounts, func(a *roll.DeclaredAccount) relief.Region { return a.County })
	}),
	api.RollGetChange.Name(): limited(api.RollGetChange, func(w *work, _ api.ChangeInput, c *roll.Change) error {
		return w.requireCovers(c.Region)
	}),
	api.RollListChanges.Name(): limited(api.RollListChanges, func(w *work, in api.ChangeFilter, p *api.Page[roll.Change]) error {
		return w.narrow(in.Region, keepItems(w.covers, p, func(c *roll.Change) relief.Region { return c.Region }))
	}),

	api.CaseGet.Name(): limited(api.CaseGet, func(w *work, _ api.CaseInput, c *casework.Case) error {
		return w.requireCovers(c.Region)
	}),
	api.CaseList.Name(): limited(api.CaseList, func(w *work, in api.CaseFilter, p *api.Page[casework.Case]) error {
		return w.narrow(in.Region, keepItems(w.covers, p, func(c *casework.Case) relief.Region { return c.Region }))
	}),
	api.CaseGrantSegments.Name(): limited(api.CaseGrantSegments, limitGrants),
	api.CaseClaims.Name():        limited(api.CaseClaims, limitClaims),
	api.CaseDuties.Name(): limited(api.CaseDuties, func(w *work, in api.CaseInput, _ *api.Steps) error {
		c, err := w.getCase(in.Case)
		if err != nil {
			return err
		}
		return w.requireCovers(c.Region)
	}),
	api.NeedGet.Name(): limited(api.NeedGet, func(w *work, _ api.NeedInput, n *casework.Need) error {
		return w.requireCovers(n.Region)
	}),
	api.NeedList.Name(): limited(api.NeedList, func(w *work, in api.NeedFilter, p *api.Page[casework.Need]) error {
		return w.narrow(in.Region, keepItems(w.covers, p, func(n *casework.Need) relief.Region { return n.Region }))
	}),

	api.PersonGetErasure.Name(): limited(api.PersonGetErasure, func(w *work, _ api.SubjectInput, e *roll.Erasure) error {
		return w.requireCovers(e.Region)
	}),
	api.PersonListErasures.Name(): limited(api.PersonListErasures, func(w *work, in api.ErasureFilter, p *api.Page[roll.Erasure]) error {
		return w.narrow(in.Region, keepItems(w.covers, p, func(e *roll.Erasure) relief.Region { return e.Region }))
	}),
	api.PersonGetReseal.Name(): limited(api.PersonGetReseal, func(w *work, _ api.ResealInput, r *reseal.Reseal) error {
		return w.requireCovers(r.County)
	}),
	api.PersonListReseals.Name(): limited(api.PersonListReseals, func(w *work, in api.ResealFilter, p *api.Page[reseal.Reseal]) error {
		return w.narrow(in.Region, keepItems(w.covers, p, func(r *reseal.Reseal) relief.Region { return r.County }))
	}),
	api.PersonDue.Name(): limited(api.PersonDue, func(w *work, _ api.SubjectsInput, d *api.DueErasures) error {
		return keep(w.covers, &d.Items, func(e *api.DueErasure) relief.Region { return e.Region })
	}),
	api.PersonGetLink.Name(): limited(api.PersonGetLink, func(w *work, _ api.SubjectInput, l *roll.Link) error {
		return w.requireCovers(l.Region)
	}),
	api.PersonListLinks.Name(): limited(api.PersonListLinks, func(w *work, in api.LinkFilter, p *api.Page[roll.Link]) error {
		return w.narrow(in.Region, keepItems(w.covers, p, func(l *roll.Link) relief.Region { return l.Region }))
	}),
	api.PersonGetHold.Name(): limited(api.PersonGetHold, func(w *work, _ api.HoldInput, h *roll.Hold) error {
		return w.requireCovers(h.Region)
	}),
	api.PersonListHolds.Name(): limited(api.PersonListHolds, func(w *work, _ api.HoldFilter, p *api.Page[roll.Hold]) error {
		return keepItems(w.covers, p, func(h *roll.Hold) relief.Region { return h.Region })
	}),

	api.RollDetails.Name():        ownRegion,
	api.RollSegmentDetails.Name(): ownRegion,
	api.RollDetailPages.Name():    ownRegion,
	api.RollChangeDetails.Name():  ownRegion,
	api.CaseFacts.Name():          ownRegion,
	api.PersonSealedNames.Name():  ownRegion,
	api.PersonSealed.Name():       ownRegion,
}

// everybody is the limit of what has no region.
func everybody(*work, any, any) error { return nil }

// ownRegion is the limit of private data: the function itself refuses every region but the caller's own before it reads
// any, and no duty widens that.
func ownRegion(*work, any, any) error { return nil }

// limited is a limit with the types of the function that it is for.
func limited[In, Out any](_ api.Function[In, Out], hold func(*work, In, *Out) error) limit {
	return func(w *work, in, out any) error {
		i, okIn := in.(In)
		o, okOut := out.(*Out)
		if !okIn || !okOut {
			return relief.Errorf(relief.CodeCorrupt, "a limit is for another function")
		}
		return hold(w, i, o)
	}
}

// hold applies the limit of a function that only reads to its answer.
func (w *work) hold(row *api.Row, in, out any) error {
	if !row.ReadOnly {
		return nil
	}
	l, known := limits[row.Name]
	if !known {
		return relief.Errorf(relief.CodeForbidden, "the function has no limit of region")
	}
	return l(w, in, out)
}

// reachOver is the caller's reach, as far as it decides about a region: whether the caller reads in all regions is asked
// of the ledger only when their own region does not do.
func (w *work) reachOver(enough bool) (relief.Reach, error) {
	r := relief.Reach{Region: w.Actor.By.Region, Inherited: w.Actor.By.Inherited}
	if enough {
		return r, nil
	}
	duties, err := w.duties([]relief.Act{relief.ActReadAll}) // read once: values are kept
	if err != nil {
		return r, err
	}
	return relief.ReachOf(duties, w.Actor.By), nil
}

func (w *work) covers(region relief.Region) (bool, error) {
	r, err := w.reachOver(w.Actor.By.Covers(region))
	return err == nil && r.Covers(region), err
}

func (w *work) meets(region relief.Region) (bool, error) {
	r, err := w.reachOver(relief.Reach{Region: w.Actor.By.Region, Inherited: w.Actor.By.Inherited}.Meets(region))
	return err == nil && r.Meets(region), err
}

func (w *work) requireCovers(region relief.Region) error {
	r, err := w.reachOver(w.Actor.By.Covers(region))
	if err != nil {
		return err
	}
	return r.RequireCovers(region)
}

func (w *work) requireMeets(region relief.Region) error {
	r, err := w.reachOver(relief.Reach{Region: w.Actor.By.Region, Inherited: w.Actor.By.Inherited}.Meets(region))
	if err != nil {
		return err
	}
	return r.RequireMeets(region)
}

// narrow refuses a list of a region that the caller does not cover; err is that of the list.
func (w *work) narrow(asked relief.Region, err error) error {
	if err != nil || asked == "" {
		return err
	}
	return w.requireCovers(asked)
}

// keep takes out of a list what lies in regions that are not within the caller's reach.
func keep[T any](within func(relief.Region) (bool, error), list *[]T, region func(*T) relief.Region) error {
	kept := (*list)[:0]
	for i := range *list {
		ok, err := within(region(&(*list)[i]))
		if err != nil {
			return err
		}
		if ok {
			kept = append(kept, (*list)[i])
		}
	}
	*list = kept
	return nil
}

func keepItems[T any](within func(relief.Region) (bool, error), p *api.Page[T], region func(*T) relief.Region) error {
	return keep(within, &p.Items, region)
}

// onRoll is the region of the person with a number on a roll.
func (w *work) onRoll(programme relief.ProgrammeID, county relief.Region, number uint32) (relief.Region, error) {
	size, err := w.segmentSize(programme)
	if err != nil {
		return "", err
	}
	at, err := segmentAddr(programme, county, number/size, size)
	if err != nil {
		return "", err
	}
	seg, err := w.segment(at)
	if err != nil {
		return "", err
	}
	i := int(number - at.First())
	if i >= seg.Len() {
		return "", relief.Errorf(relief.CodeCorrupt, "a payment is to nobody on the roll")
	}
	return seg.Region(i), nil
}

// requireOnRoll refuses what concerns a person with a number on a roll whose region the caller does not cover.
func (w *work) requireOnRoll(programme relief.ProgrammeID, county relief.Region, number uint32) error {
	if ok, err := w.covers(county); err != nil || ok {
		return err
	}
	region, err := w.onRoll(programme, county, number)
	if err != nil {
		return err
	}
	return w.requireCovers(region)
}

// keepOnRoll takes out of a list what concerns people of a county's roll whose region the caller does not cover. Nobody of
// a county reads anything of a county beside it.
func keepOnRoll[T any](w *work, programme relief.ProgrammeID, county relief.Region, list *[]T, number func(*T) uint32) error {
	if ok, err := w.covers(county); err != nil || ok {
		return err
	}
	if err := w.requireMeets(county); err != nil {
		return err
	}
	var fault error
	err := keep(w.covers, list, func(v *T) relief.Region {
		region, err := w.onRoll(programme, county, number(v))
		if err != nil {
			fault = err
		}
		return region
	})
	if fault != nil {
		return fault
	}
	return err
}

func limitLines(w *work, in api.LinesInput, out *api.Lines) error {
	b, err := w.batch(in.Batch)
	if err != nil {
		return err
	}
	return keepOnRoll(w, b.Programme, b.Region.County(), &out.Lines, func(p *payment.Payment) uint32 { return p.Number })
}

func limitSlots(w *work, in api.SlotsInput, out *api.Slots) error {
	return keepOnRoll(w, in.Programme, in.County, &out.Slots, func(s *payment.Slot) uint32 { return s.Number })
}

func limitSegment(w *work, in api.SegmentInput, out *api.RollEntries) error {
	if err := w.requireMeets(in.County); err != nil {
		return err
	}
	return keep(w.covers, &out.Entries, func(e *roll.Entry) relief.Region { return e.Region })
}

// limitRefs puts the reference of nobody in the place of each that the caller may not read: the others keep their numbers.
func limitRefs(w *work, in api.SegmentInput, out *api.SegmentRefs) error {
	if ok, err := w.covers(in.County); err != nil || ok {
		return err
	}
	if err := w.requireMeets(in.County); err != nil {
		return err
	}
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return err
	}
	seg, err := w.segment(at)
	if err != nil {
		return err
	}
	const width = len(relief.SubjectRef{})
	for i := range seg.Len() {
		ok, err := w.covers(seg.Region(i))
		if err != nil {
			return err
		}
		if !ok {
			clear(out.Refs[i*width : (i+1)*width])
		}
	}
	return keep(w.covers, &out.Continued, func(c *api.ContinuedNumber) relief.Region { return seg.Region(int(c.Number - at.First())) })
}

// limitEntry answers about somebody elsewhere as about somebody who is on no roll.
func limitEntry(w *work, _ api.EntryInput, out *roll.Entry) error {
	if ok, err := w.covers(out.Region); err != nil || ok {
		return err
	}
	return errNotOnRoll
}

func limitEntries(w *work, _ api.SubjectInput, out *api.RollEntries) error {
	return keep(w.covers, &out.Entries, func(e *roll.Entry) relief.Region { return e.Region })
}

// limitGrants answers about a case elsewhere as about one that is not there.
func limitGrants(w *work, in api.CasesInput, out *api.GrantSegments) error {
	for i, id := range in.Cases {
		c, err := uow.Find[casework.Case](w.Work, relief.CaseKey(id))
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		ok, err := w.covers(c.Region)
		if err != nil {
			return err
		}
		if !ok {
			out.Segments[i] = api.GrantSegment{}
		}
	}
	return nil
}

// limitClaims leaves the claims and kept cases of regions that the caller covers.
func limitClaims(w *work, _ api.SubjectInput, out *casework.MemberRecord) error {
	claims := slices.Clone(out.Claims[:0])
	for _, claim := range out.Claims {
		ok, err := w.coversClaim(claim)
		if err != nil {
			return err
		}
		if ok {
			claims = append(claims, claim)
		}
	}
	out.Claims = claims
	var kept []relief.CaseID
	for _, id := range out.Kept {
		ok, err := w.coversClaim(casework.Claim{Case: id})
		if err != nil {
			return err
		}
		if ok {
			kept = append(kept, id)
		}
	}
	out.Kept = kept
	return nil
}

// coversClaim reports whether the caller covers the region of a claim: its case's, or that of the head's entry on a roll.
func (w *work) coversClaim(c casework.Claim) (bool, error) {
	if c.Case == "" {
		region, err := w.onRoll(c.Programme, c.County, c.Number)
		if err != nil {
			return false, err
		}
		return w.covers(region)
	}
	record, err := uow.Find[casework.Case](w.Work, relief.CaseKey(c.Case))
	if err != nil || record == nil {
		return false, err
	}
	return w.covers(record.Region)
}
