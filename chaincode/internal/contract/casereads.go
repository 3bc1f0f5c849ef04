// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
)

// Case gives a case.
func (c *caseContract) Case(ctx *Context, input string) (string, error) {
	in, err := begin[caseOf](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(mustLoad[casework.Case](ctx, relief.CaseKey(in.Case)))
}

// Cases gives a page of cases.
func (c *caseContract) Cases(ctx *Context, input string) (string, error) {
	type filter struct {
		pageInput
		Programme relief.ProgrammeID `json:"programme"`
		Region    relief.Region      `json:"region"`
		State     casework.CaseState `json:"state"`
	}
	in, err := begin[filter](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	keep := func(c *casework.Case) (*casework.Case, bool) {
		return c, (in.Programme == "" || c.Programme == in.Programme) && (in.Region == "" || in.Region.Covers(c.Region)) &&
			(in.State == "" || c.State == in.State)
	}
	return encode(list(ctx, relief.KindCase, in.pageInput, checkID(relief.ParseCaseID), keep))
}

// rollPlace says where a grant puts a household: the segment of its old number, or none when that is free to choose.
type rollPlace struct {
	Programme relief.ProgrammeID `json:"programme,omitempty"`
	County    relief.Region      `json:"county,omitempty"`
	Segment   *uint32            `json:"segment,omitempty"`
}

// RollPlaces gives where grants of cases would stand on the rolls, in the order of the cases; nothing for one that is not there. It is for
// whoever sends many decisions and plans their segments.
func (c *caseContract) RollPlaces(ctx *Context, input string) (string, error) {
	type cases struct {
		Cases []relief.CaseID `json:"cases"`
	}
	in, err := begin[cases](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	if len(in.Cases) < 1 || len(in.Cases) > maxFileItems {
		return "", relief.FieldErrorf("cases", "there are 1 to %d cases", maxFileItems)
	}
	d := ctx.desk()
	keys := make([]relief.Key, len(in.Cases))
	for i, id := range in.Cases {
		keys[i] = relief.CaseKey(id)
	}
	if err := d.fetch(keys...); err != nil {
		return "", err
	}
	places := make([]rollPlace, len(in.Cases))
	for i, k := range keys {
		if places[i], err = d.rollPlace(k); err != nil {
			return "", err
		}
	}
	return encode(map[string][]rollPlace{"places": places}, nil)
}

func (d *desk) rollPlace(k relief.Key) (rollPlace, error) {
	c, err := find[casework.Case](d, k)
	if err != nil || c == nil {
		return rollPlace{}, err
	}
	place := rollPlace{Programme: c.Programme, County: c.Region.County()}
	standing, err := find[roll.IndexEntry](d, relief.RollIndexKey(c.Head(), c.Programme))
	if err != nil || standing == nil || standing.County != place.County {
		return place, err
	}
	v, err := d.version(c.Programme, c.Version)
	if err != nil {
		return place, err
	}
	segment := standing.Number / uint32(v.SegmentSize) //nolint:gosec // 1 to 1000
	place.Segment = &segment
	return place, nil
}

// Claims gives the live cases that a person is in, as a head or a member of a household.
func (c *caseContract) Claims(ctx *Context, input string) (string, error) {
	type subject struct {
		Subject relief.SubjectRef `json:"subject"`
	}
	in, err := begin[subject](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	m, err := load[casework.MemberRecord](ctx, relief.MemberKey(in.Subject))
	if err == nil && (m == nil || m.Claims == nil) {
		m = &casework.MemberRecord{Claims: []casework.Claim{}}
	}
	return encode(m, err)
}

// GetNeed gives a newly found need.
func (c *caseContract) GetNeed(ctx *Context, input string) (string, error) {
	type need struct {
		Need relief.NeedID `json:"need"`
	}
	in, err := begin[need](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(mustLoad[casework.Need](ctx, relief.NeedKey(in.Need)))
}

// Needs gives a page of needs.
func (c *caseContract) Needs(ctx *Context, input string) (string, error) {
	type filter struct {
		pageInput
		Region relief.Region      `json:"region"`
		State  casework.NeedState `json:"state"`
	}
	in, err := begin[filter](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	keep := func(n *casework.Need) (*casework.Need, bool) {
		return n, (in.Region == "" || in.Region.Covers(n.Region)) && (in.State == "" || n.State == in.State)
	}
	return encode(list(ctx, relief.KindNeed, in.pageInput, checkID(relief.ParseNeedID), keep))
}

// Duties names, for each step of a case, who did it or whose duty it is (R46, R47).
func (c *caseContract) Duties(ctx *Context, input string) (string, error) {
	in, err := begin[caseOf](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	record, err := mustLoad[casework.Case](ctx, relief.CaseKey(in.Case))
	if err != nil {
		return "", err
	}
	duties, err := ctx.duties(relief.CaseSteps)
	if err != nil {
		return "", err
	}
	return encode(map[string][]relief.Step{"steps": relief.StepsOf(relief.CaseSteps, record.Acts, duties)}, nil)
}

// duties reads the duties of some acts.
func (ctx *Context) duties(acts []relief.Act) ([]relief.Duty, error) {
	keys := make([]relief.Key, len(acts))
	for i, act := range acts {
		keys[i] = relief.DutyKey(string(act))
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return nil, err
	}
	var duties []relief.Duty
	for _, b := range values {
		if b == nil {
			continue
		}
		d, err := parseRecord[[]relief.Duty](relief.KindDuty, b)
		if err != nil {
			return nil, err
		}
		duties = append(duties, *d...)
	}
	return duties, nil
}

// Facts gives the private facts of a case, to members of the collection from their own organisation's peer.
func (c *caseContract) Facts(ctx *Context, input string) (string, error) {
	in, err := begin[caseOf](ctx, relief.ActReadPerson, input)
	if err != nil {
		return "", err
	}
	if err := c.ownPeer(ctx); err != nil {
		return "", err
	}
	record, err := mustLoad[casework.Case](ctx, relief.CaseKey(in.Case))
	if err != nil {
		return "", err
	}
	if err := relief.RequireRegion(ctx.stamp.By, record.Region); err != nil {
		return "", err
	}
	key, err := ctx.key(relief.FactsKey(record.Head(), record.Programme))
	if err != nil {
		return "", err
	}
	b, err := ctx.GetStub().GetPrivateData(relief.DetailsCollection, key)
	if err != nil {
		return "", relief.Errorf(relief.CodeForbidden, "this peer has no access to the household's facts")
	}
	if b == nil || hash(b) != record.Facts {
		return "", relief.Errorf(relief.CodeNotFound, "the case's facts are not kept any more")
	}
	return encode(&struct {
		Facts []byte `json:"facts"` // sealed, in base64
	}{b}, nil)
}
