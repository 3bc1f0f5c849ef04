package receipt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
)

// A leaf has one compact form: the shorter one for a regular payment of which nothing was deducted.
func TestLeavesOfOtherKinds(t *testing.T) {
	regular := receipt.AppendLeaf(nil, ptr(aLeaf()))
	for kind := range relief.PaymentGrant + 1 {
		for _, deducted := range []relief.Fen{0, 1, 62000} {
			leaf := aLeaf()
			leaf.Kind, leaf.Deducted = kind, deducted
			packed := receipt.AppendLeaf(nil, &leaf)
			again, err := receipt.ParseLeaf(packed)
			require.NoError(t, err)
			require.Equal(t, leaf, again)
			require.Equal(t, kind == relief.PaymentRegular && deducted == 0, packed[1] == regular[1])
		}
	}
	other := aLeaf()
	other.Kind, other.Deducted = relief.PaymentTopUp, 100
	packed := receipt.AppendLeaf(nil, &other)
	for _, bad := range []func(*relief.Leaf){
		func(l *relief.Leaf) { l.Kind, l.Deducted = relief.PaymentRegular, 0 },
		func(l *relief.Leaf) { l.Kind = relief.PaymentGrant + 1 },
		func(l *relief.Leaf) { l.Deducted = l.Amount + 1 },
	} {
		leaf := other
		bad(&leaf)
		wrong := receipt.AppendLeaf(nil, &leaf)
		wrong[1] = packed[1]
		if leaf.Kind == relief.PaymentRegular { // the longer form of what has the shorter one
			wrong = append([]byte{}, regular...)
			wrong[1] = packed[1]
		}
		_, err := receipt.ParseLeaf(wrong)
		require.Error(t, err)
	}
}

func ptr[T any](v T) *T { return &v }

func TestWordsOfOtherKinds(t *testing.T) {
	leaf := aLeaf()
	leaf.Kind, leaf.Amount, leaf.Deducted = relief.PaymentTopUp, 124000, 10000
	got := map[string]receipt.Fact{}
	for _, f := range (&receipt.Result{Leaf: leaf}).Facts() {
		got[f.Name] = f
	}
	require.Equal(t, "1,240.00 元", got["amount"].Value)
	require.Equal(t, "1,140.00 元（抵扣 100.00 元）", got["transferred"].Value)
	require.Equal(t, "CNY 1,140.00 (CNY 100.00 deducted)", got["transferred"].ValueEn)
	require.Contains(t, got["kind"].Value, "补差")
}
