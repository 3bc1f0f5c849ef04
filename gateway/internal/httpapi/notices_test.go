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
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/index"
)

// noticeIndex has one case on notice.
type noticeIndex struct {
	fakeIndex
	record casework.Case
}

func (f noticeIndex) Cases(context.Context, index.CaseQuery, string, int) (index.Page[json.RawMessage], error) {
	document, err := json.Marshal(f.record)
	require.NoError(f.t, err)
	return index.Page[json.RawMessage]{Items: []json.RawMessage{document}, Next: "more"}, f.broken
}

func TestPublicNoticesTellWhatTheyMay(t *testing.T) {
	number, code := relief.ParseIDNumber("11010519491231002X") // the example of GB 11643
	require.Empty(t, code)
	member := relief.NewSubjectRef(1, testSubjectKey, number)
	record := casework.Case{
		ID: "c-1", Programme: "dibao", Version: 1, Region: "530181001001", Members: []relief.SubjectRef{member, member, member}, State: casework.CaseNoticed,
		Facts: "secret-facts-hash", Notices: []casework.Notice{{
			Terms: roll.Terms{Class: "A", Persons: 2, Amount: 62000}, Opened: time.Now().Add(-time.Hour), Closes: time.Now().Add(25 * time.Hour),
		}},
	}
	b := newBench(t, func(d *Deps) { d.Public.Index = noticeIndex{d.Public.Index.(fakeIndex), record} })
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
	}, got, "nothing else is shown")
	for _, bad := range []string{"?limit=0", "?limit=51", "?limit=x", "?region=1", "?region=0x", "?programme=%20", "?state=refused", "?region=1&region=2"} {
		require.Contains(t, []int{400, 422}, b.send(http.MethodGet, "/public/v1/notices"+bad, "").Code, bad)
	}
	b.broken = problem.ErrUnavailable
	w = b.send(http.MethodGet, "/public/v1/notices?limit=7", "") // another question: the first is answered for a second
	require.Equal(t, 503, w.Code)
	require.Equal(t, "noindex, nofollow, noarchive", w.Header().Get("X-Robots-Tag"))
}

func TestPublicNoticesAreLimited(t *testing.T) {
	b := withLog(t, public.Settings{Rate: 0.01, Burst: 1})
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
	require.JSONEq(t, `{"agency":"CivilAffairsMSP","id":"1024","name":"civil-preparer","role":"preparer","region":"530181","acts":["case.apply"]}`, w.Body.String())
	require.Equal(t, 401, b.send(http.MethodGet, "/v1/me", "", header("Authorization", "")).Code)
	b.retired = true
	require.Equal(t, 403, b.send(http.MethodGet, "/v1/me", "").Code)
	require.Equal(t, 403, b.send(http.MethodGet, "/v1/programmes", "").Code, "and reads nothing")
}
