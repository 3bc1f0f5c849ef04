package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// feedItem is what the test reads of an item of the feed.
type feedItem struct{ Place, Act, Kind, ID string }

// testFeed: a reader who follows the feed as a stream, is cut off after each few events, once also because the gateway is killed, and asks
// again with the last id, has what the pages of another gateway have, each item once.
func testFeed(t *testing.T) {
	paidMonth(t)
	began := height(t, "audit")
	since := fmt.Sprint(began - 1)
	for i := range 4 {
		id := fmt.Sprintf("followed-%d", i)
		openBatch(t, id, "2026-10", 1, "480.00")
		_, err := as(t, "civil-preparer").Post(t.Context(), "/v1/batches/"+id+"/cancel", id+"-cancel", obj{"reason": "试验"}, nil)
		require.NoError(t, err)
	}
	want := feedPages(t, "civil-preparer", since)
	require.GreaterOrEqual(t, len(want), 8)

	var got []feedItem
	place := since
	for round := 0; len(got) < len(want); round++ {
		require.Less(t, round, 60, "the stream goes on")
		if round == 2 {
			stopNode(t, "audit/gateway")
			out, err := reliefnet("up")
			require.NoError(t, err, out)
		}
		place = followFeed(t, place, 1+round%3, &got)
	}
	require.Equal(t, want, got)
}

// feedPages reads the feed of batches in pages.
func feedPages(t *testing.T, principal, since string) (all []feedItem) {
	t.Helper()
	for more := true; more; {
		var page struct {
			Items []feedItem
			Next  string
			More  bool
		}
		require.NoError(t, as(t, principal).Get(t.Context(), "/v1/feed?kind=batch&limit=3&since="+since, &page))
		all, since, more = append(all, page.Items...), page.Next, page.More
	}
	return all
}

// followFeed reads so many events of the stream at audit's gateway and hangs up. It gives the id of the last one.
func followFeed(t *testing.T, place string, events int, got *[]feedItem) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, gatewayURL("audit")+"/v1/feed?kind=batch", http.NoBody)
	require.NoError(t, err)
	token := must(os.ReadFile(filepath.Join(state, "dev", "tokens", "audit-reader.token")))
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	request.Header.Set("Accept", "text/event-stream")
	request.Header.Set("Last-Event-ID", place)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	id, event := place, ""
	for lines := bufio.NewScanner(response.Body); events > 0 && lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			event = value
		case "data":
			if event == "written" {
				var item feedItem
				require.NoError(t, json.Unmarshal([]byte(value), &item))
				*got = append(*got, item)
			}
			place, events = id, events-1
		}
	}
	return place
}
