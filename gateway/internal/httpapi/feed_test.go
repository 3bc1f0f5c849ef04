package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// A page holds what the caller may read and asks for, and says where to go on, also when it is empty.
func TestAPageOfTheFeed(t *testing.T) {
	b := newBench(t)
	b.indexed, b.moved = 0, make(chan struct{})
	by := ledger.Identity{MSPID: "FinanceMSP", Name: "li", Role: "preparer", Region: "530181"}
	elsewhere := ledger.Identity{MSPID: "FinanceMSP", Name: "wang", Role: "preparer", Region: "530102"}
	for _, w := range []index.Written{
		{Kind: relief.KindBatch, Name: "b-1", Act: "payment.open", By: by, Value: json.RawMessage(`{"region":"530181","secret":1}`)},
		{Kind: relief.KindCase, Name: "c-1", Act: "case.apply", By: by, Value: json.RawMessage(`{"region":"530181001001"}`)},
		{Kind: relief.KindCase, Name: "c-2", Act: "case.apply", By: elsewhere, Value: json.RawMessage(`{"region":"530102001001"}`)},
		{Kind: relief.KindTranche, Name: "t-1", Act: "fund.issue", By: elsewhere, Value: json.RawMessage(`{"region":"53"}`)},
		{Kind: relief.KindLines, Name: "dibao/530181/2026-11/0000", Act: "payment.add", By: by},
		{Kind: relief.KindLines, Name: "dibao/530102/2026-11/0000", Act: "payment.add", By: elsewhere},
		{Kind: relief.KindProgramme, Name: "dibao", Act: "programme.draft", By: elsewhere, Value: json.RawMessage(`{"region":"53"}`)},
		{Kind: relief.KindMember, Name: "1-x", Act: "case.apply", By: by, Value: json.RawMessage(`{"region":"530181"}`)},
		{Kind: relief.KindCase, Name: "gone", Act: "case.x", By: by},
	} {
		b.write(w)
	}
	ids := func(query string) (ids []string, page reach.FeedPage) {
		w := b.send(http.MethodGet, "/v1/feed"+query, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		require.NotContains(t, w.Body.String(), "secret")
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
		for _, item := range page.Items {
			ids = append(ids, item.ID)
		}
		return ids, page
	}
	all := []string{"b-1", "c-1", "t-1", "dibao/530181/2026-11/0000", "dibao"}
	got, page := ids("")
	require.Equal(t, all, got)
	require.Equal(t, "8", page.Next)
	require.False(t, page.More)
	require.Equal(t, &relief.Official{Agency: "FinanceMSP", Name: "li", ID: "1024", Role: "preparer", Region: "530181"}, page.Items[0].By)
	require.Nil(t, page.Items[2].By, "an official of another county")
	require.Equal(t, relief.Region("530181"), page.Items[3].Region)
	for query, want := range map[string][]string{
		"?since=0": all[1:], "?since=2": all[2:], "?since=3.0.1": all[3:], "?since=8": nil, "?since=99": nil,
		"?kind=case": {"c-1"}, "?act=payment.add": {"dibao/530181/2026-11/0000"}, "?region=530181001": {"c-1"}, "?agency=AuditMSP": nil,
	} {
		got, _ := ids(query)
		require.Equal(t, want, got, query)
	}
	var read []string
	for next, more := "?limit=2", true; more; {
		some, page := ids(next)
		read, next, more = append(read, some...), "?limit=2&since="+page.Next, page.More
	}
	require.Equal(t, all, read)
	for _, query := range []string{
		"since=x", "since=1.2", "since=1.2.3.4", "since=-1", "since=01", "since=%2B1", "since=1.0.1048576", "since=99999999999999", "since=1..1",
		"kind=Case", "act=x", "limit=11", "region=5301",
	} {
		code := b.send(http.MethodGet, "/v1/feed?"+query, "").Code
		require.Contains(t, []int{http.StatusUnprocessableEntity, http.StatusForbidden}, code, query)
	}
	require.Equal(t, http.StatusUnprocessableEntity,
		b.send(http.MethodGet, "/v1/feed", "", header("Accept", "text/event-stream"), header("Last-Event-ID", "x")).Code)
	require.Equal(t, http.StatusNotAcceptable, b.send(http.MethodGet, "/v1/feed", "", header("Accept", "text/csv")).Code)
}

// A client that is cut off anywhere, again and again, gets each record once and in order, while further ones are written.
func TestAStreamOfTheFeedIsResumed(t *testing.T) {
	const records = 300
	b := newBench(t)
	b.indexed, b.moved = 0, make(chan struct{})
	server := httptest.NewServer(b.api)
	defer server.Close()
	go func() {
		for i := range records {
			b.write(index.Written{Kind: relief.KindBatch, Name: fmt.Sprint(i), Act: "payment.open", Value: json.RawMessage(`{"region":"530181"}`)})
		}
	}()
	random := rand.New(rand.NewPCG(1, 2))
	var got []string
	last := ""
	for len(got) < records {
		last = follow(t, server.URL, last, random.IntN(40), &got)
	}
	for i, id := range got {
		require.Equal(t, fmt.Sprint(i), id)
	}
	b.api.Stop()
	require.NotEmpty(t, last)
}

// follow reads events until so many have come, and hangs up. It gives the id of the last one.
func follow(t *testing.T, url, last string, events int, got *[]string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/feed", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+testToken)
	request.Header.Set("Accept", "text/event-stream")
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	lines := bufio.NewScanner(response.Body)
	event := map[string]string{}
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		if event[name] = value; name != "" {
			continue
		}
		if event["event"] == "written" {
			var item reach.FeedItem
			require.NoError(t, json.Unmarshal([]byte(event["data"]), &item))
			require.Equal(t, item.Place, event["id"])
			*got = append(*got, item.ID)
		}
		if id := event["id"]; id != "" {
			last = id
		}
		event = map[string]string{}
		if events--; events < 0 {
			break
		}
	}
	return last
}

// A principal has so many streams at a time, and a stream ends with the gateway.
func TestStreamsOfTheFeedAreBounded(t *testing.T) {
	b := newBench(t)
	b.indexed, b.moved = 1, make(chan struct{})
	for b.api.core.Streams.Begin("civil-preparer") {
	}
	w := b.send(http.MethodGet, "/v1/feed", "", header("Accept", "text/event-stream"))
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	b.api.core.Streams.End("civil-preparer")
	b.api.Stop()
	w = b.send(http.MethodGet, "/v1/feed", "", header("Accept", "text/event-stream"))
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "retry: 3000\n\n")
	require.Contains(t, w.Body.String(), "event: read\n")
}
