package relief

import "fmt"

// DetailPageID names a page of a programme: the county and the roll number of the first person who was written on it.
type DetailPageID struct {
	County Region
	First  uint32
}

// IsZero reports whether there is no page.
func (p DetailPageID) IsZero() bool { return p == DetailPageID{} }

func (p DetailPageID) String() string { return fmt.Sprintf("%s-%07d", p.County, p.First) }
