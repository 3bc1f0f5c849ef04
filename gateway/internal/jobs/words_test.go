package jobs

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/bilingual/bilingualtest"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/reading/readingtest"
)

func TestEveryFailureOfAJobIsInBothLanguages(t *testing.T) {
	require.GreaterOrEqual(t, bilingualtest.Refusals(t, "."), 5)
	_, headless := intake.NewReader(strings.NewReader("a,b\n"), intake.Options{Kind: KindLines})
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"a refusal of the contract": {fmt.Errorf("x: %w", relief.FieldErrorf("amount", "too much")), "INVALID[amount]: "},
		"a refusal of the gateway":  {relief.Errorf(relief.CodeForbidden, "没有密钥 · no key"), "FORBIDDEN: "},
		"a file":                    {headless, "unknown-columns: "},
		"an invalid transaction":    {&ledger.CommittedInvalid{Commit: ledger.Commit{Code: "MVCC_READ_CONFLICT"}}, ""},
		"a file that is gone":       {errFileGone, ""},
		"any other":                 {errors.New("secret"), ""},
	} {
		text := failureText(c.err)
		require.True(t, bilingual.Complete(text), "%s: %s", name, text)
		require.True(t, strings.HasPrefix(text, c.code), "%s: %s", name, text)
		require.NotContains(t, text, "secret")
	}
}

func TestEveryRefusedActIsInBothLanguages(t *testing.T) {
	refusal, err := actRefusal(7, relief.FieldErrorf("case", "no such case"))
	require.NoError(t, err)
	require.Equal(t, "案卷（case）：不符合规则。 · no such case", refusal.Note)
	require.Equal(t, relief.LineCode("invalid"), refusal.Code)

	chunk := &actsChunk{acts: laneLines[filedAct]{lines: []filedAct{{line: 3}}}}
	result, err := json.Marshal(api.FileResult{
		Refused: []api.FileRefusal{{Code: relief.CodeNotFound, Detail: "there is no such case"}},
	})
	require.NoError(t, err)
	_, refused, err := chunk.read(result)
	require.NoError(t, err)
	require.Equal(t, "没有该记录，请核对编号。 · there is no such case", refused[0].Note)
	require.Equal(t, 3, refused[0].FileLine)
}

// Members of accepted applications whom another county knows are look-ups of who sent the file, beside the refused lines; a file that
// begins again is counted once.
func TestWhomAnotherCountyKnowsIsALookUp(t *testing.T) {
	r := &Runner{options: Options{Readings: readingtest.Open(t, nil, nil)}}
	job := newRunningJob(document{Spec: JobSpec{ID: "j1", Kind: KindCases, Target: "case.apply", Principal: "civil-preparer"}}, Options{Now: time.Now})
	chunk := &actsChunk{attempt: &attempt{job: job}}
	known, err := relief.ParseSubjectRef("1-aaaaaaaaaaaaaaaaaaaaaaaaaa")
	require.NoError(t, err)
	result, err := json.Marshal(api.FileResult{
		Accepted: 3, Refused: []api.FileRefusal{}, Elsewhere: []relief.SubjectRef{known, known},
	})
	require.NoError(t, err)
	for range 2 {
		job.begin(nil)
		_, _, err = chunk.read(result)
		require.NoError(t, err)
	}
	r.chargeNamed(job)
	page, _, err := r.options.Readings.List(reading.Query{Purpose: reading.Application}, 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, 2, page[0].Count)
	require.Equal(t, "job/j1", page[0].Record)
	job.begin(nil)
	r.chargeNamed(job) // of which nothing was said
	again, _, err := r.options.Readings.List(reading.Query{Purpose: reading.Application}, 0, 10)
	require.NoError(t, err)
	require.Len(t, again, 1)
}
