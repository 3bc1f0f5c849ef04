package payeecheck

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/bilingual/bilingualtest"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

func testKey(t *testing.T) *seal.Key {
	t.Helper()
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{4}, payee.KeyBytes))
	require.NoError(t, err)
	key, err := seal.NewKey(1, bytes.Repeat([]byte{8}, 32), tags)
	require.NoError(t, err)
	return key
}

// The column in which opened details differ from the payee on the ledger is named, and the person never.
func TestDetailsAreComparedWithTheLedger(t *testing.T) {
	tagger := testKey(t).Tagger()
	person := &seal.Person{Name: "张三", Account: "6230599083016613184"}
	whom, err := tagger.Payee(person)
	require.NoError(t, err)
	for want, c := range map[relief.LineCode]struct {
		person seal.Person
		whom   roll.Payee
	}{
		"":                        {*person, whom},
		relief.LineAccountDiffers: {seal.Person{Name: "张三", Account: "6230599083016613185"}, whom},
		relief.LineNameDiffers:    {seal.Person{Name: "李四", Account: "6230599083016613184"}, whom},
		relief.LineAccount:        {seal.Person{Name: "张三", Account: "x"}, whom},
	} {
		code, err := Differs(tagger, &c.person, c.whom)
		require.NoError(t, err)
		require.Equal(t, want, code)
	}
	code, err := Differs(tagger, person, roll.Payee{})
	require.NoError(t, err)
	require.Equal(t, relief.LineNameDiffers, code, "erased")

	line := Line{Payment: payment.Payment{ID: relief.PaymentID{Number: 7}}, Person: *person, Differs: relief.LineAccountDiffers}
	require.ErrorIs(t, line.Err(), &relief.Error{Code: relief.CodeConflict})
	require.ErrorContains(t, line.Err(), "名册编号 7")
	line.Missing = errors.New("erased")
	require.ErrorIs(t, line.Err(), &relief.Error{Code: relief.CodePending})
	require.NotContains(t, line.Err().Error(), "张三")
	require.NoError(t, (&Line{}).Err())
}

func TestEveryRefusalIsInBothLanguages(t *testing.T) {
	require.GreaterOrEqual(t, bilingualtest.Refusals(t, "."), 3)
}

func TestAListIsThereOnceItIsSealed(t *testing.T) {
	checker := Checker{Persons: testKey(t)}
	_, err := checker.Check(t.Context(), reading.Access{Principal: "civil-approver"}, &payment.Batch{ID: "b"})
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
}
