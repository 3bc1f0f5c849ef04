package index

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/ledger"
)

// readFeed reads everything after a place, so many records at a time.
func readFeed(t *testing.T, ix *Index, after FeedPlace, atOnce int) (all []Written) {
	t.Helper()
	for {
		n := 0
		reached, err := ix.Feed(t.Context(), after, func(w *Written) (bool, error) {
			all = append(all, *w)
			n++
			return n == atOnce, nil
		})
		require.NoError(t, err)
		if reached == after {
			return all
		}
		require.True(t, reached.After(after))
		after = reached
	}
}

func places(all []Written) []string {
	list := []string{}
	for i := range all {
		list = append(list, all[i].Place.String())
	}
	return list
}

// The feed has every record of every transaction with effect, once and in the ledger's order, however many are read at a time and from
// wherever it is read on.
func TestTheFeedHasEachWriteOnce(t *testing.T) {
	forEachDatabase(t, func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index) {
		ix := open(t, newSynth(t, 30, 4))
		catchUp(t, ix)
		all := readFeed(t, ix, FeedPlace{}, 1<<20)
		require.NotEmpty(t, all)
		require.True(t, slices.IsSortedFunc(all, func(a, b Written) int {
			if b.Place.After(a.Place) {
				return -1
			}
			return 1
		}))
		for _, atOnce := range []int{1, 2, 3, 7, 100} {
			require.Equal(t, all, readFeed(t, ix, FeedPlace{}, atOnce))
		}
		for i := range all {
			require.Equal(t, places(all[i+1:]), places(readFeed(t, ix, all[i].Place, 5)))
			back, err := ParseFeedPlace(all[i].Place.String())
			require.NoError(t, err)
			require.Equal(t, all[i].Place, back)
		}
		byTransaction := map[string]int{}
		for i := range all {
			byTransaction[all[i].Transaction]++
		}
		valid := true
		page, err := ix.Transactions(t.Context(), TransactionQuery{Valid: &valid}, "", MaxPage)
		require.NoError(t, err)
		for i := range page.Items {
			if n := len(page.Items[i].Records); n < recordsListed {
				require.Equal(t, n, byTransaction[page.Items[i].Transaction])
			}
		}
	})
}

func FuzzFeedPlace(f *testing.F) {
	for _, text := range []string{"0", "12", "12.0.3", "12.1048575.1048575", "8796093022207", "8796093022208", "1.2", "-1", "01", "1.2.3.4", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseFeedPlace(text)
		if err == nil && p.Transaction != wholeBlock && p.String() != text {
			t.Fatalf("%q became %q", text, p)
		}
	})
}
