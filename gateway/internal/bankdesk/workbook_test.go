package bankdesk

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/workbook"
)

// workbookOf is a workbook of one sheet.
func workbookOf(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, f.SetSheetRow("Sheet1", cell, &row))
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	require.NoError(t, f.Close())
	return b.Bytes()
}

// ruralDesk is a desk that reads a list with a header, and one without.
func ruralDesk(t testing.TB) *Desk {
	t.Helper()
	titled := bankfile.Profile{
		Name: "titled", Encoding: "gb18030", Delimiter: "|", Header: true, Date: "YYYY-MM-DD",
		Columns: []bankfile.Column{
			{Title: "编号", Field: bankfile.FieldPayment}, {Title: "金额", Field: bankfile.FieldAmount}, {Title: "结果", Field: bankfile.FieldResult},
			{Title: "日期", Field: bankfile.FieldDate}, {Title: "户名", Field: bankfile.FieldName},
		},
		Results: []bankfile.Result{{Code: "00", Outcome: "paid"}, {Code: "51", Outcome: "returned", Reason: "AC04"}},
	}
	bare := titled
	bare.Name, bare.Header = "bare", false
	return &Desk{options: Options{Dir: t.TempDir(), Settings: Settings{
		Answers: []bankfile.Profile{titled, bare}, Limits: bankfile.Limits{Bytes: 4 << 20, Entries: 1000},
	}}}
}

func (d *Desk) answer(t testing.TB, profile string, file []byte) (entries []bankfile.Entry, err error) {
	t.Helper()
	_, err = d.readAnswer(bytes.NewReader(file), d.profile(profile), bankfile.Options{Limits: d.options.Limits}, func(e *bankfile.Entry) error {
		entries = append(entries, *e)
		return nil
	})
	left, globErr := filepath.Glob(filepath.Join(d.options.Dir, "*"))
	require.NoError(t, globErr)
	require.Empty(t, left, "nothing is left behind")
	return entries, err
}

var workbookRows = [][]any{
	{"编号", "金额", "结果", "日期", "户名"},
	{"dibao-530181-0000001-202611-1", 620, "00", time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), "张|某\n某"},
	{"dibao-530181-0000002-202611-1", 480.5, "51", "2026-11-09", "李某某"},
}

// A workbook gives what the same list in CSV gives, with a header and without.
func TestAnAnswerInAWorkbook(t *testing.T) {
	list := "dibao-530181-0000001-202611-1|620.00|00|2026-11-09|\"张|某 某\"\r\ndibao-530181-0000002-202611-1|480.50|51|2026-11-09|李某某\r\n"
	d := ruralDesk(t)
	for profile, c := range map[string]struct {
		list string
		rows [][]any
	}{
		"titled": {"\ufeff编号|金额|结果|日期|户名\r\n" + list, workbookRows}, "bare": {"\ufeff" + list, workbookRows[1:]},
	} {
		want, err := d.answer(t, profile, []byte(c.list))
		require.NoError(t, err)
		require.Len(t, want, 2)
		require.Equal(t, bankfile.NoProblem, want[0].Problem)
		got, err := d.answer(t, profile, workbookOf(t, c.rows...))
		require.NoError(t, err)
		require.Equal(t, want, got, profile)
	}
}

func TestBadWorkbooksOfTheBank(t *testing.T) {
	good := workbookOf(t, workbookRows...)
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	w, err := z.Create("answer.csv")
	require.NoError(t, err)
	_, err = w.Write([]byte("编号|金额|结果|日期|户名\r\n"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	wide := make([]any, workbook.MaxColumns+1)
	for i := range wide {
		wide[i] = i
	}
	long := [][]any{workbookRows[0]}
	for range 1001 {
		long = append(long, workbookRows[1])
	}
	for name, c := range map[string]struct {
		file   []byte
		code   string
		detail string
	}{
		"cut":             {good[:len(good)/2], bankfile.CodeSyntax, "damaged"},
		"an archive":      {archive.Bytes(), bankfile.CodeSyntax, "no .xlsx"},
		"Excel 97":        {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), bankfile.CodeSyntax, "Excel 97"},
		"many columns":    {workbookOf(t, workbookRows[0], wide), bankfile.CodeTooLarge, "columns"},
		"many rows":       {workbookOf(t, long...), bankfile.CodeTooLarge, "1000 entries"},
		"a long cell":     {workbookOf(t, workbookRows[0], []any{strings.Repeat("x", 9000)}), "", ""},
		"no list":         {workbookOf(t, []any{"a", "b"}), bankfile.CodeContent, "header lacks"},
		"a header alone":  {workbookOf(t, workbookRows[0]), bankfile.CodeContent, "empty"},
		"nothing":         {workbookOf(t), bankfile.CodeContent, "empty"},
		"a column missed": {workbookOf(t, workbookRows[0][:4]), bankfile.CodeContent, "header lacks"},
	} {
		t.Run(name, func(t *testing.T) {
			entries, err := ruralDesk(t).answer(t, "titled", c.file)
			if c.code == "" {
				require.NoError(t, err)
				require.Equal(t, bankfile.BadLine, entries[0].Problem)
				return
			}
			var refusal *bankfile.Error
			require.ErrorAs(t, err, &refusal)
			require.Equal(t, c.code, refusal.Code)
			require.Contains(t, refusal.Detail, c.detail)
		})
	}
	t.Run("a bomb", func(t *testing.T) {
		d := ruralDesk(t)
		d.options.Limits.Bytes = 1 << 20
		var rows [][]any
		for range 20_000 {
			rows = append(rows, workbookRows[1])
		}
		_, err := d.answer(t, "bare", workbookOf(t, rows...))
		var refusal *bankfile.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, bankfile.CodeSyntax, refusal.Code)
	})
	t.Run("larger than any", func(t *testing.T) {
		d := ruralDesk(t)
		d.options.Limits.Bytes = 1000
		_, err := d.answer(t, "bare", good)
		var refusal *bankfile.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, bankfile.CodeTooLarge, refusal.Code)
	})
}

// What a process left that was killed holds names: the next one deletes it.
func TestPiecesOfWorkbooksAreSwept(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "workbook-1"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "workbook-1", "sheet"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other"), nil, 0o600))
	require.NoError(t, sweepWorkbooks(dir))
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "other")}, left)
}

func FuzzAnswerInAWorkbook(f *testing.F) {
	good := workbookOf(f, workbookRows...)
	f.Add(good[4:])
	f.Add(good[4 : len(good)-30])
	d := ruralDesk(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		_, err := d.answer(t, "titled", append([]byte("PK\x03\x04"), file...))
		var refusal *bankfile.Error
		if err != nil {
			require.ErrorAs(t, err, &refusal)
		}
	})
}
