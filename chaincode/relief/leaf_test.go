package relief

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files again")

const testTx = "8c2f0e6f6d1f6a0b1f4f0f9d3c5b7a99e1d2c3b4a5968778695a4b3c2d1e0f00"

func goldenLeaf(t testing.TB) Leaf {
	id, err := ParsePaymentID("dibao-530181-0000298-202611-1")
	require.NoError(t, err)
	tx, err := ParseTx(testTx)
	require.NoError(t, err)
	return Leaf{
		Payment: id, Region: "530181003214", Subject: SubjectRef{1, 2, 3, 4}, Amount: 62005, Day: 20767, Batch: "b-2026-11",
		Tx: tx, BankRef: BankRefHash{5, 6}, Salt: LeafSalt([]byte("key"), id),
	}
}

// A leaf's bytes must never change under their schema: the hashes of all receipts depend on them.
func TestGoldenLeaf(t *testing.T) {
	leaf := goldenLeaf(t)
	hash := leaf.Hash()
	got := string(leaf.AppendJSON(nil)) + "\n" + hex.EncodeToString(hash[:]) + "\n"
	const path = "testdata/leaf-v2.txt"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	golden, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(golden), got)
}

// RFC 8785 of an object of texts that need no escape is what encoding/json writes of a map.
func TestLeafIsCanonicalJSON(t *testing.T) {
	leaf := goldenLeaf(t)
	var fields map[string]string
	require.NoError(t, json.Unmarshal(leaf.AppendJSON(nil), &fields))
	require.Len(t, fields, 12)
	again, err := json.Marshal(fields)
	require.NoError(t, err)
	require.Equal(t, string(again), string(leaf.AppendJSON(nil)))
	require.Equal(t, map[string]string{
		"amount": "620.05", "bank_ref_sha256_128": "0506" + strings.Repeat("00", 14), "batch": "b-2026-11", "paid_at": "2026-11-10",
		"period": "2026-11", "programme": "dibao", "receipt_id": "dibao-530181-0000298-202611-1", "region": "530181003214",
		"salt": hex.EncodeToString(leaf.Salt[:]), "schema": LeafSchema, "subject": leaf.Subject.String(), "transaction": testTx,
	}, fields)
}

// A regular payment without a deduction says neither; another one does.
func TestLeafOfAnotherKind(t *testing.T) {
	leaf := goldenLeaf(t)
	regular := string(leaf.AppendJSON(nil))
	leaf.Kind, leaf.Deducted = PaymentArrears, 10000
	want := strings.Replace(regular, `"b-2026-11",`, `"b-2026-11","deducted":"100.00","kind":"arrears",`, 1)
	require.Equal(t, want, string(leaf.AppendJSON(nil)))
}

func TestPaymentKinds(t *testing.T) {
	for k := range PaymentGrant + 1 {
		again, err := ParsePaymentKind(k.String())
		require.NoError(t, err)
		require.Equal(t, k, again)
	}
	_, err := ParsePaymentKind("unknown")
	require.ErrorIs(t, err, &Error{Code: CodeInvalid})
	require.Equal(t, "unknown", PaymentKind(4).String())
}

// Whatever leaf a hasher had before, each has the hash of its own bytes.
func TestLeafHasher(t *testing.T) {
	var h LeafHasher
	require.Equal(t, (&Leaf{}).Hash(), h.Hash(&Leaf{}))
	leaf := goldenLeaf(t)
	quarter, err := ParsePeriod("2026-Q4")
	require.NoError(t, err)
	seen := map[[32]byte]bool{}
	for _, change := range []func(){
		func() {}, func() { leaf.Day++ }, func() { leaf.Day--; leaf.Amount = MaxFen }, func() { leaf.Day = 0 }, func() { leaf.Day = MaxDay },
		func() { leaf.Payment.Number = MaxRollNumber }, func() { leaf.Payment.Attempt = 255 }, func() { leaf.Payment.County = "530129" },
		func() { leaf.Payment.Programme = "tekun" }, func() { leaf.Payment.Period = quarter }, func() { leaf.Batch = "b" },
		func() { leaf.Tx[31]++ }, func() { leaf.Region = "53" }, func() { leaf.Subject[16]++ }, func() { leaf.BankRef = BankRefHash{} },
		func() { leaf.Salt[15]++ }, func() { leaf.Kind = PaymentTopUp }, func() { leaf.Deducted = 10000 }, func() { leaf.Deducted++ },
		func() { leaf.Kind = PaymentRegular },
	} {
		change()
		hash := leaf.Hash()
		require.Equal(t, hash, h.Hash(&leaf), string(leaf.AppendJSON(nil)))
		require.False(t, seen[hash], "each change is in the leaf")
		seen[hash] = true
		var fields map[string]string
		require.NoError(t, json.Unmarshal(leaf.AppendJSON(nil), &fields))
		again, err := json.Marshal(fields)
		require.NoError(t, err)
		require.Equal(t, string(again), string(leaf.AppendJSON(nil)))
	}
}

func TestSaltsDifferByPaymentAndKey(t *testing.T) {
	leaf := goldenLeaf(t)
	again := leaf.Payment
	again.Attempt = 2
	seen := map[[16]byte]bool{
		LeafSalt([]byte("key"), leaf.Payment): true, LeafSalt([]byte("key"), again): true, LeafSalt([]byte("another"), leaf.Payment): true,
	}
	require.Len(t, seen, 3)
}

func TestParseTx(t *testing.T) {
	for _, bad := range []string{"", "00", testTx[1:], testTx + "0", strings.ToUpper(testTx), "g" + testTx[1:]} {
		_, err := ParseTx(bad)
		require.ErrorIs(t, err, &Error{Code: CodeInvalid}, bad)
	}
}

func BenchmarkLeafHash(b *testing.B) {
	leaf := goldenLeaf(b)
	var hasher LeafHasher
	for b.Loop() {
		hasher.Hash(&leaf)
	}
}

func BenchmarkLeafSalt(b *testing.B) {
	leaf := goldenLeaf(b)
	for b.Loop() {
		LeafSalt([]byte("key"), leaf.Payment)
	}
}
