package rest

import (
	"context"
	"errors"
	"fmt"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/ledger"
)

// Ask asks the agency's own peer in the caller's name.
func Ask[In, Out any](s *Core, c *gin.Context, f api.Function[In, Out], in In) (Out, error) {
	return AskIn(c.Request.Context(), s, c, f, in)
}

// AskIn is Ask for what may outlast the caller.
func AskIn[In, Out any](ctx context.Context, s *Core, c *gin.Context, f api.Function[In, Out], in In) (Out, error) {
	ctx, cancel := context.WithTimeout(ctx, ReadTime)
	defer cancel()
	out, err := contracts.Ask(ctx, s.Ledger, Caller(c).Name, f, in)
	return out, Unavailable(err)
}

// Probe asks whether the contract would take an act, before anything is sent: the act is evaluated and never submitted.
func Probe[In, Out any](s *Core, c *gin.Context, f api.Function[In, Out], in In, transient map[string][]byte) error {
	call, err := contracts.Call(Caller(c).Name, f, in, transient)
	if err != nil {
		return err
	}
	return s.ProbeCall(c.Request.Context(), call)
}

// ProbeCall is Probe of a call that is made already.
func (s *Core) ProbeCall(ctx context.Context, call ledger.Call) error {
	ctx, cancel := context.WithTimeout(ctx, ReadTime)
	defer cancel()
	_, err := ledger.Ask(ctx, s.Ledger, call)
	return Unavailable(err)
}

// Unavailable marks a failed read of the ledger that is not a refusal.
func Unavailable(err error) error {
	var refusal *relief.Error
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return fmt.Errorf("%w: %w", problem.ErrUnavailable, err)
}
