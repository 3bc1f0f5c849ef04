package matching

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/seal"
)

// ErrLedger marks a failed read of the ledger that is no refusal.
var ErrLedger = errors.New("the ledger cannot be read")

// errFacts hides the decoder's error, which may repeat what it read.
var errFacts = errors.New("what the household told cannot be read")

// Ledger is what the desk asks of the agency's own peer.
type Ledger interface {
	ledger.Evaluator
	Identity(signer string) (ledger.Identity, bool)
	Height(ctx context.Context) (uint64, error)
}

// Sender does acts exactly once for each key.
type Sender interface {
	Do(ctx context.Context, key outbox.Key, request [32]byte, call ledger.Call) (outbox.Answer, error)
}

// Index is what the desk reads of the index of the ledger.
type Index interface {
	WaitFor(ctx context.Context, block uint64) error
	Registry(ctx context.Context) (registry.Registry, error)
	Claims(ctx context.Context, ref relief.SubjectRef) (casework.MemberRecord, error)
	Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
}

// Source is one department and what its findings lead to.
type Source struct {
	Connector
	Needs NeedRule
	Every time.Duration // between two rounds of questions about all living cases; 0: only when somebody asks
}

// Options are what a desk stands on.
type Options struct {
	Sources  []Source
	Ledger   Ledger
	Sender   Sender
	Index    Index
	Key      []byte // makes references, with its epoch
	Epoch    uint8
	Persons  *seal.Key     // opens what households told
	As       string        // the principal in whose name files are taken in and rounds asked; "" when there are none
	Patience time.Duration // with the departments, for one query
	Fresh    time.Duration // how long a statement is not asked for again
	Poll     time.Duration // between two looks into the folders
	Rate     float64       // cases a second that a round asks about
	Keep     time.Duration // how long files of questions are kept
	Log      *slog.Logger
	Now      func() time.Time
}

// Desk asks departments about the households of cases and puts on the ledger what they sign.
type Desk struct {
	Options
	answers *prometheus.CounterVec
}

// NewDesk makes a desk; each source has an id of its own.
func NewDesk(o Options) (*Desk, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	var ids []relief.DepartmentID
	for _, s := range o.Sources {
		if slices.Contains(ids, s.Source()) {
			return nil, fmt.Errorf("source %s is there twice", s.Source())
		}
		ids = append(ids, s.Source())
	}
	return &Desk{Options: o, answers: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "relieftrail_matching_answers_total", Help: "What came of questions to other departments, and of the lines of their files.",
	}, []string{"source", "outcome"})}, nil
}

// Collector counts answers by source and outcome; no person can be told from it.
func (d *Desk) Collector() prometheus.Collector { return d.answers }

// How tells how a department is asked: rest, folder, or "" for not at all.
func (d *Desk) How(source relief.DepartmentID) string {
	for _, s := range d.Sources {
		if s.Source() != source {
			continue
		}
		if _, ok := s.Connector.(*Folder); ok {
			return "folder"
		}
		return "rest"
	}
	return ""
}

// Query asks departments about every member of a case's household.
type Query struct {
	Signer  string
	Key     string // the caller's Idempotency-Key
	Case    relief.CaseID
	Sources []relief.DepartmentID // nil: all
	Again   bool                  // ask, too, whom a fresh statement is there of
	Changes bool                  // record only what differs from what the department said last
}

// Result is what came of one question.
type Result string

// The results.
const (
	Recorded   Result = "recorded"   // a new statement stands in the case
	Unchanged  Result = "unchanged"  // a fresh statement stands in the case already
	Asked      Result = "asked"      // the department answers later, with a file
	Unanswered Result = "unanswered" // there is no statement; it may be asked again
	Refused    Result = "refused"    // the contract does not take the statement
)

// Outcome is what came of one question about one member.
type Outcome struct {
	Subject relief.SubjectRef `json:"subject"`
	Result  Result            `json:"result"`
	Code    string            `json:"code,omitempty"`
	Adverse bool              `json:"adverse,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Need    relief.NeedID     `json:"need,omitempty"` // that a search found

	statement *registry.MatchStatement
}

// SourceReport is what one department said, a member each in the order of the case.
type SourceReport struct {
	Source  relief.DepartmentID `json:"source"`
	Answers []Outcome           `json:"answers"`
}

// Report is what came of a query.
type Report struct {
	Case    relief.CaseID  `json:"case,omitempty"`
	Sources []SourceReport `json:"sources"`
	Block   uint64         `json:"-"` // that has what was recorded; 0: nothing was
}

// Query puts the questions and records the answers in the signer's name, in one transaction. What a department does not answer
// keeps nothing else back, and asking again asks only that. An error is a refusal of the query as a whole, or that the ledger
// could not take the answers.
func (d *Desk) Query(ctx context.Context, q Query) (Report, error) {
	sources, err := d.chosen(q.Sources)
	if err != nil {
		return Report{}, err
	}
	record, err := d.permitted(ctx, q.Signer, q.Case)
	if err != nil {
		return Report{}, err
	}
	questions, err := d.questions(ctx, q.Signer, &record)
	if err != nil {
		return Report{}, err
	}
	report := Report{Case: q.Case, Sources: make([]SourceReport, len(sources))}
	asking, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	var group sync.WaitGroup
	for i, s := range sources {
		group.Go(func() { report.Sources[i] = d.ask(asking, s, &record, questions, q.Again) })
	}
	group.Wait()
	return report, d.record(ctx, &q, &record, &report)
}

// chosen are the named sources, or all.
func (d *Desk) chosen(names []relief.DepartmentID) ([]Source, error) {
	if names == nil {
		return d.Sources, nil
	}
	var chosen []Source
	for i, name := range names {
		at := slices.IndexFunc(d.Sources, func(s Source) bool { return s.Source() == name })
		if at < 0 || slices.Contains(names[:i], name) {
			return nil, relief.FieldErrorf("sources", "each source is one that this gateway asks, and is named once")
		}
		chosen = append(chosen, d.Sources[at])
	}
	if len(chosen) == 0 {
		return nil, relief.FieldErrorf("sources", "name a source, or leave the names out")
	}
	return chosen, nil
}

// permitted reads the case, and refuses whoever could not record a match on it: no number leaves the agency for them.
func (d *Desk) permitted(ctx context.Context, signer string, id relief.CaseID) (record casework.Case, err error) {
	document, err := d.read(ctx, signer, "case:Get", id)
	if err != nil {
		return record, err
	}
	if err := json.Unmarshal(document, &record); err != nil {
		return record, err
	}
	registry, err := d.Index.Registry(ctx)
	if err != nil {
		return record, err
	}
	identity, _ := d.Ledger.Identity(signer)
	person := identity.Person()
	if err := relief.Allowed(registry.Duties, relief.ActCaseMatch, person); err != nil {
		return record, err
	}
	if err := relief.RequireRegion(person, record.Region); err != nil {
		return record, err
	}
	_, err = relief.Next(casework.CaseTransitions, record.State, relief.ActCaseMatch)
	return record, err
}

func (d *Desk) read(ctx context.Context, signer, function string, id relief.CaseID) ([]byte, error) {
	argument, err := json.Marshal(map[string]relief.CaseID{"case": id})
	if err != nil {
		return nil, err
	}
	document, err := ledger.Ask(ctx, d.Ledger, ledger.Call{Signer: signer, Function: function, Argument: argument})
	var refused *relief.Error
	if err != nil && !errors.As(err, &refused) {
		return nil, fmt.Errorf("%w: %w", ErrLedger, err)
	}
	return document, err
}

// questions opens what the household told, for its members' names and numbers.
func (d *Desk) questions(ctx context.Context, signer string, record *casework.Case) (map[relief.SubjectRef]Question, error) {
	held, err := d.read(ctx, signer, "case:Facts", record.ID)
	if err != nil {
		return nil, err
	}
	clear, err := d.Persons.FactsOf(record, held)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFacts, err)
	}
	var facts seal.Facts
	if err := json.Unmarshal(clear, &facts); err != nil {
		return nil, errFacts // not the decoder's error, which may repeat it
	}
	questions := map[relief.SubjectRef]Question{}
	for _, m := range facts.Members {
		if number, code := relief.ParseIDNumber(m.IDNumber); code == "" {
			ref := relief.NewSubjectRef(d.Epoch, d.Key, number)
			questions[ref] = Question{Subject: ref, IDNumber: seal.Secret(m.IDNumber), Name: seal.Secret(m.Name)}
		}
	}
	return questions, nil
}

// ask asks one department about those members of whom no fresh statement is there.
func (d *Desk) ask(ctx context.Context, s Source, record *casework.Case, questions map[relief.SubjectRef]Question, again bool) SourceReport {
	report := SourceReport{Source: s.Source(), Answers: make([]Outcome, len(record.Members))}
	var put []Question
	var places []int // of the questions among the members
	for i, ref := range record.Members {
		o := &report.Answers[i]
		o.Subject = ref
		question, known := questions[ref]
		switch fresh := d.fresh(record, s.Source(), ref); {
		case fresh != nil && !again:
			o.Result, o.Code, o.Adverse = Unchanged, fresh.Code, fresh.Adverse
		case !known:
			o.Result, o.Reason = Unanswered, "what the household told does not name this member"
		default:
			put, places = append(put, question), append(places, i)
		}
	}
	if len(put) == 0 {
		return report
	}
	answers, err := s.Ask(ctx, put)
	for n, at := range places {
		a := Answer{Err: err}
		if err == nil {
			a = answers[n]
		}
		d.outcome(&report.Answers[at], a, s.Source())
	}
	return report
}

// outcome tells what an answer means; how a department failed in detail is the operator's to know.
func (d *Desk) outcome(o *Outcome, a Answer, source relief.DepartmentID) {
	switch {
	case a.Err != nil:
		o.Result, o.Reason = Unanswered, a.Err.Error()
		var unclear *AnswerError
		if !errors.As(a.Err, &unclear) {
			o.Reason = ErrSilent.Error()
		}
		d.Log.Warn("a department gave no statement", "source", string(source), "error", a.Err)
	case a.Statement == nil:
		o.Result = Asked
	default:
		o.Result, o.Code, o.Adverse, o.statement = Recorded, a.Statement.Code, a.Statement.Adverse, a.Statement
	}
}

// fresh is the source's newest statement of somebody, unless it is old.
func (d *Desk) fresh(record *casework.Case, source relief.DepartmentID, ref relief.SubjectRef) (newest *registry.MatchStatement) {
	for i := range record.Matches {
		m := &record.Matches[i].MatchStatement
		if m.Source == source && m.Subject == ref && d.Now().Sub(m.QueriedAt) < d.Fresh && (newest == nil || m.QueriedAt.After(newest.QueriedAt)) {
			newest = m
		}
	}
	return newest
}
