package relief

import (
	"fmt"
	"strconv"
	"strings"
)

// DetailPageID names a detail page of a programme: by the county and the roll number of the first person on the page, and by
// how many times that person's details had been replaced before. A number's details are replaced at most 65,534 times, so no
// two pages have one name.
type DetailPageID struct {
	County   Region
	First    uint32
	Replaced uint16
}

// IsZero reports whether the id names no page.
func (p DetailPageID) IsZero() bool { return p == DetailPageID{} }

// String writes the id as the page's key has it, such as 530181-0000298; 530181-0000298-1 once the first person's details had
// been replaced.
func (p DetailPageID) String() string {
	if p.Replaced == 0 {
		return fmt.Sprintf("%s-%07d", p.County, p.First)
	}
	return fmt.Sprintf("%s-%07d-%d", p.County, p.First, p.Replaced)
}

// ParseDetailPageID reads what String writes and no other spelling.
func ParseDetailPageID(s string) (DetailPageID, error) {
	bad := FieldErrorf("page", "a detail page is named COUNTY-NUMBER, such as 530181-0000298")
	county, rest, _ := strings.Cut(s, "-")
	number, replaced, _ := strings.Cut(rest, "-")
	region, err := ParseRegion(county)
	first, errNumber := strconv.ParseUint(number, 10, 32)
	if err != nil || errNumber != nil || first > MaxRollNumber {
		return DetailPageID{}, bad
	}
	id := DetailPageID{County: region, First: uint32(first)}
	if replaced != "" {
		n, err := strconv.ParseUint(replaced, 10, 16)
		if err != nil {
			return DetailPageID{}, bad
		}
		id.Replaced = uint16(n)
	}
	if id.String() != s || region.County() != region {
		return DetailPageID{}, bad
	}
	return id, nil
}
