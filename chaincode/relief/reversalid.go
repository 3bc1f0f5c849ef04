package relief

import "encoding/hex"

// ReversalID names a reversal: the first 32 hexadecimal digits of the digest of what it says. The same proposal has the same id.
type ReversalID string

// NewReversalID is the id of the reversal with a digest, 64 hexadecimal digits.
func NewReversalID(digest string) ReversalID { return ReversalID(digest[:32]) }

// ParseReversalID reads what NewReversalID writes.
func ParseReversalID(s string) (ReversalID, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 || hex.EncodeToString(b) != s {
		return "", FieldErrorf("reversal", "a reversal's id has 32 hexadecimal digits in small letters")
	}
	return ReversalID(s), nil
}

// UnmarshalText reads an id.
func (id *ReversalID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseReversalID(string(b))
	return err
}
