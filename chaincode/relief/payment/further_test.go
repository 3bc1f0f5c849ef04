package payment

import (
	"bytes"
	"encoding/hex"
	"testing"

	"relieftrail/chaincode/relief"

	"github.com/stretchr/testify/require"
)

func goldenFurther() Further {
	answer := lineAnswer{20766, [4]byte{}, relief.BankRefHash{9}, [32]byte{7}}
	back := lineAnswer{20767, [4]byte{'A', 'C', '0', '4'}, relief.BankRefHash{8}, [32]byte{}}
	return Further{
		batches: []relief.BatchID{"b-2026-07", "b-again"},
		entries: []furtherEntry{
			{position: 0, lineSlot: lineSlot{state: slotCredited, attempt: 2, kind: relief.PaymentTopUp, amount: 4000}, lineAnswer: answer},
			{position: 0, lineSlot: lineSlot{state: slotListed, attempt: 3, batch: 1, kind: relief.PaymentTopUp, amount: 4000, deducted: 1000}},
			{position: 7, lineSlot: lineSlot{state: slotReturned, attempt: 1, kind: relief.PaymentGrant, amount: 123456}, lineAnswer: back},
			{position: 7, lineSlot: lineSlot{state: slotGranted, attempt: 2, kind: relief.PaymentGrant, amount: 78901}},
			{position: 7, again: 1, lineSlot: lineSlot{state: slotListed, attempt: 3, batch: 1, kind: relief.PaymentGrant, amount: 123456}},
		},
	}
}

// The packed value must never change under its version.
func TestGoldenFurther(t *testing.T) {
	f := goldenFurther()
	require.Equal(t, hex.EncodeToString(goldenHex(t, "further-v1.hex")), hex.EncodeToString(f.Bytes()))
	back, err := ParseFurther(f.Bytes())
	require.NoError(t, err)
	require.Equal(t, f, back)
	require.Equal(t, 8, f.Len())
}

func TestCorruptFurtherIsRefused(t *testing.T) {
	f := goldenFurther()
	for n := 1; n < len(f.Bytes()); n++ {
		_, err := ParseFurther(f.Bytes()[:n])
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})
	}
}

func FuzzFurther(f *testing.F) {
	golden := goldenFurther()
	f.Add(golden.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseFurther(b); err == nil && len(b) > 0 {
			require.True(t, bytes.Equal(b, s.Bytes()))
			_, _ = s.SumsIn(0, everything)
		}
	})
}

// There is one way to write further payments: each of these is another.
func TestImpossibleFurtherIsRefused(t *testing.T) {
	const batch, day, none = "\x01b", "\x00\x00\x50\x00", "\x00\x00\x00\x00"
	head := func(batches, entries, terms byte) string {
		return string([]byte{'f', 1, batches, 0, entries, 0, terms})
	}
	terms := func(state, attempt, batch, flags byte) string {
		return string([]byte{state, attempt, batch, flags}) + "\x00\x00\x00\x00\x00\x00\x00\x00"
	}
	topUp, grant := terms(slotListed, 2, 0, 8), terms(slotGranted, 1, 0, 12)
	again := terms(slotListed, 3, 0, 8|16)
	good := head(1, 2, 2) + batch + topUp + again + "\x05\x01\x04" + "\x00\x02\x04\x02"
	f, err := ParseFurther([]byte(good))
	require.NoError(t, err)
	require.Equal(t, []furtherEntry{
		{position: 5, lineSlot: lineSlot{state: slotListed, attempt: 2, kind: relief.PaymentTopUp, amount: 4}},
		{position: 5, again: 2, lineSlot: lineSlot{state: slotListed, attempt: 3, kind: relief.PaymentTopUp, amount: 4}},
	}, f.entries)
	_, err = ParseFurther([]byte(head(0, 1, 1) + grant + "\x05\x01\x04"))
	require.NoError(t, err)
	for name, value := range map[string]string{
		"another kind":                "l" + good[1:],
		"another version":             "f\x02" + good[2:],
		"a byte too many":             good + "\x00",
		"payments that are not there": "f\x01\x00\xff\xff\x00\x00",
		"terms of nobody":             head(1, 0, 1) + batch + topUp,
		"a regular payment":           head(1, 1, 1) + batch + terms(slotListed, 2, 0, 0) + "\x05\x01\x04",
		"arrears":                     head(1, 1, 1) + batch + terms(slotListed, 2, 0, 4) + "\x05\x01\x04",
		"a top-up that is granted":    head(0, 1, 1) + terms(slotGranted, 1, 0, 8) + "\x05\x01\x04",
		"a grant with a batch":        head(1, 1, 1) + batch + terms(slotGranted, 1, 1, 12) + "\x05\x01\x04",
		"a grant with a day":          head(0, 1, 1) + grant[:4] + day + none + "\x05\x01\x04",
		"a grant with a deduction":    head(0, 1, 1) + terms(slotGranted, 1, 0, 14) + "\x05\x01\x04\x01",
		"a free payment":              head(1, 1, 1) + batch + terms(slotFree, 2, 0, 8) + "\x05\x01\x04",
		"number 0":                    head(1, 1, 1) + batch + terms(slotListed, 0, 0, 8) + "\x05\x01\x04",
		"no such terms":               head(1, 1, 1) + batch + topUp + "\x05\x00\x04",
		"the same payment twice":      head(1, 2, 1) + batch + topUp + "\x05\x01\x04" + "\x00\x01\x04",
		"numbers out of order":        head(1, 2, 2) + batch + again + topUp + "\x05\x01\x04\x02" + "\x00\x02\x04",
		"no such position":            head(1, 1, 1) + batch + topUp + "\xe8\x07\x01\x04",
		"a position past the last":    head(1, 2, 1) + batch + topUp + "\xe7\x07\x01\x04" + "\x01\x01\x04",
		"again of itself":             head(1, 1, 1) + batch + again + "\x05\x01\x04\x03",
		"again of nothing":            head(1, 1, 1) + batch + again + "\x05\x01\x04\x00",
	} {
		_, err := ParseFurther([]byte(value))
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt}, name)
	}
}

// Several grants of one month are payments of their own; only one that no batch holds is taken back.
func TestGrants(t *testing.T) {
	f, number, err := Grant(Further{}, 7, 123456)
	require.NoError(t, err)
	require.EqualValues(t, 1, number)
	f, number, err = Grant(f, 7, 78901)
	require.NoError(t, err)
	require.EqualValues(t, 2, number)
	back, err := ParseFurther(f.Bytes())
	require.NoError(t, err)
	require.Equal(t, f.entries, back.entries)

	for name, amount := range map[string]relief.Fen{"nothing": 0, "less": -1, "too much": relief.MaxFen + 1} {
		_, _, err := Grant(f, 7, amount)
		require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid}, name)
	}
	_, _, err = Grant(f, 1000, 1)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})

	sums, err := f.SumsIn(7, everything)
	require.NoError(t, err)
	require.Equal(t, Sums{}, sums, "what is granted is not listed")
	one, err := Ungrant(f, 7, 1)
	require.NoError(t, err)
	require.Len(t, one.entries, 1)
	_, err = Ungrant(one, 7, 1)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
	golden := goldenFurther()
	_, err = Ungrant(golden, 7, 3)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState}, "it is listed")
}

func TestSumsOfFurtherPayments(t *testing.T) {
	f := goldenFurther()
	sums, err := f.SumsIn(0, everything)
	require.NoError(t, err)
	require.Equal(t, Sums{Listed: 4000, Credited: 4000}, sums)
	require.EqualValues(t, 4000, f.CreditedIn(0))
	none, err := f.SumsIn(0, func(relief.BatchID) (BatchState, error) { return BatchCancelled, nil })
	require.NoError(t, err)
	require.Equal(t, Sums{Credited: 4000}, none, "a cancelled batch lists nothing")
	require.Zero(t, f.DeductedIn(0), "nothing of it is answered")

	open := func(relief.BatchID) (BatchState, error) { return BatchOpen, nil }
	p := OfPeriod{Further: &f}
	for _, position := range []int{7, 3, 0} {
		require.NoError(t, p.Withdraw(position, 0, open))
		require.Equal(t, position == 0, p.FurtherChanged, "grants stay listed")
	}
	require.Len(t, p.Further.entries, 4)
	require.Len(t, f.entries, 5, "the value before is as it was")
	p = OfPeriod{Further: &f}
	require.NoError(t, p.Withdraw(0, 0, everything))
	require.False(t, p.FurtherChanged, "the batch is not open")
}

// What was deducted from a payment stays paid when the rest comes back.
func TestADeductionStays(t *testing.T) {
	s := LineSegment{
		batches: []relief.BatchID{"b"},
		slots:   []lineSlot{{state: slotReturned, attempt: 1, amount: 48000, deducted: 10000}},
		answers: []lineAnswer{{day: 1, reason: [4]byte{'A', 'C', '0', '4'}}},
	}
	require.EqualValues(t, 10000, s.CreditedIn(0))
	require.EqualValues(t, 10000, s.DeductedIn(0))
	require.Zero(t, s.CreditedIn(5))
}
