package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

// readTime bounds one read, and how long it waits for the index.
const readTime = 15 * time.Second

type idArgument struct {
	ID string `json:"id"`
}

// evaluate asks the agency's own peer in the caller's name.
func (a *API) evaluate(c *gin.Context, function string, argument any) ([]byte, error) {
	document, err := json.Marshal(argument)
	if err != nil {
		return nil, err
	}
	return a.evaluateCall(c, ledger.Call{Function: function, Argument: document})
}

func (a *API) evaluateCall(c *gin.Context, call ledger.Call) ([]byte, error) {
	return a.evaluateIn(c.Request.Context(), c, call)
}

// evaluateIn is evaluateCall for what may outlast the caller.
func (a *API) evaluateIn(ctx context.Context, c *gin.Context, call ledger.Call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	call.Signer = caller(c).Name
	b, err := ledger.Ask(ctx, a.Ledger, call)
	var refusal *relief.Error
	if err != nil && !errors.As(err, &refusal) {
		return nil, fmt.Errorf("%w: %w", errUnavailable, err)
	}
	return b, err
}

// atLeastBlock names the block that a read must have, beyond what this gateway has seen of the caller.
const (
	atLeastBlock       = "at_least_block"
	headerAtLeastBlock = "X-At-Least-Block"
)

// answer makes a read: the query is one of those allowed, the index has what the caller has done, and the caller has the
// duty for act ("" needs none). What find gives is answered as JSON.
func (a *API) answer(act relief.Act, find func(ctx context.Context, c *gin.Context) (any, error), allowed ...string) gin.HandlerFunc {
	return a.reading(act, func(ctx context.Context, c *gin.Context) error {
		v, err := find(ctx, c)
		if err == nil {
			writeJSON(c, http.StatusOK, jsonContent, v)
		}
		return err
	}, allowed...)
}

// reading is answer for what writes its own answer; an error is answered as a problem.
func (a *API) reading(act relief.Act, do func(ctx context.Context, c *gin.Context) error, allowed ...string) gin.HandlerFunc {
	return func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), readTime)
		defer cancel()
		err := allowQuery(c, append(allowed, atLeastBlock)...)
		if err == nil {
			err = a.catchUp(ctx, c)
		}
		if err == nil && act != "" {
			err = a.allowed(ctx, c, act)
		}
		if err == nil {
			err = do(ctx, c)
		}
		if err != nil {
			a.fail(c, err)
		}
	}
}

// freshTime is how long a read waits for blocks that this gateway has received and not indexed yet.
const freshTime = 100 * time.Millisecond

// catchUp waits until the index has the block that the caller asks for (in the query, or in a header that works on every
// path), and every block that this gateway has seen one of the caller's transactions in: a caller reads what they have
// written. For blocks of others that have arrived it waits a moment: under load a read is a little behind rather than late.
func (a *API) catchUp(ctx context.Context, c *gin.Context) error {
	if a.Index.Fault() != nil {
		return kindBehind.detail("The index is not this ledger's; /readyz says what to do.")
	}
	block := a.Outbox.Seen(caller(c).Name)
	for _, text := range []string{c.Query(atLeastBlock), c.GetHeader(headerAtLeastBlock)} {
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 43)
		if err != nil {
			return &fault{kind: kindInvalid, field: atLeastBlock, detail: "at_least_block is a block's number, as in the header X-Block."}
		}
		block = max(block, n)
	}
	if block > 0 {
		if err := a.Index.WaitFor(ctx, block); err != nil {
			return kindBehind.detail(fmt.Sprintf("Block %d is asked for; %d blocks are indexed.", block, a.Index.Height()))
		}
	}
	a.Index.WaitForReceived(ctx, freshTime)
	if height := a.Index.Height(); height > 0 {
		c.Header("X-Block", strconv.FormatUint(height-1, 10))
	}
	return nil
}

// caughtUp is catchUp in a read's time, for what looks into the index beside something else.
func (a *API) caughtUp(c *gin.Context) error {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readTime)
	defer cancel()
	return a.catchUp(ctx, c)
}

// allowed holds the caller's certificate against the duties on the ledger, by the contracts' own rule.
func (a *API) allowed(ctx context.Context, c *gin.Context, act relief.Act) error {
	id, ok := a.Ledger.Identity(caller(c).Name)
	if !ok || id.Role == "" {
		return relief.Errorf(relief.CodeForbidden, "the caller's certificate has no attribute role")
	}
	duties, err := a.Index.Duties(ctx, act)
	if err != nil {
		return err
	}
	return relief.Allowed(duties, act, id.Official())
}

// defaultPage is the size of a page when the caller names none.
const defaultPage = 100

// limit is how many items a page is to have.
func (a *API) limit(c *gin.Context) (int, error) {
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

func (a *API) readRegistry(ctx context.Context, _ *gin.Context) (any, error) {
	return a.Index.Registry(ctx)
}

// record answers with one record that is a JSON document.
func (a *API) record(kind string, parse func(*gin.Context) (string, error)) func(context.Context, *gin.Context) (any, error) {
	return func(ctx context.Context, c *gin.Context) (any, error) {
		id, err := parse(c)
		if err != nil {
			return nil, err
		}
		return a.Index.Record(ctx, kind, id)
	}
}

// idOf is an id of the path as text.
func idOf[T ~string](parse func(*gin.Context) (T, error)) func(*gin.Context) (string, error) {
	return func(c *gin.Context) (string, error) {
		id, err := parse(c)
		return string(id), err
	}
}

// records answers with a page of records that keep, made of the query, wants.
func (a *API) records(kind string, filter func(*gin.Context) (func(json.RawMessage) (bool, error), error)) func(context.Context, *gin.Context) (any, error) {
	return func(ctx context.Context, c *gin.Context) (any, error) {
		limit, err := a.limit(c)
		if err != nil {
			return nil, err
		}
		keep, err := filter(c)
		if err != nil {
			return nil, err
		}
		cursor, err := idCursor(c)
		if err != nil {
			return nil, err
		}
		return a.Index.Records(ctx, kind, cursor, limit, keep)
	}
}

// idCursor is the id of the last record of the page before.
func idCursor(c *gin.Context) (string, error) {
	text := c.Query("cursor")
	if text == "" {
		return "", nil
	}
	if _, err := relief.ParseBatchID(text); err != nil { // the widest of the ids
		return "", &fault{kind: kindInvalid, field: "cursor", detail: "The cursor is none that a page gave."}
	}
	return text, nil
}

// everything keeps all records.
func everything(*gin.Context) (func(json.RawMessage) (bool, error), error) { return nil, nil }

// queryValue parses a query parameter; an absent one is the zero value.
func queryValue[T any](c *gin.Context, name string, parse func(string) (T, error), into *T) error {
	text := c.Query(name)
	if text == "" {
		return nil
	}
	v, err := parse(text)
	if err != nil {
		detail := "The value is not valid."
		var refusal *relief.Error
		if errors.As(err, &refusal) {
			detail = refusal.Detail
		}
		return &fault{kind: kindInvalid, field: name, detail: detail}
	}
	*into = v
	return nil
}

// pathID parses an id of the path.
func pathID[T any](c *gin.Context, name string, parse func(string) (T, error)) (T, error) {
	return parse(c.Param(name))
}
