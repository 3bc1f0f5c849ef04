package rest

import (
	"cmp"
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

// Act is an act as the contract takes it.
type Act struct {
	Function  string
	Argument  []byte            // JSON
	Status    int               // of a success; 200 when it is 0
	Location  string            // of the record that was made, if one was
	Made      string            // the same when the contract makes the id: what stands before the id of the answer
	Transient map[string][]byte // private details, sealed
	Renew     Renewal           // reads the transient data from the ledger; nil when they come with the request
	Private   []byte            // a keyed hash of them in clear: each sealing differs, and a repeated request must not
}

// ReadBody reads a JSON body within the limits; it may be empty when its type says so.
func (s *Core) ReadBody(c *gin.Context, body any) error {
	_, optional := body.(interface{ MayBeEmpty() })
	return readJSON(c.Request, s.Limits.BodyBytes, s.Limits.JSONDepth, optional, body)
}

// Do carries an act through and answers with the record. The act is known by its argument and private data. A caller that
// hangs up does not stop it half-way.
func (s *Core) Do(c *gin.Context, act *Act) error {
	return s.DoAs(c, act, RequestHash(c, append(act.Private, act.Argument...)))
}

// DoAs is Do of an act that is known by the hash of its request.
func (s *Core) DoAs(c *gin.Context, act *Act, request [32]byte) error {
	result, err := s.Carry(c, act, request)
	if err != nil {
		return s.NotKnownYet(c, err)
	}
	Answer(c, act, result)
	return nil
}

// Answer answers with the record of an act that Carry has carried through.
func Answer(c *gin.Context, act *Act, result []byte) {
	if location := act.locate(result); location != "" {
		c.Header("Location", location)
	}
	c.Data(cmp.Or(act.Status, http.StatusOK), JSONContent, result)
}

// Carry carries an act through for a handler that has more to do before it answers. The record is the result; NotKnownYet
// answers the error.
func (s *Core) Carry(c *gin.Context, act *Act, request [32]byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), s.ActTime)
	defer cancel()
	answer, err := s.carryOut(ctx, KeyOf(c), request, act)
	if err != nil {
		return nil, err
	}
	c.Set(ctxTx, answer.TxID)
	h := c.Writer.Header()
	h.Set("X-Transaction-Id", answer.TxID)
	h.Set(BlockHeader, strconv.FormatUint(answer.Block, 10))
	if answer.Replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	return answer.Result, nil
}

// locate is the path of the record that an act made, "" for none.
func (a *Act) locate(result []byte) string {
	if a.Made == "" {
		return a.Location
	}
	var made struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(result, &made) != nil || made.ID == "" {
		return ""
	}
	return a.Made + made.ID
}

// KeyOf is the caller's Idempotency-Key.
func KeyOf(c *gin.Context) outbox.Key {
	return outbox.Key{Principal: Caller(c).Name, IdempotencyKey: c.GetString(ctxKey)}
}

// Renewal reads what an act takes along from the caller's own peer.
type Renewal func(ctx context.Context) (map[string][]byte, error)

// renewals bounds how often an act is tried because what it took along had changed on the ledger before its turn came.
const renewals = 20

func (s *Core) carryOut(ctx context.Context, key outbox.Key, request [32]byte, act *Act) (outbox.Answer, error) {
	call := ledger.Call{Signer: key.Principal, Function: act.Function, Argument: act.Argument, Transient: act.Transient}
	for n := 1; ; n++ {
		if act.Renew != nil {
			var err error
			if call.Transient, err = act.Renew(ctx); err != nil {
				return outbox.Answer{}, err
			}
		}
		answer, err := s.Outbox.Do(ctx, key, request, call)
		if err == nil || act.Renew == nil || n == renewals || !stale(err) {
			return answer, err
		}
	}
}

// stale reports whether an act was refused because what it took along had changed on the ledger.
func stale(err error) bool {
	var refusal *relief.Error
	return errors.As(err, &refusal) && refusal.Code == relief.CodeConflict && refusal.Field == wire.TransientPages
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
