package relief

import (
	"crypto/subtle"
	"strconv"
	"strings"
)

// TagBytes is the length of a tag without its epoch.
//
// 128 bits are enough. Without the key a tag says nothing, and nobody can make one. With the key, another account
// that has a given tag takes 2^128 trials, more than there are accounts. Two of n accounts have the same tag by
// chance with a probability of n²/2^129: 10^-23 for 100 million accounts. A longer tag would make a roll segment
// larger, which an act on a list reads whole.
const TagBytes = 16

// Tag stands for the bank account or the name of a payee on the ledger: the epoch of a key of civil affairs and finance,
// then HMAC-SHA-256 cut to 128 bits. Under one key the same account always has the same tag, so that the chaincode can
// compare accounts that it never sees. Tags of different epochs cannot be compared. The gateway's package payee makes
// tags.
type Tag [1 + TagBytes]byte

// Epoch is the epoch of the key that made the tag; 0 for none.
func (t Tag) Epoch() uint8 { return t[0] }

// IsZero reports whether there is no tag.
func (t Tag) IsZero() bool { return t == Tag{} }

// Valid reports whether the tag is one that a key can make. The zero Tag is not.
func (t Tag) Valid() bool { return t[0] != 0 }

// Equal reports in constant time whether both are the same tag. The zero Tag equals nothing.
func (t Tag) Equal(other Tag) bool {
	return subtle.ConstantTimeCompare(t[:], other[:]) == 1 && t[0] != 0
}

// String writes the epoch, a hyphen and 26 characters of base32; "" for the zero Tag.
func (t Tag) String() string {
	if t.IsZero() {
		return ""
	}
	return strconv.Itoa(int(t[0])) + "-" + refEncoding.EncodeToString(t[1:])
}

var errTagForm = Errorf(CodeInvalid, "a tag is an epoch of 1 to 255, a hyphen and 26 characters a–z, 2–7")

// ParseTag reads what String writes of a tag.
func ParseTag(s string) (t Tag, err error) {
	head, tail, ok := strings.Cut(s, "-")
	epoch, err := strconv.ParseUint(head, 10, 8)
	if !ok || err != nil || epoch == 0 || len(tail) != 26 {
		return Tag{}, errTagForm
	}
	b, err := refEncoding.DecodeString(tail)
	if err != nil {
		return Tag{}, errTagForm
	}
	t[0] = uint8(epoch)
	copy(t[1:], b)
	if t.String() != s { // one spelling only
		return Tag{}, errTagForm
	}
	return t, nil
}

// MarshalText writes the tag as text.
func (t Tag) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a tag; the empty text is the zero Tag.
func (t *Tag) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*t = Tag{}
		return nil
	}
	*t, err = ParseTag(string(b))
	return err
}
