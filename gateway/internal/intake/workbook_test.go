package intake_test

import (
	"archive/zip"
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/intake"
)

// workbook is a workbook of two sheets; the second has the rows.
func workbook(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	_, err := f.NewSheet("名单")
	require.NoError(t, err)
	require.NoError(t, f.SetCellValue("Sheet1", "A1", "说明"))
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		require.NoError(t, err)
		require.NoError(t, f.SetSheetRow("名单", cell, &row))
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	require.NoError(t, f.Close())
	return b.Bytes()
}

func header(text string) (cells []any) {
	for _, cell := range strings.Split(strings.TrimSpace(text), ",") {
		cells = append(cells, cell)
	}
	return cells
}

func spooler(t testing.TB) *intake.Spooler {
	t.Helper()
	return &intake.Spooler{Dir: t.TempDir(), MaxBytes: 1 << 20, MaxExpandedBytes: 8 << 20}
}

// A workbook gives what the same list in CSV gives: numbers are amounts, days are periods, and a line has its row's number.
func TestWorkbook(t *testing.T) {
	file := workbook(t,
		[]any{"安宁市低保发放表"}, []any{}, header(payHeader),
		[]any{1, "530181003214", "孟华", "530181196401209708", "6230599083016613184", "农村信用社", 1, 480, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)},
		[]any{},
		[]any{2, 530181003214, "孟华", "53018119980420469X", "6230599083016613184", "农村信用社", 1, 480.5, "2026-11", "备注"},
		[]any{3, "530181003214", "孟华", 530181196401209708, "6230599083016613184", "农村信用社", 1, 0.125, "2026-11"},
	)
	s := spooler(t)
	for _, contentType := range []string{
		"", "application/octet-stream", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "text/csv",
	} {
		out, err := s.Spool(t.Context(), bytes.NewReader(file), contentType, "", intake.KindLines)
		require.NoError(t, err)
		content, err := os.ReadFile(out.File)
		require.NoError(t, err)
		lines, refusals := readAll(t, content, intake.Options{Kind: intake.KindLines, ContentType: out.ContentType})
		require.Len(t, lines, 2)
		require.Equal(t, []int{4, 6}, []int{lines[0].FileLine, lines[1].FileLine})
		require.Equal(t, []relief.Fen{48000, 48050}, []relief.Fen{lines[0].Amount, lines[1].Amount})
		require.Equal(t, "2026-11", lines[0].Period.String())
		require.Len(t, refusals, 1)
		require.Equal(t, 7, refusals[0].FileLine)
		out.Remove()
		left, err := os.ReadDir(s.Dir)
		require.NoError(t, err)
		require.Empty(t, left, "nothing is left behind")
	}
}

func TestAnIdentityNumberThatASheetKeptAsANumberIsRefusedWithItsCause(t *testing.T) {
	file := workbook(t, header(payHeader),
		[]any{1, "530181003214", "孟华", 5.30181196401209708e17, "6230599083016613184", "农村信用社", 1, 480, "2026-11"})
	out, err := spooler(t).Spool(t.Context(), bytes.NewReader(file), "", "", intake.KindLines)
	require.NoError(t, err)
	content, err := os.ReadFile(out.File)
	require.NoError(t, err)
	_, refusals := readAll(t, content, intake.Options{Kind: intake.KindLines, ContentType: out.ContentType})
	require.Len(t, refusals, 1)
	require.Equal(t, "id_number", refusals[0].Field)
	require.Contains(t, refusals[0].Note, "电子表格")
}

func TestBadWorkbooks(t *testing.T) {
	good := workbook(t, header(payHeader), header(payLine))
	var other bytes.Buffer
	z := zip.NewWriter(&other)
	w, err := z.Create("a.txt")
	require.NoError(t, err)
	_, err = w.Write([]byte("x"))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	wide := make([]any, 300)
	for i := range wide {
		wide[i] = i
	}
	for name, c := range map[string]struct {
		file []byte
		kind intake.Kind
		code string
	}{
		"cut":            {good[:len(good)/2], intake.KindLines, "workbook"},
		"Excel 97":       {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), intake.KindLines, "workbook"},
		"another zip":    {other.Bytes(), intake.KindLines, "workbook"},
		"no list":        {workbook(t, []any{"a", "b"}), intake.KindLines, "unknown-columns"},
		"a header only":  {workbook(t, header(payHeader)), intake.KindLines, "no-lines"},
		"many columns":   {workbook(t, header(payHeader), wide), intake.KindLines, "workbook"},
		"a file of acts": {good, intake.KindCases, "media-type"},
	} {
		t.Run(name, func(t *testing.T) {
			s := spooler(t)
			contentType := ""
			if c.kind == intake.KindCases {
				contentType = "application/x-ndjson"
			}
			_, err := s.Spool(t.Context(), bytes.NewReader(c.file), contentType, "", c.kind)
			var file *intake.FileError
			require.ErrorAs(t, err, &file)
			require.Equal(t, c.code, file.Code)
			left, err := os.ReadDir(s.Dir)
			require.NoError(t, err)
			require.Empty(t, left, "nothing is left behind")
		})
	}
	t.Run("a bomb", func(t *testing.T) {
		var rows [][]any
		rows = append(rows, header(payHeader))
		for range 20_000 {
			rows = append(rows, header(payLine))
		}
		s := spooler(t)
		s.MaxBytes, s.MaxExpandedBytes = 8<<20, 4<<20
		_, err := s.Spool(t.Context(), bytes.NewReader(workbook(t, rows...)), "", "", intake.KindLines)
		var file *intake.FileError
		require.ErrorAs(t, err, &file)
		require.Equal(t, "workbook", file.Code)
	})
}

// What is hidden is no list, and of two lists nobody can say which is meant.
func TestSheetsOfAWorkbook(t *testing.T) {
	const shown, hidden = true, false
	type sheet struct {
		name    string
		visible bool
		rows    []string
	}
	broken := strings.Replace(payHeader, "户主姓名", "户主\n姓 名", 1)
	old := sheet{"上月", hidden, []string{payHeader, strings.Replace(payLine, "480.00", "1.00", 1)}}
	list := sheet{"名单", shown, []string{"填报说明", broken, payLine}}
	for name, c := range map[string]struct {
		sheets []sheet
		words  string // of the refusal; "" when the list is read
	}{
		"an old list is hidden":   {[]sheet{old, list}, ""},
		"a template beside":       {[]sheet{{"模板", shown, []string{payHeader}}, list}, ""},
		"a sheet of explanations": {[]sheet{{"说明", shown, []string{"说明"}}, list}, ""},
		"a list for each town":    {[]sheet{list, {"二街镇", shown, []string{payHeader, payLine}}}, "有多张工作表"},
		"a hidden list alone":     {[]sheet{{"说明", shown, []string{"说明"}}, old}, "隐藏"},
	} {
		t.Run(name, func(t *testing.T) {
			f := excelize.NewFile()
			for _, s := range c.sheets {
				_, err := f.NewSheet(s.name)
				require.NoError(t, err)
				for i, row := range s.rows {
					cell, err := excelize.CoordinatesToCellName(1, i+1)
					require.NoError(t, err)
					cells := header(row)
					require.NoError(t, f.SetSheetRow(s.name, cell, &cells))
				}
				require.NoError(t, f.SetSheetVisible(s.name, s.visible))
			}
			require.NoError(t, f.DeleteSheet("Sheet1"))
			var b bytes.Buffer
			require.NoError(t, f.Write(&b))
			out, err := spooler(t).Spool(t.Context(), &b, "", "", intake.KindLines)
			if c.words != "" {
				require.ErrorContains(t, err, c.words)
				return
			}
			require.NoError(t, err)
			content, err := os.ReadFile(out.File)
			require.NoError(t, err)
			lines, refusals := readAll(t, content, intake.Options{Kind: intake.KindLines, ContentType: out.ContentType})
			require.Empty(t, refusals)
			require.Len(t, lines, 1)
			require.Equal(t, relief.Fen(48000), lines[0].Amount)
		})
	}
}

func FuzzWorkbook(f *testing.F) {
	good := workbook(f, header(payHeader), header(payLine))
	f.Add(good)
	f.Add(good[:len(good)-30])
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, file []byte) {
		s := &intake.Spooler{Dir: dir, MaxBytes: 1 << 16, MaxExpandedBytes: 1 << 20}
		out, err := s.Spool(t.Context(), bytes.NewReader(append([]byte("PK\x03\x04"), file...)), "", "", intake.KindLines)
		if err == nil {
			out.Remove()
		}
	})
}
