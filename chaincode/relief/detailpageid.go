package relief

import "fmt"

// DetailPageID names a detail page of a programme: by the county and the roll number of the first person on the page.
type DetailPageID struct {
	County Region
	First  uint32
}

// IsZero reports whether the id names no page.
func (p DetailPageID) IsZero() bool { return p == DetailPageID{} }

// String writes the id as the page's key has it, such as 530181-0000298.
func (p DetailPageID) String() string { return fmt.Sprintf("%s-%07d", p.County, p.First) }
