package relief

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

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

// Whatever leaf a hasher had before, each has the hash of its own bytes.
func TestLeafHasher(t *testing.T) {
	var h leafHasher
	require.Equal(t, (&Leaf{}).Hash(), h.hash(&Leaf{}))
	leaf := goldenLeaf(t)
	quarter, err := ParsePeriod("2026-Q4")
	require.NoError(t, err)
	seen := map[[32]byte]bool{}
	for _, change := range []func(){
		func() {}, func() { leaf.Day++ }, func() { leaf.Day--; leaf.Amount = MaxFen }, func() { leaf.Day = 0 }, func() { leaf.Day = MaxDay },
		func() { leaf.Payment.Number = MaxRollNumber }, func() { leaf.Payment.Attempt = 255 }, func() { leaf.Payment.County = "530129" },
		func() { leaf.Payment.Programme = "tekun" }, func() { leaf.Payment.Period = quarter }, func() { leaf.Batch = "b" },
		func() { leaf.Tx[31]++ }, func() { leaf.Region = "53" }, func() { leaf.Subject[16]++ }, func() { leaf.BankRef = BankRefHash{} },
		func() { leaf.Salt[15]++ },
	} {
		change()
		hash := leaf.Hash()
		require.Equal(t, hash, h.hash(&leaf), string(leaf.AppendJSON(nil)))
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

// The leaf of each credit is computed when it is recorded; it can be made again from the slot, the transaction and the salt.
func TestCreditsMakeLeaves(t *testing.T) {
	m := newMonth(t, 3)
	m.open("b", "", 3, 144000)
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000), line(4, 2, 48000))
	m.sealToInstruct()
	before := m.lines
	m.settle(credited(0, 1), returned(1, 1))
	fresh := m.lines.NewCredits(&before, m.b.Place(0), m.b.Period, m.roll)
	require.Len(t, fresh, 1, "what was returned has no leaf")
	leaf := fresh[0].Leaf
	require.Equal(t, "dibao-530181-0000000-202611-1", leaf.Payment.String())
	require.Equal(t, Region("530181003214"), leaf.Region)
	leaf.Tx, _ = ParseTx(testTx)
	leaf.Salt = credited(0, 1).Salt
	require.Equal(t, leaf.Hash(), fresh[0].Hash)

	t.Run("sent again in another transaction", func(t *testing.T) {
		lines, result, err := Settle(&m.b, m.roll, m.lines, 0, []SettlementInput{credited(0, 1)}, strings.Repeat("0", 64))
		require.NoError(t, err)
		require.Equal(t, ChunkResult{0, 1, []Refusal{}}, result)
		require.Equal(t, m.lines.Bytes(), lines.Bytes())
	})
	t.Run("a return after the credit keeps the leaf", func(t *testing.T) {
		before := m.lines
		m.settle(returned(0, 1))
		all := m.lines.Credits(m.b.Place(0), m.b.Period, m.roll)
		require.Len(t, all, 1)
		require.True(t, all[0].Reversed)
		require.Equal(t, fresh[0].Hash, all[0].Hash)
		require.Empty(t, m.lines.NewCredits(&before, m.b.Place(0), m.b.Period, m.roll))
	})
	t.Run("paid again has a leaf of its own", func(t *testing.T) {
		m.open("again", PurposePayAgain, 2, 96000)
		m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
		m.sealToInstruct()
		before := m.lines
		m.settle(credited(0, 2), credited(1, 2))
		all := m.lines.Credits(m.b.Place(0), m.b.Period, m.roll)
		require.Len(t, all, 3)
		require.Equal(t, []uint8{1, 2, 2}, []uint8{all[0].Leaf.Payment.Attempt, all[1].Leaf.Payment.Attempt, all[2].Leaf.Payment.Attempt})
		require.Equal(t, all[1:], m.lines.NewCredits(&before, m.b.Place(0), m.b.Period, m.roll))
	})
}

func TestCreditsWithoutALeafAreNone(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	unsalted, late := credited(0, 1), credited(0, 1)
	unsalted.Salt, late.Day = [16]byte{}, MaxDay+1
	require.Equal(t, []Refusal{{0, LineSalt, ""}, {0, LineDate, ""}}, m.settle(unsalted, late).Refused)
	require.Equal(t, 2, m.settle(credited(0, 1), returned(0, 1)).Accepted)
	require.Empty(t, m.lines.Credits(m.b.Place(0), m.b.Period, m.roll), "credited and taken back in one transaction")
	_, _, err := Settle(&m.b, m.roll, m.lines, 0, nil, "not a transaction")
	require.ErrorIs(t, err, &Error{Code: CodeInvalid})
}

func BenchmarkLeafHash(b *testing.B) {
	leaf := goldenLeaf(b)
	var hasher leafHasher
	for b.Loop() {
		hasher.hash(&leaf)
	}
}

func BenchmarkLeafSalt(b *testing.B) {
	leaf := goldenLeaf(b)
	for b.Loop() {
		LeafSalt([]byte("key"), leaf.Payment)
	}
}

// BenchmarkSettle settles a chunk of 1,000 lines, packed segments in and out as in the contract.
func BenchmarkSettle(b *testing.B) {
	m := newMonth(b, 1000)
	m.tr.Balances = Balances{Issued: 1000 * 48000, Available: 1000 * 48000}
	m.open("b", "", 1000, 1000*48000)
	var lines []LineInput
	var answers []SettlementInput
	for i := range 1000 {
		lines = append(lines, line(i+2, i, 48000))
		answers = append(answers, credited(i, 1))
	}
	m.add(everything, lines...)
	m.sealToInstruct()
	roll, packed := m.roll.Bytes(), m.lines.Bytes()
	for b.Loop() {
		r, _ := ParseRollSegment(roll)
		s, _ := ParseLineSegment(packed)
		s, result, err := Settle(&m.b, r, s, 0, answers, testTx)
		if err != nil || result.Accepted != 1000 {
			b.Fatal(err, result.Accepted)
		}
		_ = s.Bytes()
	}
}
