package payment

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

func period(t testing.TB, s string) relief.Period {
	t.Helper()
	p, err := relief.ParsePeriod(s)
	require.NoError(t, err)
	return p
}

// monthOf is a month's period.
func monthOf(year, m int) relief.Period { return relief.MonthPeriod(year*12 + m - 1) }

// testTx is a transaction id as Fabric writes them.
const testTx = "8c2f0e6f6d1f6a0b1f4f0f9d3c5b7a99e1d2c3b4a5968778695a4b3c2d1e0f00"

// addTo lists lines of a batch's own period in a segment, as AddLines does. There are no further payments.
func addTo(b *Batch, entries roll.Segment, seg LineSegment, segment uint32, lines []LineInput, other BatchLookup) (LineSegment, wire.ChunkResult, error) {
	look := Lookup{Batch: other, Further: func(relief.Period) (Further, error) { return Further{}, nil }}
	after, result, err := AddLines(b, entries, segment, []OfPeriod{{Period: b.Period, Lines: seg}}, lines, look)
	return after[0].Lines, result, err
}

// ownLines is the address of the lines of a batch's own period in a segment.
func ownLines(b *Batch, segment uint32) ValueAddr {
	return ValueAddr{Period: b.Period, Segment: segment}
}

// told checks that a result says of each line what its counts say, and gives it without that.
func told(t testing.TB, r wire.ChunkResult) wire.ChunkResult {
	t.Helper()
	for outcome, count := range map[wire.Outcome]int{wire.Accepted: r.Accepted, wire.Unchanged: r.Unchanged, wire.Refused: len(r.Refused)} {
		require.Equal(t, count, bytes.Count(r.Outcomes, []byte{byte(outcome)}))
	}
	require.Len(t, r.Outcomes, r.Accepted+r.Unchanged+len(r.Refused))
	r.Outcomes = nil
	return r
}

func nobody(*roll.Input) (roll.Known, error) { return roll.Known{}, nil }
