package draw

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

const goldenPlan = relief.PlanID("dibao-530181-2026Q4-visits")

func hashed(text string) Hash { return sha256.Sum256([]byte(text)) }

func filled(b byte) (h Hash) {
	for i := range h {
		h[i] = b
	}
	return h
}

func goldenSeed() Seed {
	return NewSeed(goldenPlan, 26600, hashed("frame of the example"), []Hash{filled(1), filled(2), filled(3)})
}

// The vector was worked out by another program. It must never change.
func TestGoldenDraw(t *testing.T) {
	for n, want := range map[string]Hash{
		"ac704819f62126f49fe6a11c641881f07e5fdf3aa71d62be8ed2dc0a191bf873": Commitment("AuditMSP", goldenPlan, filled(1)),
		"393b98cc24b2a90f5a0e2e508d434f47481be53c9487021c353d71fae5c8cf25": Commitment("CivilAffairsMSP", goldenPlan, filled(2)),
		"8394c93e9bad6ce4c932fc20eb68b80b5ddbf6bc734407a9a2af90cd71f73ee2": Commitment("FinanceMSP", goldenPlan, filled(3)),
		"8054c59decf89cc88bce905af63902608119158c955bdc74fa848fd7d8632e3b": Hash(goldenSeed()),
	} {
		require.Equal(t, n, want.String())
	}
	var units Units
	for i := range uint32(8) {
		units = append(units, Unit{Leaf: hashed(fmt.Sprintf("leaf %d", i)), Number: i})
	}
	seed := goldenSeed()
	require.Equal(t, []uint32{7, 3, 0, 6, 4, 1, 5, 2}, numbers(seed.Draw(units, 8)))
	require.Equal(t, []uint32{7, 3, 0}, numbers(seed.Draw(units, 3)))
	require.Equal(t, "5a942797578f42a6", seed.Ticket(units[7].Leaf).String()[:16])

	pool := []Inspector{{Agency: "AuditMSP", ID: "no-1"}, {Agency: "AuditMSP", ID: "no-2"}, {Agency: "AuditMSP", ID: "no-3"}, {Agency: "AuditMSP", ID: "no-4"}}
	require.Equal(t, "3e68377cefeb1934a8ac3cdcdc2afd6e0c68d2d13e69d39e4a7cd727d3a483ac",
		seed.inspectorTicket(units[7].Leaf, relief.Official{Agency: "AuditMSP", ID: "no-4"}).String())
	drawn := func(pool []Inspector, acted ...relief.Official) []string {
		d := DrawnUnits{Units: []DrawnUnit{{Leaf: units[7].Leaf}}}
		d.Inspect(seed, pool, []Household{{"530181001001", acted}})
		return staff(d.Units[0].Inspectors)
	}
	require.Equal(t, []string{"no-4", "no-3"}, drawn(pool))
	require.Equal(t, []string{"no-3", "no-2"}, drawn(pool, relief.Official{Agency: "AuditMSP", ID: "no-4", Role: "township"}))
	require.Equal(t, []string{"no-4", "no-3"}, drawn(pool, relief.Official{Agency: "FinanceMSP", ID: "no-4"}))
	pool[2].Serves, pool[1].Serves, pool[0].Serves = "530181001", "530181001002", "530181001001"
	require.Equal(t, []string{"no-4", "no-2"}, drawn(pool))
	require.Empty(t, drawn(pool[2:3]))
}

func numbers(units Units) (out []uint32) {
	for i := range units {
		out = append(out, units[i].Number)
	}
	return out
}

func staff(officials []relief.Official) (out []string) {
	for i := range officials {
		out = append(out, officials[i].ID)
	}
	return out
}

// A larger sample has all of a smaller one, in its order; a unit that is taken away moves no other one's ticket.
func TestConsistentSampling(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	for range 50 {
		seed := Seed(hashed(fmt.Sprint(random.Uint64())))
		units := make(Units, 1+random.IntN(300))
		for i := range units {
			units[i] = Unit{Leaf: hashed(fmt.Sprint(random.Uint64())), Number: uint32(i)}
		}
		all := numbers(seed.Draw(units, len(units)))
		for _, n := range []int{0, 1, len(units) / 2, len(units) + 5} {
			require.Equal(t, all[:min(n, len(all))], append([]uint32{}, numbers(seed.Draw(units, n))...))
		}
		gone := random.IntN(len(units))
		left := slices.DeleteFunc(slices.Clone(all), func(n uint32) bool { return n == uint32(gone) })
		require.Equal(t, left, append([]uint32{}, numbers(seed.Draw(slices.Delete(slices.Clone(units), gone, gone+1), len(units)))...))
		random.Shuffle(len(units), func(i, k int) { units[i], units[k] = units[k], units[i] })
		require.Equal(t, all, numbers(seed.Draw(units, len(units))))
	}
}

func TestApportion(t *testing.T) {
	for name, c := range map[string]struct {
		size, least  int
		strata, want []int
	}{
		"by size":              {10, 0, []int{50, 30, 20}, []int{5, 3, 2}},
		"largest remainder":    {10, 0, []int{61, 22, 17}, []int{6, 2, 2}},
		"equal: the first":     {1, 0, []int{5, 5, 5}, []int{1, 0, 0}},
		"at least two":         {10, 2, []int{97, 2, 1}, []int{10, 2, 1}},
		"more than there are":  {50, 3, []int{4, 9}, []int{4, 9}},
		"one stratum":          {3, 2, []int{8}, []int{3}},
		"a quarter's visits":   {379, 2, []int{1200, 18000, 7400}, []int{17, 257, 105}},
		"no more than it has":  {99, 0, []int{99, 1}, []int{98, 1}},
		"small ones get one":   {3, 1, []int{998, 1, 1}, []int{3, 1, 1}},
		"nothing beyond units": {1000, 10, []int{1, 1}, []int{1, 1}},
	} {
		require.Equal(t, c.want, apportion(c.size, c.least, c.strata), name)
	}
}
