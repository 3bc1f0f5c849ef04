package roll

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

func period(t testing.TB, s string) relief.Period {
	t.Helper()
	p, err := relief.ParsePeriod(s)
	require.NoError(t, err)
	return p
}

// monthOf is a month's period.
func monthOf(year, m int) relief.Period { return relief.MonthPeriod(year*12 + m - 1) }

// line is a line of an import without flags.
func line(seq uint32, ref relief.SubjectRef, region relief.Region, persons uint8, class byte, amount relief.Fen, payee Payee) Input {
	return Input{Seq: seq, Ref: ref, Region: region, Persons: persons, Class: class, Amount: amount, Payee: payee}
}
