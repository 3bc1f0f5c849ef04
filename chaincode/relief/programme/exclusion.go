package programme

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
)

// ExclusionGroup is the record of a group of programmes that exclude each other. It is written when a version that
// names the group is put in force, so that each programme of the group finds the others, in both directions and in
// every county.
type ExclusionGroup struct {
	Programmes []relief.ProgrammeID `json:"programmes"`
}

const (
	maxGroups       = 5  // that a programme is in
	maxGroupMembers = 20 // each is looked up for each person
)

func badGroup(name string) bool {
	return name == "" || len(name) > 40 || !form.HasOnly(name, func(c byte) bool { return form.IsLowerOrDigit(c) || c == '-' })
}

// Groups are the exclusion groups that a programme joins and leaves when its version in force changes. before is nil
// for the first version.
func (v *Version) Groups(before *Version) (joins, leaves []string) {
	if before != nil {
		for _, g := range before.ExclusionGroups {
			if !slices.Contains(v.ExclusionGroups, g) {
				leaves = append(leaves, g)
			}
		}
	}
	return v.ExclusionGroups, leaves
}

// Join adds a programme to the group. It reports whether the group changes.
func (g *ExclusionGroup) Join(id relief.ProgrammeID) (bool, error) {
	if slices.Contains(g.Programmes, id) {
		return false, nil
	}
	if len(g.Programmes) >= maxGroupMembers {
		return false, relief.FieldErrorf("exclusion_groups", "a group has at most %d programmes", maxGroupMembers)
	}
	g.Programmes = append(g.Programmes, id)
	return true, nil
}

// Leave removes a programme from the group. It reports whether the group changes.
func (g *ExclusionGroup) Leave(id relief.ProgrammeID) bool {
	i := slices.Index(g.Programmes, id)
	if i >= 0 {
		g.Programmes = slices.Delete(g.Programmes, i, i+1)
	}
	return i >= 0
}

// JoinGroups has the version exclude the other programmes of its groups.
func (v *Version) JoinGroups(groups []ExclusionGroup) {
	v.inGroups = nil
	for _, g := range groups {
		for _, id := range g.Programmes {
			if !v.RefusesBeside(id) {
				v.inGroups = append(v.inGroups, id)
			}
		}
	}
}
