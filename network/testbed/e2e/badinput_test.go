package e2e

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

const header = "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注\n"

// The planted person is on no roll; these details must not be found anywhere.
const (
	plantedName = "欧阳试探"
	plantedID   = "11010519491231002X"
	plantedCard = "6230599083016619999"
	plantedLine = "1,530181003214," + plantedName + "," + plantedID + "," + plantedCard + ",农村信用社,1,480.00,2026-05,\n"
)

type badCase struct {
	name   string
	as     string
	req    restclient.Request
	status int
}

func jsonPost(path, body string) restclient.Request {
	return restclient.Request{Method: http.MethodPost, Path: path, ContentType: "application/json", Body: strings.NewReader(body)}
}

func csvPut(path string, body io.Reader) restclient.Request {
	return restclient.Request{Method: http.MethodPut, Path: path, ContentType: "text/csv", Body: body}
}

// testBadInput: bad files and bad acts are refused with a problem that repeats nothing of their content, and write
// nothing.
func testBadInput(t *testing.T) {
	paidMonth(t)
	openBatch(t, "bad", "2026-05", 1, "480.00")
	before := height(t, "civil")
	for _, c := range append(badFiles(t), badActs()...) {
		t.Run(c.name, func(t *testing.T) {
			client := as(t, c.as)
			if c.name == "wrong token" {
				client.Token = "not-a-token"
			}
			c.req.Key = "bad-" + strings.ReplaceAll(c.name, " ", "-")
			_, err := client.Do(t.Context(), c.req)
			p := problem(t, err, c.status)
			for _, secret := range []string{plantedName, plantedID, plantedCard} {
				require.NotContains(t, p.Detail+p.Title+p.Field, secret)
			}
		})
	}
	require.Equal(t, before, height(t, "civil"), "nothing was written")
	testRefusedLines(t)
	require.Equal(t, before, height(t, "civil"), "nothing was written")
	testForgivenForms(t)
}

func badFiles(t *testing.T) []badCase {
	const lines = "/v1/batches/bad/lines"
	var cut bytes.Buffer
	zw := gzip.NewWriter(&cut)
	_, err := zw.Write([]byte(header + strings.Repeat(plantedLine, 100)))
	require.NoError(t, err)
	require.NoError(t, zw.Close())
	gz := csvPut(lines, bytes.NewReader(cut.Bytes()[:cut.Len()-20]))
	gz.ContentEncoding = "gzip"
	return []badCase{
		{"empty file", "civil-preparer", csvPut(lines, strings.NewReader("")), 422},
		{"header only", "civil-preparer", csvPut(lines, strings.NewReader(header)), 422},
		{"unknown columns", "civil-preparer", csvPut(lines, strings.NewReader("a,b\n1,2\n")), 422},
		{"a file of 200 MB", "civil-preparer", csvPut(lines, io.LimitReader(endless(plantedLine), 200<<20)), 413},
		{"cut gzip", "civil-preparer", gz, 400},
		{"invalid UTF-8 header", "civil-preparer", csvPut(lines, strings.NewReader("\xff\xfe\xfd,b\n1,2\n")), 422},
		{"another county's lines", "civil-other-county", csvPut(lines, strings.NewReader(header+plantedLine)), 403},
		{"the approver's lines", "civil-approver", csvPut(lines, strings.NewReader(header+plantedLine)), 403},
		{"lines of an unknown batch", "civil-preparer", csvPut("/v1/batches/nowhere/lines", strings.NewReader(header+plantedLine)), 404},
	}
}

func badActs() []badCase {
	deep := strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)
	return []badCase{
		{"deep JSON", "civil-preparer", jsonPost("/v1/batches", deep), 400},
		{"cut JSON", "civil-preparer", jsonPost("/v1/batches", `{"id":"x"`), 400},
		{"a body over the limit", "civil-preparer", jsonPost("/v1/batches", `{"id":"`+strings.Repeat("x", 2<<20)+`"}`), 413},
		{"wrong token", "civil-preparer", jsonPost("/v1/batches", `{}`), 401},
		{"amount as a number", "civil-preparer", jsonPost("/v1/batches", `{"id":"n","programme":"dibao","region":"530181","period":"2026-05","tranche":"dibao-2026-q4","count":1,"sum":480.00}`), 422},
		{"wrong region", "civil-other-county", jsonPost("/v1/batches", `{"id":"r","programme":"dibao","region":"530181","period":"2026-05","tranche":"dibao-2026-q4","count":1,"sum":"480.00"}`), 403},
		{"wrong role", "civil-approver", jsonPost("/v1/batches", `{"id":"r","programme":"dibao","region":"530181","period":"2026-05","tranche":"dibao-2026-q4","count":1,"sum":"480.00"}`), 403},
		{"wrong agency", "audit-reader", jsonPost("/v1/batches/bad/approve", `{}`), 403},
		{"unknown id", "civil-preparer", jsonPost("/v1/batches/nowhere/seal", `{}`), 404},
		{"wrong state", "finance-preparer", jsonPost("/v1/batches/bad/instruct", `{}`), 409},
		{"unknown field", "civil-preparer", jsonPost("/v1/batches/bad/seal", `{"force":true}`), 422},
		{"unknown payment", "civil-preparer", restclient.Request{Method: http.MethodGet, Path: "/v1/payments/dibao-530181-0009999-202611-1"}, 404},
		{"malformed payment", "civil-preparer", restclient.Request{Method: http.MethodGet, Path: "/v1/payments/x"}, 422},
		{"unknown path", "civil-preparer", restclient.Request{Method: http.MethodGet, Path: "/v1/nothing"}, 404},
	}
}

// testRefusedLines: when every line of a file is refused, the job gives the reasons and nothing reaches the ledger.
func testRefusedLines(t *testing.T) {
	for _, c := range []struct{ name, line, code string }{
		{"not on the roll", plantedLine, "not-on-the-roll"},
		{"invalid bytes", strings.Replace(plantedLine, plantedName, "\xff\xfe", 1), "encoding"},
		{"too few columns", "1,530181003214," + plantedName + "\n", "columns"},
		{"a thousands separator", strings.Replace(plantedLine, "480.00", `"1,480.00"`, 1), "amount-syntax"},
	} {
		job := uploadLines(t, "bad", "refused-"+strings.ReplaceAll(c.name, " ", "-"), []byte(header+c.line))
		require.Len(t, job.Result.Refusals, 1, c.name)
		require.Equal(t, c.code, job.Result.Refusals[0].Code, c.name)
		require.Equal(t, 2, job.Result.Refusals[0].Line, c.name)
	}
}

// testForgivenForms: the forms that old systems write are accepted: a byte order mark, CRLF, spaces, full-width digits.
func testForgivenForms(t *testing.T) {
	first := strings.Split(strings.ReplaceAll(demoList(), "2026-11", "2026-05"), "\n")[1]
	forgiven := strings.Replace(first, ",480.00,", ",　４８０.００ ,", 1)
	require.NotEqual(t, first, forgiven)
	job := uploadLines(t, "bad", "forgiven", []byte("\ufeff"+strings.TrimSpace(header)+"\r\n"+forgiven+"\r\n"))
	require.Equal(t, 1, job.Result.Accepted, "%+v", job.Result)
}

type endless string

func (e endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		n += copy(b[n:], e)
	}
	return n, nil
}
