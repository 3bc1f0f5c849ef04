package relief

import "slices"

// Residence says whether a household is urban or rural: the times of their re-checks and the budget codes of their money differ. The
// empty one says that it is that of the household's region in the registry.
type Residence string

// The residences.
const (
	Urban Residence = "urban"
	Rural Residence = "rural"
)

// residences by their codes; the first is none of a household's own.
var residences = []Residence{"", Urban, Rural}

// Said reports whether the residence is urban or rural.
func (r Residence) Said() bool { return r == Urban || r == Rural }

// Code is the residence as packed values have it: 0 for none, 1 for urban, 2 for rural. It is 0 for a word that is no residence.
func (r Residence) Code() uint8 {
	return uint8(max(slices.Index(residences, r), 0)) //nolint:gosec // below 3
}

// ResidenceFromCode is the residence of a code; false for a code that no residence has.
func ResidenceFromCode(code uint8) (Residence, bool) {
	if int(code) >= len(residences) {
		return "", false
	}
	return residences[code], true
}
