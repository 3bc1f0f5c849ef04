package reseals

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/gateway/internal/httpapi/jobstart"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/resealing"
	"relieftrail/gateway/internal/seal"
)

// Index is what is read of resealings from the index of the ledger.
type Index interface {
	rest.Records
	resealing.Index
}

// Jobs seals documents again.
type Jobs interface {
	jobstart.Jobs
	Full() bool
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Index   Index
	Jobs    Jobs
	Persons *seal.Key // nil at an agency that keeps no private details
}

// Handlers answer the paths of resealings.
type Handlers struct {
	core *rest.Core
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers { return &Handlers{core, deps} }

// ByState keeps the resealings in a state.
var ByState = rest.Choice("state", reseal.States[1:]...)

// ByCounty is the county that is asked about.
var ByCounty = rest.NewParam("county", parseCounty)

func parseCounty(text string) (relief.Region, error) {
	county, err := relief.ParseRegion(text)
	if err != nil || county.County() != county {
		return "", errCounty()
	}
	return county, nil
}

func errCounty() error {
	return problem.OfField("county", "请填写县级行政区划代码，例如 530181。", "Name a county by its code, such as 530181.")
}

// List lists the resealings that all of the query's parameters hold for.
func (h *Handlers) List(ctx context.Context, c *gin.Context) error {
	region, state := records.ByRegion.In(c), ByState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var r reseal.Reseal
		err := json.Unmarshal(value, &r)
		return (region == "" || region.Covers(r.County)) && (state == "" || r.State == state), err
	}
	l := rest.List[json.RawMessage]{
		Name: "reseals", Table: lists.Reseals,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Records(ctx, relief.KindReseal, cursor, limit, keep)
		},
	}
	return l.Answer(ctx, h.core, c, rest.IDCursor.In(c))
}

// Waiting answers with what waits in a county to be confirmed.
func (h *Handlers) Waiting(ctx context.Context, c *gin.Context) (any, error) {
	county := ByCounty.In(c)
	if county == "" {
		return nil, errCounty()
	}
	caller, err := reach.Of(ctx)
	if err != nil {
		return nil, err
	}
	if err := caller.RequireCovers(county); err != nil {
		return nil, err
	}
	return resealing.WaitingIn(ctx, h.Index, county, 0)
}

// Propose begins the job that seals what is under another key and proposes that. The same request again is answered with the same
// job.
func (h *Handlers) Propose(c *gin.Context) error {
	var body struct {
		County relief.Region `json:"county"`
	}
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	county, err := parseCounty(string(body.County))
	if err != nil {
		return err
	}
	if err := h.ready(); err != nil {
		return err
	}
	if err := h.may(c, relief.ActPersonProposeReseal, county); err != nil {
		return err
	}
	return jobstart.Start(c, h.core, h.Jobs, jobs.JobSpec{Kind: jobs.KindResealProposal, Target: string(county)}, []byte(county))
}

// Confirm begins the job that confirms or refuses all that waits in a county, as the digest that the caller has seen names it.
func (h *Handlers) Confirm(c *gin.Context) error {
	var body struct {
		County relief.Region `json:"county"`
		SHA256 string        `json:"sha256"`
		Agree  bool          `json:"agree"`
		Reason string        `json:"reason"`
	}
	if err := h.core.ReadBody(c, &body); err != nil {
		return err
	}
	county, err := parseCounty(string(body.County))
	if err != nil {
		return err
	}
	if body.Agree != (body.Reason == "") {
		return problem.OfField("reason", "不同意时须说明理由；同意时不填。", "A refusal has a reason, an agreement none.")
	}
	if err := h.ready(); err != nil {
		return err
	}
	if err := h.may(c, relief.ActPersonConfirmReseal, county); err != nil {
		return err
	}
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return jobstart.StartOf(c, h.core, h.Jobs, content, func() (jobs.JobSpec, error) {
		proposals, err := h.named(c, county, body.SHA256)
		return jobs.JobSpec{Kind: jobs.KindReseal, Target: string(county), Reseal: &jobs.ResealSpec{
			Proposals: proposals, Agree: body.Agree, Reason: body.Reason,
		}}, err
	})
}

// named are the proposals that wait in a county, if they are those that a digest names.
func (h *Handlers) named(c *gin.Context, county relief.Region, digest string) ([]relief.ResealID, error) {
	waiting, err := resealing.WaitingIn(c.Request.Context(), h.Index, county, 0)
	if err != nil {
		return nil, err
	}
	if waiting.SHA256 != digest || digest == "" {
		return nil, &relief.Error{Code: relief.CodeConflict, Field: "sha256", Detail: "待确认的重新封存与所填摘要不符，请重新查看 · " +
			"what waits to be confirmed has another digest: read /v1/reseals/waiting again"}
	}
	return waiting.IDs, nil
}

// ready refuses where no documents are sealed, and while there are too many jobs.
func (h *Handlers) ready() error {
	switch {
	case h.Persons == nil:
		return problem.Forbidden.Because("本网关没有个人信息密钥，请在保存个人信息的网关重新封存。",
			"This gateway has no persons key: documents are sealed again where private details are kept.")
	case h.Jobs.Full():
		return problem.Overloaded.Fault()
	}
	return nil
}

// may refuses a caller whom the contract would refuse whatever is proposed: without the duty, or outside the county.
func (h *Handlers) may(c *gin.Context, act relief.Act, county relief.Region) error {
	if err := h.core.HasDuty(c, act); err != nil {
		return err
	}
	_, err := rest.Ask(h.core, c, api.PersonSealed, api.SealedInput{County: county, Names: []string{relief.CaseDetailsKey("none").Name()}})
	return err
}
