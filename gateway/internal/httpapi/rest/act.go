package rest

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
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// ActSpec says which contract function an act is and how its success is answered.
type ActSpec struct {
	Function func(*gin.Context) (string, error)
	Status   int
}

func fixed(function string, status int) ActSpec {
	return ActSpec{func(*gin.Context) (string, error) { return function, nil }, status}
}

// Created is an act that makes a record.
func Created(function string) ActSpec { return fixed(function, http.StatusCreated) }

// Done is an act that changes a record.
func Done(function string) ActSpec { return fixed(function, http.StatusOK) }

// Request is an act as the contract takes it.
type Request struct {
	Argument  any
	Location  string            // of the record that was made, if one was
	Transient map[string][]byte // private details, sealed
	Renew     Renewal           // reads the transient data from the ledger; nil when they come with the request
	Private   []byte            // a keyed hash of them in clear: each sealing differs, and a repeated request must not
}

// Build makes the contract's argument of a path and a body.
type Build[T any] func(c *gin.Context, body T) (Request, error)

// Nothing is the body of an act that says all in its path; it may be left out.
type Nothing struct{}

// MayBeEmpty marks a body that may be left out.
func (Nothing) MayBeEmpty() {}

// Act makes a handler of one small act: decode, do once, answer with the record.
func Act[T any](s *Core, spec ActSpec, build Build[T]) Handler {
	return func(c *gin.Context) error {
		var body T
		if err := s.ReadBody(c, &body); err != nil {
			return err
		}
		req, err := build(c, body)
		if err != nil {
			return err
		}
		function, err := spec.Function(c)
		if err != nil {
			return err
		}
		argument, err := json.Marshal(req.Argument)
		if err != nil {
			return err
		}
		call := ledger.Call{Signer: Caller(c).Name, Function: function, Argument: argument, Transient: req.Transient}
		return s.doRenewed(c, spec.Status, req.Location, call, RequestHash(c, append(req.Private, argument...)), req.Renew)
	}
}

// ReadBody reads a JSON body within the limits; it may be empty when its type says so.
func (s *Core) ReadBody(c *gin.Context, body any) error {
	_, optional := body.(interface{ MayBeEmpty() })
	return readJSON(c.Request, s.Limits.BodyBytes, s.Limits.JSONDepth, optional, body)
}

// Do carries an act through; request distinguishes it from another. A caller that hangs up does not stop it half-way.
func (s *Core) Do(c *gin.Context, status int, call ledger.Call, request [32]byte) error {
	return s.doRenewed(c, status, "", call, request, nil)
}

// doRenewed is Do of an act that may take with it what the ledger holds.
func (s *Core) doRenewed(c *gin.Context, status int, location string, call ledger.Call, request [32]byte, renew Renewal) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), s.ActTime)
	defer cancel()
	answer, err := s.carryOut(ctx, KeyOf(c), request, call, renew)
	if err != nil {
		return s.NotKnownYet(c, err)
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
	c.Data(status, JSONContent, answer.Result)
	return nil
}

// KeyOf is the caller's Idempotency-Key.
func KeyOf(c *gin.Context) outbox.Key {
	return outbox.Key{Principal: Caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
}

// Renewal reads what an act takes along from the caller's own peer.
type Renewal func(ctx context.Context) (map[string][]byte, error)

// renewals bounds how often an act is tried because what it took along had changed on the ledger before its turn came.
const renewals = 20

func (s *Core) carryOut(ctx context.Context, key outbox.Key, request [32]byte, call ledger.Call, renew Renewal) (outbox.Answer, error) {
	for n := 1; ; n++ {
		if renew != nil {
			var err error
			if call.Transient, err = renew(ctx); err != nil {
				return outbox.Answer{}, err
			}
		}
		answer, err := s.Outbox.Do(ctx, key, request, call)
		var stale *relief.Error
		if renew == nil || n == renewals || !errors.As(err, &stale) || stale.Code != relief.CodeConflict || stale.Field != wire.TransientPages {
			return answer, err
		}
	}
}

// TransactionStatus says what became of a transaction.
type TransactionStatus struct {
	Transaction string `json:"transaction"`
	State       string `json:"state"` // pending, committed, invalid
	Block       uint64 `json:"block,omitempty"`
	Code        string `json:"code,omitempty"`
}

// NotKnownYet answers an act that was handed over and whose commit was not seen in time; any other error is returned.
func (s *Core) NotKnownYet(c *gin.Context, err error) error {
	var pending *outbox.Pending
	if !errors.As(err, &pending) {
		return err
	}
	if pending.TxID == "" { // not even endorsed in time
		return fmt.Errorf("%w: %w", problem.ErrUnavailable, err)
	}
	location := "/v1/transactions/" + pending.TxID
	c.Set(ctxTx, pending.TxID)
	c.Header("X-Transaction-Id", pending.TxID)
	c.Header("Location", location)
	c.Header("Retry-After", strconv.Itoa(int(RetryAfter.Seconds())))
	return JSONStatus(c, http.StatusAccepted, TransactionStatus{Transaction: pending.TxID, State: "pending"})
}

// RequestHash distinguishes requests by the method, the path, the query, and what was sent in canonical form.
func RequestHash(c *gin.Context, content []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte(c.Request.Method + "\x00" + c.Request.URL.Path + "\x00" + c.Request.URL.Query().Encode() + "\x00"))
	h.Write(content)
	return [32]byte(h.Sum(nil))
}
