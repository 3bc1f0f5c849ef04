package indicator

import (
	"fmt"
	"strconv"

	"relieftrail/chaincode/relief"
)

// FinalDays are the days after the end of a period from which its figures are final.
const FinalDays = 45

// Span is the time that indicators are of: a month ("2026-11"), a quarter ("2026-Q4") or a year ("2026").
type Span struct {
	text        string
	first, last int
}

// ParseSpan reads a month, a quarter or a year.
func ParseSpan(s string) (Span, error) {
	if year, err := strconv.Atoi(s); err == nil && len(s) == 4 && year >= 2000 && year <= 2199 {
		return Span{s, year * 12, year*12 + 11}, nil
	}
	p, err := relief.ParsePeriod(s)
	if err != nil {
		return Span{}, relief.FieldErrorf("period", "期间写作 2026-11、2026-Q4 或 2026 · a period of indicators is written 2026-11, 2026-Q4 or 2026")
	}
	return Span{s, p.FirstMonth(), p.LastMonth()}, nil
}

// String writes the span as ParseSpan reads it.
func (s Span) String() string { return s.text }

// MarshalText writes the span as text.
func (s Span) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// UnmarshalText reads a span.
func (s *Span) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSpan(string(b))
	return err
}

// Months are the numbers of the first and the last month, and those of the budget year that the last one lies in.
func (s Span) Months() (first, last, yearFirst, yearLast int) {
	year := s.last / 12 * 12
	return s.first, s.last, year, year + 11
}

// FinalOn is the first day on which the figures are final.
func (s Span) FinalOn() relief.Day {
	month := s.last + 1
	first := relief.Day(fmt.Sprintf("%04d-%02d-01", month/12, month%12+1))
	return first.Add(FinalDays - 1)
}

// holds reports whether a fact is of the span: of its months, of its budget year, or one that stands.
func (s Span) holds(f *Fact) bool {
	switch {
	case f.Last == 0:
		return true
	case f.yearly():
		return f.Last/12 == s.last/12
	}
	return s.first <= f.First && f.Last <= s.last
}
