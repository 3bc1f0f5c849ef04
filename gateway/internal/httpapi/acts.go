package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// actSpec says which contract function an act is and how its success is answered.
type actSpec struct {
	function func(*gin.Context) (string, error)
	status   int
}

func fixed(function string, status int) actSpec {
	return actSpec{func(*gin.Context) (string, error) { return function, nil }, status}
}

// created is an act that makes a record, done one that changes it.
func created(function string) actSpec { return fixed(function, http.StatusCreated) }
func done(function string) actSpec    { return fixed(function, http.StatusOK) }

// request is an act as the contract takes it.
type request struct {
	argument  any
	location  string            // of the record that was made, if one was
	transient map[string][]byte // private details, sealed
	renew     renewal           // reads the transient data from the ledger; nil when they come with the request
	private   []byte            // a keyed hash of them in clear: each sealing differs, and a repeated request must not
}

// builder makes the contract's argument of a path and a body.
type builder[T any] func(c *gin.Context, body T) (request, error)

// nothing is the body of an act that says all in its path; it may be left out.
type nothing struct{}

func (nothing) mayBeEmpty() {}

// act answers one small act: decode, do once, answer with the record.
func act[T any](a *API, spec actSpec, build builder[T]) gin.HandlerFunc {
	return func(c *gin.Context) {
		var body T
		if err := allowQuery(c); err != nil {
			a.fail(c, err)
			return
		}
		_, optional := any(body).(interface{ mayBeEmpty() })
		if err := readJSON(c.Request, a.Limits.BodyBytes, a.Limits.JSONDepth, optional, &body); err != nil {
			a.fail(c, err)
			return
		}
		req, err := build(c, body)
		if err != nil {
			a.fail(c, err)
			return
		}
		function, err := spec.function(c)
		if err != nil {
			a.fail(c, err)
			return
		}
		argument, err := json.Marshal(req.argument)
		if err != nil {
			a.fail(c, err)
			return
		}
		call := ledger.Call{Signer: caller(c).Name, Function: function, Argument: argument, Transient: req.transient}
		a.doRenewed(c, spec.status, req.location, call, requestHash(c, append(req.private, argument...)), req.renew)
	}
}

// doRequest carries an act through; request is what tells it from another. A caller that hangs up does not stop it half-way.
func (a *API) doRequest(c *gin.Context, status int, location string, call ledger.Call, request [32]byte) {
	a.doRenewed(c, status, location, call, request, nil)
}

// doRenewed is doRequest of an act that may take with it what the ledger holds.
func (a *API) doRenewed(c *gin.Context, status int, location string, call ledger.Call, request [32]byte, renew renewal) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), a.ActTime)
	defer cancel()
	key := outbox.Key{Principal: call.Signer, IdempotencyKey: c.GetString(ctxKey)}
	answer, err := a.carryOut(ctx, key, request, call, renew)
	var pending *outbox.Pending
	switch {
	case errors.As(err, &pending) && pending.TxID != "":
		a.notKnownYet(c, pending.TxID)
		return
	case pending != nil: // not even endorsed in time
		a.fail(c, fmt.Errorf("%w: %w", errUnavailable, err))
		return
	case err != nil:
		a.fail(c, err)
		return
	}
	c.Set(ctxTx, answer.TxID)
	h := c.Writer.Header()
	h.Set("X-Transaction-Id", answer.TxID)
	h.Set("X-Block", strconv.FormatUint(answer.Block, 10))
	if answer.Replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	if location != "" {
		h.Set("Location", location)
	}
	c.Data(status, jsonContent, answer.Result)
}

// renewal reads what an act takes along from the caller's own peer.
type renewal func(ctx context.Context) (map[string][]byte, error)

// renewals bounds how often an act is tried because what it took along had changed on the ledger before its turn came.
const renewals = 20

func (a *API) carryOut(ctx context.Context, key outbox.Key, request [32]byte, call ledger.Call, renew renewal) (outbox.Answer, error) {
	for n := 1; ; n++ {
		if renew != nil {
			var err error
			if call.Transient, err = renew(ctx); err != nil {
				return outbox.Answer{}, err
			}
		}
		answer, err := a.Outbox.Do(ctx, key, request, call)
		var stale *relief.Error
		if renew == nil || n == renewals || !errors.As(err, &stale) || stale.Code != relief.CodeConflict || stale.Field != wire.TransientPages {
			return answer, err
		}
	}
}

// notKnownYet answers an act that was handed over, and whose commit was not seen in time.
func (a *API) notKnownYet(c *gin.Context, txID string) {
	location := "/v1/transactions/" + txID
	c.Set(ctxTx, txID)
	c.Header("X-Transaction-Id", txID)
	c.Header("Location", location)
	c.Header("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	writeJSON(c, http.StatusAccepted, jsonContent, transactionStatus{Transaction: txID, State: "pending"})
}

// requestHash tells two requests apart: the method, the path, the query, and what was sent in canonical form.
func requestHash(c *gin.Context, content []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte(c.Request.Method + "\x00" + c.Request.URL.Path + "\x00" + c.Request.URL.Query().Encode() + "\x00"))
	h.Write(content)
	return [32]byte(h.Sum(nil))
}

// allowQuery refuses query parameters that are not among the allowed, and repeated ones: a misspelt filter must not
// be taken for no filter.
func allowQuery(c *gin.Context, allowed ...string) error {
	for name, values := range c.Request.URL.Query() {
		if !contains(allowed, name) {
			return &fault{kind: kindInvalid, field: plainName(name), detail: "The query parameter is not known."}
		}
		if len(values) != 1 {
			return &fault{kind: kindInvalid, field: name, detail: "The query parameter is there more than once."}
		}
	}
	return nil
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

const jsonContent = "application/json; charset=utf-8"
