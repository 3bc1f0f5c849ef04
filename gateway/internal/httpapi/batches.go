package httpapi

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
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

func instructBatch(c *gin.Context, b instructBody) (request, error) {
	id, err := batchID(c)
	return request{argument: struct {
		ID relief.BatchID `json:"id"`
		instructBody
	}{id, b}}, err
}

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
		if kind == "finance" {
			return "payment:Authorise", err
		}
		return "payment:Approve", err
	}}
}

// agencyKind is what the caller's agency is by the registry. An agency does not become another, so it is asked once.
func (a *API) agencyKind(c *gin.Context) (string, error) {
	if k := a.kindOf.Load(); k != nil {
		return *k, nil
	}
	b, err := a.evaluate(c, "registry:Get", nil)
	if err != nil {
		return "", err
	}
	var registry struct {
		Agencies []struct {
			MSPID string `json:"msp_id"`
			Kind  string `json:"kind"`
		} `json:"agencies"`
	}
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

func (a *API) getBatch(c *gin.Context) {
	id, err := batchID(c)
	a.get(c, "payment:Get", idArgument{string(id)}, err)
}

func batchID(c *gin.Context) (relief.BatchID, error) {
	return pathID(c, "id", relief.ParseBatchID)
}
