package imports

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/jobstart"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/rollimport"
	"relieftrail/gateway/internal/seal"
)

// Index is what is read of imports from the index of the ledger.
type Index interface {
	rest.Records
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
}

// Jobs carries out confirmed imports and keeps what was proposed until then.
type Jobs interface {
	jobstart.Jobs
	Full() bool
	Imports() rollimport.Folders
	CarryImport(ctx context.Context, id relief.ImportID, principal string) (jobs.Job, error)
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Index   Index
	Jobs    Jobs
	Persons *seal.Key // opens private details; nil where none are kept
}

// Handlers answer the paths of imports.
type Handlers struct {
	core *rest.Core
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers { return &Handlers{core, deps} }

// ByState keeps the imports in a state.
var ByState = rest.Choice("state", roll.ImportProposed, roll.ImportConfirmed, roll.ImportRefused, roll.ImportWithdrawn)

// List lists the imports that all of the query's parameters hold for.
func (h *Handlers) List(ctx context.Context, c *gin.Context) error {
	programme, region, state := records.ByProgramme.In(c), records.ByRegion.In(c), ByState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var p roll.ImportProposal
		err := json.Unmarshal(value, &p)
		return (programme == "" || p.Programme == programme) && (region == "" || region.Covers(p.County)) &&
			(state == "" || p.State == state), err
	}
	l := rest.List[json.RawMessage]{
		Name: "imports", Table: lists.Imports,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Records(ctx, relief.KindImport, cursor, limit, keep)
		},
	}
	return l.Answer(ctx, h.core, c, rest.IDCursor.In(c))
}

// view is an import as it is shown: the record, and what this gateway keeps of it.
type view struct {
	roll.ImportProposal
	Summary *rollimport.Summary `json:"summary,omitempty"`
	Job     string              `json:"job,omitempty"` // that carries it out
}

// Get answers with an import. The summary is there until the import is decided and carried out, and only at the gateway at
// which it was proposed.
func (h *Handlers) Get(ctx context.Context, c *gin.Context) (any, error) {
	record, err := h.record(ctx, c)
	if err != nil {
		return nil, err
	}
	v := view{ImportProposal: record}
	if job, err := h.Jobs.Get(jobs.ImportJob(record.ID)); err == nil {
		v.Job = job.ID
	}
	kept, err := h.Jobs.Imports().Load(string(record.ID))
	if errors.Is(err, rollimport.ErrNone) {
		return v, nil
	}
	v.Summary = &kept.Summary
	return v, err
}

// record is the import that the path names.
func (h *Handlers) record(ctx context.Context, c *gin.Context) (p roll.ImportProposal, err error) {
	id, err := importID(c)
	if err != nil {
		return p, err
	}
	return p, rest.RecordInto(ctx, h.Index, relief.KindImport, string(id), &p)
}

func importID(c *gin.Context) (relief.ImportID, error) {
	return rest.PathID(c, "id", relief.ParseImportID)
}
