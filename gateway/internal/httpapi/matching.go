package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/matching"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/seal"
)

// Matching asks other departments about households.
type Matching interface {
	Query(ctx context.Context, q matching.Query) (matching.Report, error)
	Search(ctx context.Context, q matching.Search) (matching.Report, error)
	// How tells how a department is asked: rest, folder, or "" for not at all.
	How(source relief.DepartmentID) string
	Collector() prometheus.Collector
}

// queriesAtOnce is how many queries wait for departments at a time, which may be slow: other writes do not wait for them.
const queriesAtOnce = 16

const maxNameRunes = 100

type matchQueryBody struct {
	Sources []relief.DepartmentID `json:"sources,omitempty"`
	Again   bool                  `json:"again,omitempty"`
}

func (matchQueryBody) mayBeEmpty() {}

// needQueryBody is about somebody who is in no case.
type needQueryBody struct {
	IDNumber string                `json:"id_number"`
	Name     string                `json:"name,omitempty"`
	Region   string                `json:"region"`
	Sources  []relief.DepartmentID `json:"sources,omitempty"`
}

// queryMatches asks departments about a case's household and records what they sign.
func (a *API) queryMatches(c *gin.Context) {
	report, err := a.queryOf(c)
	a.answerQuery(c, &report, err)
}

// queryNeeds asks departments about somebody who is in no case, and records the needs that they find.
func (a *API) queryNeeds(c *gin.Context) {
	report, err := a.searchFor(c)
	a.answerQuery(c, &report, err)
}

func (a *API) searchFor(c *gin.Context) (report matching.Report, err error) {
	var body needQueryBody
	if err := a.readQuery(c, false, &body); err != nil {
		return report, err
	}
	region, err := relief.ParseRegion(body.Region)
	if err != nil {
		return report, err
	}
	if utf8.RuneCountInString(body.Name) > maxNameRunes {
		return report, &fault{kind: kindInvalid, field: "name", detail: "A name has at most 100 characters."}
	}
	key, err := a.claimQuery(c, a.keyed(body))
	if err != nil {
		return report, err
	}
	ctx, cancel := a.queryTime(c)
	defer cancel()
	return a.Matching.Search(ctx, matching.Search{
		Signer: key.Principal, Key: key.IdempotencyKey, IDNumber: seal.Secret(body.IDNumber), Name: seal.Secret(body.Name),
		Region: region, Sources: body.Sources,
	})
}

// readQuery reads the body of a query, at a gateway that asks departments, and waits for what the caller has written: who is
// in a case is looked up in the index.
func (a *API) readQuery(c *gin.Context, optional bool, body any) error {
	if a.Matching == nil {
		return kindForbidden.detail("This gateway asks no departments: its setting matching.sources is empty.")
	}
	if err := allowQuery(c); err != nil {
		return err
	}
	if err := readJSON(c.Request, a.Limits.BodyBytes, a.Limits.JSONDepth, optional, body); err != nil {
		return err
	}
	return a.caughtUp(c)
}

// claimQuery has the caller's key stand for this request; what is recorded under it is known by its content.
func (a *API) claimQuery(c *gin.Context, content []byte) (outbox.Key, error) {
	key := outbox.Key{Principal: caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
	_, err := a.Outbox.Claim(key, requestHash(c, content), "matches")
	return key, err
}

// queryTime is what a query has; a caller that hangs up does not stop it.
func (a *API) queryTime(c *gin.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.Request.Context()), a.MatchingTime+a.ActTime)
}

func (a *API) answerQuery(c *gin.Context, report *matching.Report, err error) {
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
	var body matchQueryBody
	if err := a.readQuery(c, true, &body); err != nil {
		return report, err
	}
	id, err := caseID(c)
	if err != nil {
		return report, err
	}
	content, err := json.Marshal(body)
	if err != nil {
		return report, err
	}
	key, err := a.claimQuery(c, content)
	if err != nil {
		return report, err
	}
	ctx, cancel := a.queryTime(c)
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
		ID     relief.DepartmentID `json:"id"`
		Name   string              `json:"name"`
		NameEn string              `json:"name_en,omitempty"`
		Asked  string              `json:"asked,omitempty"`
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
