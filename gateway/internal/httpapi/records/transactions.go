package records

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
)

var txPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Transaction says what became of a transaction: every caller of this gateway learns its end, and who may read in the region
// of the official who sent it learns all of it. A transaction that the index does not have yet is asked for at the peer.
func (h *Handlers) Transaction(ctx context.Context, c *gin.Context) (any, error) {
	id := c.Param("id")
	if !txPattern.MatchString(id) {
		return nil, problem.NotFound.Because("交易编号为 64 位十六进制数字。", "A transaction id has 64 hexadecimal digits.")
	}
	mayRead := h.core.Allowed(ctx, c, relief.ActRead) == nil
	tx, found, err := h.Index.Transaction(ctx, id)
	elsewhere := errors.Is(err, &relief.Error{Code: relief.CodeRegion})
	if err != nil && !elsewhere {
		return nil, err
	}
	if found {
		if mayRead && !elsewhere {
			return tx, nil
		}
		return rest.TransactionStatus{Transaction: id, State: tx.State, Block: tx.Block, Code: tx.Code}, nil
	}
	commit, found, err := h.Transactions.Find(ctx, id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", problem.ErrUnavailable, err)
	case !found:
		return rest.TransactionStatus{Transaction: id, State: "pending"}, nil
	case commit.Valid:
		return rest.TransactionStatus{Transaction: id, State: "committed", Block: commit.Block, Code: commit.Code}, nil
	}
	return rest.TransactionStatus{Transaction: id, State: "invalid", Block: commit.Block, Code: commit.Code}, nil
}

type yesOrNo string

const (
	yes yesOrNo = "true"
	no  yesOrNo = "false"
)

// The query parameters of transactions.
var (
	ByValid = rest.Choice("valid", yes, no)
	ByAct   = rest.NewParam("act", parseAct)
	By      = rest.NewParam("by", parseOfficial)
)

// ListTransactions lists transactions, the latest first; valid=false those that did not take effect.
func (h *Handlers) ListTransactions(ctx context.Context, c *gin.Context) error {
	q := index.TransactionQuery{By: By.In(c), Region: ByRegion.In(c), Agency: ByAgency.In(c)}
	if given := ByValid.In(c); given != "" {
		valid := given == yes
		q.Valid = &valid
	}
	return h.answerTransactions(ctx, c, "transactions", q)
}

// OfficialActs lists what one official has done or tried to do.
func (h *Handlers) OfficialActs(ctx context.Context, c *gin.Context) error {
	by, err := parseOfficial(c.Param("agency") + "/" + c.Param("name"))
	if err != nil {
		return err
	}
	return h.answerTransactions(ctx, c, "acts", index.TransactionQuery{By: by})
}

func (h *Handlers) answerTransactions(ctx context.Context, c *gin.Context, name string, q index.TransactionQuery) error {
	q.Act, q.Days = ByAct.In(c), index.DayRange{From: FromDay.In(c), To: ToDay.In(c)}
	l := rest.List[index.Transaction]{
		Name: name, Table: lists.Transactions,
		Page: func(ctx context.Context, cursor string, limit int) (index.Page[index.Transaction], error) {
			return h.Index.Transactions(ctx, q, cursor, limit)
		},
	}
	return l.Answer(ctx, h.core, c, rest.Cursor.In(c))
}

var actPattern = regexp.MustCompile(`^[a-z]{1,40}\.[a-z_]{1,40}$`)

func parseAct(s string) (string, error) {
	if !actPattern.MatchString(s) {
		return "", relief.FieldErrorf("act", "an act is written as in a trail, such as payment.approve")
	}
	return s, nil
}

// parseOfficial reads AGENCY/NAME and gives the name in its one spelling.
func parseOfficial(s string) (relief.Official, error) {
	agency, name, ok := strings.Cut(s, "/")
	name, err := relief.FoldOfficialName(name)
	if !ok || err != nil || !agencyPattern.MatchString(agency) {
		return relief.Official{}, relief.FieldErrorf("by", "an official is written AGENCY/NAME, such as FinanceMSP/finance-approver")
	}
	return relief.Official{Agency: agency, Name: name}, nil
}
