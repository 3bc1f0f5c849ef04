package relief

// Residence tells urban from rural households: their re-checks differ.
type Residence string

// The settlements.
const (
	Urban Residence = "urban"
	Rural Residence = "rural"
)
