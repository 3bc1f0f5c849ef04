package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/seal"
)

// manyNotices has cases on notice in a region, and counts how often it is asked for them.
type manyNotices struct {
	fakeIndex
	region relief.Region
	asked  *int
}

func (f manyNotices) Cases(_ context.Context, _ index.CaseQuery, _ string, limit int) (page index.Page[json.RawMessage], err error) {
	*f.asked++
	for i := range limit {
		document, err := json.Marshal(casework.Case{
			ID: relief.CaseID(fmt.Sprintf("c-%d", i)), Programme: "dibao", Version: 1, Region: f.region, State: casework.CaseNoticed,
			Members: []relief.SubjectRef{{1}}, Facts: "hash", Notices: []casework.Notice{{
				Terms: roll.Terms{Class: "A", Persons: 1}, Opened: time.Now().Add(-time.Hour), Closes: time.Now().Add(time.Hour),
			}},
		})
		require.NoError(f.t, err)
		page.Items = append(page.Items, document)
	}
	return page, nil
}

// noticesBench serves 50 notices of a region whose names the peer does not give.
func noticesBench(t *testing.T, region relief.Region) (b *bench, asked *int) {
	t.Helper()
	tags, err := payee.NewKey(1, bytes.Repeat([]byte{6}, payee.KeyBytes))
	require.NoError(t, err)
	persons, err := seal.NewKey(1, bytes.Repeat([]byte{7}, 32), tags)
	require.NoError(t, err)
	asked = new(int)
	b = newBench(t, func(d *Deps) {
		d.Public.Index = manyNotices{d.Public.Index.(fakeIndex), region, asked}
		d.Public.Persons, d.Public.Settings.NoticesAs = persons, "civil-preparer"
	})
	b.evaluate = func(ledger.Call) ([]byte, error) { return nil, errors.New("no") }
	return b, asked
}

func (b *bench) notices(query string) int {
	return b.send(http.MethodGet, "/public/v1/notices"+query, "", header("Authorization", "")).Code
}

// Whatever the public asks: the peer is asked for no name that the official may not read, and for one that it does not give
// once in a while.
func TestPublicNoticesDoNotAmplify(t *testing.T) {
	t.Run("outside the official's region", func(t *testing.T) {
		b, _ := noticesBench(t, "530129001001")
		for i := range 50 {
			require.Equal(t, http.StatusOK, b.notices(fmt.Sprintf("?limit=%d", i+1)))
		}
		require.Empty(t, b.calls)
		require.Equal(t, 1, strings.Count(b.log.String(), "public notices go without a name"), "one line for all of them")
	})
	t.Run("names that the peer does not give", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, _ := noticesBench(t, "530181001001")
			require.Equal(t, http.StatusOK, b.notices(""))
			require.Len(t, b.calls, 50)
			for range 120 {
				time.Sleep(2 * time.Second)
				require.Equal(t, http.StatusOK, b.notices(""))
			}
			require.Len(t, b.calls, 50, "they are not asked for again at once")
			require.LessOrEqual(t, strings.Count(b.log.String(), "public notices go without a name"), 5)
			time.Sleep(5 * time.Minute)
			b.notices("")
			require.Greater(t, len(b.calls), 50, "but later")
		})
	})
	t.Run("many names", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, _ := noticesBench(t, "530181001001")
			for i := range 100 {
				b.indexed++ // a block: each answer is made out again
				b.notices(fmt.Sprintf("?limit=%d", i%50+1))
			}
			require.LessOrEqual(t, len(b.calls), 50)
		})
	})
}

// What everybody asks is made out once a second.
func TestPublicAnswersAreMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, asked := noticesBench(t, "530129001001")
		for range 20 {
			require.Equal(t, http.StatusOK, b.notices(""))
		}
		require.Equal(t, 1, *asked)
		time.Sleep(time.Second)
		b.notices("")
		require.Equal(t, 2, *asked)
		b.indexed++
		b.notices("")
		require.Equal(t, 3, *asked, "what a block brings is seen at once")
		b.notices("?region=530129")
		require.Equal(t, 4, *asked, "another question")
	})
}
