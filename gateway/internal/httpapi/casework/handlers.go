package casework

import (
	"context"
	"encoding/json"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/seal"
	"relieftrail/gateway/internal/table"
)

// Index is what is read from the index of the ledger. Refusals are *relief.Error.
type Index interface {
	rest.Records
	Registry(ctx context.Context) (registry.Registry, error)
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
	Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	ClaimCases(ctx context.Context, q index.ClaimQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	ClaimCounts(ctx context.Context) (map[casework.ClaimState]int, error)
	Changes(ctx context.Context, q index.ChangeQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Index        Index // as the caller may read it
	References   *reference.Keys
	Persons      *seal.Key      // nil at an agency that keeps no private details
	Evidence     *evidence.Desk // the files of cases; nil where none are kept
	Matching     Matching       // nil where no departments are asked
	MatchingTime time.Duration  // what the departments are given to answer one query
}

// Handlers answer the paths of cases and needs.
type Handlers struct {
	core *rest.Core
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers { return &Handlers{core, deps} }

// The query parameters of cases.
var (
	ByList = rest.Choice("list", index.DueCases, index.RecheckCases, index.FindingCases, index.PapersCases,
		index.ConfirmCases)
	ByBefore    = rest.NewParam("before", relief.ParseDay)
	ByOverdue   = rest.Choice("overdue", "true")
	ByProgramme = rest.NewParam("programme", relief.ParseProgrammeID)
	ByRegion    = rest.NewParam("region", relief.ParseRegion)
	ByCaseState = rest.Choice("state", casework.CaseStates...)
)

// Cases lists the cases that all of the query's parameters hold for. With a list it is a work list: the earliest day first, up
// to the day that before names; with overdue, up to yesterday.
func (h *Handlers) Cases(ctx context.Context, c *gin.Context) error {
	before := ByBefore.In(c)
	if ByOverdue.In(c) != "" {
		if ByList.In(c) == index.AllCases {
			return problem.OfField("overdue", "overdue 只用于待办清单，请同时填写 list。", "Only work lists have days: overdue goes with list.")
		}
		if yesterday := h.core.Today().Add(-1); before == "" || yesterday < before {
			before = yesterday
		}
	}
	q := index.CaseQuery{
		List: ByList.In(c), Before: before, Programme: ByProgramme.In(c), Region: ByRegion.In(c), State: ByCaseState.In(c),
	}
	return h.answerRecords(ctx, c, "cases", lists.Cases, rest.Cursor.In(c),
		func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Cases(ctx, q, cursor, limit)
		})
}

// answerRecords answers with a list of records.
func (h *Handlers) answerRecords(
	ctx context.Context, c *gin.Context, name string, t *table.Table[json.RawMessage], cursor string,
	page func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error),
) error {
	l := rest.List[json.RawMessage]{Name: name, Table: t, Page: page}
	return l.Answer(ctx, h.core, c, cursor)
}

// ByNeedState keeps the needs in a state.
var ByNeedState = rest.Choice("state", casework.NeedFound, casework.NeedTakenUp, casework.NeedDismissed)

// Needs lists the needs of a region and a state.
func (h *Handlers) Needs(ctx context.Context, c *gin.Context) error {
	region, state := ByRegion.In(c), ByNeedState.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var n casework.Need
		err := json.Unmarshal(value, &n)
		return (region == "" || region.Covers(n.Region)) && (state == "" || n.State == state), err
	}
	return h.answerRecords(ctx, c, "needs", lists.Needs, rest.IDCursor.In(c),
		func(ctx context.Context, cursor string, limit int) (index.Page[json.RawMessage], error) {
			return h.Index.Records(ctx, relief.KindNeed, cursor, limit, keep)
		})
}
