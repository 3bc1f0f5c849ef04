package oversight

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

var update = flag.Bool("update", false, "write the golden files")

// november is a month of two villages.
func november() Month {
	entry := relief.HistoryEntry{
		Act: relief.ActOversightCloseMonth, By: relief.Official{Agency: "CivilAffairsMSP", ID: "no-1", Name: "preparer", Role: "preparer", Region: "530181"},
		At: time.Date(2026, 11, 30, 4, 0, 0, 0, time.UTC), Tx: strings.Repeat("0f", 32),
	}
	return Month{
		Programme: "dibao", County: "530181", Period: relief.MonthPeriod(2026*12 + 10), Version: 2, Before: strings.Repeat("ab", 32), ProgrammeVersion: 1,
		PayBy: "2026-11-10",
		Facts: Facts{
			Due: 101, DueSum: 62_620_00, OnTime: 90, OnTimeSum: 55_800_00, Late5: 4, Late10: 1, Late30: 1, Later: 1, PaidSum: 60_140_00, Unpaid: 4,
			Returned: 1, PaidAgain: 2, Rows: 97, Sum: 60_140_00, Deducted: 100_00, Households: 96, Persons: 180, Entered: 3, Left: 2, Suspended: 1, Deaths: 1,
		},
		Classes: []ClassFacts{{"A", 90, 170, 59_000_00}, {"B", 6, 10, 1_140_00}},
		Villages: []Village{
			{"530181001001", 77, 76, 150, 40_000_00, 100_00, strings.Repeat("01", 32)},
			{"530181002", 20, 20, 30, 20_140_00, 0, strings.Repeat("02", 32)},
		},
		Acts: []relief.HistoryEntry{entry, entry},
	}
}

// golden compares bytes with a golden file of hexadecimal digits.
func golden(t *testing.T, name string, b []byte) {
	t.Helper()
	text := hex.EncodeToString(b)
	if *update {
		require.NoError(t, os.WriteFile("testdata/"+name, []byte(text+"\n"), 0o600))
	}
	want, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(want)), text)
}

// A packed month must never change under its version.
func TestGoldenMonth(t *testing.T) {
	m := november()
	b, err := m.MarshalBinary()
	require.NoError(t, err)
	golden(t, "month-v1.hex", b)
	var back Month
	require.NoError(t, back.UnmarshalBinary(b))
	require.Equal(t, m, back)
}

// A month of 200 villages is some 9 kB.
func TestTheSizeOfAMonth(t *testing.T) {
	m := november()
	m.Classes, m.Villages, m.Facts = nil, nil, Facts{Rows: 200 * 133, Households: 200 * 133, Persons: 200 * 250, Sum: 200 * 8_246_000}
	for i := range 200 {
		m.Villages = append(m.Villages, Village{relief.Region(fmt.Sprintf("530181%03d%03d", i/20, i%20)), 133, 133, 250, 8_246_000, 0, strings.Repeat("01", 32)})
	}
	m.Classes = []ClassFacts{{"A", 200 * 133, 200 * 250, 200 * 8_246_000}}
	b, err := m.MarshalBinary()
	require.NoError(t, err)
	require.Less(t, len(b), 200*52)
	require.NoError(t, new(Month).UnmarshalBinary(b))
}

// What no close can have made is corrupt.
func TestMonthsThatNoCloseMakes(t *testing.T) {
	for name, spoil := range map[string]func(*Month){
		"no version":               func(m *Month) { m.Version = 0 },
		"an act too few":           func(m *Month) { m.Acts = m.Acts[:1] },
		"a second without a first": func(m *Month) { m.Before = "" },
		"no period":                func(m *Month) { m.Period = relief.Period{} },
		"due is not the sum":       func(m *Month) { m.Due++ },
		"more returned":            func(m *Month) { m.Returned = m.Unpaid + 1 },
		"a negative count":         func(m *Month) { m.Deaths = -1 },
		"rows":                     func(m *Month) { m.Rows++ },
		"money":                    func(m *Month) { m.Sum++ },
		"classes":                  func(m *Month) { m.Classes[0].Persons++ },
		"classes out of order":     func(m *Month) { m.Classes[0], m.Classes[1] = m.Classes[1], m.Classes[0] },
		"villages out of order":    func(m *Month) { m.Villages[0], m.Villages[1] = m.Villages[1], m.Villages[0] },
		"a village elsewhere":      func(m *Month) { m.Villages[1].Code = "530129001001" },
		"no village":               func(m *Month) { m.Villages[1].Code = "7" },
		"too much money":           func(m *Month) { m.DueSum = relief.MaxFen + 1 },
		"no root":                  func(m *Month) { m.Villages[0].Root = "" },
	} {
		m := november()
		spoil(&m)
		b, err := m.MarshalBinary()
		if err == nil {
			err = new(Month).UnmarshalBinary(b)
		}
		require.Error(t, err, name)
	}
	b, err := november().MarshalBinary()
	require.NoError(t, err)
	require.Error(t, new(Month).UnmarshalBinary(append(b, 0)))
	require.Error(t, new(Month).UnmarshalBinary(b[:len(b)-1]))
	require.Error(t, new(Month).UnmarshalBinary(nil))
}

func FuzzMonth(f *testing.F) {
	b, err := november().MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		var m Month
		if m.UnmarshalBinary(b) != nil {
			return
		}
		again, err := m.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, b, again)
		_, err = json.Marshal(m)
		require.NoError(t, err)
	})
}

// example is the row of the n-th leaf.
func example(n int) Row {
	leaf := sha256.Sum256(fmt.Appendf(nil, "leaf %d", n))
	return Row{
		Amount: 620_00, Class: "A", Kind: relief.PaymentRegular, Leaf: hex.EncodeToString(leaf[:]), PaidOn: "2026-11-09",
		Period: relief.MonthPeriod(2026*12 + 10), Persons: 2, Schema: RowSchema,
	}
}

// A row's bytes are canonical JSON: what encoding/json writes of an object with the members in order.
func TestGoldenRow(t *testing.T) {
	r := example(0)
	require.Equal(t, `{"amount":"620.00","class":"A","deducted":"0.00","kind":"regular","leaf":"`+r.Leaf+
		`","paid_on":"2026-11-09","period":"2026-11","persons":2,"schema":"relieftrail/row/v1"}`, string(r.AppendJSON(nil)))
	for _, r := range []Row{r, {Amount: 40_00, Class: "C", Deducted: 10_00, Kind: relief.PaymentTopUp, Leaf: r.Leaf, PaidOn: "2026-12-01", Period: relief.QuarterOf(2026 * 12), Persons: 9, Schema: RowSchema}} {
		document, err := json.Marshal(r)
		require.NoError(t, err)
		require.Equal(t, string(document), string(r.AppendJSON(nil)))
		var members map[string]any
		require.NoError(t, json.Unmarshal(document, &members))
		sorted, err := json.Marshal(members)
		require.NoError(t, err)
		require.Equal(t, string(sorted), string(document))
		var back Row
		require.NoError(t, json.Unmarshal(document, &back))
		require.Equal(t, r, back)
	}
	hash := r.Hash()
	golden(t, "row-v1.hex", hash[:])
}

// mth is the recursion of RFC 6962, section 2.1.
func mth(leaves [][32]byte) [32]byte {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	left, right := mth(leaves[:k]), mth(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// The roots of 0, 1, 2, 3, 7 and 8 rows are fixed; those of any number are RFC 6962's.
func TestGoldenRoots(t *testing.T) {
	var roots []byte
	for _, n := range []int{0, 1, 2, 3, 7, 8} {
		rows := make([]Row, n)
		for i := range rows {
			rows[i] = example(i)
		}
		root := Root(rows)
		roots = append(roots, root[:]...)
	}
	golden(t, "roots-v1.hex", roots)
	var tr tree
	var leaves [][32]byte
	for i := range 70 {
		require.Equal(t, mth(leaves), tr.root(), i)
		leaf := sha256.Sum256([]byte{byte(i)})
		leaves = append(leaves, leaf)
		tr.add(leaf)
	}
}

// A quarter is paid by the pay-by day of its last month, or of the month that the programme names.
func TestPayByOfAQuarter(t *testing.T) {
	starts, err := relief.ParsePeriod("2026-Q1")
	require.NoError(t, err)
	quarter, err := relief.ParsePeriod("2026-Q3")
	require.NoError(t, err)
	for month, want := range map[int]relief.Day{0: "2026-09-10", 1: "2026-07-10", 2: "2026-08-10", 3: "2026-09-10"} {
		p := &programme.Programme{ID: "canji", State: programme.VersionInForce, InForce: 1, Versions: []programme.VersionRecord{{
			Version: programme.Version{ID: "canji", Version: 1, Cycle: programme.CycleQuarterly, Starts: starts, PayByDay: 10, PayByMonth: month},
			State:   programme.VersionInForce,
		}}}
		day, _, err := PayBy(p, quarter)
		require.NoError(t, err)
		require.Equal(t, want, day)
	}
}
