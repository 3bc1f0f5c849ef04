package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

type batchBody struct {
	ID        string `json:"id"`
	Programme string `json:"programme"`
	Region    string `json:"region"`
	Period    string `json:"period"`
	Tranche   string `json:"tranche"`
	Count     int    `json:"count"`
	Sum       string `json:"sum"`
	Purpose   string `json:"purpose,omitempty"`
}

func openBatch(_ *gin.Context, b batchBody) (request, error) {
	return request{argument: b, location: "/v1/batches/" + b.ID}, nil
}

func onBatch(c *gin.Context, _ nothing) (request, error) {
	id, err := batchID(c)
	return request{argument: idArgument{string(id)}}, err
}

type instructBody struct {
	FileSHA256 string `json:"file_sha256,omitempty"`
}

func (instructBody) mayBeEmpty() {}

type cancelBody struct {
	Reason string `json:"reason"`
}

func cancelBatch(c *gin.Context, b cancelBody) (request, error) {
	id, err := batchID(c)
	return request{argument: struct {
		ID relief.BatchID `json:"id"`
		cancelBody
	}{id, b}}, err
}

// approval is the one act whose contract function depends on whose gateway it is: civil affairs approves, finance
// authorises. At any other agency the contract refuses.
func (a *API) approval() actSpec {
	return actSpec{status: http.StatusOK, function: func(c *gin.Context) (string, error) {
		kind, err := a.agencyKind(c)
		if kind == registry.KindFinance {
			return "payment:Authorise", err
		}
		return "payment:Approve", err
	}}
}

// agencyKind is what the caller's agency is by the registry. An agency does not become another, so it is asked once, and
// of the peer: an act does not wait for the index.
func (a *API) agencyKind(c *gin.Context) (registry.AgencyKind, error) {
	if k := a.kindOf.Load(); k != nil {
		return *k, nil
	}
	b, err := a.evaluateCall(c, ledger.Call{Function: "registry:Get"})
	if err != nil {
		return "", err
	}
	var registry registry.Registry
	if err := json.Unmarshal(b, &registry); err != nil {
		return "", err
	}
	for _, agency := range registry.Agencies {
		if agency.MSPID == a.Organisation {
			a.kindOf.Store(&agency.Kind)
			return agency.Kind, nil
		}
	}
	return "", nil // not founded with this agency: the contract will say so
}

func (a *API) listBatches(ctx context.Context, c *gin.Context) (any, error) {
	var q index.BatchQuery
	limit, err := a.limit(c)
	if err != nil {
		return nil, err
	}
	cursor, err := idCursor(c)
	if err == nil {
		err = queryValue(c, "programme", relief.ParseProgrammeID, &q.Programme)
	}
	if err == nil {
		err = queryValue(c, "period", relief.ParsePeriod, &q.Period)
	}
	if err == nil {
		err = queryValue(c, "state", parseBatchState, &q.State)
	}
	if err == nil {
		err = queryValue(c, "region", relief.ParseRegion, &q.Region)
	}
	if err == nil {
		err = queryValue(c, "tranche", relief.ParseTrancheID, &q.Tranche)
	}
	if err != nil {
		return nil, err
	}
	return a.Index.Batches(ctx, q, cursor, limit)
}

func parseBatchState(s string) (payment.BatchState, error) {
	switch state := payment.BatchState(s); state {
	case payment.BatchOpen, payment.BatchSealed, payment.BatchApproved, payment.BatchAuthorised, payment.BatchInstructed, payment.BatchClosed, payment.BatchCancelled:
		return state, nil
	}
	return "", relief.FieldErrorf("state", "a batch's state is open, sealed, approved, authorised, instructed, closed or cancelled")
}

func batchID(c *gin.Context) (relief.BatchID, error) {
	return pathID(c, "id", relief.ParseBatchID)
}
