package payment

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
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

func nobody(*roll.Input) (roll.Known, error) { return roll.Known{}, nil }
