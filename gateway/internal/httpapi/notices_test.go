package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
)

func TestANoticeIsPublicOnlyWhileItRuns(t *testing.T) {
	now := time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)
	notice := func(from, to int) casework.Notice {
		return casework.Notice{Opened: now.Add(time.Duration(from) * time.Hour), Closes: now.Add(time.Duration(to) * time.Hour)}
	}
	for name, c := range map[string]struct {
		state   casework.CaseState
		notices []casework.Notice
		runs    bool
	}{
		"runs":                      {casework.CaseNoticed, []casework.Notice{notice(-1, 1)}, true},
		"begins this moment":        {casework.CaseNoticed, []casework.Notice{notice(0, 1)}, true},
		"ends this moment":          {casework.CaseNoticed, []casework.Notice{notice(-1, 0)}, false},
		"over, not decided":         {casework.CaseNoticed, []casework.Notice{notice(-3, -1)}, false},
		"objected":                  {casework.CaseObjected, []casework.Notice{notice(-1, 1)}, true},
		"answered":                  {casework.CaseAnswered, []casework.Notice{notice(-1, 1)}, false},
		"repeated":                  {casework.CaseNoticed, []casework.Notice{notice(-9, -5), notice(-1, 1)}, true},
		"the repetition is over":    {casework.CaseNoticed, []casework.Notice{notice(-9, 5), notice(-2, -1)}, false},
		"refused while it ran":      {casework.CaseRefused, []casework.Notice{notice(-1, 1)}, false},
		"withdrawn while it ran":    {casework.CaseWithdrawn, []casework.Notice{notice(-1, 1)}, false},
		"examined again, no notice": {casework.CaseApplied, []casework.Notice{notice(-1, 1)}, false},
		"none":                      {casework.CaseNoticed, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, ok := running(&casework.Case{State: c.state, Notices: c.notices}, now)
			require.Equal(t, c.runs, ok)
		})
	}
}

func TestMaskName(t *testing.T) {
	for name, want := range map[string]string{
		"王强": "王*", "欧阳试例": "欧*", " 李 ": "李*", "A·B": "A*", "": "", " ": "", "\xff": "", "𠀀一": "𠀀*",
	} {
		require.Equal(t, want, maskName(name))
	}
}

func TestPlaceOf(t *testing.T) {
	regions := []registry.RegionEntry{{Code: "53", Name: "省"}, {Code: "530181", Name: "某市"}, {Code: "530181001", Name: "某镇"}, {Code: "530181001001", Name: "某村"}}
	require.Equal(t, "某市某镇某村", placeOf(regions, "530181001001"))
	require.Equal(t, "某市", placeOf(regions, "530181"))
	require.Empty(t, placeOf(nil, "530181"))
}

// noticeIndex has one case on notice.
type noticeIndex struct {
	fakeIndex
	record casework.Case
}

func (f noticeIndex) Cases(context.Context, index.CaseQuery, string, int) (index.Page[json.RawMessage], error) {
	return index.Page[json.RawMessage]{Items: []json.RawMessage{mustJSON(f.record)}, Next: "more"}, f.broken
}

func TestPublicNoticesTellWhatTheyMay(t *testing.T) {
	b := withLog(t, Public{Burst: 1})
	number, code := relief.ParseIDNumber("11010519491231002X") // the example of GB 11643
	require.Empty(t, code)
	member := relief.NewSubjectRef(1, b.api.SubjectKey, number)
	record := casework.Case{
		ID: "c-1", Programme: "dibao", Version: 1, Region: "530181001001", Members: []relief.SubjectRef{member, member, member}, State: casework.CaseNoticed,
		Facts: "secret-facts-hash", Notices: []casework.Notice{{
			Terms: roll.Terms{Class: "A", Persons: 2, Amount: 62000}, Opened: time.Now().Add(-time.Hour), Closes: time.Now().Add(25 * time.Hour),
		}},
	}
	b.api.Index = noticeIndex{fakeIndex{b.fake}, record}
	w := b.send(http.MethodGet, "/public/v1/notices", "", header("Authorization", ""))
	require.Equal(t, 200, w.Code, w.Body.String())
	require.Equal(t, "noindex, nofollow, noarchive", w.Header().Get("X-Robots-Tag"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	var page struct {
		Items []map[string]any `json:"items"`
		Next  string           `json:"next"`
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	require.Equal(t, "more", page.Next)
	require.Len(t, page.Items, 1)
	got := page.Items[0]
	delete(got, "opened")
	delete(got, "closes")
	require.Equal(t, map[string]any{
		"case": "c-1", "region": "530181001001", "programme": "dibao", "household": 3.0, "persons": 2.0, "class": "A", "amount": "620.00", "days_left": 2.0,
	}, got, "nothing else is told")
	for _, bad := range []string{"?limit=0", "?limit=51", "?limit=x", "?region=1", "?region=0x", "?programme=%20", "?state=refused", "?region=1&region=2"} {
		require.Contains(t, []int{400, 422}, b.send(http.MethodGet, "/public/v1/notices"+bad, "").Code, bad)
	}
	b.broken = errUnavailable
	w = b.send(http.MethodGet, "/public/v1/notices", "")
	require.Equal(t, 503, w.Code)
	require.Equal(t, "noindex, nofollow, noarchive", w.Header().Get("X-Robots-Tag"))
}

func TestPublicNoticesAreLimited(t *testing.T) {
	b := withLog(t, Public{Rate: 0.01, Burst: 1})
	require.Equal(t, 200, b.send(http.MethodGet, "/public/v1/notices", "").Code)
	require.Equal(t, 429, b.send(http.MethodGet, "/public/v1/notices", "").Code)
}

func TestMe(t *testing.T) {
	b := newBench(t)
	b.registry.Duties = []relief.Duty{
		{Act: relief.ActCaseApply, Agency: "CivilAffairsMSP", Roles: []string{"preparer"}},
		{Act: relief.ActCaseDecide, Agency: "CivilAffairsMSP", Roles: []string{"approver"}},
	}
	w := b.send(http.MethodGet, "/v1/me", "")
	require.Equal(t, 200, w.Code)
	require.JSONEq(t, `{"agency":"CivilAffairsMSP","name":"civil-preparer","role":"preparer","region":"530181","acts":["case.apply"]}`, w.Body.String())
	require.Equal(t, 401, b.send(http.MethodGet, "/v1/me", "", header("Authorization", "")).Code)
}
