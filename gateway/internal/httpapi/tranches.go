package httpapi

import (
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// targets are the four performance targets that are set with the money, in percent with two places.
type targets struct {
	Coverage     string `json:"coverage"`
	Timeliness   string `json:"timeliness"`
	Accuracy     string `json:"accuracy"`
	Satisfaction string `json:"satisfaction"`
}

type trancheBody struct {
	ID         string  `json:"id"`
	Programme  string  `json:"programme"`
	Region     string  `json:"region"`
	Amount     string  `json:"amount"`
	Source     string  `json:"source"`
	Account    string  `json:"account"`
	FiscalYear int     `json:"fiscal_year"`
	Targets    targets `json:"targets"`
}

func issueTranche(_ *gin.Context, b trancheBody) (request, error) {
	return request{argument: b, location: "/v1/tranches/" + b.ID}, nil
}

type allocationBody struct {
	ID      string  `json:"id"`
	Region  string  `json:"region"`
	Amount  string  `json:"amount"`
	Account string  `json:"account"`
	Targets targets `json:"targets"`
}

func allocateTranche(c *gin.Context, b allocationBody) (request, error) {
	parent, err := trancheID(c)
	return request{location: "/v1/tranches/" + b.ID, argument: struct {
		Parent relief.TrancheID `json:"parent"`
		allocationBody
	}{parent, b}}, err
}

type refundBody struct {
	Amount string `json:"amount"`
	Reason string `json:"reason"`
}

func refundTranche(c *gin.Context, b refundBody) (request, error) {
	id, err := trancheID(c)
	return request{argument: struct {
		ID relief.TrancheID `json:"id"`
		refundBody
	}{id, b}}, err
}

func onTranche(c *gin.Context, _ nothing) (request, error) {
	id, err := trancheID(c)
	return request{argument: idArgument{string(id)}}, err
}

// trancheFilter keeps the tranches of a programme, a state, or a region and those inside it.
func trancheFilter(c *gin.Context) (func(json.RawMessage) (bool, error), error) {
	var programme relief.ProgrammeID
	var region relief.Region
	err := queryValue(c, "programme", relief.ParseProgrammeID, &programme)
	if err == nil {
		err = queryValue(c, "region", relief.ParseRegion, &region)
	}
	state := fund.State(c.Query("state"))
	if err == nil && state != "" && state != fund.TrancheIssued && state != fund.TrancheClosed {
		err = &fault{kind: kindInvalid, field: "state", detail: "A tranche's state is issued or closed."}
	}
	return func(value json.RawMessage) (bool, error) {
		var t fund.Tranche
		err := json.Unmarshal(value, &t)
		return (programme == "" || t.Programme == programme) && (region == "" || region.Covers(t.Region)) && (state == "" || t.State == state), err
	}, err
}

func trancheID(c *gin.Context) (relief.TrancheID, error) {
	return pathID(c, "id", relief.ParseTrancheID)
}
