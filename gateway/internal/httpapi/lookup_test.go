package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/reading"
)

const lookedUp = "11010519491231002X"

// knownIndex has everybody on the roll of a region.
type knownIndex struct {
	fakeIndex
	region relief.Region
}

func (k knownIndex) Subject(_ context.Context, ref relief.SubjectRef) ([]roll.Entry, error) {
	return []roll.Entry{{Subject: ref, Region: k.region}}, nil
}

func lookupBench(t *testing.T, region relief.Region) *bench {
	t.Helper()
	return newBench(t, func(d *Deps) { d.Index = knownIndex{d.Index.(fakeIndex), region} })
}

func TestALookUpNeedsThePersonHereOrAnApplication(t *testing.T) {
	id, _ := relief.ParseIDNumber(lookedUp)
	ref := relief.NewSubjectRef(1, testSubjectKey, id).String()
	answer := `{"subject":"` + ref + `"}`
	body := `{"id_number":"` + lookedUp + `"`
	for name, c := range map[string]struct {
		region relief.Region
		body   string
		status int
	}{
		"here":                     {"530181001001", body + `}`, 200},
		"elsewhere":                {"530129001001", body + `}`, 404},
		"an application":           {"530129001001", body + `,"application":{"programme":"dibao","region":"530181001"}}`, 200},
		"an application elsewhere": {"530181001001", body + `,"application":{"programme":"dibao","region":"530129"}}`, 403},
		"of no programme":          {"530181001001", body + `,"application":{"programme":"none","region":"530181"}}`, 404},
	} {
		b := lookupBench(t, c.region)
		began := time.Now()
		w := b.send(http.MethodPost, "/v1/subjects/lookup", c.body, header("Idempotency-Key", ""))
		require.GreaterOrEqual(t, time.Since(began), 50*time.Millisecond, "the time tells nothing")
		require.Equal(t, c.status, w.Code, "%s: %s", name, w.Body.String())
		if c.status == 200 {
			require.JSONEq(t, answer, w.Body.String())
		} else {
			require.NotContains(t, w.Body.String(), ref, name)
		}
		require.NotContains(t, w.Body.String()+b.log.String(), "1101051949")
	}

	nobody := newBench(t).send(http.MethodPost, "/v1/subjects/lookup", body+`}`)
	elsewhere := lookupBench(t, "530129001001").send(http.MethodPost, "/v1/subjects/lookup", body+`}`)
	require.Equal(t, problemIn(t, nobody).Detail, problemIn(t, elsewhere).Detail, "known elsewhere or not at all is one answer")

	b := lookupBench(t, "530181001001")
	w := b.send(http.MethodPost, "/v1/subjects/lookup", `{"id_number":"110105194912310021"}`)
	require.Equal(t, "id_number", problemIn(t, w).Field)
	b.role = "reader"
	require.Equal(t, http.StatusForbidden, b.send(http.MethodPost, "/v1/subjects/lookup", body+`}`).Code)
}

func TestTheBudgetOfLookUps(t *testing.T) {
	b := lookupBench(t, "530129")
	require.NoError(t, b.api.core.Readings.Charge(accessOf("civil-preparer", 99)))
	require.Equal(t, http.StatusNotFound, b.send(http.MethodPost, "/v1/subjects/lookup", `{"id_number":"`+lookedUp+`"}`).Code)
	for _, c := range [][2]string{{"/v1/subjects/lookup", `{"id_number":"` + lookedUp + `"}`}, {"/v1/subjects/lookup", `{"id_number":"` + lookedUp + `"}`}} {
		w := b.send(http.MethodPost, c[0], c[1])
		require.Equal(t, "/problems/look-ups-spent", problemIn(t, w).Type)
		wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
		require.NoError(t, err)
		require.Positive(t, wait)
		require.LessOrEqual(t, wait, 24*3600+1)
	}
	page, _, err := b.api.core.Readings.List(allReadings, 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 3, "what was charged, the look-up, the first one too many")
}

// A refused application says something about the people in it: they count as looked up.
func TestRefusedApplicationsAreLookUps(t *testing.T) {
	b, _ := accountBench(t)
	b.api.cases.Persons = b.api.records.Persons
	b.do = func(outbox.Key, [32]byte, ledgerCall) (outbox.Answer, error) {
		return outbox.Answer{}, relief.FieldErrorf("members", "somebody")
	}
	body := `{"id":"c1","programme":"dibao","region":"530181001001","settlement":"rural","account":"6230599083016613184","income":"1.00","reason":"x",` +
		`"members":[{"name":"某甲","id_number":"` + lookedUp + `"}]}`
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodPost, "/v1/cases", body).Code)
	page, _, err := b.api.core.Readings.List(allReadings, 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Equal(t, 1, page[0].Count)
	require.Equal(t, "case/c1", page[0].Record)
	require.NoError(t, b.api.core.Readings.Charge(accessOf("civil-preparer", 200)))
	require.Equal(t, "/problems/look-ups-spent", problemIn(t, b.send(http.MethodPost, "/v1/cases", body)).Type)
	require.NotContains(t, b.log.String(), "某甲")
}

// An application that is taken says which of its members another county knows: they count as looked up, the others do not.
func TestOverlapsOfApplicationsAreLookUps(t *testing.T) {
	b, _ := accountBench(t)
	b.api.cases.Persons = b.api.records.Persons
	id, _ := relief.ParseIDNumber(lookedUp)
	known := relief.NewSubjectRef(1, testSubjectKey, id)
	overlap := func(county string) string {
		return `{"subject":"` + known.String() + `","programme":"tekun","county":"` + county + `"}`
	}
	body := `{"id":"c1","programme":"dibao","region":"530181001001","settlement":"rural","account":"6230599083016613184","income":"1.00","reason":"x",` +
		`"members":[{"name":"某甲","id_number":"` + lookedUp + `"}]}`
	file := `{"act":"case.apply","items":[` + body + `]}`
	said := 0
	for _, c := range []struct{ path, body, answer string }{
		{"/v1/cases", body, `{"id":"c1","region":"530181001001"}`},
		{"/v1/cases", body, `{"id":"c1","region":"530181001001","overlaps":[` + overlap("530181") + `]}`},
		{"/v1/cases", body, `{"id":"c1","region":"530181001001","overlaps":[` + overlap("530129") + `,` + overlap("530102") + `]}`},
		{"/v1/cases/files", file, `{"accepted":1,"unchanged":0,"refused":[]}`},
		{"/v1/cases/files", file, `{"accepted":1,"unchanged":0,"refused":[],"elsewhere":["` + known.String() + `"]}`},
	} {
		b.do = func(outbox.Key, [32]byte, ledgerCall) (outbox.Answer, error) {
			return outbox.Answer{Result: []byte(c.answer)}, nil
		}
		w := b.send(http.MethodPost, c.path, c.body)
		require.Less(t, w.Code, 300, w.Body.String())
		require.JSONEq(t, c.answer, w.Body.String())
		if strings.Contains(c.answer, "530129") || strings.Contains(c.answer, "elsewhere") {
			said++
		}
		page, _, err := b.api.core.Readings.List(allReadings, 0, 10)
		require.NoError(t, err)
		require.Len(t, page, said, c.answer)
		for _, entry := range page {
			require.Equal(t, []relief.SubjectRef{known}, entry.Subjects)
			require.Equal(t, reading.Application, entry.Purpose)
		}
	}
	require.Equal(t, 2, said)
}

// A corrected identity number is looked up: the answer has its reference, and a refusal says that its person is known elsewhere.
func TestCorrectedNumbersAreLookUps(t *testing.T) {
	b, _ := accountBench(t)
	b.api.cases.Persons = b.api.records.Persons
	b.evaluate = func(ledgerCall) ([]byte, error) { return []byte(`{"entries":[]}`), nil }
	sent := 0
	b.do = func(outbox.Key, [32]byte, ledgerCall) (outbox.Answer, error) {
		sent++
		return outbox.Answer{Result: []byte(`{}`)}, nil
	}
	body := `{"earlier":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","id_number":"` + lookedUp + `","evidence_sha256":"00"}`
	require.Equal(t, http.StatusCreated, b.send(http.MethodPost, "/v1/links", body).Code)
	page, _, err := b.api.core.Readings.List(reading.Query{Purpose: reading.LookUp}, 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	id, _ := relief.ParseIDNumber(lookedUp)
	require.Equal(t, []relief.SubjectRef{relief.NewSubjectRef(1, testSubjectKey, id)}, page[0].Subjects)
	require.Equal(t, "link/1-aaaaaaaaaaaaaaaaaaaaaaaaaa", page[0].Record)
	require.NoError(t, b.api.core.Readings.Charge(accessOf("civil-preparer", 200)))
	require.Equal(t, "/problems/look-ups-spent", problemIn(t, b.send(http.MethodPost, "/v1/links", body)).Type)
	require.Equal(t, 1, sent)
}

// A refused change says something about the person whom it names by the identity number.
func TestRefusedHeadsAndMovesAreLookUps(t *testing.T) {
	for kind, more := range map[string]string{"head": `"new_head":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","from":"2026-12"`, "move_in": `"change":"` + changeID + `","region":"530181001"`} {
		b, _ := changeBench(t)
		b.do = func(outbox.Key, [32]byte, ledgerCall) (outbox.Answer, error) {
			return outbox.Answer{}, relief.FieldErrorf("subject", "somebody")
		}
		body := `{"kind":"` + kind + `","programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","id_number":"` + lookedUp + `","name":"某甲","account":"` + newAccount +
			`","class":"B","persons":1,"amount":"480.00","evidence_sha256":"00",` + more + `}`
		require.Equal(t, "subject", problemIn(t, b.send(http.MethodPost, "/v1/changes", body)).Field, kind)
		page, _, err := b.api.core.Readings.List(allReadings, 0, 10)
		require.NoError(t, err)
		require.Len(t, page, 1, kind)
		require.Equal(t, 1, page[0].Count, kind)
		require.NoError(t, b.api.core.Readings.Charge(accessOf("civil-preparer", 200)))
		require.Equal(t, "/problems/look-ups-spent", problemIn(t, b.send(http.MethodPost, "/v1/changes", body)).Type, kind)
	}
}

func TestReadsHaveALimit(t *testing.T) {
	b := newBench(t, func(d *Deps) { d.Reads = ReadLimits{PerSecond: 0.001, Burst: 3, InFlight: 2} })
	for range 3 {
		require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/v1/batches/b", "").Code)
	}
	w := b.send(http.MethodGet, "/v1/batches/b", "")
	require.Equal(t, "/problems/too-many-requests", problemIn(t, w).Type)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, b.send(http.MethodGet, "/healthz", "").Code)
}

func TestReadingsAreListed(t *testing.T) {
	b := newBench(t)
	require.NoError(t, b.api.core.Readings.Charge(accessOf("civil-preparer", 7)))
	for accept, want := range map[string]string{"application/json": `"count":7`, "text/csv": ",7,", "application/x-ndjson": `"count":7`} {
		w := b.send(http.MethodGet, "/v1/readings?purpose=application&by=civil-preparer&from=2020-01-01", "", header("Accept", accept))
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		require.Contains(t, w.Body.String(), want)
		w = b.send(http.MethodGet, "/v1/readings?to=2020-01-01", "", header("Accept", accept))
		require.NotContains(t, w.Body.String(), want)
	}
	require.Equal(t, http.StatusNotFound, b.send(http.MethodGet, "/v1/readings?agency=AuditMSP", "").Code)
	require.Equal(t, http.StatusUnprocessableEntity, b.send(http.MethodGet, "/v1/readings?purpose=curiosity", "").Code)
	b.role = "reader"
	require.Equal(t, http.StatusForbidden, b.send(http.MethodGet, "/v1/readings", "").Code)
	require.NotContains(t, b.log.String(), lookedUp)
}

// ledgerCall, accessOf and allReadings keep the tests above short.
type ledgerCall = ledger.Call

func accessOf(principal string, count int) reading.Access {
	return reading.Access{Principal: principal, Purpose: reading.Application, Route: "test", Count: count}
}

var allReadings = reading.Query{}
