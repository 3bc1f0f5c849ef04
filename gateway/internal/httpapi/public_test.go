package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/translog"
)

// emptyLog has no leaves.
type emptyLog struct{}

func (emptyLog) Published() (translog.Checkpoint, bool)           { return translog.Checkpoint{}, false }
func (emptyLog) Newest() (translog.Checkpoint, bool)              { return translog.Checkpoint{}, false }
func (emptyLog) Cosignatures(int64) translog.Cosignatures         { return translog.Cosignatures{} }
func (emptyLog) Tile(int, int64, int) ([]byte, bool)              { return nil, false }
func (emptyLog) Prove(tlog.Hash) (translog.Proof, bool, bool)     { return translog.Proof{}, false, false }
func (emptyLog) Trust() (translog.Trust, bool)                    { return translog.Trust{}, false }
func (emptyLog) Alerts() []translog.Alert                         { return nil }
func (emptyLog) Status() translog.Status                          { return translog.Status{} }
func (emptyLog) Verify(*receipt.Receipt) (*receipt.Result, error) { return nil, nil }

func withLog(t testing.TB, s public.Settings) *bench {
	t.Helper()
	return newBench(t, func(d *Deps) { d.Public.Log, d.Public.Statements, d.Public.Settings = emptyLog{}, emptyLog{}, s })
}

const unknownHash = "/public/v1/receipts/00000000000000000000000000000000000000000000000000000000000000ff"

const unknownStatement = "/public/v1/statements/00000000000000000000000000000000000000000000000000000000000000ff"

func from(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = address }
}

func TestEachAddressHasItsOwnLimit(t *testing.T) {
	b := withLog(t, public.Settings{Rate: 0.01, Burst: 2, TrustedProxies: []string{"10.0.0.1"}})
	ask := func(edits ...func(*http.Request)) int { return b.send(http.MethodGet, unknownHash, "", edits...).Code }
	for _, want := range []int{404, 404, 429, 429} {
		require.Equal(t, want, ask(from("192.0.2.1:999")))
	}
	w := b.send(http.MethodGet, unknownHash, "", from("192.0.2.1:999"))
	require.Equal(t, "/problems/too-many-requests", problemIn(t, w).Type)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.Equal(t, 404, ask(from("192.0.2.2:999")), "another address")
	require.Equal(t, 429, ask(from("192.0.2.1:999"), header("X-Forwarded-For", "192.0.2.77")), "anybody can write this header")
	require.Equal(t, 404, ask(from("10.0.0.1:5"), header("X-Forwarded-For", "192.0.2.77")), "but a trusted proxy is believed")
	require.Equal(t, 404, ask(from("[2001:db8::1]:5")))
	require.Equal(t, 404, ask(from("[2001:db8::2]:5")))
	require.Equal(t, 429, ask(from("[2001:db8::3]:5")), "one subscriber, many addresses")
	require.Equal(t, 404, ask(from("[2001:db8:0:1::3]:5")))
	free := withLog(t, public.Settings{Burst: 1})
	for range 50 {
		require.Equal(t, 404, free.send(http.MethodGet, unknownHash, "").Code)
	}
}

func TestPagesElsewhereMayAskWhatAnybodyMay(t *testing.T) {
	b := withLog(t, public.Settings{Burst: 1, Origins: []string{"https://page.example"}})
	origin := header("Origin", "https://page.example")
	w := b.send(http.MethodGet, unknownHash, "", origin)
	require.Equal(t, "https://page.example", w.Header().Get("Access-Control-Allow-Origin"))
	require.Empty(t, w.Header().Get("Access-Control-Allow-Credentials"))
	w = b.send(http.MethodOptions, "/public/v1/verify", "", origin, header("Access-Control-Request-Method", "POST"))
	require.Equal(t, http.StatusNoContent, w.Code)
	require.Contains(t, w.Header().Get("Access-Control-Allow-Methods"), "POST")
	for _, c := range []struct{ path, origin string }{
		{unknownHash, "https://other.example"}, {"/v1/batches", "https://page.example"}, {"/metrics", "https://page.example"},
	} {
		w = b.send(http.MethodGet, c.path, "", header("Origin", c.origin))
		require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"), c.path)
	}
}

func TestWithoutALogItsPathsSaySo(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/log/checkpoint", "/log/tile/0/000", "/public/v1/keys", unknownHash, "/v1/log/alerts",
		"/statements", "/statements/checkpoint", "/statements/tile/entries/000", "/public/v1/statement-keys", unknownStatement} {
		require.Equal(t, 404, b.send(http.MethodGet, path, "").Code, path)
	}
	b = withLog(t, public.Settings{Burst: 1})
	for _, path := range []string{"/log/checkpoint", "/log/newest", "/public/v1/keys", "/statements/checkpoint", "/statements/newest", "/public/v1/statement-keys"} {
		w := b.send(http.MethodGet, path, "")
		require.Equal(t, 409, w.Code, path)
		require.Equal(t, "/problems/not-yet", problemIn(t, w).Type)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
	}
	for _, from := range []string{"-1", "x", "99999999999999999999"} {
		require.Equal(t, 422, b.send(http.MethodGet, "/log/cosignatures?from="+from, "").Code, from)
		require.Equal(t, 422, b.send(http.MethodGet, "/statements?before="+from, "").Code, from)
	}
	require.Equal(t, 422, b.send(http.MethodGet, "/public/v1/keys?format=pdf", "").Code)
}

// BenchmarkAnswersAlike times an unknown hash, a short text and 64 letters that are no hash. Each goes first, second and
// third as often as the others, since what comes after another request is not what comes first; the median of many is
// reported, since a collection or another process that falls into one request says nothing about the texts.
func BenchmarkAnswersAlike(b *testing.B) {
	api := withLog(b, public.Settings{Burst: 1})
	paths := []string{unknownHash, "/public/v1/receipts/not-a-hash", "/public/v1/receipts/" + strings.Repeat("zz", 32)}
	took := make([][]time.Duration, len(paths))
	n := 0
	for b.Loop() {
		for i := range paths {
			k := (n + i) % len(paths)
			began := time.Now()
			api.send(http.MethodGet, paths[k], "")
			took[k] = append(took[k], time.Since(began))
		}
		n++
	}
	for i, name := range []string{"unknown-ns", "short-ns", "not-hex-ns"} {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])/2].Nanoseconds()), name)
	}
}
