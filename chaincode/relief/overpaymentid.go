package relief

import (
	"fmt"
	"strings"
)

// OverpaymentID names what one roll entry was paid too much, by the entry: dibao-530181-0000298. The contract makes it.
type OverpaymentID string

// NewOverpaymentID is the id of the overpayment of a roll entry.
func NewOverpaymentID(p ProgrammeID, county Region, number uint32) OverpaymentID {
	return OverpaymentID(fmt.Sprintf("%s-%s-%07d", p, county, number))
}

// ParseOverpaymentID reads what NewOverpaymentID writes and no other spelling.
func ParseOverpaymentID(s string) (OverpaymentID, error) {
	p, county, number, _, err := ChangeID(s + "-c1").parts()
	if err != nil || strings.Contains(s, "-c") || number > MaxRollNumber || string(NewOverpaymentID(p, county, number)) != s {
		return "", FieldErrorf("overpayment", "an overpayment's id is PROGRAMME-COUNTY-NUMBER, such as dibao-530181-0000298")
	}
	return OverpaymentID(s), nil
}

// UnmarshalText reads an id.
func (id *OverpaymentID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseOverpaymentID(string(b))
	return err
}
