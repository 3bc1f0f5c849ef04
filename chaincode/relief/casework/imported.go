package casework

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// Importing is a line of an import, as far as other relief may exclude it.
type Importing struct {
	Head    relief.SubjectRef
	IsNew   bool                // the head is not on the roll yet
	Members []relief.SubjectRef // those who are new in the household
	County  relief.Region
	From    relief.Period
}

// ExcludeImported gives the refusal of a household that an import would put on the roll although its head, or one of
// the members who are new in it, receives relief that the programme does not allow beside it, or has applied for it. An
// application in another county counts only for the person who leads it, once two officials have had a hand in it: to be named
// there by others keeps nobody off the own county's roll. Nor does an import name people as members whom another county knows: that county's household would be
// locked out. The refusal has no code for a household that may be imported. Its note names the other programme and county.
func (h *Households) ExcludeImported(in *Importing, v *programme.Version, at time.Time) (wire.Refusal, error) {
	if in.IsNew { // the head's own entry is the import's matter
		if r, err := h.excludes(in, in.Head, v.Excluding(), v, at); err != nil || r.Code != "" {
			return r, err
		}
	}
	rolls := append([]relief.ProgrammeID{v.ID}, v.Excluding()...)
	for _, ref := range in.Members {
		if r, err := h.excludes(in, ref, rolls, v, at); err != nil || r.Code != "" {
			return r, err
		}
	}
	return wire.Refusal{}, nil
}

// excludes gives the refusal for one person of a line.
func (h *Households) excludes(
	in *Importing, ref relief.SubjectRef, rolls []relief.ProgrammeID, v *programme.Version, at time.Time,
) (wire.Refusal, error) {
	found, err := h.ties(ref, rolls, "", "", at, in.From)
	if err != nil {
		return wire.Refusal{}, err
	}
	for i := range found {
		t := &found[i]
		here, refuses := t.County == in.County, v.RefusesBeside(t.Programme)
		applied := t.applied(in.County, at)
		if refuses && (here || t.decided || applied) || !here && ref != in.Head && (t.decided || applied) {
			return wire.Refusal{Code: relief.CodeDuplicate.OfLine(), Note: string(t.Programme) + " " + string(t.County)}, nil
		}
	}
	return wire.Refusal{}, nil
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
