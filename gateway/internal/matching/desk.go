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

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/seal"
)

// ErrLedger means that the ledger could not be read, for another reason than a refusal.
var ErrLedger = errors.New("the ledger cannot be read")

// errFacts replaces the decoder's error, which may repeat personal data.
var errFacts = errors.New("the facts of the household cannot be decoded")

// Ledger is the part of the ledger port that the desk uses.
type Ledger interface {
	ledger.Evaluator
	Identity(signer string) (ledger.Identity, bool)
	Height(ctx context.Context) (uint64, error)
}

// Sender does an act exactly once for each key.
type Sender interface {
	Do(ctx context.Context, key outbox.Key, request [32]byte, call ledger.Call) (outbox.Answer, error)
}

// Index is the part of the index that the desk reads.
type Index interface {
	WaitFor(ctx context.Context, block uint64) error
	Registry(ctx context.Context) (registry.Registry, error)
	Claims(ctx context.Context, ref relief.SubjectRef) (casework.MemberRecord, error)
	Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
}

// Source is one department, with the rule for the needs that it finds.
type Source struct {
	Connector
	Needs NeedRule
	Every time.Duration // the period of rounds of questions about all live cases; 0: no rounds
}

// Options say how a desk is opened.
type Options struct {
	Sources []Source
	Ledger  Ledger
	Sender  Sender
	Index   Index
	// References makes the references of people.
	References *reference.Keys
	Readings   *reading.Reader // opens the sealed facts of households
	As         string          // the principal who takes files and asks rounds of questions; "" if there are none
	Patience   time.Duration   // how long one query waits for all departments
	Fresh      time.Duration   // the age below which a statement is not asked for again
	Poll       time.Duration   // the pause between two looks into the folders
	Rate       float64         // cases a second that a round asks about
	Keep       time.Duration   // the age at which a file of questions is deleted
	Log        *slog.Logger
	Now        func() time.Time
}

// Desk asks departments about the households of cases and records their signed statements on the ledger.
type Desk struct {
	Options
	answers *prometheus.CounterVec
}

// NewDesk makes a desk. No two sources may have the same id.
func NewDesk(o Options) (*Desk, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	var ids []relief.DepartmentID
	for _, s := range o.Sources {
		if slices.Contains(ids, s.Source()) {
			return nil, fmt.Errorf("source %s: the id is used twice", s.Source())
		}
		ids = append(ids, s.Source())
	}
	return &Desk{Options: o, answers: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "relieftrail_matching_answers_total", Help: "Results of questions to other departments and of the lines of their files.",
	}, []string{"source", "outcome"})}, nil
}

// Collector counts answers by source and outcome. It identifies no person.
func (d *Desk) Collector() prometheus.Collector { return d.answers }

// How says how a department is asked: rest, folder, or "" if it is not asked.
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
	Again   bool                  // ask also about members of whom there is a fresh statement
	Changes bool                  // record only statements that differ from the last one of the department
}

// Result is the result of one question.
type Result string

// The results.
const (
	Recorded   Result = "recorded"   // a new statement is recorded in the case
	Unchanged  Result = "unchanged"  // a fresh statement is in the case already
	Asked      Result = "asked"      // the department will answer with a file
	Unanswered Result = "unanswered" // there is no statement; the department may be asked again
	Refused    Result = "refused"    // the contract refused the statement
)

// Outcome is the result of one question about one member, with the finding.
type Outcome struct {
	Subject relief.SubjectRef `json:"subject"`
	Result  Result            `json:"result"`
	Code    string            `json:"code,omitempty"`
	Adverse bool              `json:"adverse,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Need    relief.NeedID     `json:"need,omitempty"` // that the finding shows, in a search

	statement *registry.MatchStatement
}

// SourceReport has the outcomes of one department, in the order of the members in the case.
type SourceReport struct {
	Source  relief.DepartmentID `json:"source"`
	Answers []Outcome           `json:"answers"`
}

// Report is the result of a query.
type Report struct {
	Case    relief.CaseID  `json:"case,omitempty"`
	Sources []SourceReport `json:"sources"`
	Block   uint64         `json:"-"` // the block with the recorded statements; 0: nothing was recorded
}

// Query asks the questions and records the statements in the signer's name. Missing answers do not delay the others, and asking
// again asks only for those. An error means that the query was refused as a whole, or that the statements could not be
// recorded.
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
	put := make([]toDepartment, len(sources))
	for i, s := range sources {
		report.Sources[i], put[i] = d.toAsk(s, &record, questions, q.Again)
	}
	if err := d.recordQuestions(ctx, &q, &report, put); err != nil {
		return Report{}, err
	}
	asking, cancel := context.WithTimeout(ctx, d.Patience)
	defer cancel()
	var group sync.WaitGroup
	for i, s := range sources {
		group.Go(func() { d.ask(asking, s, &report.Sources[i], put[i]) })
	}
	group.Wait()
	return report, d.record(ctx, &q, &record, &report)
}

// chosen returns the named sources; without names, all of them.
func (d *Desk) chosen(names []relief.DepartmentID) ([]Source, error) {
	if names == nil {
		return d.Sources, nil
	}
	var chosen []Source
	for i, name := range names {
		at := slices.IndexFunc(d.Sources, func(s Source) bool { return s.Source() == name })
		if at < 0 || slices.Contains(names[:i], name) {
			return nil, relief.FieldErrorf("sources", "须为本网关查询的部门，不得重复 · must be departments that this gateway asks, each named once")
		}
		chosen = append(chosen, d.Sources[at])
	}
	if len(chosen) == 0 {
		return nil, relief.FieldErrorf("sources", "须指明部门；查询全部部门时不填此项 · must name a department, or be left out for all of them")
	}
	return chosen, nil
}

// permitted reads the case, and refuses a signer who may not record matches in it: no identity number is sent for such a
// signer.
func (d *Desk) permitted(ctx context.Context, signer string, id relief.CaseID) (record casework.Case, err error) {
	if record, err = read(ctx, d, signer, api.CaseGet, api.CaseInput{Case: id}); err != nil {
		return record, err
	}
	registry, err := d.Index.Registry(ctx)
	if err != nil {
		return record, err
	}
	identity, _ := d.Ledger.Identity(signer)
	official := identity.Official()
	inherited := relief.Inherited(registry.Inherited(official.Region, relief.DefaultCalendar.Day(time.Now())))
	official.Inherited = &inherited
	if err := relief.Allowed(registry.Duties, relief.ActCaseMatch, official); err != nil {
		return record, err
	}
	if err := relief.RequireRegion(official, record.Region); err != nil {
		return record, err
	}
	_, err = relief.Next(casework.CaseTransitions, record.State, relief.ActCaseMatch)
	return record, err
}

// read asks the contract about a case.
func read[In, Out any](ctx context.Context, d *Desk, signer string, f api.Function[In, Out], in In) (out Out, err error) {
	out, err = contracts.Ask(ctx, d.Ledger, signer, f, in)
	var refused *relief.Error
	if err != nil && !errors.As(err, &refused) {
		return out, fmt.Errorf("%w: %w", ErrLedger, err)
	}
	return out, err
}

// questions opens the sealed facts of the household, for its members' names and identity numbers.
func (d *Desk) questions(ctx context.Context, signer string, record *casework.Case) (map[relief.SubjectRef]Question, error) {
	sealed, err := read(ctx, d, signer, api.CaseFacts, api.FactsInput{CaseInput: api.CaseInput{Case: record.ID}})
	if err != nil {
		return nil, err
	}
	head, programme := record.SealedFor(record.FactsAct)
	opened, err := d.Readings.Read(reading.Access{
		Principal: signer, Purpose: reading.Match, Route: "matching", Record: relief.KindCase + "/" + string(record.ID),
	}, record.Concerned(head)...)
	if err != nil {
		return nil, err
	}
	clear, err := opened.Facts(sealed.Facts, head, programme)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFacts, err)
	}
	var facts seal.Facts
	if err := json.Unmarshal(clear, &facts); err != nil {
		return nil, errFacts // not the decoder's error, which may repeat personal data
	}
	questions := map[relief.SubjectRef]Question{}
	for _, m := range facts.Members {
		number, code := relief.ParseIDNumber(m.IDNumber)
		name, err := payee.ParseName("members.name", m.Name)
		if code != "" || err != nil {
			continue // sealed before these were checked
		}
		for _, ref := range d.References.All(number) { // the case has one of them
			questions[ref] = Question{Subject: ref, IDNumber: seal.Secret(m.IDNumber), Name: seal.Secret(name.Reveal())}
		}
	}
	return questions, nil
}

// toDepartment are the questions to one department, and the member that each is about.
type toDepartment struct {
	questions []Question
	members   []int
}

// subjects are those whom the questions are about.
func (a *toDepartment) subjects() (refs []relief.SubjectRef) {
	for i := range a.questions {
		refs = append(refs, a.questions[i].Subject)
	}
	return refs
}

// toAsk gathers the questions to one department, about the members of whom there is no fresh statement; with again, about all.
func (d *Desk) toAsk(s Source, record *casework.Case, questions map[relief.SubjectRef]Question, again bool) (SourceReport, toDepartment) {
	report := SourceReport{Source: s.Source(), Answers: make([]Outcome, len(record.Members))}
	var put toDepartment
	for i, ref := range record.Members {
		o := &report.Answers[i]
		o.Subject = ref
		question, known := questions[ref]
		switch fresh := d.fresh(record, s.Source(), ref); {
		case fresh != nil && !again:
			o.Result, o.Code, o.Adverse = Unchanged, fresh.Code, fresh.Adverse
		case !known:
			o.Result, o.Reason = Unanswered, notNamed.String()
		default:
			put.questions, put.members = append(put.questions, question), append(put.members, i)
		}
	}
	return report, put
}

// ask asks one department.
func (d *Desk) ask(ctx context.Context, s Source, report *SourceReport, put toDepartment) {
	if len(put.questions) == 0 {
		return
	}
	answers, err := s.Ask(ctx, put.questions)
	for n, member := range put.members {
		a := Answer{Err: err}
		if err == nil {
			a = answers[n]
		}
		d.outcome(&report.Answers[member], a, s.Source())
	}
}

// outcome sets an outcome from an answer. Details of a department's failure go to the log only.
func (d *Desk) outcome(o *Outcome, a Answer, source relief.DepartmentID) {
	switch {
	case a.Err != nil:
		o.Result, o.Reason = Unanswered, silent.String()
		var unclear *AnswerError
		if errors.As(a.Err, &unclear) {
			o.Reason = unclear.Error()
		}
		d.Log.Warn("a department gave no statement", "source", string(source), "error", a.Err)
	case a.Statement == nil:
		o.Result = Asked
	default:
		o.Result, o.Code, o.Adverse, o.statement = Recorded, a.Statement.Code, a.Statement.Adverse, a.Statement
	}
}

// fresh is the department's newest statement about a person; nil if that is older than Fresh.
func (d *Desk) fresh(record *casework.Case, source relief.DepartmentID, ref relief.SubjectRef) (newest *registry.MatchStatement) {
	for i := range record.Matches {
		m := &record.Matches[i].MatchStatement
		if m.Source != source || m.Subject != ref || d.Now().Sub(m.QueriedAt) >= d.Fresh {
			continue
		}
		if newest == nil || m.QueriedAt.After(newest.QueriedAt) {
			newest = m
		}
	}
	return newest
}
