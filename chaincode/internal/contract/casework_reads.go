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

func getCase(w *work, in api.CaseInput) (casework.Case, error) { return w.getCase(in.Case) }

func listCases(w *work, in api.CaseFilter) (api.Page[casework.Case], error) {
	return uow.List(w.Work, relief.KindCase, in.PageInput, relief.ParseCaseID, func(c *casework.Case) bool {
		return (in.Programme == "" || c.Programme == in.Programme) && (in.Region == "" || in.Region.Covers(c.Region)) &&
			(in.State == "" || c.State == in.State)
	})
}

// grantSegments says where grants of cases would be on the rolls, in the order of the cases; the zero value for a case that is
// not there. It is for clients that send many decisions and plan their segments.
func grantSegments(w *work, in api.CasesInput) (api.GrantSegments, error) {
	out := api.GrantSegments{Segments: make([]api.GrantSegment, len(in.Cases))}
	if len(in.Cases) < 1 || len(in.Cases) > api.MaxFileItems {
		return out, relief.FieldErrorf("cases", "there are 1 to %d cases", api.MaxFileItems)
	}
	keys := make([]relief.Key, len(in.Cases))
	for i, id := range in.Cases {
		keys[i] = relief.CaseKey(id)
	}
	if err := w.Fetch(keys...); err != nil {
		return out, err
	}
	cases, entries := make([]*casework.Case, len(keys)), make([]relief.Key, 0, len(keys))
	for i, k := range keys {
		c, err := uow.Find[casework.Case](w.Work, k)
		if err != nil {
			return out, err
		}
		if cases[i] = c; c != nil {
			entries = append(entries, relief.RollIndexKey(c.Head(), c.Programme))
		}
	}
	if err := w.Fetch(entries...); err != nil {
		return out, err
	}
	for i, c := range cases {
		if c == nil {
			continue
		}
		var err error
		if out.Segments[i], err = w.grantSegment(c); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (w *work) grantSegment(c *casework.Case) (api.GrantSegment, error) {
	out := api.GrantSegment{Programme: c.Programme, County: c.Region.County()}
	index, err := uow.Find[roll.IndexEntry](w.Work, relief.RollIndexKey(c.Head(), c.Programme))
	if err != nil || index == nil || index.County != out.County {
		return out, err
	}
	v, err := w.version(c.Programme, c.Version)
	if err != nil {
		return out, err
	}
	if v.Cycle == programme.CycleGrant { // in another region the person gets another number
		place, err := w.rollPlace(c.Programme, c.Head())
		if err != nil || !place.segment.InRegion(place.slot(), c.Region) {
			return out, err
		}
	}
	size := uint32(v.SegmentSize) //nolint:gosec // 1 to 1000
	if moved, err := w.movedSince(c.Programme, size, index, c.Region); err != nil || moved {
		return out, err
	}
	segment := index.Number / size
	out.Segment = &segment
	return out, nil
}

// claims gives the live cases that a person is in, as the head or a member of a household, under all references of theirs.
func claims(w *work, in api.SubjectInput) (casework.MemberRecord, error) {
	out := casework.MemberRecord{Claims: []casework.Claim{}}
	refs, err := w.linked(in.Subject)
	if err != nil {
		return out, err
	}
	for _, ref := range refs {
		m, err := uow.Find[casework.MemberRecord](w.Work, relief.MemberKey(ref))
		if err != nil {
			return out, err
		}
		if m != nil {
			out.Claims, out.Kept = append(out.Claims, m.Claims...), append(out.Kept, m.Kept...)
		}
	}
	return out, nil
}

func caseDuties(w *work, in api.CaseInput) (api.Steps, error) {
	c, err := w.getCase(in.Case)
	if err != nil {
		return api.Steps{}, err
	}
	steps := api.StepsOfCase(c.ID)
	duties, err := w.duties(steps)
	if err != nil {
		return api.Steps{}, err
	}
	return api.Steps{Steps: api.StepsOf(steps, c.Acts, duties)}, nil
}

// facts gives the private facts of a case to a member of the collection, from the peer of the caller's own agency. Those of a
// review that is not confirmed are for officials who may confirm it.
func facts(w *work, in api.FactsInput) (api.Facts, error) {
	if err := w.ownPeer(); err != nil {
		return api.Facts{}, err
	}
	c, err := w.getCase(in.Case)
	if err != nil {
		return api.Facts{}, err
	}
	if err := relief.RequireRegion(w.Actor.By, c.Region); err != nil {
		return api.Facts{}, err
	}
	wanted, err := w.factsVersion(&c, in.Act)
	if err != nil {
		return api.Facts{}, err
	}
	sealed, err := w.sealedAs(relief.FactsKey(c.ID, wanted.Act), wanted.SHA256)
	if err != nil {
		return api.Facts{}, err
	}
	if sealed == nil {
		return api.Facts{}, relief.Errorf(relief.CodeNotFound, "the case's facts are not kept any more")
	}
	return api.Facts{Facts: sealed}, nil
}

// factsVersion finds the facts that an act of a case brought; those in force for no act.
func (w *work) factsVersion(c *casework.Case, act *int) (casework.FactsVersion, error) {
	if act == nil {
		act = &c.FactsAct
	}
	if pending, ok := c.PendingFacts(); ok && pending.Act == *act {
		return pending, w.authorise(relief.ActCaseConfirm)
	}
	for _, v := range c.FactsVersions() {
		if v.Act == *act {
			return v, nil
		}
	}
	return casework.FactsVersion{}, &relief.Error{Code: relief.CodeNotFound, Field: "act", Detail: "this act of the case brought no facts that are kept"}
}
