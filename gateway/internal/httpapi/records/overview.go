package records

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/lists"
)

// overview is a batch with all that an approver looks at before signing.
type overview struct {
	Batch payment.Batch `json:"batch"`
	index.Overview
	Preparers []relief.Official `json:"preparers"` // everybody who ever prepared it
	Sources   []source          `json:"sources"`
	Uploads   []upload          `json:"uploads,omitempty"`
}

// source is a tranche that a batch draws on.
type source struct {
	Tranche    relief.TrancheID `json:"tranche"`
	FiscalYear int              `json:"fiscal_year"`
	State      fund.State       `json:"state"`
	Available  relief.Fen       `json:"available"`
	Reserved   relief.Fen       `json:"reserved"`
}

// upload is a file of a batch's lines. Jobs are this gateway's: another agency's has none.
type upload struct {
	Job      string     `json:"job"`
	State    jobs.State `json:"state"`
	Accepted int        `json:"accepted"`
	Refused  int        `json:"refused"`
	Refusals string     `json:"refusals,omitempty"` // where the refused lines are
}

// BatchOverview answers with a batch beside the period before.
func (h *Handlers) BatchOverview(ctx context.Context, c *gin.Context) (any, error) {
	id, err := batchID(c)
	if err != nil {
		return nil, err
	}
	o := overview{Sources: []source{}}
	if err := rest.RecordInto(ctx, h.Index, relief.KindBatch, string(id), &o.Batch); err != nil {
		return nil, err
	}
	o.Preparers = o.Batch.EverPrepared()
	if o.Overview, err = h.Index.BatchOverview(ctx, id, h.core.PageSize(c)); err != nil {
		return nil, err
	}
	for _, tranche := range o.Batch.Tranches() {
		var t fund.Tranche
		if err := rest.RecordInto(ctx, h.Index, relief.KindTranche, string(tranche), &t); err != nil {
			return nil, err
		}
		o.Sources = append(o.Sources, source{tranche, t.FiscalYear, t.State, t.Balances.Available, t.Balances.Reserved})
	}
	uploads, err := h.Jobs.Of(jobs.KindLines, string(id))
	if err != nil {
		return nil, err
	}
	for i := range uploads {
		job := &uploads[i]
		u := upload{Job: job.ID, State: job.State, Accepted: job.Result.Accepted, Refused: job.Result.Refused}
		if u.Refused > 0 {
			u.Refusals = "/v1/jobs/" + job.ID + "/refusals"
		}
		o.Uploads = append(o.Uploads, u)
	}
	return o, nil
}

// BatchDifferences answers with a list of the overview.
func (h *Handlers) BatchDifferences(ctx context.Context, c *gin.Context) error {
	id, err := batchID(c)
	if err != nil {
		return err
	}
	list := index.DifferenceList(c.Param("list"))
	if !slices.Contains(index.DifferenceLists, list) {
		return problem.NotFound.Because("清单为 new、gone、changed 或 payees。", "The lists are new, gone, changed and payees.")
	}
	l := rest.List[index.LineDifference]{
		Name: string(id) + "-" + string(list), Table: lists.Differences,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[index.LineDifference], error) {
			return h.Index.BatchDifferences(ctx, id, list, cursor, limit)
		},
		PerPage: index.MaxPage,
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}
