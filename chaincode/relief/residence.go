package relief

// Residence says whether a household is urban or rural: the times of their re-checks differ.
type Residence string

// The residences.
const (
	Urban Residence = "urban"
	Rural Residence = "rural"
)
