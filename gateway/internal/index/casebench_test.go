package index

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/ledger"
)

// largeCases are the cases of a benchmark: of 40 counties with 14 townships each, in all states, some 2 kB each, as long lists
// have them.
func largeCases(n int) []casework.Case {
	cases := synthCases(n)
	hash := strings.Repeat("0123456789abcdef", 4)
	for i := range cases {
		c := &cases[i]
		c.ID = relief.CaseID(fmt.Sprintf("c-%06d", i*7919%n)) // a county's cases do not lie together
		c.Region = relief.Region(fmt.Sprintf("53%02d%02d%03d%03d", 1+i%8, 20+i/8%5, 1+i/40%14, 200+i%40))
		c.Facts = hash
		c.Due, c.RecheckOn = "", ""
		switch c.State {
		case casework.CaseNoticed, casework.CaseObjected, casework.CaseAnswered, casework.CaseRefusalAppealed, casework.CaseExitAppealed:
			c.Due = relief.Day("2026-11-01").Add(i / 11 % 60)
		case casework.CaseInForce, casework.CaseReviewed:
			c.RecheckOn = relief.Day("2026-11-01").Add(i / 11 % 365)
		}
		for k := range 2 {
			c.Evidence = append(c.Evidence, casework.Evidence{EvidenceTerms: casework.EvidenceTerms{Kind: programme.EvidenceHomeVisit, Region: c.Region, SHA256: hash, MediaType: "image/jpeg"}, Act: k})
			c.Matches = append(c.Matches, casework.Match{MatchStatement: registry.MatchStatement{Source: "civil-registry", Subject: c.Head(), Code: "clear", ResultSHA256: hash, Signature: hash}})
		}
		for range 6 {
			c.Acts = append(c.Acts, relief.HistoryEntry{Act: relief.ActCaseAttach, By: relief.Official{Agency: "CivilAffairsMSP", ID: "civil-preparer", Name: "civil-preparer", Role: "preparer", Region: "530181"}, Tx: hash})
		}
	}
	return cases
}

// BenchmarkCaseLists reads pages of work lists of 100,000 cases: the first page and a deep one, with each filter. It reports the median and
// the 99th percentile of each.
func BenchmarkCaseLists(b *testing.B) {
	const count = 100_000
	s := newSynth(b, 10, 1)
	cases := largeCases(count)
	for part := range slices.Chunk(cases, 500) {
		writes := make([]ledger.Write, len(part))
		for i := range part {
			value, err := json.Marshal(part[i])
			require.NoError(b, err)
			writes[i] = ledger.Write{Key: relief.CaseKey(part[i].ID).String(), Value: value}
		}
		s.add("preparer", "case:File", writes...)
	}
	x, _ := benchIndex(b, s)
	defer func() { require.NoError(b, x.Close()) }()
	s.blocks = nil // a gateway does not have the ledger in memory
	runtime.GC()
	const page = 50
	for _, c := range []struct {
		name string
		q    CaseQuery
	}{
		{"all", CaseQuery{}},
		{"all-state", CaseQuery{State: casework.CaseApplied}},
		{"all-county", CaseQuery{Region: "530122"}},
		{"all-township", CaseQuery{Region: "530122005"}},
		{"all-county-state-programme", CaseQuery{Region: "530122", State: casework.CaseObjected, Programme: "dibao"}},
		{"all-nowhere", CaseQuery{Region: "659001"}},
		{"due", CaseQuery{List: DueCases}},
		{"due-before", CaseQuery{List: DueCases, Before: "2026-11-20"}},
		{"due-county", CaseQuery{List: DueCases, Region: "530122"}},
		{"due-township", CaseQuery{List: DueCases, Region: "530122005"}},
		{"due-county-state-programme", CaseQuery{List: DueCases, Region: "530122", State: casework.CaseObjected, Programme: "dibao"}},
		{"due-nowhere", CaseQuery{List: DueCases, Region: "659001"}},
		{"recheck", CaseQuery{List: RecheckCases}},
		{"recheck-county", CaseQuery{List: RecheckCases, Region: "530122"}},
		{"recheck-township", CaseQuery{List: RecheckCases, Region: "530122005"}},
		{"recheck-nowhere", CaseQuery{List: RecheckCases, Region: "659001"}},
		{"notice", CaseQuery{OnNotice: "2026-11-01"}},
		{"notice-county", CaseQuery{OnNotice: "2026-11-01", Region: "530122"}},
	} {
		cursors := []string{""}
		for cursor := ""; ; {
			p, err := x.Cases(b.Context(), c.q, cursor, 1000)
			require.NoError(b, err)
			if cursor = p.Next; cursor == "" {
				break
			}
			cursors = append(cursors, cursor)
		}
		for _, place := range []struct{ name, cursor string }{{"first", ""}, {"deep", cursors[len(cursors)-1]}} {
			b.Run(c.name+"/"+place.name, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					began := time.Now()
					_, err := x.Cases(b.Context(), c.q, place.cursor, page)
					took = append(took, time.Since(began))
					require.NoError(b, err)
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			})
		}
	}
	for _, code := range []chart.Code{chart.Cases, chart.Rechecks} {
		for _, region := range []relief.Region{"", "530122", "530122005"} {
			b.Run("of officials "+string(code)+"/"+string(region), func(b *testing.B) {
				measured(b, func(ctx context.Context, _ int) {
					_, err := x.Chart(ctx, code, ChartQuery{Region: region, Today: "2026-11-30"})
					require.NoError(b, err)
				})
			})
		}
	}
}
