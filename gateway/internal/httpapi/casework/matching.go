package casework

import (
	"context"
	"encoding/json"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/matching"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// Matching asks other departments about households.
type Matching interface {
	Query(ctx context.Context, q matching.Query) (matching.Report, error)
	Search(ctx context.Context, q matching.Search) (matching.Report, error)
	// How is how a department is asked: rest, folder, or "" for not at all.
	How(source relief.DepartmentID) string
	Collector() prometheus.Collector
}

type matchQueryBody struct {
	Sources []relief.DepartmentID `json:"sources,omitempty"`
	Again   bool                  `json:"again,omitempty"`
}

// MayBeEmpty marks a body that may be left out.
func (matchQueryBody) MayBeEmpty() {}

// needQueryBody is about somebody who is in no case.
type needQueryBody struct {
	IDNumber string                `json:"id_number"`
	Name     string                `json:"name,omitempty"`
	Region   string                `json:"region"`
	Sources  []relief.DepartmentID `json:"sources,omitempty"`
}

// QueryMatches asks departments about a case's household and records what they sign.
func (h *Handlers) QueryMatches(c *gin.Context) error {
	var body matchQueryBody
	if err := h.readQuery(c, &body); err != nil {
		return err
	}
	id, err := caseID(c)
	if err != nil {
		return err
	}
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	if err := h.claimQuery(c, content); err != nil {
		return err
	}
	ctx, cancel := h.queryTime(c)
	defer cancel()
	key := rest.KeyOf(c)
	report, err := h.Matching.Query(ctx, matching.Query{
		Signer: key.Principal, Key: key.IdempotencyKey, Case: id, Sources: body.Sources, Again: body.Again,
	})
	return h.answerQuery(c, &report, err)
}

// QueryNeeds asks departments about somebody who is in no case, and records the needs that they find.
func (h *Handlers) QueryNeeds(c *gin.Context) error {
	var body needQueryBody
	if err := h.readQuery(c, &body); err != nil {
		return err
	}
	region, err := relief.ParseRegion(body.Region)
	if err != nil {
		return err
	}
	if body.Name != "" {
		name, err := payee.ParseName("name", body.Name)
		if err != nil {
			return payee.AsRefusal(err)
		}
		body.Name = name.Reveal()
	}
	if err := h.claimQuery(c, h.keyed(body)); err != nil {
		return err
	}
	ctx, cancel := h.queryTime(c)
	defer cancel()
	key := rest.KeyOf(c)
	report, err := h.Matching.Search(ctx, matching.Search{
		Signer: key.Principal, Key: key.IdempotencyKey, IDNumber: seal.Secret(body.IDNumber), Name: seal.Secret(body.Name),
		Region: region, Sources: body.Sources,
	})
	return h.answerQuery(c, &report, err)
}

// readQuery reads the body of a query, at a gateway that asks departments, and waits for what the caller has written: who is
// in a case is looked up in the index.
func (h *Handlers) readQuery(c *gin.Context, body any) error {
	if h.Matching == nil {
		return problem.Forbidden.Because("本网关不向其他部门查询（设置 matching.sources 为空）。",
			"This gateway asks no departments: its setting matching.sources is empty.")
	}
	if err := h.core.ReadBody(c, body); err != nil {
		return err
	}
	return h.core.CaughtUp(c)
}

// claimQuery binds the caller's key to this request; what is recorded under the key is known by its content.
func (h *Handlers) claimQuery(c *gin.Context, content []byte) error {
	_, err := h.core.Outbox.Claim(rest.KeyOf(c), rest.RequestHash(c, content), "matches")
	return err
}

// queryTime is what a query has; a caller that hangs up does not stop it.
func (h *Handlers) queryTime(c *gin.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.Request.Context()), h.MatchingTime+h.core.ActTime)
}

func (h *Handlers) answerQuery(c *gin.Context, report *matching.Report, err error) error {
	if err != nil {
		return h.core.NotKnownYet(c, err)
	}
	if report.Block > 0 {
		c.Header("X-Block", strconv.FormatUint(report.Block, 10))
	}
	return rest.JSON(c, report)
}

// MatchSources lists the departments whose statements count, and whether this gateway asks them.
func (h *Handlers) MatchSources(ctx context.Context, _ *gin.Context) (any, error) {
	registry, err := h.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	type source struct {
		ID     relief.DepartmentID `json:"id"`
		Name   string              `json:"name"`
		NameEn string              `json:"name_en,omitempty"`
		Asked  string              `json:"asked,omitempty"`
	}
	list := []source{}
	for _, s := range registry.Sources {
		entry := source{ID: s.ID, Name: s.Name, NameEn: s.NameEn}
		if h.Matching != nil {
			entry.Asked = h.Matching.How(s.ID)
		}
		list = append(list, entry)
	}
	return map[string][]source{"sources": list}, nil
}
