package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/lists"
)

// ByStatementState keeps the statements in a state.
var ByStatementState = rest.Choice("state", statement.Recorded, statement.Confirmed, statement.Refused, statement.Withdrawn)

// AccountStatements lists the bank's statements of dedicated accounts that are on the ledger.
func (h *Handlers) AccountStatements(ctx context.Context, c *gin.Context) error {
	region, state := ByRegion.In(c), ByStatementState.In(c)
	from, to := FromDay.In(c), ToDay.In(c)
	keep := func(value json.RawMessage) (bool, error) {
		var s struct {
			Region relief.Region
			State  statement.State
			Day    relief.Day
		}
		err := json.Unmarshal(value, &s)
		return (region == "" || region.Covers(s.Region)) && (state == "" || state == s.State) &&
			s.Day >= from && (to == "" || s.Day <= to), err
	}
	return h.answerRecords(ctx, c, "account-statements", lists.AccountStatements, relief.KindStatement, rest.IDCursor.In(c), keep)
}

// AccountBalance says what balance a tranche's account should have, and how far the bank's is from it. It is worked out at the
// agency's own peer.
func (h *Handlers) AccountBalance(ctx context.Context, c *gin.Context) (any, error) {
	id, err := trancheID(c)
	if err != nil {
		return nil, err
	}
	return rest.AskIn(ctx, h.core, c, api.StatementAccount, api.TrancheInput{ID: id})
}
