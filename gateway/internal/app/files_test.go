package app_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	header      = "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注\n"
	plantedName = "欧阳试探"
	plantedID   = "11010519491231002X"
	plantedCard = "6230599083016619999"
	plantedLine = "1,530181003214," + plantedName + "," + plantedID + "," + plantedCard + ",农村信用社,1,480.00,2026-05,\n"
)

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func (w *world) noTraceOf(answers *strings.Builder) {
	w.t.Helper()
	public := w.log.String() + answers.String()
	for _, name := range []string{"civil-preparer", "finance-preparer", "audit-reader"} {
		public += string(w.must(200, name, call{method: http.MethodGet, path: "/metrics"}).body)
	}
	for _, secret := range []string{plantedName, plantedID, plantedCard, token("civil-preparer")} {
		require.NotContains(w.t, public, secret)
	}
}

func TestRefusedFilesWriteNothing(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.post(201, "civil-preparer", "/v1/batches", batch("bad", nil))
	before := w.height()
	const lines = "/v1/batches/bad/lines"
	bomb := zipped(t, header+strings.Repeat(plantedLine, 6000))
	cut := zipped(t, header+strings.Repeat(plantedLine, 100))
	gz := map[string]string{"Content-Encoding": "gzip"}
	var answers strings.Builder
	for name, c := range map[string]struct {
		as     string
		call   call
		status int
	}{
		"empty file":          {"civil-preparer", call{"PUT", lines, "", nil}, 422},
		"header only":         {"civil-preparer", call{"PUT", lines, header, nil}, 422},
		"unknown columns":     {"civil-preparer", call{"PUT", lines, "a,b\n1,2\n", nil}, 422},
		"no header":           {"civil-preparer", call{"PUT", lines, plantedLine, nil}, 422},
		"over the limit":      {"civil-preparer", call{"PUT", lines, header + strings.Repeat(plantedLine, 3000), nil}, 413},
		"a gzip bomb":         {"civil-preparer", call{"PUT", lines, bomb, gz}, 413},
		"cut gzip":            {"civil-preparer", call{"PUT", lines, cut[:len(cut)-20], gz}, 400},
		"not gzip":            {"civil-preparer", call{"PUT", lines, header + plantedLine, gz}, 400},
		"unknown encoding":    {"civil-preparer", call{"PUT", lines, header + plantedLine, map[string]string{"Content-Encoding": "br"}}, 415},
		"invalid UTF-8":       {"civil-preparer", call{"PUT", lines, "\xff\xfe\xfd,b\n1,2\n", nil}, 422},
		"a document":          {"civil-preparer", call{"PUT", lines, header, map[string]string{"Content-Type": "application/pdf"}}, 415},
		"no key":              {"civil-preparer", call{"PUT", lines, header + plantedLine, map[string]string{"Idempotency-Key": ""}}, 400},
		"another county":      {"civil-other-county", call{"PUT", lines, header + plantedLine, nil}, 403},
		"the approver":        {"civil-approver", call{"PUT", lines, header + plantedLine, nil}, 403},
		"finance":             {"finance-preparer", call{"PUT", lines, header + plantedLine, nil}, 403},
		"an unknown batch":    {"civil-preparer", call{"PUT", "/v1/batches/nowhere/lines", header + plantedLine, nil}, 404},
		"answers too early":   {"finance-preparer", call{"POST", "/v1/batches/bad/settlements", header, nil}, 409},
		"another's roll":      {"civil-other-county", call{"POST", "/v1/programmes/dibao/roll", header, nil}, 403},
		"roll of a quarter":   {"civil-preparer", call{"POST", "/v1/programmes/dibao/roll?from=2026-Q1", header, nil}, 422},
		"roll of no period":   {"civil-preparer", call{"POST", "/v1/programmes/dibao/roll?from=soon", header, nil}, 422},
		"roll, unknown query": {"civil-preparer", call{"POST", "/v1/programmes/dibao/roll?form=2026-01", header, nil}, 422},
	} {
		a := w.do(c.as, c.call)
		require.Equal(t, c.status, a.StatusCode, "%s: %s", name, a.body)
		require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"), name)
		answers.Write(a.body)
	}
	require.Equal(t, before, w.height(), "nothing was written")
	w.noTraceOf(&answers)
}

func TestBadLinesAreReportedAndOtherSpellingsAccepted(t *testing.T) {
	w := newWorld(t)
	w.programmeAndTranche()
	w.importRoll()
	w.post(201, "civil-preparer", "/v1/batches", batch("b", nil))
	before := w.height()
	var answers strings.Builder
	for name, c := range map[string]struct{ line, code string }{
		"not on the roll":       {plantedLine, "not-on-the-roll"},
		"invalid bytes":         {strings.Replace(plantedLine, plantedName, "\xff\xfe", 1), "encoding"},
		"too few columns":       {"1,530181003214," + plantedName + "\n", "columns"},
		"a thousands separator": {strings.Replace(plantedLine, "480.00", `"1,480.00"`, 1), "amount-syntax"},
		"another period":        {strings.Replace(plantedLine, "2026-05", "2026-06", 1), "period"},
	} {
		j := w.upload("civil-preparer", http.MethodPut, "/v1/batches/b/lines", []byte(header+c.line))
		require.Len(t, j.Result.Refusals, 1, name)
		require.Equal(t, c.code, j.Result.Refusals[0].Code, name)
		require.Equal(t, 2, j.Result.Refusals[0].Line, name)
		require.Contains(t, j.Result.Refusals[0].Reason, " · ", name)
		for _, format := range []string{"text/csv", "application/x-ndjson"} {
			a := w.must(200, "civil-preparer", call{
				method: "GET", path: "/v1/jobs/" + j.ID + "/refusals", header: map[string]string{"Accept": format},
			})
			require.Contains(t, string(a.body), c.code, name)
			answers.Write(a.body)
		}
	}
	require.Equal(t, before, w.height(), "nothing was written")
	w.noTraceOf(&answers)

	first := strings.Split(strings.ReplaceAll(string(read(t, "payments-2026-11.csv")), "2026-11", "2026-05"), "\n")[1]
	forgiven := strings.Replace(first, ",480.00,", ",　４８０.００ ,", 1)
	require.NotEqual(t, first, forgiven)
	file := []byte("\ufeff" + strings.TrimSpace(header) + "\r\n" + forgiven + "\r\n")
	key := map[string]string{"Idempotency-Key": "forgiven"}
	a := w.must(202, "civil-preparer", call{"PUT", "/v1/batches/b/lines", file, key})
	w.must(200, "civil-preparer", call{"GET", a.Header.Get("Location"), nil, map[string]string{"Accept": "text/event-stream"}})
	var j job
	w.get("civil-preparer", a.Header.Get("Location"), &j)
	require.Equal(t, 1, j.Result.Accepted, "%+v", j)

	again := w.must(202, "civil-preparer", call{"PUT", "/v1/batches/b/lines", file, key})
	require.Equal(t, a.Header.Get("Location"), again.Header.Get("Location"))
	require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"))
	w.must(422, "civil-preparer", call{"PUT", "/v1/batches/b/lines", header + plantedLine, key})
	w.post(200, "civil-preparer", "/v1/batches/b/seal", nil)
	late := w.must(202, "civil-preparer", call{"PUT", "/v1/batches/b/lines", file, key})
	require.Equal(t, a.Header.Get("Location"), late.Header.Get("Location"), "a replay is the same answer after the state has moved on")
	w.must(409, "civil-preparer", call{"PUT", "/v1/batches/b/lines", file, nil})
}
