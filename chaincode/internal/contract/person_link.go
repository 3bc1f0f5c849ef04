// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// ProposeLink proposes that two references are one human being's.
func (*personContract) ProposeLink(ctx *Context, input string) (string, error) {
	return proposeLinkAction.one(ctx, input)
}

// ConfirmLink has a link take effect, or refuses it.
func (*personContract) ConfirmLink(ctx *Context, input string) (string, error) {
	return confirmLinkAction.one(ctx, input)
}

// WithdrawLink takes a proposal back.
func (*personContract) WithdrawLink(ctx *Context, input string) (string, error) {
	return withdrawLinkAction.one(ctx, input)
}

// GetLink gives the link of a reference.
func (*personContract) GetLink(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonGetLink, func(w *work, in api.SubjectInput) (roll.Link, error) {
		return uow.Get[roll.Link](w.Work, relief.LinkKey(in.Subject))
	})
}

// ListLinks gives a page of links.
func (*personContract) ListLinks(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.PersonListLinks, func(w *work, in api.LinkFilter) (api.Page[roll.Link], error) {
		return uow.List(w.Work, relief.KindLink, in.PageInput, relief.ParseSubjectRef, func(l *roll.Link) bool {
			return (in.Region == "" || in.Region.Covers(l.Region)) && (in.State == "" || in.State == l.State)
		})
	})
}

// linked is the one function that says under which references the ledger has a human being: the reference that is asked for,
// then the others.
func (w *work) linked(ref relief.SubjectRef) ([]relief.SubjectRef, error) {
	l, err := w.links(ref)
	if err != nil || l == nil {
		return []relief.SubjectRef{ref}, err
	}
	refs := []relief.SubjectRef{ref}
	for _, other := range l.Subjects {
		if other != ref {
			refs = append(refs, other)
		}
	}
	return refs, nil
}

// links is the list of a human being's references, nil for somebody with a single one.
func (w *work) links(ref relief.SubjectRef) (*roll.Linked, error) {
	return uow.Find[roll.Linked](w.Work, relief.LinkedKey(ref))
}

// requirePresent refuses a reference that another one has replaced.
func (w *work) requirePresent(field string, ref relief.SubjectRef) error {
	l, err := w.links(ref)
	if err != nil {
		return err
	}
	if _, replaced := l.Replaced(ref); replaced {
		return relief.FieldErrorf(field, "身份证号已更正，请使用更正后的号码 · the identity number was corrected: use the corrected one")
	}
	return nil
}

// takenUnder is the first entry under other references of a person that does not leave the time from a period on free, nil for none.
func (w *work) takenUnder(others []relief.SubjectRef, programme relief.ProgrammeID, from relief.Period) (*roll.IndexEntry, error) {
	for _, ref := range others {
		index, err := uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(ref, programme))
		if err != nil {
			return nil, err
		}
		if index != nil && !index.FreeFrom(from) {
			return index, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing is taken
}

// requireFreeUnder refuses, with DUPLICATE, somebody who has an entry in a programme for the time from a period on under another
// reference.
func (w *work) requireFreeUnder(subject relief.SubjectRef, programme relief.ProgrammeID, from relief.Period) error {
	refs, err := w.linked(subject)
	if err != nil {
		return err
	}
	taken, err := w.takenUnder(refs[1:], programme, from)
	if err != nil || taken == nil {
		return err
	}
	return relief.Errorf(relief.CodeDuplicate, "the person has number %d of programme %s in %s for that time under another reference",
		taken.Number, programme, taken.County)
}

var proposeLinkAction = action[roll.LinkTerms, roll.Link]{
	f: api.PersonProposeLink,
	reads: func(_ *work, in roll.LinkTerms) []relief.Key {
		return []relief.Key{relief.LinkKey(in.From), relief.LinkedKey(in.From), relief.LinkedKey(in.To), relief.MemberKey(in.From), relief.MemberKey(in.To)}
	},
	handle: proposeLink,
}

// proposeLink proposes a link. It refuses now what the confirmation would refuse.
func proposeLink(w *work, in roll.LinkTerms) (roll.Link, error) {
	var none roll.Link
	if err := in.Check(); err != nil {
		return none, err
	}
	existing, err := uow.Find[roll.Link](w.Work, relief.LinkKey(in.From))
	if err != nil {
		return none, err
	}
	if existing != nil && existing.ProposedAgain(&in, w.Actor) {
		return *existing, nil
	}
	p, err := w.linking(&in)
	if err != nil {
		return none, err
	}
	sealed, err := w.linkedDetails(p)
	if err != nil {
		return none, err
	}
	var details []roll.LinkedDetails
	for i, place := range p.inForce {
		details = append(details, roll.LinkedDetails{Programme: place.at.Programme, SHA256: hash(sealed[i])})
	}
	l, err := roll.ProposeLink(in, existing, p.region, details, w.Actor)
	if err != nil {
		return none, err
	}
	for i, place := range p.inForce {
		if err := w.PutPrivate(relief.LinkDetailsKey(in.From, place.at.Programme), sealed[i]); err != nil {
			return none, err
		}
	}
	return l, w.Put(relief.LinkKey(in.From), l)
}

// linkedDetails are the sealed details that travel with a proposal: one document for each roll that the person is on, in the
// order of the programmes.
func (w *work) linkedDetails(p *linking) ([][]byte, error) {
	if len(p.inForce) == 0 {
		return nil, nil
	}
	list, err := w.transientList(wire.TransientPersons)
	if err != nil {
		return nil, err
	}
	if len(list) != len(p.inForce) {
		return nil, relief.FieldErrorf(wire.TransientPersons, "the person is on the rolls of %d programmes: as many sealed documents must come", len(p.inForce))
	}
	for _, b := range list {
		if len(b) < 1 || len(b) > maxPersonBytes {
			return nil, relief.FieldErrorf(wire.TransientPersons, "sealed details have 1 to %d bytes", maxPersonBytes)
		}
	}
	return list, nil
}

// linking is what the ledger has of the human being of a link.
type linking struct {
	from    []relief.SubjectRef
	to      []relief.SubjectRef
	region  relief.Region
	inForce []*rollPlace    // under the earlier reference, in the order of the programmes
	cases   []casework.Case // live ones that have the earlier reference as a member
	claims  []casework.Claim
}

// linking finds what a link is about. It refuses references of which one is replaced or unknown, and two that are entitled to
// the same.
func (w *work) linking(t *roll.LinkTerms) (*linking, error) {
	if err := w.requirePresent("earlier", t.From); err != nil {
		return nil, err
	}
	if err := w.requirePresent("later", t.To); err != nil {
		return nil, err
	}
	p, err := w.linkedWith(t)
	if err != nil {
		return nil, err
	}
	earlier, err := w.traces(t.From)
	if err != nil {
		return nil, err
	}
	later, err := w.traces(t.To)
	if err != nil {
		return nil, err
	}
	for _, traces := range []*traces{earlier, later} {
		if err := traces.requireRegion(w.Actor.By); err != nil {
			return nil, err
		}
	}
	if p.region = earlier.region(); p.region == "" {
		return nil, relief.Errorf(relief.CodeNotFound, "the person is on no roll and in no case")
	}
	if err := w.requireOne(earlier, later); err != nil {
		return nil, err
	}
	return p, w.concerns(p, earlier, t.From)
}

// linkedWith are the references that are linked with the two of a link already.
func (w *work) linkedWith(t *roll.LinkTerms) (*linking, error) {
	p := &linking{}
	var err error
	if p.from, err = w.linked(t.From); err != nil {
		return nil, err
	}
	if p.to, err = w.linked(t.To); err != nil {
		return nil, err
	}
	if slices.Contains(p.from, t.To) {
		return nil, relief.Errorf(relief.CodeConflict, "the references are linked already")
	}
	return p, nil
}

// concerns finds what of the earlier reference goes on under the later one.
func (w *work) concerns(p *linking, earlier *traces, from relief.SubjectRef) error {
	for _, place := range earlier.places {
		if place.segment.Ref(place.slot()) != from {
			continue
		}
		if err := w.noOpenChange(place); err != nil {
			return err
		}
		if e := place.entry(); e.State == roll.InForce && e.Until.IsZero() {
			p.inForce = append(p.inForce, place)
		}
	}
	for _, claim := range earlier.claims {
		if claim.Case == "" {
			continue
		}
		c, err := w.getCase(claim.Case)
		if err != nil {
			return err
		}
		if c.Live() && slices.Contains(c.Members, from) {
			p.cases = append(p.cases, c)
		}
	}
	p.claims = earlier.claims
	return nil
}

// requireOne refuses, with DUPLICATE, two references that are entitled to the same relief for the same time, or to relief of
// which one excludes the other: first the relief under one of them ends.
func (w *work) requireOne(earlier, later *traces) error {
	for _, a := range earlier.places {
		for _, b := range later.places {
			one, other := a.entry(), b.entry()
			excludes, err := w.excludes(one.Programme, other.Programme)
			if err != nil {
				return err
			}
			if excludes && one.Overlaps(&other) {
				return relief.Errorf(relief.CodeDuplicate, "both references are entitled to the same: number %d of %s in %s and number %d of %s in %s",
					one.Number, one.Programme, one.County, other.Number, other.Programme, other.County)
			}
		}
	}
	for _, a := range earlier.claims {
		for _, b := range later.claims {
			excludes, err := w.excludes(a.Programme, b.Programme)
			if err != nil {
				return err
			}
			if excludes {
				return relief.Errorf(relief.CodeDuplicate, "both references are members of households: %s in %s and %s in %s",
					a.Programme, a.County, b.Programme, b.County)
			}
		}
	}
	return nil
}

// excludes reports whether one person may not have relief of both programmes.
func (w *work) excludes(a, b relief.ProgrammeID) (bool, error) {
	if a == b {
		return true, nil
	}
	v, err := w.version(a, 0)
	if err != nil {
		return false, err
	}
	if v.RefusesBeside(b) {
		return true, nil
	}
	v, err = w.version(b, 0)
	return err == nil && v.RefusesBeside(a), err
}

var confirmLinkAction = action[api.ConfirmLinkInput, roll.Link]{
	f:      api.PersonConfirmLink,
	reads:  func(_ *work, in api.ConfirmLinkInput) []relief.Key { return []relief.Key{relief.LinkKey(in.Subject)} },
	handle: confirmLink,
}

// confirmLink has a link take effect, or refuses it.
func confirmLink(w *work, in api.ConfirmLinkInput) (roll.Link, error) {
	l, err := uow.Get[roll.Link](w.Work, relief.LinkKey(in.Subject))
	if err != nil {
		return l, err
	}
	out, changed, err := roll.DecideLink(l, in.ChangeDecision, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if in.Agree {
		err = w.link(&out)
	} else {
		err = w.dropLinkedDetails(&out)
	}
	if err != nil {
		return l, err
	}
	return out, w.Put(relief.LinkKey(out.From), out)
}

var withdrawLinkAction = action[api.SubjectInput, roll.Link]{
	f:      api.PersonWithdrawLink,
	reads:  func(_ *work, in api.SubjectInput) []relief.Key { return []relief.Key{relief.LinkKey(in.Subject)} },
	handle: withdrawLink,
}

func withdrawLink(w *work, in api.SubjectInput) (roll.Link, error) {
	l, err := uow.Get[roll.Link](w.Work, relief.LinkKey(in.Subject))
	if err != nil {
		return l, err
	}
	out, changed, err := roll.WithdrawLink(l, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if err := w.dropLinkedDetails(&out); err != nil {
		return l, err
	}
	return out, w.Put(relief.LinkKey(out.From), out)
}

// dropLinkedDetails purges the details of a link that does not take effect.
func (w *work) dropLinkedDetails(l *roll.Link) error {
	for _, d := range l.Details {
		if err := w.Purge(relief.LinkDetailsKey(l.From, d.Programme)); err != nil {
			return err
		}
	}
	return nil
}

// link has both references be one human being's: the numbers under the earlier one end, and others open under the later one; cases
// and imported households have the later one as their member.
func (w *work) link(l *roll.Link) error {
	p, err := w.linking(&l.LinkTerms)
	if err != nil {
		return err
	}
	if len(p.inForce) != len(l.Details) {
		return errLinkChanged
	}
	all, err := roll.Join(p.fromFirst(l.From), p.fromFirst(l.To))
	if err != nil {
		return err
	}
	for i, place := range p.inForce {
		if place.at.Programme != l.Details[i].Programme {
			return errLinkChanged
		}
		if place.index.Case == "" {
			c, _, err := w.caseOf(place)
			if err != nil {
				return err
			}
			if c, err = w.putAdopted(place, c); err != nil {
				return err
			}
			p.cases = append(p.cases, c)
		}
		if err := w.relink(place, l); err != nil {
			return err
		}
	}
	if err := w.relinkClaims(p, l); err != nil {
		return err
	}
	for _, ref := range all.Subjects {
		if err := w.Put(relief.LinkedKey(ref), all); err != nil {
			return err
		}
	}
	return nil
}

var errLinkChanged = relief.Errorf(relief.CodeConflict, "the person's entries have changed since the link was proposed: refuse or withdraw it and propose it again")

// fromFirst are the references on the side of one, which is the present one there and comes last.
func (p *linking) fromFirst(present relief.SubjectRef) []relief.SubjectRef {
	side := p.from
	if p.to[0] == present {
		side = p.to
	}
	return append(slices.Clone(side[1:]), side[0])
}

// relink ends a number and opens another one under the later reference, from the next period that is not listed.
func (w *work) relink(place *rollPlace, l *roll.Link) error {
	payees, err := w.payeesOf(place.at)
	if err != nil {
		return err
	}
	e := place.entry()
	s := roll.Successor{Subject: l.To, Region: e.Region, Payee: payees.Payee(place.slot())}
	days, err := w.days()
	if err != nil {
		return err
	}
	opened, err := w.openAfter(place, &s, &roll.Ended{From: roll.NextPossible(&e, days.Day(w.Actor.At))})
	if err != nil {
		return err
	}
	l.Opened = append(l.Opened, roll.Opened{Programme: e.Programme, Number: opened, From: s.From})
	if err := w.endEntry(place, s.From.Previous()); err != nil {
		return err
	}
	return w.enter(e.Programme, l.To, &l.Opened[len(l.Opened)-1], place.index.Case, roll.EarlierDetails{Link: l.From})
}

// relinkClaims has the later reference in the place of the earlier one in the households that it is a member of.
func (w *work) relinkClaims(p *linking, l *roll.Link) error {
	for i := range p.cases {
		before := p.cases[i]
		after, err := casework.Relink(before, l.From, l.To, w.Actor)
		if err != nil {
			return err
		}
		for _, o := range l.Opened {
			if after.Roll != nil && after.Programme == o.Programme && after.Head() == l.To {
				after.Roll = &o.Number
			}
		}
		if _, err := w.putCase(&before, after, true); err != nil {
			return err
		}
	}
	for _, c := range p.claims {
		if c.Case != "" || c.Head == l.From {
			continue
		}
		key := relief.HouseholdKey(c.Programme, c.Head)
		household, err := uow.Get[roll.Household](w.Work, key)
		if err != nil {
			return err
		}
		members := slices.Clone(household.Members)
		if at := slices.Index(members, l.From); at >= 0 {
			members[at] = l.To
		}
		if err := w.putHouseholdClaims(c, &household, members); err != nil {
			return err
		}
		if err := w.Put(key, roll.Household{Members: members}); err != nil {
			return err
		}
	}
	return nil
}
