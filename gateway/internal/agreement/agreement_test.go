package agreement

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/screen"
)

// source is an index with one closed month, whose figures are as of any block.
type source struct {
	height     uint64
	onTime     int64
	screenings int
	failing    bool
}

func (s *source) Height() uint64 { return s.height }

func (s *source) ClosedMonths(context.Context, int) ([]indicator.Question, error) {
	span, err := indicator.ParseSpan("2026-11")
	return []indicator.Question{{Programme: "dibao", Region: "530181", Period: span, Block: 6}}, err
}

func (s *source) Indicators(_ context.Context, q indicator.Question, block *uint64) (indicator.Report, error) {
	at := indicator.Moment{Today: "2027-01-20"}
	final := uint64(8)
	switch {
	case block != nil:
		q.Block = *block
	case s.height > final:
		q.Block = final
	default:
		q.Block = s.height - 1
	}
	if q.Block >= final {
		at.Final = &final
	}
	fact := indicator.Fact{Code: indicator.Timeliness, Programme: q.Programme, Region: q.Region, Ratio: indicator.Ratio{Num: s.onTime, Den: 101}}
	return indicator.NewReport(q, at, []indicator.Fact{fact}, nil), nil
}

func (s *source) FinalBlock(context.Context, indicator.Span) (*uint64, error) {
	final := uint64(8)
	if s.height <= final {
		return nil, nil
	}
	return &final, nil
}

// Screen finds an alert with a number that the source has.
func (s *source) Screen(_ context.Context, region relief.Region, block *uint64) (*screen.Report, error) {
	s.screenings++
	if s.failing {
		return nil, errors.New("a value cannot be read")
	}
	return &screen.Report{
		Question: screen.Question{Region: region, Block: *block}, Alerts: []screen.Alert{{Rule: "S20", Values: []screen.Value{{Name: "payments", N: s.onTime}}}},
	}, nil
}

func gateway(t *testing.T, s *source) (*Agreement, Peer) {
	t.Helper()
	a := New(Options{Organisation: "AuditMSP", Source: s, Client: http.DefaultClient, Log: slog.New(slog.DiscardHandler)})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		own, err := a.Own(r.Context())
		if err != nil || r.URL.Path != Path {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(own)
	}))
	t.Cleanup(server.Close)
	return a, Peer{"AuditMSP", server.URL}
}

// Another figure is an alert that names the question, until the figures agree again. What another gateway has of blocks that are not here yet is
// compared later.
func TestADifferentFigureIsAnAlert(t *testing.T) {
	theirs := &source{height: 10, onTime: 96}
	_, peer := gateway(t, theirs)
	ours := &source{height: 7, onTime: 90}
	a, _ := gateway(t, ours)
	a.Peers = []Peer{peer}
	require.NoError(t, a.Compare(t.Context(), peer))
	status := a.Status()
	require.Len(t, status.Differences, 1, "the final one, of block 8, is not here yet")
	require.Equal(t, 1, status.Answered)
	require.Contains(t, status.Differences[0].Sentence(), "dibao in 530181, 2026-11, as of block 6")
	ours.height = 10
	require.NoError(t, a.Compare(t.Context(), peer))
	require.Len(t, a.Status().Differences, 2)
	ours.onTime = 96
	a.since = a.since.Add(-time.Hour) // what is kept is not kept for ever
	require.NoError(t, a.Compare(t.Context(), peer))
	require.Empty(t, a.Status().Differences)
}

// Other alerts of the same county and block are an alert, until they agree again. What this agency has not screened nobody makes it screen, and
// what it has is screened again after hours only.
func TestAgenciesCompareAlerts(t *testing.T) {
	theirs := &source{height: 10, onTime: 96}
	other, peer := gateway(t, theirs)
	require.NoError(t, other.screen(t.Context()))
	ours := &source{height: 10, onTime: 90}
	a, _ := gateway(t, ours)
	a.Peers = []Peer{peer}
	require.NoError(t, a.Compare(t.Context(), peer))
	require.Empty(t, a.Status().Alerts, "nothing was screened here")
	require.Zero(t, ours.screenings)
	for range 3 {
		require.NoError(t, a.screen(t.Context()))
	}
	require.Equal(t, 1, ours.screenings)
	require.NoError(t, a.Compare(t.Context(), peer))
	require.Len(t, a.Status().Alerts, 1)
	require.Equal(t, 1, a.Status().Screened)
	require.Contains(t, a.Status().Alerts[0].Sentence(), "in 530181 as of block 6")
	ours.onTime = 96
	q := screen.Question{Region: "530181", Block: 6}
	a.screened[q] = kept{a.screened[q].sha256, time.Now().Add(-screenedAgain)}
	require.NoError(t, a.screen(t.Context()))
	require.NoError(t, a.Compare(t.Context(), peer))
	require.Empty(t, a.Status().Alerts)
	theirs.failing, ours.failing = true, true
	a.screened[q] = kept{a.screened[q].sha256, time.Now().Add(-screenedAgain)}
	require.ErrorContains(t, a.screen(t.Context()), "530181 as of block 6")
	require.NoError(t, a.screen(t.Context()), "not again at once")
	require.Zero(t, a.Status().Screened)
	require.NoError(t, a.Compare(t.Context(), peer))
	require.Empty(t, a.Status().Alerts)
	a.screened[screen.Question{Region: "530181", Block: 2}] = kept{}
	require.NoError(t, a.screen(t.Context()))
	require.Len(t, a.screened, 1, "older closes are let go")
}

func TestWhatIsNoDigestIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"no JSON": "<html>", "no period": `{"digests":[{"programme":"dibao","region":"530181","block":1,"sha256":"` + strings.Repeat("0", 64) + `"}]}`,
		"a bad period": `{"digests":[{"period":"soon"}]}`, "no digest": `{"digests":[{"period":"2026","region":"53","programme":"dibao"}]}`,
		"no digest of alerts": `{"screened":[{"region":"530181","block":1,"sha256":"00"}]}`, "alerts of a village": `{"screened":[{"region":"530181001001","block":1,"sha256":"` + strings.Repeat("0", 64) + `"}]}`,
		"a village": `{"digests":[{"period":"2026","region":"530181001001","programme":"dibao","sha256":"` + strings.Repeat("0", 64) + `"}]}`,
	} {
		_, err := parse([]byte(body), Peer{"AuditMSP", ""})
		require.ErrorContains(t, err, "AuditMSP", name)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"agency":"AuditMSP","digests":[{"programme":"dibao","region":"530181","period":"2026-11","block":6,"sha256":"00"}]}`))
	f.Add([]byte(`{"agency":"AuditMSP","screened":[{"region":"530181","block":6,"sha256":"00"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		answer, err := parse(body, Peer{})
		if err == nil {
			for i := range answer.Digests {
				require.NotEmpty(t, answer.Digests[i].Period.String())
			}
		}
	})
}
