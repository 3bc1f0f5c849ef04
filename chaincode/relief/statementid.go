package relief

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// StatementID names a bank's statement of an account: 32 hexadecimal digits in small letters. It says nothing of the account.
type StatementID string

// NewStatementID is the id of the statement that the bank calls by an id, a number and a day: numbers, and ids of some banks,
// begin again each year. A corrected statement has the id of the one whose place it takes.
func NewStatementID(account, bankID string, number uint64, day Day) StatementID {
	sum := sha256.Sum256(fmt.Appendf(nil, "relieftrail/statement/v1\x00%s\x00%s\x00%d\x00%s", account, bankID, number, day))
	return StatementID(hex.EncodeToString(sum[:16]))
}

// ParseStatementID reads what NewStatementID writes.
func ParseStatementID(s string) (StatementID, error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 || hex.EncodeToString(b) != s {
		return "", FieldErrorf("statement", "a statement's id has 32 hexadecimal digits in small letters")
	}
	return StatementID(s), nil
}

// UnmarshalText reads an id.
func (id *StatementID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseStatementID(string(b))
	return err
}
