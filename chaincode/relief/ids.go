package relief

import (
	"fmt"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief/internal/form"
)

// ProgrammeID names a programme: a small letter, then up to nine small letters or digits. It is short and free
// of hyphens because every payment's id, which a bank carries in 35 characters (ISO 20022 EndToEndId), begins
// with it.
type ProgrammeID string

// Ids of records. The client that creates a record chooses its id.
type (
	// CaseID names an application and the case that it opens.
	CaseID string
	// NeedID names a need.
	NeedID string
	// TrancheID names a tranche of funds.
	TrancheID string
	// BatchID names a batch of payments.
	BatchID string
	// AccountID names the declaration of a shared account.
	AccountID string
	// ProposalID names a proposed change of the registry.
	ProposalID string
	// ChangeID names a change of a roll entry: the entry, and a serial number. The contract makes it:
	// dibao-530181-0000298-c1.
	ChangeID string
	// ImportID names the import of a roll.
	ImportID string
	// RerateID names the re-rate of a roll.
	RerateID string
	// HoldID names a legal hold by what it is on: subject-REFERENCE or case-ID.
	HoldID string
)

// ParseProgrammeID checks the form of a programme's id.
func ParseProgrammeID(s string) (ProgrammeID, error) {
	if len(s) < 1 || len(s) > 10 || s[0] < 'a' || s[0] > 'z' || !form.HasOnly(s, form.IsLowerOrDigit) {
		return "", FieldErrorf("programme", "a programme id is a small letter and up to 9 small letters or digits")
	}
	return ProgrammeID(s), nil
}

// ParseTrancheID checks the form of a tranche's id.
func ParseTrancheID(s string) (TrancheID, error) { return parseRecordID[TrancheID]("tranche", s) }

// ParseBatchID checks the form of a batch's id.
func ParseBatchID(s string) (BatchID, error) { return parseRecordID[BatchID]("batch", s) }

// ParseProposalID checks the form of a proposal's id.
func ParseProposalID(s string) (ProposalID, error) { return parseRecordID[ProposalID]("proposal", s) }

// ParseImportID checks the form of an import's id.
func ParseImportID(s string) (ImportID, error) { return parseRecordID[ImportID]("import", s) }

// ParseCaseID checks the form of a case's id.
func ParseCaseID(s string) (CaseID, error) { return parseRecordID[CaseID]("case", s) }

// ParseNeedID checks the form of a need's id.
func ParseNeedID(s string) (NeedID, error) { return parseRecordID[NeedID]("need", s) }

// ParseAccountID checks the form of the id of a shared account's declaration.
func ParseAccountID(s string) (AccountID, error) { return parseRecordID[AccountID]("id", s) }

func parseRecordID[T ~string](field, s string) (T, error) {
	ok := len(s) >= 1 && len(s) <= 40 && form.IsLowerOrDigit(s[0]) &&
		form.HasOnly(s, func(c byte) bool { return form.IsLowerOrDigit(c) || c == '-' || c == '.' || c == '_' })
	if !ok {
		return "", FieldErrorf(field, "an id has 1 to 40 of a–z, 0–9, hyphen, dot, underscore and begins with a letter or digit")
	}
	return T(s), nil
}

// UnmarshalText reads an id.
func (id *ProgrammeID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseProgrammeID(string(b))
	return err
}

// UnmarshalText reads an id.
func (id *TrancheID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseTrancheID(string(b))
	return err
}

// UnmarshalText reads an id.
func (id *BatchID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseBatchID(string(b))
	return err
}

// UnmarshalText reads an id.
func (id *ProposalID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseProposalID(string(b))
	return err
}

// ParseRerateID checks the form of a re-rate's id.
func ParseRerateID(s string) (RerateID, error) { return parseRecordID[RerateID]("id", s) }

// UnmarshalText reads an id.
func (id *RerateID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseRerateID(string(b))
	return err
}

// UnmarshalText reads an id.
func (id *ImportID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseImportID(string(b))
	return err
}

// UnmarshalText reads an id.
func (id *CaseID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseCaseID(string(b))
	return err
}

// UnmarshalText reads an id.
func (id *NeedID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseNeedID(string(b))
	return err
}

// NewChangeID is the id of a change of a roll entry; serial counts the person's changes in the programme from 1.
func NewChangeID(p ProgrammeID, county Region, number, serial uint32) ChangeID {
	return ChangeID(fmt.Sprintf("%s-%s-%07d-c%d", p, county, number, serial))
}

var errChangeForm = FieldErrorf("change", "a change's id is PROGRAMME-COUNTY-NUMBER-cSERIAL, such as dibao-530181-0000298-c1")

// ParseChangeID reads what NewChangeID writes and no other spelling.
func ParseChangeID(s string) (ChangeID, error) {
	p, county, number, serial, err := ChangeID(s).parts()
	if err != nil || serial == 0 || number > MaxRollNumber || string(NewChangeID(p, county, number, serial)) != s {
		return "", errChangeForm
	}
	return ChangeID(s), nil
}

// Serial is the number of the change among the person's changes in the programme; 0 for an id of another form.
func (id ChangeID) Serial() uint32 {
	_, _, _, serial, _ := id.parts()
	return serial
}

// Entry is the id without the serial number: PROGRAMME-COUNTY-NUMBER.
func (id ChangeID) Entry() string {
	entry, _, _ := strings.Cut(string(id), "-c")
	return entry
}

func (id ChangeID) parts() (p ProgrammeID, county Region, number, serial uint32, err error) {
	parts := strings.Split(string(id), "-")
	if len(parts) != 4 || len(parts[1]) != 6 {
		return "", "", 0, 0, errChangeForm
	}
	if p, err = ParseProgrammeID(parts[0]); err != nil {
		return "", "", 0, 0, errChangeForm
	}
	if county, err = ParseRegion(parts[1]); err != nil {
		return "", "", 0, 0, errChangeForm
	}
	n, err1 := strconv.ParseUint(parts[2], 10, 32)
	c, err2 := strconv.ParseUint(strings.TrimPrefix(parts[3], "c"), 10, 32)
	if err1 != nil || err2 != nil {
		return "", "", 0, 0, errChangeForm
	}
	return p, county, uint32(n), uint32(c), nil
}

// UnmarshalText reads an id.
func (id *ChangeID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseChangeID(string(b))
	return err
}

// UnmarshalText reads an id.
func (id *AccountID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseAccountID(string(b))
	return err
}

// MaxRollNumber is the largest number of a roll entry within one programme and county.
const MaxRollNumber = 9_999_999

// PaymentID names one payment: the roll entry, the period, and which attempt it is (1 is the first; a payment that the
// bank returned has the next attempt when it is paid again). As text it has at most 35 characters, as ISO 20022 allows
// for an EndToEndId: dibao-530181-0000298-202611-1.
type PaymentID struct {
	Programme ProgrammeID
	County    Region
	Number    uint32
	Period    Period
	Attempt   uint8
}

// String writes the id; "" for the zero value.
func (p PaymentID) String() string { return string(p.appendTo(make([]byte, 0, 40))) }

func (p PaymentID) appendTo(b []byte) []byte {
	if p.Period.IsZero() {
		return b
	}
	b = append(b, p.Programme...)
	b = append(append(b, '-'), p.County...)
	b = append(b, '-')
	for least := uint32(1_000_000); p.Number < least && least > 1; least /= 10 {
		b = append(b, '0')
	}
	b = strconv.AppendUint(b, uint64(p.Number), 10)
	b = p.Period.appendTo(append(b, '-'))
	b = append(b[:len(b)-3], b[len(b)-2:]...) // without the hyphen
	return strconv.AppendUint(append(b, '-'), uint64(p.Attempt), 10)
}

var errPaymentForm = FieldErrorf("payment", "a payment id is PROGRAMME-COUNTY-NUMBER-PERIOD-ATTEMPT, such as dibao-530181-0000298-202611-1")

// ParsePaymentID reads what String writes and no other spelling.
func ParsePaymentID(s string) (PaymentID, error) {
	parts := strings.Split(s, "-")
	if len(parts) != 5 || len(parts[1]) != 6 || len(parts[2]) != 7 || len(parts[3]) != 6 {
		return PaymentID{}, errPaymentForm
	}
	id, err1 := ParseProgrammeID(parts[0])
	county, err2 := ParseRegion(parts[1])
	number, err3 := strconv.ParseUint(parts[2], 10, 32)
	period, err4 := ParsePeriod(parts[3][:4] + "-" + parts[3][4:])
	attempt, err5 := strconv.ParseUint(parts[4], 10, 8)
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			return PaymentID{}, errPaymentForm
		}
	}
	p := PaymentID{id, county, uint32(number), period, uint8(attempt)}
	if attempt == 0 || p.String() != s {
		return PaymentID{}, errPaymentForm
	}
	return p, nil
}

// MarshalText writes the id.
func (p PaymentID) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads an id.
func (p *PaymentID) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePaymentID(string(b))
	return err
}

// SlotAt gives the segment of a payment and its position there, for a programme's segment size.
func (p PaymentID) SlotAt(segmentSize uint32) (segment uint32, position int) {
	return p.Number / segmentSize, int(p.Number % segmentSize)
}

// DepartmentID names a department whose statements count in cross-matching.
type DepartmentID string

// ParseDepartmentID checks the form of a department's id.
func ParseDepartmentID(s string) (DepartmentID, error) {
	return parseRecordID[DepartmentID]("source", s)
}

// UnmarshalText reads an id.
func (id *DepartmentID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseDepartmentID(string(b))
	return err
}
