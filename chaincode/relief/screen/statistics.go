package screen

import (
	"math/big"
	"slices"
)

// never reports whether refusing nobody in n decisions is less likely than one in oneIn, when refused of all decisions are refusals:
// (1 − refused/all)ⁿ < 1/oneIn, exactly.
func never(refused, all, n, oneIn int64) bool {
	if all <= 0 || refused <= 0 || n <= 0 {
		return false
	}
	kept := new(big.Int).Exp(big.NewInt(all-refused), big.NewInt(n), nil)
	return kept.Mul(kept, big.NewInt(oneIn)).Cmp(new(big.Int).Exp(big.NewInt(all), big.NewInt(n), nil)) < 0
}

// crowded reports whether k or more of k + m fall into one of two equal halves by a chance below one in oneIn (exact binomial).
func crowded(k, m, oneIn int64) bool {
	n := k + m
	tail := new(big.Int)
	for i := k; i <= n; i++ {
		tail.Add(tail, new(big.Int).Binomial(n, i))
	}
	return tail.Mul(tail, big.NewInt(oneIn)).Cmp(new(big.Int).Lsh(big.NewInt(1), uint(n))) < 0 //nolint:gosec // counts of grants
}

// poissonBits are the binary places of poissonRare.
const poissonBits = 256

// poissonRare reports whether k or more happen by a chance below one in oneIn where sum/months happen on average (at least 1):
// 1 − e^−λ · Σ λⁱ/i! (i < k) < 1/oneIn, in fixed point.
func poissonRare(k, sum, months, oneIn int64) bool {
	num, den := big.NewInt(max(sum, months)), big.NewInt(months)
	term := new(big.Int).Lsh(big.NewInt(1), poissonBits)
	below, all := new(big.Int), new(big.Int)
	for i := int64(0); term.Sign() > 0; i++ {
		if i < k {
			below.Add(below, term)
		}
		all.Add(all, term)
		term.Mul(term, num)
		term.Quo(term, new(big.Int).Mul(den, big.NewInt(i+1)))
	}
	rest := new(big.Int).Sub(all, below)
	return rest.Mul(rest, big.NewInt(oneIn)).Cmp(all) < 0
}

// share is x of n of a region.
type share struct{ x, n int64 }

// outliers are the places of the shares that are further than z hundredths of the robust deviation from their median: the deviation is
// MAD/0.6745, and at least √(median · (1 − median) / n). Where the median is 0 all regions' share takes its place there. With signs.
func outliers(shares []share, z int64) (found []int) {
	values := make([]*big.Rat, len(shares))
	var x, n int64
	for i, s := range shares {
		values[i] = big.NewRat(s.x, s.n)
		x, n = x+s.x, n+s.n
	}
	middle := median(values)
	typical := middle
	if middle.Sign() == 0 {
		typical = big.NewRat(x, n)
	}
	variance := new(big.Rat).Sub(big.NewRat(1, 1), typical)
	variance.Mul(variance, typical)
	spread := mad(values, middle)
	for i, off := range deviations(values, middle) {
		floor := new(big.Rat).Quo(variance, new(big.Rat).SetInt64(shares[i].n))
		if beyond(off, spread, z) && new(big.Rat).Mul(off, off).Cmp(floor.Mul(floor, big.NewRat(z*z, 10_000))) > 0 {
			found = append(found, i)
		}
	}
	return found
}

// amountOutliers is outliers of amounts, for which the deviation is at least 2 % of the median.
func amountOutliers(values []*big.Rat, z int64) (found []int) {
	middle := median(values)
	floor := new(big.Rat).Mul(middle, big.NewRat(2, 100))
	floor.Mul(floor, big.NewRat(z, 100))
	spread := mad(values, middle)
	for i, off := range deviations(values, middle) {
		if beyond(off, spread, z) && off.Cmp(floor) > 0 {
			found = append(found, i)
		}
	}
	return found
}

// beyond reports whether a deviation is more than z hundredths of MAD/0.6745.
func beyond(off, spread *big.Rat, z int64) bool {
	return new(big.Rat).Mul(off, big.NewRat(6745, 10_000)).Cmp(new(big.Rat).Mul(spread, big.NewRat(z, 100))) > 0
}

func median(values []*big.Rat) *big.Rat {
	sorted := slices.Clone(values)
	slices.SortFunc(sorted, (*big.Rat).Cmp)
	n := len(sorted)
	sum := new(big.Rat).Add(sorted[n/2], sorted[(n-1)/2])
	return sum.Quo(sum, big.NewRat(2, 1))
}

func deviations(values []*big.Rat, middle *big.Rat) []*big.Rat {
	off := make([]*big.Rat, len(values))
	for i, v := range values {
		off[i] = new(big.Rat).Sub(v, middle)
		off[i].Abs(off[i])
	}
	return off
}

func mad(values []*big.Rat, middle *big.Rat) *big.Rat { return median(deviations(values, middle)) }

// benford has log10(1 + 1/d) for the digits 1 to 9, in thousand-millionths.
var benford = [9]int64{301_029_996, 176_091_259, 124_938_737, 96_910_013, 79_181_246, 66_946_790, 57_991_947, 51_152_522, 45_757_491}

const benfordScale = 1_000_000_000

// benfordOff reports whether counts of first digits differ from Benford's shares by a mean of more than so many millionths.
func benfordOff(counts [9]int64, millionths int64) bool {
	var n int64
	for _, c := range counts {
		n += c
	}
	off := new(big.Int)
	for i, c := range counts {
		d := new(big.Int).Sub(new(big.Int).Mul(big.NewInt(c), big.NewInt(benfordScale)), new(big.Int).Mul(big.NewInt(benford[i]), big.NewInt(n)))
		off.Add(off, d.Abs(d))
	}
	bound := new(big.Int).Mul(big.NewInt(n*9), big.NewInt(millionths*(benfordScale/1_000_000)))
	return off.Cmp(bound) > 0
}

// firstDigit is the first digit of a positive number.
func firstDigit(n int64) int64 {
	for n >= 10 {
		n /= 10
	}
	return n
}
