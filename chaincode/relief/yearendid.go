package relief

import (
	"fmt"
	"strconv"
)

// YearEndID names the year's end of a fiscal year and county: 2026-530181.
type YearEndID string

// NewYearEndID is the id of the year's end of a fiscal year and county.
func NewYearEndID(year int, county Region) YearEndID {
	return YearEndID(fmt.Sprintf("%d-%s", year, county))
}

// ParseYearEndID reads what NewYearEndID writes and no other spelling.
func ParseYearEndID(s string) (YearEndID, error) {
	year, county := YearEndID(s).parts()
	if year < 2000 || year > 2199 || county == "" || string(NewYearEndID(year, county)) != s {
		return "", FieldErrorf("id", "the id of a year's end is YEAR-COUNTY, such as 2026-530181")
	}
	return YearEndID(s), nil
}

// Year is the fiscal year, 0 for an id of another form.
func (id YearEndID) Year() int {
	year, _ := id.parts()
	return year
}

// County is the county, "" for an id of another form.
func (id YearEndID) County() Region {
	_, county := id.parts()
	return county
}

func (id YearEndID) parts() (year int, county Region) {
	if len(id) != 11 || id[4] != '-' {
		return 0, ""
	}
	year, err := strconv.Atoi(string(id[:4]))
	if err != nil {
		return 0, ""
	}
	county, err = ParseRegion(string(id[5:]))
	if err != nil || county != county.County() {
		return 0, ""
	}
	return year, county
}

// UnmarshalText reads an id.
func (id *YearEndID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseYearEndID(string(b))
	return err
}
