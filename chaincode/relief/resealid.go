package relief

import "encoding/hex"

// ResealID names a resealing: the first 32 hexadecimal digits of the digest of what it says. The same proposal has the same id.
type ResealID string

// NewResealID is the id of the resealing with a digest, 64 hexadecimal digits.
func NewResealID(digest string) ResealID { return ResealID(digest[:32]) }

// ParseResealID reads what NewResealID writes.
func ParseResealID(s string) (ResealID, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 || hex.EncodeToString(b) != s {
		return "", FieldErrorf("reseal", "a resealing's id has 32 hexadecimal digits in small letters")
	}
	return ResealID(s), nil
}

// UnmarshalText reads an id.
func (id *ResealID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseResealID(string(b))
	return err
}
