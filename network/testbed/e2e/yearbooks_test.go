package e2e

import (
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// books is a second reckoning of what a programme has paid: from the text of the lists that the county sent, and from
// what the bank did with them. Money is whole fen in an int. It shares no code with the product.
type books struct {
	paid map[string]int // by month: what is with the people
	came int            // what has come back and was not paid again
}

// credit enters a list of a month that the bank paid, without the households whose payment came back.
func (b *books) credit(month, list string, back ...home) {
	_, sum := reckon(list)
	for _, h := range back {
		sum -= h.fen
		b.came += h.fen
	}
	b.paid[month] += sum
}

// creditAgain enters a list of payments that came back before.
func (b *books) creditAgain(month, list string) {
	_, sum := reckon(list)
	b.paid[month] += sum
	b.came -= sum
}

func (b *books) total() (fen int) {
	for _, paid := range b.paid {
		fen += paid
	}
	return fen
}

// reckon counts the lines of a payment list and adds up their amounts.
func reckon(list string) (count, fen int) {
	for _, row := range must(csv.NewReader(strings.NewReader(list)).ReadAll())[1:] {
		fen += fenOf(row[7])
		count++
	}
	return count, fen
}

// fenOf reads an amount that is written with two decimals, such as 480.00.
func fenOf(yuan string) int { return must(strconv.Atoi(strings.ReplaceAll(yuan, ".", ""))) }

// yuan writes an amount with two decimals.
func yuan(fen int) string { return fmt.Sprintf("%d.%02d", fen/100, fen%100) }

// compare compares the books with the ledger after a month: the month's payments one by one, the tranche, and the bank's
// account.
func (b *budget) compare(month string) {
	b.t.Helper()
	require.Equal(b.t, yuan(b.books.paid[month]), yuan(b.credited(month)), "%s by its payments", month)
	money := b.money()
	require.Equal(b.t, yuan(b.books.total()), yuan(money["paid"]), "paid by the tranche after %s", month)
	require.Equal(b.t, yuan(b.books.total()), yuan(b.opened-b.balance), "gone from the bank's account after %s", month)
	parts := 0
	for part, fen := range money {
		require.GreaterOrEqual(b.t, fen, 0, part)
		if part != "issued" {
			parts += fen
		}
	}
	require.Equal(b.t, money["issued"], parts, "the tranche is conserved after %s: %v", month, money)
	require.Zero(b.t, money["reserved"]+money["in_return"], "nothing is on its way after %s", month)
}

// credited adds up the payments of a month that are with the people.
func (b *budget) credited(month string) (fen int) {
	b.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []struct{ Amount string }
			Next  string
		}
		path := "/v1/payments?programme=" + b.programme + "&period=" + month + "&state=credited&limit=200&cursor=" + cursor
		require.NoError(b.t, as(b.t, "audit-reader").Get(b.t.Context(), path, &page))
		for _, p := range page.Items {
			fen += fenOf(p.Amount)
		}
		if cursor = page.Next; cursor == "" {
			return fen
		}
	}
}

// money are the parts of the programme's first tranche, in fen.
func (b *budget) money() map[string]int { return moneyOf(b.t, b.tranche) }

// moneyOf are the parts of a tranche's money, in fen.
func moneyOf(t *testing.T, tranche string) map[string]int {
	t.Helper()
	var record struct{ Balances map[string]string }
	require.NoError(t, as(t, "audit-reader").Get(t.Context(), "/v1/tranches/"+tranche, &record))
	parts := map[string]int{}
	for part, amount := range record.Balances {
		parts[part] = fenOf(amount)
	}
	return parts
}
