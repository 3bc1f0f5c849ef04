package relief

import "strings"

// Balance is the balance of a bank account in fen, or what a booking changes it by. It is below zero for an account that is
// overdrawn and for money that went out.
type Balance Fen

// String writes the balance in yuan with two places.
func (b Balance) String() string { return Fen(b).String() }

// MarshalText writes the decimal string.
func (b Balance) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText reads the decimal string. Because of this method encoding/json refuses a JSON number.
func (b *Balance) UnmarshalText(text []byte) error {
	digits, negative := strings.CutPrefix(string(text), "-")
	amount, err := ParseFen(digits)
	if *b = Balance(amount); negative {
		*b = -*b
	}
	return err
}
