package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

// readTime bounds one read of the ledger.
const readTime = 15 * time.Second

type idArgument struct {
	ID string `json:"id"`
}

// evaluate reads from the ledger in the caller's name.
func (a *API) evaluate(c *gin.Context, function string, argument any) ([]byte, error) {
	var document []byte
	if argument != nil {
		b, err := json.Marshal(argument)
		if err != nil {
			return nil, err
		}
		document = b
	}
	return a.evaluateCall(c, ledger.Call{Function: function, Argument: document})
}

func (a *API) evaluateCall(c *gin.Context, call ledger.Call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTime)
	defer cancel()
	call.Signer = caller(c).Name
	b, err := a.Ledger.Evaluate(ctx, call)
	var refusal *relief.Error
	if err != nil && !errors.As(err, &refusal) {
		return nil, fmt.Errorf("%w: %w", errUnavailable, err)
	}
	return b, err
}

// get answers with one record. err is what parsing its id said.
func (a *API) get(c *gin.Context, function string, argument any, err error) {
	if err == nil {
		err = allowQuery(c)
	}
	if err != nil {
		a.fail(c, err)
		return
	}
	b, err := a.evaluate(c, function, argument)
	if err != nil {
		a.fail(c, err)
		return
	}
	c.Data(http.StatusOK, jsonContent, b)
}

// list answers with one page of records: {items, next}.
func (a *API) list(function string, filters ...string) gin.HandlerFunc {
	return func(c *gin.Context) {
		limit, err := a.pageSize(c, append([]string{"limit", "cursor"}, filters...))
		if err != nil {
			a.fail(c, err)
			return
		}
		argument := map[string]any{"limit": min(limit, maxRecords)}
		for _, name := range append([]string{"cursor"}, filters...) {
			if v := c.Query(name); v != "" {
				argument[name] = v
			}
		}
		b, err := a.evaluate(c, function, argument)
		if err != nil {
			a.fail(c, err)
			return
		}
		c.Data(http.StatusOK, jsonContent, b)
	}
}

// maxRecords is the contracts' own limit of a page of records; a page may be shorter than was asked for.
const maxRecords = 500

// defaultPage is the size of a page when the caller names none.
const defaultPage = 100

func (a *API) pageSize(c *gin.Context, allowed []string) (int, error) {
	if err := allowQuery(c, allowed...); err != nil {
		return 0, err
	}
	text := c.Query("limit")
	if text == "" {
		return min(defaultPage, a.Limits.PageSize), nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > a.Limits.PageSize {
		return 0, &fault{kind: kindInvalid, field: "limit", detail: fmt.Sprintf("limit is 1 to %d.", a.Limits.PageSize)}
	}
	return n, nil
}

func (a *API) registry(c *gin.Context) { a.get(c, "registry:Get", nil, nil) }

// pathID parses an id of the path.
func pathID[T any](c *gin.Context, name string, parse func(string) (T, error)) (T, error) {
	return parse(c.Param(name))
}

// transactionStatus says what became of a transaction.
type transactionStatus struct {
	Transaction string `json:"transaction"`
	State       string `json:"state"` // pending, committed, invalid
	Block       uint64 `json:"block,omitempty"`
	Code        string `json:"code,omitempty"`
}

var txPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (a *API) getTransaction(c *gin.Context) {
	id := c.Param("id")
	if !txPattern.MatchString(id) {
		a.fail(c, kindNotFound.detail("A transaction id has 64 hexadecimal digits."))
		return
	}
	if err := allowQuery(c); err != nil {
		a.fail(c, err)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTime)
	defer cancel()
	commit, found, err := a.Ledger.Find(ctx, id)
	if err != nil {
		a.fail(c, fmt.Errorf("%w: %w", errUnavailable, err))
		return
	}
	status := transactionStatus{Transaction: id, State: "pending"}
	if found {
		status.State, status.Block, status.Code = "invalid", commit.Block, commit.Code
		if commit.Valid {
			status.State = "committed"
		}
	}
	writeJSON(c, http.StatusOK, jsonContent, status)
}
