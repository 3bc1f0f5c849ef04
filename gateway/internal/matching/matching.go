// Package matching asks other departments about people (核对, R6–R10) and reads their signed statements: Pull asks a
// department's REST interface, Folder exchanges CSV files with it. What is done with a statement is the caller's matter, and
// whether it counts is the contracts'. Identity numbers go to the department and nowhere else: not into errors, URLs or logs.
package matching

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/seal"
)

// Question is who a department is asked about. It signs its answer for the reference.
type Question struct {
	Subject  relief.SubjectRef
	IDNumber seal.Secret
	Name     seal.Secret
}

// Answer is what came of one question: a statement, or why there is none. Both are empty when the department answers later.
type Answer struct {
	Statement *registry.MatchStatement
	Err       error
}

// Connector is a way to one department.
type Connector interface {
	// Source is the department's id in the registry.
	Source() relief.DepartmentID
	// Ask puts questions to the department and gives an answer for each, in their order; an error means that none was asked.
	Ask(ctx context.Context, questions []Question) ([]Answer, error)
}

// AnswerError says what is wrong with a department's answer, in words that repeat nothing of it: an official may read it.
type AnswerError struct{ Detail string }

func (e *AnswerError) Error() string { return e.Detail }

func answerErrorf(format string, args ...any) error {
	return &AnswerError{fmt.Sprintf(format, args...)}
}

// ErrSilent is returned when a department does not answer or is overloaded: it may be asked again later.
var ErrSilent = errors.New("the department does not answer")

// Mapping says where a department's answer has the parts of a statement: JSON Pointers (RFC 6901) into an object, or titles of
// columns in a CSV file.
type Mapping struct {
	Subject   string // the reference that it was asked about
	Code      string // the department's own result code
	QueriedAt string // RFC 3339, whole seconds
	Result    string // hash of its whole answer
	Signature string // Ed25519 over relief.Statement.SignedBytes, base64
	// Adverse is where true or false says whether the finding stands against relief; without it AdverseCodes decide.
	Adverse      string
	AdverseCodes []string
	// Region is where the division that the person lives in stands, for the needs that a department finds; it is not signed.
	Region string
}

// places are all that the mapping names.
func (m *Mapping) places() (named []string) {
	for _, place := range []string{m.Subject, m.Code, m.QueriedAt, m.Result, m.Signature, m.Adverse, m.Region} {
		if place != "" {
			named = append(named, place)
		}
	}
	return named
}

// check tells every fault of a mapping.
func (m *Mapping) check() error {
	var faults []error
	for name, place := range map[string]string{
		"subject": m.Subject, "code": m.Code, "queried_at": m.QueriedAt, "result_sha256": m.Result, "signature": m.Signature,
	} {
		if place == "" {
			faults = append(faults, fmt.Errorf("%s: says where the answer has it", name))
		}
	}
	if m.Adverse == "" && len(m.AdverseCodes) == 0 {
		faults = append(faults, errors.New("adverse or adverse_codes: say which findings stand against relief"))
	}
	return errors.Join(faults...)
}

// statement puts a statement together; part gives the text at a place of the answer.
func (m *Mapping) statement(source relief.DepartmentID, part func(place string) (string, bool)) (*registry.MatchStatement, error) {
	texts := map[string]string{}
	for _, place := range []string{m.Subject, m.Code, m.QueriedAt, m.Result, m.Signature} {
		text, ok := part(place)
		if !ok {
			return nil, answerErrorf("the answer has no %s", place)
		}
		texts[place] = text
	}
	subject, err := relief.ParseSubjectRef(texts[m.Subject])
	if err != nil {
		return nil, answerErrorf("%s is no reference of a person", m.Subject)
	}
	at, err := time.Parse(time.RFC3339, texts[m.QueriedAt])
	if err != nil {
		return nil, answerErrorf("%s is no time (RFC 3339)", m.QueriedAt)
	}
	st := &registry.MatchStatement{
		Source: source, Subject: subject, QueriedAt: at.UTC(), Code: texts[m.Code], ResultSHA256: texts[m.Result], Signature: texts[m.Signature],
	}
	st.Adverse, err = m.adverse(st.Code, part)
	return st, err
}

func (m *Mapping) adverse(code string, part func(string) (string, bool)) (bool, error) {
	if m.Adverse == "" {
		for _, c := range m.AdverseCodes {
			if c == code {
				return true, nil
			}
		}
		return false, nil
	}
	switch text, _ := part(m.Adverse); text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, answerErrorf("%s is neither true nor false", m.Adverse)
	}
}
