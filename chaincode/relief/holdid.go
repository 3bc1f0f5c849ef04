package relief

import "strings"

const (
	holdSubject = "subject-"
	holdCase    = "case-"
)

// NewSubjectHoldID is the id of a hold on a person.
func NewSubjectHoldID(ref SubjectRef) HoldID { return HoldID(holdSubject + ref.String()) }

// NewCaseHoldID is the id of a hold on a case.
func NewCaseHoldID(id CaseID) HoldID { return HoldID(holdCase + string(id)) }

// ParseHoldID reads what NewSubjectHoldID and NewCaseHoldID write.
func ParseHoldID(s string) (HoldID, error) {
	ref, isSubject := strings.CutPrefix(s, holdSubject)
	id, isCase := strings.CutPrefix(s, holdCase)
	var err error
	switch {
	case isSubject:
		_, err = ParseSubjectRef(ref)
	case isCase:
		_, err = ParseCaseID(id)
	}
	if err != nil || !isSubject && !isCase {
		return "", FieldErrorf("hold", "a hold's id is subject-REFERENCE or case-ID")
	}
	return HoldID(s), nil
}

// UnmarshalText reads an id.
func (id *HoldID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseHoldID(string(b))
	return err
}
