// Package naming says what the codes of programmes and regions are called, by the programme's versions and the registry.
package naming

import (
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
)

// Programme is a programme with the name that it has now, or had last.
type Programme struct {
	ID     relief.ProgrammeID `json:"id"`
	Name   string             `json:"name"`
	NameEn string             `json:"name_en,omitempty"`
}

// Of is the name in the version in force, or else in the last one.
func Of(p *programme.Programme) Programme {
	name := Programme{ID: p.ID}
	for i := range p.Versions {
		v := &p.Versions[i]
		if name.Name, name.NameEn = v.Name, v.NameEn; v.Version.Version == p.InForce {
			break
		}
	}
	return name
}

// The levels of regions, by the digits of their codes (GB/T 2260).
const (
	Province = 2
	County   = 6
	Township = 9
)

// Place names a region by the register, from a level down to the village.
func Place(regions []registry.RegionEntry, at relief.Region, level int) string {
	var names []string
	for _, digits := range []int{Province, 4, County, Township, 12} {
		for i := len(regions) - 1; i >= 0 && digits >= level; i-- {
			if r := &regions[i]; len(r.Code) == digits && r.Code.Covers(at) {
				names = append(names, r.Name)
				break
			}
		}
	}
	return strings.Join(names, "")
}
