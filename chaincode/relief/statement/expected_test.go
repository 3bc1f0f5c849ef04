package statement_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/statement"
)

func confirmed(day relief.Day, opening, closing relief.Balance, entries ...statement.Entry) statement.Statement {
	return statement.Statement{
		Content: statement.Content{Day: day, Opening: opening, Closing: closing}, State: statement.Confirmed,
		Confirmed: &statement.Classification{Entries: entries},
	}
}

func none(string) relief.Fen { return 0 }

// The bank's closing balance is 29,518.21, the ledger has 29,480.00 available, nothing is on its way.
func TestHowFarTheBankIsFromTheLedger(t *testing.T) {
	tranches := []fund.Tranche{{Balances: fund.Balances{Issued: 3_000_000, Paid: 52_000, Available: 2_948_000}}}
	interest, fee := statement.Entry{Name: "1", Amount: 3_821}, statement.Entry{Name: "2", Amount: -2_000}
	first := func() statement.Statement { return confirmed("2027-01-08", 2_948_000, 2_951_821, interest) }
	later := func() statement.Statement { return confirmed("2027-01-09", 2_951_821, 2_949_821, fee) }
	difference := func(want string, of ...statement.Statement) {
		t.Helper()
		a := statement.Reckon("5301810100000019", tranches, of, none)
		require.Equal(t, want, a.Difference.String())
		require.Equal(t, want == "0.00", a.TiesOut)
	}
	difference("38.21", first())
	interest.Kind = statement.Interest
	difference("0.00", first())
	difference("-20.00", first(), later())
	fee.Kind = statement.Fee
	difference("0.00", later(), first())
}

// The treasury's money is what the tranches were issued, a recovery counts until the ledger has it, and what was allocated to a
// tranche of the same account is that tranche's.
func TestWhatCounts(t *testing.T) {
	tranches := []fund.Tranche{
		{TrancheTerms: fund.TrancheTerms{ID: "county"}, Balances: fund.Balances{Issued: 10_000, Allocated: 4_000, Available: 6_000}},
		{TrancheTerms: fund.TrancheTerms{ID: "town", Parent: "county"}, Balances: fund.Balances{Issued: 4_000, Reserved: 1_000, InReturn: 500, Available: 2_500}},
	}
	s := confirmed("2027-01-08", 0, 10_300,
		statement.Entry{Name: "1", Amount: 10_000, Kind: statement.Treasury},
		statement.Entry{Name: "2", Amount: 200, Kind: statement.Recovery, Ref: "a"}, statement.Entry{Name: "3", Amount: 100, Kind: statement.Recovery, Ref: "a"})
	a := statement.Reckon("5301810100000019", tranches, []statement.Statement{s}, none)
	require.Equal(t, "103.00", a.Expected.String())
	require.True(t, a.TiesOut)
	require.Empty(t, a.Explained)

	a = statement.Reckon("5301810100000019", tranches, []statement.Statement{s}, func(string) relief.Fen { return 250 })
	require.Equal(t, "100.50", a.Expected.String(), "250 of both entries together are the tranches' again")
}
