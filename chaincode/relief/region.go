package relief

import (
	"relieftrail/chaincode/relief/internal/form"
	"strconv"
)

// Region is an administrative division code of GB/T 2260 and its statistical extension: 2 digits a province,
// 4 a prefecture, 6 a county, 9 a township, 12 a village. Trailing zero pairs of the six-digit form are dropped,
// so 530000 is 53. Regions nest by prefix.
type Region string

// ParseRegion reads 2, 4, 6, 9 or 12 digits.
func ParseRegion(s string) (Region, error) {
	switch len(s) {
	case 2, 4, 6, 9, 12:
	default:
		return "", FieldErrorf("region", "a region code has 2, 4, 6, 9 or 12 digits (GB/T 2260)")
	}
	if !form.IsDigits(s) || s[0] == '0' {
		return "", FieldErrorf("region", "a region code has digits only and begins with 1 to 9 (GB/T 2260)")
	}
	if len(s) > 6 && s[4:6] == "00" {
		return "", FieldErrorf("region", "the first six digits of a township or village must be those of a county, not of a prefecture (GB/T 2260)")
	}
	if len(s) == 6 && s[4:] == "00" {
		s = s[:4]
	}
	if len(s) == 4 && s[2:] == "00" {
		s = s[:2]
	}
	return Region(s), nil
}

// Covers reports whether other is r or lies inside it.
func (r Region) Covers(other Region) bool {
	return r != "" && len(other) >= len(r) && other[:len(r)] == r
}

// County is the six-digit county that the region lies in, or "" when the region is larger than a county.
func (r Region) County() Region {
	if len(r) < 6 {
		return ""
	}
	return r[:6]
}

// Code is the region's digits as a number, for packed values.
func (r Region) Code() uint64 {
	n, _ := strconv.ParseUint(string(r), 10, 64)
	return n
}

// IsRegionCode reports whether RegionFromCode can read a number. It makes no text of it.
func IsRegionCode(n uint64) bool {
	switch {
	case n >= 1e11 && n < 1e12:
		n /= 1e6
	case n >= 1e8 && n < 1e9:
		n /= 1e3
	case n >= 10 && n < 100:
		return true
	case n < 1e3 || n >= 1e4 && n < 1e5 || n >= 1e6:
		return false
	}
	return n%100 != 0 // 4 or 6 digits: of a prefecture or county, not padded with zeros
}

// RegionFromCode reverses Code.
func RegionFromCode(n uint64) (Region, error) {
	r, err := ParseRegion(strconv.FormatUint(n, 10))
	if err != nil || r.Code() != n {
		return "", Errorf(CodeCorrupt, "a stored region code cannot be read")
	}
	return r, nil
}

// UnmarshalText reads a region code.
func (r *Region) UnmarshalText(b []byte) error {
	v, err := ParseRegion(string(b))
	if err != nil {
		return err
	}
	*r = v
	return nil
}
