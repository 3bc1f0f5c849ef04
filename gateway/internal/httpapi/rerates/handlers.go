package rerates

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/jobstart"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/lists"
)

// Index is what is read of re-rates from the index of the ledger.
type Index interface {
	rest.Records
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
}

// Jobs proposes re-rates and carries them out.
type Jobs interface {
	jobstart.Jobs
	Full() bool
	CarryRerate(ctx context.Context, id relief.RerateID, principal string) (jobs.Job, error)
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Index Index
	Jobs  Jobs
}

// Handlers answer the paths of re-rates.
type Handlers struct {
	core *rest.Core
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers { return &Handlers{core, deps} }

// ByState keeps the re-rates in a state.
var ByState = rest.Choice("state", roll.RerateStates...)

// List lists the re-rates that all of the query's parameters hold for.
func (h *Handlers) List(ctx context.Context, c *gin.Context) error {
	programme, region, state := records.ByProgramme.In(c), records.ByRegion.In(c), ByState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var p roll.RerateProposal
		err := json.Unmarshal(value, &p)
		return (programme == "" || p.Programme == programme) && (region == "" || region.Covers(p.County)) &&
			(state == "" || p.State == state), err
	}
	l := rest.List[json.RawMessage]{
		Name: "rerates", Table: lists.Rerates,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Records(ctx, relief.KindRerate, cursor, limit, keep)
		},
	}
	return l.Answer(ctx, h.core, c, rest.IDCursor.In(c))
}

// view is a re-rate as it is shown: the record, and the job that carries it out at this gateway.
type view struct {
	roll.RerateProposal
	Job string `json:"job,omitempty"`
}

// Get answers with a re-rate.
func (h *Handlers) Get(ctx context.Context, c *gin.Context) (any, error) {
	record, err := h.record(ctx, c)
	if err != nil {
		return nil, err
	}
	v := view{RerateProposal: record}
	if job, err := h.Jobs.Get(jobs.RerateJob(record.ID)); err == nil {
		v.Job = job.ID
	}
	return v, nil
}

// record is the re-rate that the path names.
func (h *Handlers) record(ctx context.Context, c *gin.Context) (p roll.RerateProposal, err error) {
	id, err := rest.PathID(c, "id", relief.ParseRerateID)
	if err != nil {
		return p, err
	}
	return p, rest.RecordInto(ctx, h.Index, relief.KindRerate, string(id), &p)
}

// Propose begins the job that reads the roll and proposes its re-rate. The same request again is answered with the same job.
func (h *Handlers) Propose(c *gin.Context) error {
	spec, content, err := h.spec(c)
	if err != nil {
		return err
	}
	if h.Jobs.Full() {
		return problem.Overloaded.Fault()
	}
	if err := h.mayPropose(c, spec); err != nil {
		return err
	}
	return jobstart.Start(c, h.core, h.Jobs, jobs.JobSpec{
		Kind: jobs.KindRerateProposal, Target: string(spec.Programme) + "/" + string(spec.County), Rerate: spec,
	}, content)
}

// spec reads what is to be proposed from the path and the body.
func (h *Handlers) spec(c *gin.Context) (*jobs.RerateSpec, []byte, error) {
	var body struct {
		ID       relief.RerateID `json:"id"`
		Version  int             `json:"version"`
		From     relief.Period   `json:"from"`
		Document string          `json:"document"`
	}
	if err := h.core.ReadBody(c, &body); err != nil {
		return nil, nil, err
	}
	spec := &jobs.RerateSpec{ID: body.ID, Version: body.Version, From: body.From, Document: body.Document}
	var err error
	if spec.Programme, err = rest.PathID(c, "programme", relief.ParseProgrammeID); err != nil {
		return nil, nil, err
	}
	if spec.County, err = rest.PathID(c, "county", relief.ParseRegion); err != nil {
		return nil, nil, err
	}
	content, err := json.Marshal(spec)
	return spec, content, err
}

// mayPropose refuses what the contract would refuse of every re-rate: the caller, the version, the first month.
func (h *Handlers) mayPropose(c *gin.Context, spec *jobs.RerateSpec) error {
	p, err := rest.Ask(h.core, c, api.ProgrammeGet, api.ProgrammeInput{ID: spec.Programme})
	if err != nil {
		return err
	}
	version, from := spec.Version, spec.From
	if current, err := p.Current(); err == nil {
		if version == 0 {
			version = current.Version.Version
		}
		if from.IsZero() {
			from = current.Starts.Start()
		}
	}
	return rest.Probe(h.core, c, api.RollProposeRerate, roll.RerateTerms{
		ID: "probe", Programme: spec.Programme, County: spec.County, Version: version, From: from, Document: spec.Document,
		Segments: []roll.RerateCount{{SHA256: noHash, Changed: 1}},
	}, nil)
}

// noHash is the hash of nothing that is known.
const noHash = "0000000000000000000000000000000000000000000000000000000000000000"

// Confirm agrees to a re-rate or refuses it. After an agreement the answer is the job that carries it out in the caller's name.
// Confirming again begins the job if the gateway was stopped before it could, or if the job failed.
func (h *Handlers) Confirm(c *gin.Context) error {
	id, err := rest.PathID(c, "id", relief.ParseRerateID)
	if err != nil {
		return err
	}
	argument, err := rest.Argument(h.core, c, api.RollConfirmRerate, "id", string(id))
	if err != nil {
		return err
	}
	decision, err := api.Decode[api.ConfirmRerateInput](string(argument))
	if err != nil {
		return err
	}
	result, err := h.core.Carry(c, &rest.Act{Function: api.RollConfirmRerate.Name(), Argument: argument}, rest.RequestHash(c, argument))
	if err != nil {
		return h.core.NotKnownYet(c, err)
	}
	if !decision.Agree {
		c.Data(http.StatusOK, rest.JSONContent, result)
		return nil
	}
	// The re-rate is confirmed: a caller that hangs up does not stop its job.
	job, err := h.Jobs.CarryRerate(context.WithoutCancel(c.Request.Context()), id, rest.Caller(c).Name)
	if err != nil {
		return err
	}
	return jobstart.Begun(c, &job)
}
