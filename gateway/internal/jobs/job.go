package jobs

import (
	"errors"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/gather"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/receipts"
)

// Kind is what a job's file lists.
type Kind = intake.Kind

// The kinds.
const (
	KindRoll        = intake.KindRoll
	KindLines       = intake.KindLines
	KindSettlements = intake.KindSettlements
	KindCases       = intake.KindCases
)

// State says how far a job is.
type State string

// The states. Done and failed are the ends; waiting is running while the ledger does not answer.
const (
	StateQueued  State = "queued"
	StateRunning State = "running"
	StateWaiting State = "waiting"
	StateDone    State = "done"
	StateFailed  State = "failed"
)

// JobSpec says what to do with a file.
type JobSpec struct {
	ID          string `json:"id"` // made when empty
	Kind        Kind   `json:"kind"`
	Target      string `json:"target"`    // a programme's id for a roll, an import's, an act of cases, else a batch's id
	Principal   string `json:"principal"` // who signs
	SpoolFile   string `json:"spool_file"`
	Content     []byte `json:"-"` // of a small file that is in memory alone: it goes with its job's process unless Keep is called
	ContentType string `json:"content_type"`
	Small       bool   `json:"small,omitempty"` // at most SmallFile bytes of lines or answers: they travel with those of other files
	From        string `json:"from,omitempty"`  // first period of entitlement; the programme's first when empty
	// Import is the id that a roll's import is to have; made when empty.
	Import relief.ImportID `json:"import,omitempty"`
	// County is that of the roll of a taking.
	County relief.Region `json:"county,omitempty"`
	// Rerate is what a proposal of a re-rate is to name.
	Rerate *RerateSpec `json:"rerate,omitempty"`
	// Receipts says whose receipts are put on pages.
	Receipts *receipts.List `json:"receipts,omitempty"`
	// Reseal is what is decided of documents that were sealed again.
	Reseal *ResealSpec `json:"reseal,omitempty"`

	coming *gather.Coming[together, shared, sharedResult] // announces a small file
}

// Job is what a caller sees of a job. It carries no personal data.
type Job struct {
	ID           string   `json:"id"`
	Kind         Kind     `json:"kind"`
	Target       string   `json:"target"`
	Principal    string   `json:"principal"`
	State        State    `json:"state"`
	Error        string   `json:"error,omitempty"` // in both languages, after the code of a refusal
	Progress     Progress `json:"progress"`
	Result       `json:"result"`
	Import       *ImportResult      `json:"import,omitempty"` // of a roll's file
	Rerate       *RerateResult      `json:"rerate,omitempty"` // of the proposal of a re-rate
	Reseal       *ResealResult      `json:"reseal,omitempty"` // of the proposal to seal documents again
	Due          *payment.DueResult `json:"due,omitempty"`    // of a job that lists what is owed, without the refusals
	Transactions int                `json:"transactions"`     // in blocks; a chunk of which nothing was written needs none
	StartedAt    time.Time          `json:"started_at,omitzero"`
	FinishedAt   time.Time          `json:"finished_at,omitzero"`
}

// Progress counts lines and chunks as they come.
type Progress struct {
	LinesRead int `json:"lines_read"`
	Accepted  int `json:"accepted"`
	Unchanged int `json:"unchanged"`
	Refused   int `json:"refused"`
	Chunks    int `json:"chunks"` // answered
}

// Result is what became of the lines. Refusals lists the first of the refused ones; Runner.Refusals has them all.
type Result struct {
	Accepted  int       `json:"accepted"`
	Unchanged int       `json:"unchanged"`
	Refused   int       `json:"refused"`
	Refusals  []Refusal `json:"refusals,omitempty"`
}

// ImportResult is what a roll's file would change. Nothing is changed before another official has confirmed the import.
type ImportResult struct {
	ID        relief.ImportID `json:"id,omitempty"`     // empty for a file that changes nothing
	Digest    string          `json:"digest,omitempty"` // what the official who confirms names
	Count     int             `json:"count"`            // new and changed lines
	Sum       relief.Fen      `json:"sum"`              // of their monthly amounts
	New       int             `json:"new"`
	Changed   int             `json:"changed"`
	Unchanged int             `json:"unchanged"`
	Missing   int             `json:"missing"` // on the roll by an import, in force, and not in the file
	Refused   int             `json:"refused"`
}

// Refusal is one refused line.
type Refusal struct {
	Line   int             `json:"line"` // of the file; the header is line 1
	Seq    string          `json:"serial,omitempty"`
	Field  string          `json:"field,omitempty"`
	Code   relief.LineCode `json:"code"`
	Reason string          `json:"reason"`         // the code in both languages
	Note   string          `json:"note,omitempty"` // in both languages, or the id of a record
}

// Done reports whether the job has come to an end.
func (j *Job) Done() bool { return j.State == StateDone || j.State == StateFailed }

// ErrNoJob is returned when no job has the id.
var ErrNoJob = errors.New("there is no such job")
