package matching

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/seal"
)

// Question asks a department about one person. The department signs its answer for the subject reference.
type Question struct {
	Subject  relief.SubjectRef
	IDNumber seal.Secret
	Name     seal.Secret
}

// Answer is the result of one question: a statement, or the reason why there is none. Both are empty if the department
// answers later.
type Answer struct {
	Statement *registry.MatchStatement
	Err       error
}

// Connector asks one department.
type Connector interface {
	// Source is the department's id in the registry.
	Source() relief.DepartmentID
	// Ask sends questions to the department and returns an answer for each, in the same order. An error means that no question
	// was sent.
	Ask(ctx context.Context, questions []Question) ([]Answer, error)
}

// AnswerError says what is wrong with a department's answer. It repeats nothing of the answer, so officials may read it.
type AnswerError struct{ Detail bilingual.Text }

func (e *AnswerError) Error() string { return e.Detail.String() }

func answerErrorf(zh, en string, args ...any) error {
	return &AnswerError{bilingual.Textf(zh, en, args...)}
}

// What officials read where a question has no answer.
var (
	silent   = bilingual.Text{Zh: "该部门没有应答", En: ErrSilent.Error()}
	notNamed = bilingual.Text{Zh: "家庭情况中没有这名成员", En: "the facts of the household do not name this member"}
)

// ErrSilent means that a department does not answer or is overloaded. It may be asked again later.
var ErrSilent = errors.New("the department does not answer")

// Mapping says where the parts of a statement are in a department's answer: JSON Pointers (RFC 6901) over REST, titles of
// columns in a CSV file.
type Mapping struct {
	Subject   string // the subject reference of the question
	Code      string // the department's result code
	QueriedAt string // RFC 3339, whole seconds
	Result    string // the hash of its whole answer
	Signature string // Ed25519 over registry.MatchStatement.SignedBytes, in base64
	// Adverse is the part that is true if the finding counts against relief, otherwise false. Without it AdverseCodes decide.
	Adverse      string
	AdverseCodes []string
	// Region is the part with the division in which the person lives, for needs that a department finds. It is not signed.
	Region string
}

// parts lists all parts that the mapping names.
func (m *Mapping) parts() (named []string) {
	for _, part := range []string{m.Subject, m.Code, m.QueriedAt, m.Result, m.Signature, m.Adverse, m.Region} {
		if part != "" {
			named = append(named, part)
		}
	}
	return named
}

// check reports every fault of a mapping.
func (m *Mapping) check() error {
	var faults []error
	for name, part := range map[string]string{
		"subject": m.Subject, "code": m.Code, "queried_at": m.QueriedAt, "result_sha256": m.Result, "signature": m.Signature,
	} {
		if part == "" {
			faults = append(faults, fmt.Errorf("mapping.%s: is required", name))
		}
	}
	if m.Adverse == "" && len(m.AdverseCodes) == 0 {
		faults = append(faults, errors.New("mapping.adverse or mapping.adverse_codes: one of them is required, to say which findings count against relief"))
	}
	return errors.Join(faults...)
}

// statement builds a statement. read returns the text of a part of the answer.
func (m *Mapping) statement(source relief.DepartmentID, read func(part string) (string, bool)) (*registry.MatchStatement, error) {
	texts := map[string]string{}
	for _, part := range []string{m.Subject, m.Code, m.QueriedAt, m.Result, m.Signature} {
		text, ok := read(part)
		if !ok {
			return nil, answerErrorf("答复缺少 %s", "the answer has no %s", part)
		}
		texts[part] = text
	}
	subject, err := relief.ParseSubjectRef(texts[m.Subject])
	if err != nil {
		return nil, answerErrorf("%s 不是对象编号", "%s is not a subject reference", m.Subject)
	}
	at, err := time.Parse(time.RFC3339, texts[m.QueriedAt])
	if err != nil {
		return nil, answerErrorf("%s 不是 RFC 3339 格式的时间", "%s is not a time (RFC 3339)", m.QueriedAt)
	}
	st := &registry.MatchStatement{
		Source: source, Subject: subject, QueriedAt: at.UTC(), Code: texts[m.Code], ResultSHA256: texts[m.Result], Signature: texts[m.Signature],
	}
	st.Adverse, err = m.adverse(st.Code, read)
	return st, err
}

// adverse reports whether the finding counts against relief.
func (m *Mapping) adverse(code string, read func(part string) (string, bool)) (bool, error) {
	if m.Adverse == "" {
		return slices.Contains(m.AdverseCodes, code), nil
	}
	switch text, _ := read(m.Adverse); text {
	case "true":
		return true, nil
	case "false":
		return false, nil
	default:
		return false, answerErrorf("%s 须为 true 或 false", "%s must be true or false", m.Adverse)
	}
}
