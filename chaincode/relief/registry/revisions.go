package registry

import (
	"maps"
	"strings"

	"relieftrail/chaincode/relief"
)

// Revisions says of each section, by its name in Change, which proposal replaced it last since the founding. Ids are never used
// again: a section that has its old content back has another revision.
type Revisions map[string]relief.ProposalID

// After is what the revisions are when a proposal has taken effect.
func (r Revisions) After(id relief.ProposalID, c *Change) Revisions {
	after := maps.Clone(r)
	if after == nil {
		after = Revisions{}
	}
	for _, name := range c.Sections() {
		after[name] = id
	}
	return after
}

// of writes the revisions of some sections, "" while none of them was replaced.
func (r Revisions) of(sections []string) string {
	var b strings.Builder
	for _, name := range sections {
		if id, ok := r[name]; ok {
			b.WriteString(name + "=" + string(id) + "\x00")
		}
	}
	return b.String()
}

// Sections are the names of the sections that a change replaces after the founding, in one order.
func (c *Change) Sections() []string {
	var names []string
	for _, section := range []struct {
		name  string
		given bool
	}{
		{"agencies", c.Agencies != nil}, {"regions", c.Regions != nil}, {"duties", c.Duties != nil},
		{"cosigning_keys", c.CosigningKeys != nil}, {"thresholds", c.Thresholds != nil}, {"sources", c.Sources != nil},
		{"calendar", c.Calendar != nil}, {"reference_key", c.ReferenceKey != nil}, {"contacts", c.Contacts != nil},
	} {
		if section.given {
			names = append(names, section.name)
		}
	}
	return names
}
