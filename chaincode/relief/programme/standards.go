package programme

import (
	"relieftrail/chaincode/relief"
)

// VersionFor is the version whose standards hold for a month: of those that are or were in force, the newest that starts in the
// month or before. Before the first of them starts, the first one's hold.
func (p *Programme) VersionFor(month relief.Period) (*Version, error) {
	var found *Version
	for i := range p.Versions {
		v := &p.Versions[i]
		if v.State == VersionDrafted {
			continue
		}
		if found == nil || v.Starts.FirstMonth() <= month.FirstMonth() {
			found = &v.Version
		}
	}
	if found == nil {
		return nil, relief.Errorf(relief.CodeWrongState, "programme %s is not in force", p.ID)
	}
	return found, nil
}
