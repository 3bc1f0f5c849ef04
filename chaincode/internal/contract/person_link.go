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
	if err := w.requireEpoch("later", t.To); err != nil {
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
