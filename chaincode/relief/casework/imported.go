package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// ExcludeImported gives the refusal of a household that an import would put on the roll although its head, or one of
// the members who are new in it, receives relief that the programme does not allow beside it. The refusal has no code
// for a household that may be imported from that period on. Its note names the other programme and county.
func (h *Households) ExcludeImported(
	head relief.SubjectRef, isNew bool, members []relief.SubjectRef, v *programme.Version, at time.Time, from relief.Period,
) (wire.Refusal, error) {
	if isNew { // the head's own entry is the import's matter
		found, err := h.of(head, v.Excluding(), "", "", at, from)
		if err != nil {
			return wire.Refusal{}, err
		}
		if r := refusedBeside(found, v); r.Code != "" {
			return r, nil
		}
	}
	rolls := append([]relief.ProgrammeID{v.ID}, v.Excluding()...)
	for _, ref := range members {
		found, err := h.of(ref, rolls, "", "", at, from)
		if err != nil {
			return wire.Refusal{}, err
		}
		if r := refusedBeside(found, v); r.Code != "" {
			return r, nil
		}
	}
	return wire.Refusal{}, nil
}

func refusedBeside(found []Overlap, v *programme.Version) wire.Refusal {
	for _, o := range found {
		if v.RefusesBeside(o.Programme) {
			return wire.Refusal{Code: relief.CodeDuplicate.OfLine(), Note: string(o.Programme) + " " + string(o.County)}
		}
	}
	return wire.Refusal{}
}

// NewMembers are the members of an imported line whom the household's record does not have yet.
func NewMembers(in *roll.Input, household *roll.Household) []relief.SubjectRef {
	if household == nil {
		return in.Members
	}
	return slices.DeleteFunc(slices.Clone(in.Members), func(ref relief.SubjectRef) bool { return slices.Contains(household.Members, ref) })
}

// Imported is a person's member record after an import. The record has the claim of the imported household while the
// person is a member of it, and no other claim of that household. changed is false when m is so already.
func (m *MemberRecord) Imported(claim Claim, member bool) (out MemberRecord, changed bool) {
	there := false
	if m != nil {
		out.Kept = m.Kept
		for _, c := range m.Claims {
			own := c.Programme == claim.Programme && c.Head == claim.Head && c.Case == ""
			if own && (!member || c != claim) {
				changed = true
				continue
			}
			there = there || own
			out.Claims = append(out.Claims, c)
		}
	}
	if member && !there {
		out.Claims = append(out.Claims, claim)
		changed = true
	}
	return out, changed
}
