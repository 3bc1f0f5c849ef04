package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/matching"
	"relieftrail/gateway/internal/outbox"
)

// Matching asks other departments about households.
type Matching interface {
	Query(ctx context.Context, q matching.Query) (matching.Report, error)
	// How tells how a department is asked: rest, folder, or "" for not at all.
	How(source relief.SourceID) string
	Collector() prometheus.Collector
}

// queriesAtOnce is how many queries wait for departments at a time, which may be slow: other writes do not wait for them.
const queriesAtOnce = 16

type matchQueryBody struct {
	Sources []relief.SourceID `json:"sources,omitempty"`
	Again   bool              `json:"again,omitempty"`
}

func (matchQueryBody) mayBeEmpty() {}

// queryMatches asks departments about a case's household and records what they sign. A caller that hangs up does not stop it.
func (a *API) queryMatches(c *gin.Context) {
	report, err := a.queryOf(c)
	var pending *outbox.Pending
	switch {
	case errors.As(err, &pending) && pending.TxID != "":
		a.notKnownYet(c, pending.TxID)
	case pending != nil:
		a.fail(c, fmt.Errorf("%w: %w", errUnavailable, err))
	case err != nil:
		a.fail(c, err)
	default:
		if report.Block > 0 {
			c.Header("X-Block", strconv.FormatUint(report.Block, 10))
		}
		writeJSON(c, http.StatusOK, jsonContent, report)
	}
}

func (a *API) queryOf(c *gin.Context) (report matching.Report, err error) {
	if a.Matching == nil {
		return report, kindForbidden.detail("This gateway asks no departments: its setting matching.sources is empty.")
	}
	id, err := caseID(c)
	if err != nil {
		return report, err
	}
	if err := allowQuery(c); err != nil {
		return report, err
	}
	var body matchQueryBody
	if err := readJSON(c.Request, a.Limits.BodyBytes, a.Limits.JSONDepth, true, &body); err != nil {
		return report, err
	}
	content, err := json.Marshal(body)
	if err != nil {
		return report, err
	}
	// The key stands for this request; what is recorded under it is known by its content.
	key := outbox.Key{Principal: caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
	if _, err := a.Outbox.Claim(key, requestHash(c, content), "matches"); err != nil {
		return report, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), a.MatchingTime+a.ActTime)
	defer cancel()
	return a.Matching.Query(ctx, matching.Query{Signer: key.Principal, Key: key.IdempotencyKey, Case: id, Sources: body.Sources, Again: body.Again})
}

// matchSources lists the departments whose statements count, and whether this gateway asks them.
func (a *API) matchSources(ctx context.Context, _ *gin.Context) (any, error) {
	registry, err := a.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	type source struct {
		ID     relief.SourceID `json:"id"`
		Name   string          `json:"name"`
		NameEn string          `json:"name_en,omitempty"`
		Asked  string          `json:"asked,omitempty"`
	}
	list := []source{}
	for _, s := range registry.Sources {
		entry := source{ID: s.ID, Name: s.Name, NameEn: s.NameEn}
		if a.Matching != nil {
			entry.Asked = a.Matching.How(s.ID)
		}
		list = append(list, entry)
	}
	return map[string][]source{"sources": list}, nil
}
