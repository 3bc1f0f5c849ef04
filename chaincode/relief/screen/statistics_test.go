package screen

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
)

// The vectors of the design, which golden.py recomputes.
func TestStatistics(t *testing.T) {
	require.False(t, never(3, 100, 226, 1000))
	require.True(t, never(3, 100, 227, 1000))
	require.False(t, never(0, 100, 10_000, 1000), "where nobody refuses it proves nothing")
	require.False(t, crowded(17, 3, 1000))
	require.True(t, crowded(18, 2, 1000))
	require.False(t, crowded(12, 3, 1000))
	require.False(t, poissonRare(13, 48, 12, 10_000))
	require.True(t, poissonRare(14, 48, 12, 10_000))
	require.False(t, poissonRare(6, 0, 12, 10_000), "a mean of at least one")
	require.True(t, poissonRare(8, 0, 12, 10_000))
	require.False(t, poissonRare(0, 48, 12, 10_000))
	require.True(t, poissonRare(100_000, 48, 12, 10_000))

	require.True(t, benfordOff([9]int64{60, 60, 60, 60, 520, 60, 60, 60, 60}, 15_000))
	require.False(t, benfordOff([9]int64{301, 176, 125, 97, 79, 67, 58, 51, 46}, 15_000))
	require.True(t, benfordOff([9]int64{301, 176, 125, 97, 79, 67, 58, 51, 46}, 1))
	require.EqualValues(t, 9, firstDigit(98_765))

	towns := []share{{8, 400}, {17, 800}, {29, 1500}, {61, 3000}, {3, 200}, {14, 800}, {9, 400}, {33, 1500}, {16, 800}, {58, 3000}, {7, 400}, {48, 800}, {7, 200}}
	require.Equal(t, []int{11}, outliers(towns, 350), "7 of 200 is no outlier among so few")
	require.Equal(t, []int{11}, outliers(towns, 800))
	require.Empty(t, outliers(towns, 810), "z is 8.08")
	require.Empty(t, outliers([]share{{0, 10}, {0, 10}, {0, 10}, {0, 10}, {0, 10}, {0, 10}, {0, 10}, {1, 10}}, 350), "one of ten among nothing is chance")
	require.Empty(t, outliers([]share{{0, 10}, {0, 10}}, 350))

	var amounts []*big.Rat
	for _, v := range []int64{1800, 1900, 1950, 2000, 2050, 2100, 2200, 2250, 2300, 4900} {
		amounts = append(amounts, big.NewRat(v, 1))
	}
	require.Equal(t, []int{9}, amountOutliers(amounts, 350), "which three standard deviations miss")
	require.Equal(t, []int{9}, amountOutliers(amounts, 1270))
	require.Empty(t, amountOutliers(amounts, 1271))
}
