package relief

import "strings"

// Bounds of what names an official. A common name has at most 64 characters (ub-common-name of RFC 5280).
const (
	maxOfficialName = 64
	maxStaffNumber  = 32
)

// FoldOfficialName gives the one spelling of an official's name: small letters, and ASCII in place of full-width forms.
// Civil-Preparer and civil-preparer are one official. INVALID for a name with any other character, so that no letter of
// another script looks like one of these.
func FoldOfficialName(s string) (string, error) { return foldOfficial("name", s, maxOfficialName) }

// FoldStaffNumber gives the one spelling of a staff number (工号), as FoldOfficialName does of a name.
func FoldStaffNumber(s string) (string, error) { return foldOfficial("id", s, maxStaffNumber) }

// widthOffset is the distance from a full-width form (U+FF01 to U+FF5E) to its character in ASCII.
const widthOffset = 0xFF01 - '!'

func foldOfficial(field, s string, most int) (string, error) {
	if len(s) > 3*most { // a full-width form has three bytes
		return "", errOfficialForm(field, most)
	}
	folded := strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			r -= widthOffset
		}
		if r >= 'A' && r <= 'Z' { // no other capital: U+212A, the kelvin sign, has the small letter k
			r += 'a' - 'A'
		}
		return r
	}, s)
	if len(folded) < 1 || len(folded) > most || strings.ContainsFunc(folded, notOfficial) || strings.ContainsAny(folded[:1], "-._") {
		return "", errOfficialForm(field, most)
	}
	return folded, nil
}

// notOfficial reports whether a character is none of those that name officials.
func notOfficial(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}

func errOfficialForm(field string, most int) error {
	return FieldErrorf(field, "%s has 1 to %d letters a–z, digits, hyphens, dots and underscores, and begins with a letter or digit", field, most)
}
