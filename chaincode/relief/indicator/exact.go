package indicator

import (
	"math/big"
	"math/bits"
	"strconv"
)

// Ratio is a value: an exact numerator and denominator of people or fen. It has no value when nobody is counted.
type Ratio struct {
	Num int64 `json:"numerator"`
	Den int64 `json:"denominator"`
}

// None reports whether there is nothing to divide by.
func (r Ratio) None() bool { return r.Den <= 0 }

// Meets reports whether the ratio reaches a target of basis points, or does not exceed it. It compares the products in full, never
// what is shown.
func (r Ratio) Meets(target int64, atMost bool) bool {
	if r.None() || r.Num < 0 || target < 0 {
		return false
	}
	numHi, numLo := bits.Mul64(uint64(r.Num), 10_000)
	denHi, denLo := bits.Mul64(uint64(r.Den), uint64(target)) //nolint:gosec // not negative
	switch {
	case numHi == denHi && numLo == denLo:
		return true
	case atMost:
		return numHi < denHi || numHi == denHi && numLo < denLo
	}
	return numHi > denHi || numHi == denHi && numLo > denLo
}

// Rat is the ratio as an exact number.
func (r Ratio) Rat() *big.Rat { return big.NewRat(r.Num, r.Den) }

// Shown writes the ratio with two places, half up: as a percentage, or in yuan of a numerator in fen; "–" when there is none.
func (r Ratio) Shown(u Unit) string {
	if r.None() {
		return "–"
	}
	scale := int64(10_000) // hundredths of a percent
	if u == Yuan {
		scale = 1 // fen
	}
	return hundredths(new(big.Rat).Mul(r.Rat(), big.NewRat(scale, 1)))
}

// hundredths writes a number of hundredths with two places, half up.
func hundredths(x *big.Rat) string {
	n := halfUp(x)
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
		n.Neg(n)
	}
	whole, rest := new(big.Int).QuoRem(n, big.NewInt(100), new(big.Int))
	digits := strconv.FormatInt(rest.Int64()+100, 10)[1:]
	return sign + whole.String() + "." + digits
}

// halfUp is the nearest whole number, halves upwards.
func halfUp(x *big.Rat) *big.Int {
	twice := new(big.Int).Mul(x.Num(), big.NewInt(2))
	twice.Add(twice, x.Denom())
	return new(big.Int).Div(twice, new(big.Int).Mul(x.Denom(), big.NewInt(2))) // Euclidean: downwards for a positive divisor
}
