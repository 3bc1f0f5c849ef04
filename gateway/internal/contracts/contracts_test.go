package contracts_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

func TestEvaluate(t *testing.T) {
	gateway := ledgertest.New(t).Gateway(fakeledger.CivilAffairs)
	registry, err := contracts.Evaluate(t.Context(), gateway, "civil-preparer", api.RegistryGet, api.None{})
	require.NoError(t, err)
	require.Len(t, registry.Agencies, 3)
	page, err := contracts.Ask(t.Context(), gateway, "civil-preparer", api.CaseList, api.CaseFilter{Programme: "dibao"})
	require.NoError(t, err)
	require.Empty(t, page.Items)
	_, err = contracts.Evaluate(t.Context(), gateway, "civil-preparer", api.PaymentGet, api.BatchInput{ID: "b-1"})
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeNotFound})
}

// answers gives the same answer to each call.
type answers string

func (a answers) Evaluate(context.Context, ledger.Call) ([]byte, error) { return []byte(a), nil }

func TestAnAnswerOfAnotherFormIsAnError(t *testing.T) {
	_, err := contracts.Evaluate(t.Context(), answers(`{"id":7}`), "civil-preparer", api.PaymentGet, api.BatchInput{ID: "b-1"})
	require.ErrorContains(t, err, "payment:Get")
	_, err = contracts.Evaluate(t.Context(), answers(`{"id":"b-1","new":"field"}`), "civil-preparer", api.PaymentGet, api.BatchInput{ID: "b-1"})
	require.NoError(t, err, "the chaincode may be newer")
}

func TestCallHasNoArgumentWhereTheFunctionTakesNone(t *testing.T) {
	call, err := contracts.Call("audit-reader", api.RegistryGet, api.None{}, nil)
	require.NoError(t, err)
	require.Equal(t, ledger.Call{Signer: "audit-reader", Function: "registry:Get"}, call)
}

// A programme's batches are asked with the fields that the function has; the compiler refuses all others.
func ExampleEvaluate() {
	network := ledgertest.New(&testing.T{})
	gateway := network.Gateway(fakeledger.Audit)
	batches, err := contracts.Evaluate(context.Background(), gateway, "audit-reader", api.PaymentList, api.BatchFilter{Programme: "dibao"})
	fmt.Println(len(batches.Items), err)
	_, err = contracts.Evaluate(context.Background(), gateway, "audit-reader", api.PaymentGet, api.BatchInput{ID: "b-2026-11"})
	var refused *relief.Error
	fmt.Println(errors.As(err, &refused), refused.Code)
	// Output:
	// 0 <nil>
	// true NOT_FOUND
}
