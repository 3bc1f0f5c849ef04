package ledger_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

type evaluator func(try int) ([]byte, error)

type asked struct {
	f     evaluator
	tries int
}

func (a *asked) Evaluate(context.Context, ledger.Call) ([]byte, error) {
	a.tries++
	return a.f(a.tries)
}

func TestAskGoesOnWhereAPeerMayBeBehind(t *testing.T) {
	missing := &ledger.NotEndorsed{Refusal: relief.Errorf(relief.CodeNotFound, "no batch has this id")}
	a := &asked{f: func(try int) ([]byte, error) {
		if try < 3 {
			return nil, missing
		}
		return []byte("{}"), nil
	}}
	b, err := ledger.Ask(t.Context(), a, ledger.Call{})
	require.NoError(t, err)
	require.Equal(t, "{}", string(b))

	a = &asked{f: func(int) ([]byte, error) { return nil, missing }}
	_, err = ledger.Ask(t.Context(), a, ledger.Call{})
	require.ErrorIs(t, err, missing, "the contract's word")
	require.Greater(t, a.tries, 1)

	for _, final := range []error{
		io.EOF, &ledger.NotEndorsed{Err: io.EOF}, &ledger.NotEndorsed{Refusal: relief.Errorf(relief.CodeForbidden, "no duty")},
	} {
		a = &asked{f: func(int) ([]byte, error) { return nil, final }}
		_, err = ledger.Ask(t.Context(), a, ledger.Call{})
		require.ErrorIs(t, err, final)
		require.Equal(t, 1, a.tries)
	}
}
