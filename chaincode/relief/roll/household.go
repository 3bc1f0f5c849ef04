package roll

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// Household is the record of an imported household's members besides its head. A household that came by a decision has
// its members in the case.
type Household struct {
	Members []relief.SubjectRef `json:"members"`
}

// Same reports whether both households have the same members, in any order.
func (h *Household) Same(members []relief.SubjectRef) bool {
	if h == nil {
		return len(members) == 0
	}
	return slices.Equal(sortedRefs(h.Members), sortedRefs(members))
}

func sortedRefs(refs []relief.SubjectRef) []relief.SubjectRef {
	return slices.SortedFunc(slices.Values(refs), relief.SubjectRef.Compare)
}
