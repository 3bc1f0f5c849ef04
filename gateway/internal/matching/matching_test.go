package matching

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

const number = "11010519491231002X"

var (
	asked     = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	zeroSum   = strings.Repeat("ab", 32)
	key       = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	sources   = []registry.Department{{ID: "civil-registry", Name: "民政死亡登记", Keys: []string{base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))}}}
	inJSON    = Mapping{Subject: "/data/ref", Code: "/data/code", QueriedAt: "/data/at", Result: "/data/hash", Signature: "/sign", Adverse: "/data/adverse"}
	inColumns = Mapping{Subject: "人员编号", Code: "结果", QueriedAt: "查询时间", Result: "摘要", Signature: "签名", AdverseCodes: []string{"deceased"}}
)

func subject(t testing.TB, n byte) relief.SubjectRef {
	t.Helper()
	id, code := relief.ParseIDNumber(number)
	require.Empty(t, code)
	return relief.NewSubjectRef(1, bytes.Repeat([]byte{n}, 32), id)
}

func signed(t testing.TB, ref relief.SubjectRef, code string, adverse bool) registry.MatchStatement {
	t.Helper()
	st := registry.MatchStatement{Source: "civil-registry", Subject: ref, QueriedAt: asked, Code: code, Adverse: adverse, ResultSHA256: zeroSum}
	st.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, st.SignedBytes()))
	return st
}

// department answers as one would; it keeps what it was asked.
type department struct {
	t      *testing.T
	calls  atomic.Int32
	answer func(call int, w http.ResponseWriter, body map[string]string)
}

func (d *department) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]string
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.RawQuery != "" || r.Method != http.MethodPost {
		d.t.Error("a question is the body of a POST")
	}
	d.answer(int(d.calls.Add(1)), w, body)
}

func (d *department) write(w http.ResponseWriter, st registry.MatchStatement) {
	require.NoError(d.t, json.NewEncoder(w).Encode(map[string]any{"sign": st.Signature, "data": map[string]any{
		"ref": st.Subject.String(), "code": st.Code, "at": st.QueriedAt.Format(time.RFC3339), "hash": st.ResultSHA256, "adverse": st.Adverse,
	}}))
}

func pull(t *testing.T, url string) *Pull {
	t.Helper()
	p, err := NewPull(PullOptions{
		Source: "civil-registry", URL: url, Fields: Fields{Subject: "ref", IDNumber: "sfzh"},
		Constants: map[string]string{"system": "relief"}, Mapping: inJSON, Patience: 2 * time.Second,
	})
	require.NoError(t, err)
	p.wait = time.Millisecond
	return p
}

func TestPullAsksAboutEachPerson(t *testing.T) {
	one, two := subject(t, 1), subject(t, 2)
	d := &department{t: t}
	d.answer = func(_ int, w http.ResponseWriter, body map[string]string) {
		require.Equal(t, map[string]string{"system": "relief", "sfzh": number, "ref": body["ref"]}, body)
		ref, err := relief.ParseSubjectRef(body["ref"])
		require.NoError(t, err)
		d.write(w, signed(t, ref, map[bool]string{true: "deceased", false: "clear"}[ref == two], ref == two))
	}
	server := httptest.NewServer(d)
	defer server.Close()
	answers, err := pull(t, server.URL+"/query").Ask(t.Context(), []Question{{one, number, "张某"}, {two, number, ""}})
	require.NoError(t, err)
	require.Len(t, answers, 2)
	for i, want := range []registry.MatchStatement{signed(t, one, "clear", false), signed(t, two, "deceased", true)} {
		require.NoError(t, answers[i].Err)
		require.Equal(t, want, *answers[i].Statement)
		require.NoError(t, answers[i].Statement.Verify(sources, asked.Add(time.Hour)))
	}
}

func TestPullComesBackToASilentDepartment(t *testing.T) {
	d := &department{t: t}
	d.answer = func(call int, w http.ResponseWriter, _ map[string]string) {
		if call < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		d.write(w, signed(t, subject(t, 1), "clear", false))
	}
	server := httptest.NewServer(d)
	defer server.Close()
	answers, err := pull(t, server.URL).Ask(t.Context(), []Question{{Subject: subject(t, 1), IDNumber: number}})
	require.NoError(t, err)
	require.NoError(t, answers[0].Err)
	require.Equal(t, int32(3), d.calls.Load())
}

// A refused answer gets a reason that repeats neither the identity number nor the text of the department.
func TestPullTakesNoOtherAnswer(t *testing.T) {
	good := signed(t, subject(t, 1), "clear", false)
	for name, c := range map[string]struct {
		answer func(*department, http.ResponseWriter)
		want   string
		calls  int32
	}{
		"refused":       {func(_ *department, w http.ResponseWriter) { http.Error(w, number, http.StatusForbidden) }, "status 403", 1},
		"always silent": {func(_ *department, w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) }, "does not answer", pullTries},
		"redirected": {func(_ *department, w http.ResponseWriter) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "status 307", 1},
		"not JSON":  {func(_ *department, w http.ResponseWriter) { fmt.Fprint(w, number) }, "not JSON", 1},
		"no parts":  {func(_ *department, w http.ResponseWriter) { fmt.Fprint(w, `{"data":{}}`) }, "has no /data/ref", 1},
		"too large": {func(_ *department, w http.ResponseWriter) { fmt.Fprint(w, strings.Repeat(" ", maxAnswer+1)) }, "at most 65536 bytes", 1},
		"somebody else": {func(d *department, w http.ResponseWriter) {
			other := good
			other.Subject = subject(d.t, 9)
			d.write(w, other)
		}, "another person", 1},
		"no such time": {func(_ *department, w http.ResponseWriter) {
			fmt.Fprintf(w, `{"sign":"x","data":{"ref":%q,"code":"c","at":"today","hash":"h","adverse":true}}`, good.Subject)
		}, "/data/at is not a time", 1},
		"neither": {func(_ *department, w http.ResponseWriter) {
			fmt.Fprintf(w, `{"sign":"x","data":{"ref":%q,"code":"c","at":"2026-11-20T08:00:00Z","hash":"h","adverse":1}}`, good.Subject)
		}, "must be true or false", 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := &department{t: t}
			d.answer = func(_ int, w http.ResponseWriter, _ map[string]string) { c.answer(d, w) }
			server := httptest.NewServer(d)
			defer server.Close()
			answers, err := pull(t, server.URL).Ask(t.Context(), []Question{{Subject: subject(t, 1), IDNumber: number}})
			require.NoError(t, err)
			require.ErrorContains(t, answers[0].Err, c.want)
			require.NotContains(t, answers[0].Err.Error(), number)
			require.Nil(t, answers[0].Statement)
			require.Equal(t, c.calls, d.calls.Load())
		})
	}
}

func TestSettingsThatCannotBe(t *testing.T) {
	good := PullOptions{Source: "s", URL: "https://d.example/q", Fields: Fields{Subject: "a", IDNumber: "b"}, Mapping: inJSON}
	for want, change := range map[string]func(*PullOptions){
		"url":          func(o *PullOptions) { o.URL = "http://d.example/q" },
		"https":        func(o *PullOptions) { o.URL = "https://d.example/q?id=1" },
		"fields":       func(o *PullOptions) { o.Fields = Fields{} },
		"JSON Pointer": func(o *PullOptions) { o.Mapping.Code = "code" },
		"signature":    func(o *PullOptions) { o.Mapping.Signature = "" },
		"adverse":      func(o *PullOptions) { o.Mapping.Adverse = "" },
		"ca_file":      func(o *PullOptions) { o.CAFile = "nowhere" },
		"key_file":     func(o *PullOptions) { o.KeyFile = "nowhere" },
	} {
		o := good
		change(&o)
		_, err := NewPull(o)
		require.ErrorContains(t, err, want)
	}
	_, err := NewPull(good)
	require.NoError(t, err)
	_, err = NewFolder(FolderOptions{Source: "s", Dir: t.TempDir(), Encoding: "big5", Mapping: inColumns})
	require.ErrorContains(t, err, "encoding")
}

func folder(t *testing.T, encoding string) (*Folder, string) {
	t.Helper()
	dir := t.TempDir()
	f, err := NewFolder(FolderOptions{Source: "civil-registry", Dir: dir, Encoding: encoding, Mapping: inColumns})
	require.NoError(t, err)
	return f, dir
}

func list(t *testing.T, statements ...registry.MatchStatement) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	require.NoError(t, w.Write([]string{"备注", "人员编号", "结果", "查询时间", "摘要", "签名"}))
	for _, st := range statements {
		require.NoError(t, w.Write([]string{"", st.Subject.String(), st.Code, st.QueriedAt.Format(time.RFC3339), st.ResultSHA256, st.Signature}))
	}
	w.Flush()
	return b.Bytes()
}

func TestFolderThereAndBack(t *testing.T) {
	for _, encoding := range []string{"utf-8", "gb18030"} {
		f, dir := folder(t, encoding)
		answers, err := f.Ask(t.Context(), []Question{{subject(t, 1), number, "张某"}})
		require.NoError(t, err)
		require.Equal(t, []Answer{{}}, answers, "later")
		files, err := filepath.Glob(filepath.Join(dir, "questions", "*.csv"))
		require.NoError(t, err)
		require.Len(t, files, 1)
		info, err := os.Stat(files[0])
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

		good := signed(t, subject(t, 1), "deceased", true)
		text := append(list(t, good), "x,nobody,clear,2026-11-20T08:00:00Z,h,s\n"...)
		if encoding == "gb18030" {
			text, err = simplifiedchinese.GB18030.NewEncoder().Bytes(text)
			require.NoError(t, err)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "answers", "a.csv"), text, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "answers", ".b.csv"), text, 0o600), "not whole yet")

		broken := errors.New("the ledger is away")
		_, err = f.Receive(t.Context(), func(context.Context, []Line) error { return broken })
		require.ErrorIs(t, err, broken)
		var lines []Line
		n, err := f.Receive(t.Context(), func(_ context.Context, l []Line) error { lines = append(lines, l...); return nil })
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.Len(t, lines, 2)
		require.Equal(t, good, *lines[0].Statement)
		require.Equal(t, 2, lines[0].Number)
		require.ErrorContains(t, lines[1].Err, "人员编号")
		n, err = f.Receive(t.Context(), nil)
		require.NoError(t, err)
		require.Zero(t, n)
		reports, err := filepath.Glob(filepath.Join(dir, "taken", "*.report.csv"))
		require.NoError(t, err)
		require.Len(t, reports, 1)
		report, err := os.ReadFile(reports[0])
		require.NoError(t, err)
		require.Equal(t, "line,taken,reason\r\n2,true,\r\n3,false,人员编号 不是对象编号 · 人员编号 is not a subject reference\r\n", string(report))
	}
}

func TestFolderPutsAsideWhatIsNoList(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "another header": "a,b\n1,2\n", "binary": "\x00\xff\xfe", "no end of quotes": "\"a\n",
	} {
		f, dir := folder(t, "")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "answers", "a.csv"), []byte(text), 0o600))
		n, err := f.Receive(t.Context(), func(context.Context, []Line) error { return errors.New("no line is handed over") })
		require.NoError(t, err, name)
		require.Equal(t, 1, n)
		left, err := filepath.Glob(filepath.Join(dir, "answers", "*"))
		require.NoError(t, err)
		require.Empty(t, left)
	}
}

// A pipe or a link in the place of a file is put aside, and waits for nobody.
func TestFolderOpensFilesOnly(t *testing.T) {
	f, dir := folder(t, "")
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "answers", "pipe.csv"), 0o600))
	require.NoError(t, os.Symlink("/etc/hostname", filepath.Join(dir, "answers", "link.csv")))
	good := signed(t, subject(t, 1), "clear", false)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "answers", "z.csv"), list(t, good), 0o600))
	taken := 0
	n, err := f.Receive(t.Context(), func(_ context.Context, l []Line) error { taken += len(l); return nil })
	require.NoError(t, err)
	require.Equal(t, 3, n)
	require.Equal(t, 1, taken)
	text, err := os.ReadFile(filepath.Join(dir, "taken", "pipe-unread.report.csv"))
	require.NoError(t, err)
	require.Contains(t, string(text), "0,false,文件须为不超过 67108864 字节的普通文件 · the file must be a regular file")
}

// Files of questions name people: they are deleted when the department has had its time.
func TestQuestionsAreDeleted(t *testing.T) {
	f, dir := folder(t, "")
	_, err := f.Ask(t.Context(), []Question{{subject(t, 1), number, "张某"}})
	require.NoError(t, err)
	_, err = f.Ask(t.Context(), []Question{{subject(t, 1), number, "张某"}})
	require.NoError(t, err)
	there := func() int {
		files, err := os.ReadDir(filepath.Join(dir, "questions"))
		require.NoError(t, err)
		return len(files)
	}
	require.Equal(t, 1, there(), "the same question the same day")
	require.NoError(t, f.Sweep(time.Hour))
	require.Equal(t, 1, there())
	f.o.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	require.NoError(t, f.Sweep(time.Hour))
	require.Zero(t, there())
}

func FuzzStatements(f *testing.F) {
	f.Add([]byte("人员编号,结果,查询时间,摘要,签名\nx,clear,2026-11-20T08:00:00Z,h,s\n"))
	f.Add([]byte("\xef\xbb\xbf人员编号,结果,查询时间,摘要,签名\n\"\n"))
	o := &FolderOptions{Source: "civil-registry", Mapping: inColumns}
	f.Fuzz(func(t *testing.T, text []byte) {
		_ = readStatements(bytes.NewReader(text), o, func(lines []Line) error {
			for _, l := range lines {
				if (l.Err == nil) == (l.Statement == nil) {
					t.Fatal("a line has a statement or an error")
				}
			}
			return nil
		})
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"sign":"x","data":{"ref":"","code":"c","at":"2026-11-20T08:00:00Z","hash":"h","adverse":true}}`))
	p := &Pull{o: PullOptions{Source: "s", Mapping: inJSON}}
	q := &Question{Subject: subject(f, 1)}
	f.Fuzz(func(t *testing.T, text []byte) {
		if st, err := p.read(text, q); err == nil && st.Subject != q.Subject {
			t.Fatal("a statement about somebody else")
		}
	})
}
