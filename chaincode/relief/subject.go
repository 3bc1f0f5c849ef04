package relief

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"math/bits"
	"relieftrail/chaincode/relief/internal/form"
	"strconv"
	"strings"
	"time"
)

// SubjectRef is the pseudonym of a person on the ledger: the key's epoch, then HMAC-SHA-256 of the identity number, cut
// to 128 bits. The agencies share the key; the ledger never sees it. A person has the same reference in every programme
// and county. Without the key nobody can find a person by trying identity numbers.
type SubjectRef [17]byte

// refEncoding is base32 (RFC 4648) in small letters without padding.
var refEncoding = base32.NewEncoding(refAlphabet).WithPadding(base32.NoPadding)

const refAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

// NewSubjectRef computes the reference of a valid identity number (GB 11643).
func NewSubjectRef(epoch uint8, key []byte, id IDNumber) SubjectRef {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("relieftrail/subject/v1\x00" + string(id)))
	var ref SubjectRef
	ref[0] = epoch
	copy(ref[1:], mac.Sum(nil))
	return ref
}

// String writes "EPOCH-" and 26 characters of base32.
func (r SubjectRef) String() string { return string(r.appendTo(make([]byte, 0, 30))) }

func (r SubjectRef) appendTo(b []byte) []byte {
	b = append(strconv.AppendUint(b, uint64(r[0]), 10), '-')
	return refEncoding.AppendEncode(b, r[1:])
}

// IsZero reports whether the reference names nobody.
func (r SubjectRef) IsZero() bool { return r == SubjectRef{} }

// Valid reports whether the reference is one that a key can make: ParseSubjectRef reads no other.
func (r SubjectRef) Valid() bool { return r[0] != 0 }

var errSubjectForm = FieldErrorf("subject", "a subject reference is an epoch, a hyphen and 26 characters a–z, 2–7")

// ParseSubjectRef reads what String writes.
func ParseSubjectRef(s string) (SubjectRef, error) {
	var ref SubjectRef
	head, tail, ok := strings.Cut(s, "-")
	epoch, err := strconv.ParseUint(head, 10, 8)
	if !ok || err != nil || len(tail) != 26 || epoch == 0 {
		return ref, errSubjectForm
	}
	ref[0] = uint8(epoch)
	if n, err := refEncoding.Decode(ref[1:], []byte(tail)); err != nil || n != len(ref)-1 {
		return SubjectRef{}, errSubjectForm
	}
	if string(ref.appendTo(make([]byte, 0, 30))) != s { // one spelling only
		return SubjectRef{}, errSubjectForm
	}
	return ref, nil
}

// Compare orders references as their texts are ordered, which is the order of their keys on the ledger.
func (r SubjectRef) Compare(other SubjectRef) int {
	if r[0] != other[0] {
		return strings.Compare(r.String(), other.String())
	}
	for i := 1; i < len(r); i++ {
		if r[i] != other[i] {
			letter := (8*(i-1) + bits.LeadingZeros8(r[i]^other[i])) / 5
			return cmp.Compare(r.letter(letter), other.letter(letter))
		}
	}
	return 0
}

// letter is the n-th letter of the reference's base32.
func (r SubjectRef) letter(n int) byte {
	at := 1 + 5*n/8
	two := uint16(r[at]) << 8
	if at+1 < len(r) {
		two |= uint16(r[at+1])
	}
	return refAlphabet[two>>(11-5*n%8)&31]
}

// MarshalText writes the reference as text. A reference that UnmarshalText could not read back is an error.
func (r SubjectRef) MarshalText() ([]byte, error) {
	if !r.Valid() {
		return nil, errSubjectForm
	}
	return []byte(r.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (r *SubjectRef) UnmarshalText(b []byte) error {
	v, err := ParseSubjectRef(string(b))
	if err != nil {
		return err
	}
	*r = v
	return nil
}

// IDNumber is a resident identity number (GB 11643-1999) that ParseIDNumber has accepted. It is personal data and is
// never put into an error, a log or public state.
type IDNumber string

// ParseIDNumber checks the 18 characters, the date of birth and the check character of GB 11643-1999. The LineCode says
// why a number is refused and does not repeat it; it is "" for an accepted number. A final x is read as X.
func ParseIDNumber(s string) (IDNumber, LineCode) {
	if len(s) != 18 || !form.IsDigits(s[:17]) {
		return "", LineIDSyntax
	}
	if s[17] == 'x' {
		s = s[:17] + "X"
	}
	if s[17] != 'X' && !form.IsDigits(s[17:]) {
		return "", LineIDSyntax
	}
	if born, err := time.Parse("20060102", s[6:14]); err != nil || born.Year() < 1850 {
		return "", LineIDDate
	}
	if s[17] != idCheck(s) {
		return "", LineIDChecksum
	}
	return IDNumber(s), ""
}

// idCheck computes the check character of GB 11643-1999 (ISO 7064 MOD 11-2).
func idCheck(s string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}
