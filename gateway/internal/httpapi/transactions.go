package httpapi

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
)

// transactionStatus says what became of a transaction.
type transactionStatus struct {
	Transaction string `json:"transaction"`
	State       string `json:"state"` // pending, committed, invalid
	Block       uint64 `json:"block,omitempty"`
	Code        string `json:"code,omitempty"`
}

var txPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// getTransaction tells what became of a transaction: anyone whom this gateway serves its end, and who may read all of it.
// One that the index does not have yet is asked for at the peer.
func (a *API) getTransaction(ctx context.Context, c *gin.Context) (any, error) {
	id := c.Param("id")
	if !txPattern.MatchString(id) {
		return nil, kindNotFound.detail("A transaction id has 64 hexadecimal digits.")
	}
	tx, found, err := a.Index.Transaction(ctx, id)
	if err != nil {
		return nil, err
	}
	if found {
		if a.allowed(ctx, c, relief.ActRead) == nil {
			return tx, nil
		}
		return transactionStatus{id, tx.State, tx.Block, tx.Code}, nil
	}
	commit, found, err := a.Ledger.Find(ctx, id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errUnavailable, err)
	case !found:
		return transactionStatus{Transaction: id, State: "pending"}, nil
	case commit.Valid:
		return transactionStatus{id, "committed", commit.Block, commit.Code}, nil
	}
	return transactionStatus{id, "invalid", commit.Block, commit.Code}, nil
}

// listTransactions lists transactions, the latest first; valid=false those that did not take effect.
func (a *API) listTransactions(ctx context.Context, c *gin.Context) (any, error) {
	var q index.TransactionQuery
	switch c.Query("valid") {
	case "":
	case "true", "false":
		valid := c.Query("valid") == "true"
		q.Valid = &valid
	default:
		return nil, &fault{kind: kindInvalid, field: "valid", detail: "valid is true or false."}
	}
	if err := queryValue(c, "by", parseOfficial, &q.By); err != nil {
		return nil, err
	}
	return a.transactionPage(ctx, c, q)
}

// officialActs lists what one official has done or tried to do.
func (a *API) officialActs(ctx context.Context, c *gin.Context) (any, error) {
	by, err := parseOfficial(c.Param("agency") + "/" + c.Param("name"))
	if err != nil {
		return nil, err
	}
	return a.transactionPage(ctx, c, index.TransactionQuery{By: by})
}

func (a *API) transactionPage(ctx context.Context, c *gin.Context, q index.TransactionQuery) (any, error) {
	limit, err := a.limit(c)
	if err != nil {
		return nil, err
	}
	if err := queryValue(c, "act", parseAct, &q.Act); err != nil {
		return nil, err
	}
	return a.Index.Transactions(ctx, q, c.Query("cursor"), limit)
}

var actPattern = regexp.MustCompile(`^[a-z]{1,40}\.[a-z]{1,40}$`)

func parseAct(s string) (string, error) {
	if !actPattern.MatchString(s) {
		return "", relief.FieldErrorf("act", "an act is written as in a trail, such as payment.approve")
	}
	return s, nil
}

// parseOfficial reads AGENCY/NAME.
func parseOfficial(s string) (relief.Official, error) {
	agency, name, ok := strings.Cut(s, "/")
	if !ok || agency == "" || name == "" || len(s) > 300 {
		return relief.Official{}, relief.FieldErrorf("by", "an official is written AGENCY/NAME, such as FinanceMSP/finance-approver")
	}
	return relief.Official{Agency: agency, Name: name}, nil
}
