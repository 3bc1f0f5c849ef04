package relief

import (
	"errors"
	"math"
	"relieftrail/chaincode/relief/internal/form"
	"strconv"
	"strings"
)

// Fen is an amount of money in fen (1/100 yuan, ISO 4217 CNY). It is never a floating-point number. On the wire it is a
// decimal string of yuan with exactly two places.
type Fen int64

// MaxFen is the largest single amount: one trillion yuan. Add checks sums for overflow.
const MaxFen Fen = 100_000_000_000_000

// ErrOverflow is the error of Add and Sub.
var ErrOverflow = errors.New("amount overflows")

// ParseFen reads a decimal string of yuan with exactly two places, such as "620.00". The error is an *AmountError,
// whose Kind says whether syntax, decimals, sign or size is wrong.
func ParseFen(s string) (Fen, error) {
	whole, frac, dot := strings.Cut(s, ".")
	negative := strings.HasPrefix(whole, "-")
	if negative {
		whole = whole[1:]
	}
	if !form.IsDigits(whole) || (dot && !form.IsDigits(frac)) || (len(whole) > 1 && whole[0] == '0') {
		return 0, &AmountError{Kind: LineAmountSyntax}
	}
	if len(frac) != 2 {
		return 0, &AmountError{Kind: LineAmountDecimals}
	}
	if negative {
		return 0, &AmountError{Kind: LineAmountNegative}
	}
	if len(whole) > 13 {
		return 0, &AmountError{Kind: LineAmountOverBound}
	}
	n, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil || Fen(n) > MaxFen {
		return 0, &AmountError{Kind: LineAmountOverBound}
	}
	return Fen(n), nil
}

// AmountError says what is wrong with an amount's text. It does not repeat the text.
type AmountError struct{ Kind LineCode }

func (e *AmountError) Error() string { return e.Kind.Reason() }

// String writes the amount in yuan with two places.
func (f Fen) String() string { return string(f.appendTo(make([]byte, 0, 24))) }

func (f Fen) appendTo(b []byte) []byte {
	u := uint64(f) //nolint:gosec // the bits of a negative number are replaced below
	if f < 0 {
		b, u = append(b, '-'), uint64(-(f+1))+1 //nolint:gosec // exact for math.MinInt64 too
	}
	b = strconv.AppendUint(b, u/100, 10)
	return append(b, '.', byte('0'+u/10%10), byte('0'+u%10))
}

// Add returns f + g or ErrOverflow.
func (f Fen) Add(g Fen) (Fen, error) {
	if (g > 0 && f > math.MaxInt64-g) || (g < 0 && f < math.MinInt64-g) {
		return 0, ErrOverflow
	}
	return f + g, nil
}

// Sub returns f - g or ErrOverflow.
func (f Fen) Sub(g Fen) (Fen, error) {
	if (g < 0 && f > math.MaxInt64+g) || (g > 0 && f < math.MinInt64+g) {
		return 0, ErrOverflow
	}
	return f - g, nil
}

// MarshalText writes the decimal string. An amount that UnmarshalText could not read back is an error: below zero, or above
// MaxFen.
func (f Fen) MarshalText() ([]byte, error) {
	if f < 0 || f > MaxFen {
		return nil, &AmountError{Kind: LineAmountOverBound}
	}
	return []byte(f.String()), nil
}

// UnmarshalText reads the decimal string. Because of this method encoding/json refuses a JSON number.
func (f *Fen) UnmarshalText(b []byte) error {
	v, err := ParseFen(string(b))
	if err != nil {
		return err
	}
	*f = v
	return nil
}
