package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile/csvfile"
)

type item struct {
	Name   string         `json:"name"`
	Amount relief.Fen     `json:"amount"`
	Sum    *relief.Fen    `json:"sum,omitempty"`
	Left   relief.Balance `json:"opening"`
	Count  int            `json:"count"`
	Day    relief.Day     `json:"day"`
	Period relief.Period  `json:"period"`
	At     time.Time      `json:"at"`
	State  string         `json:"state"`
	Flag   bool           `json:"name_changed"`
}

var items = New(
	Text("name", func(i *item) string { return i.Name }),
	Amount("amount", func(i *item) relief.Fen { return i.Amount }),
	AmountIfAny("sum", func(i *item) *relief.Fen { return i.Sum }),
	Balance("opening", func(i *item) relief.Balance { return i.Left }),
	Integer("count", func(i *item) int { return i.Count }),
	Day("day", func(i *item) relief.Day { return i.Day }),
	Period("period", func(i *item) relief.Period { return i.Period }),
	Time("at", func(i *item) time.Time { return i.At }),
	Word("state", map[string]string{"open": "待签批"}, func(i *item) string { return i.State }),
	Flag("name_changed", func(i *item) bool { return i.Flag }),
)

func example() item {
	period, _ := relief.ParsePeriod("2026-11")
	sum := relief.Fen(960_00)
	return item{
		Name: "王建国", Amount: 1_234_567_89, Sum: &sum, Left: -20_00, Count: 3, Day: "2026-11-30", Period: period,
		At: time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC), State: "open", Flag: true,
	}
}

func written(t *testing.T, o Options, list ...item) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, WriteAll(&out, items, o, list))
	return out.String()
}

func TestAListAsCSV(t *testing.T) {
	const header = "name,amount,sum,opening,count,day,period,at,state,name_changed\r\n"
	const row = "王建国,1234567.89,960.00,-20.00,3,2026-11-30,2026-11,2026-11-30T08:00:00Z,open,true\r\n"
	require.Equal(t, "\ufeff"+header+row, written(t, Options{Format: CSV}, example()))
	require.Equal(t, header+row, written(t, Options{Format: CSV, ForPrograms: true}, example()))
	require.Equal(t, "\ufeff"+header, written(t, Options{Format: CSV}))
	require.Equal(t, header+",0.00,,0.00,0,,,,,\r\n", written(t, Options{Format: CSV, ForPrograms: true}, item{}))
	zh := written(t, Options{Format: CSV, Zh: true}, example())
	require.Equal(t, "\ufeff姓名或名称,金额,金额合计,期初余额,笔数,日期,所属期,时间,状态,姓名有变\r\n"+
		strings.NewReplacer("open", "待签批", ",true", ",是").Replace(row), zh)
}

func TestAListAsLinesOfJSON(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(written(t, Options{Format: NDJSON}, example(), item{}), "\n"), "\n")
	require.Len(t, lines, 2)
	var got item
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &got))
	require.Equal(t, example(), got)
}

// A text never begins with what begins a formula, in a cell of any kind of spreadsheet, and never leaves its line.
func TestBadCells(t *testing.T) {
	for text, want := range map[string]string{
		"":                       "",
		"=1+1":                   "'=1+1",
		`=HYPERLINK("x","y")`:    `'=HYPERLINK("x","y")`,
		"+1":                     "'+1",
		"-1":                     "'-1",
		"@SUM(A1)":               "'@SUM(A1)",
		"\t=1":                   "' =1",
		"\r=1":                   "' =1",
		"\n=1":                   "' =1",
		"  =1":                   "'  =1",
		"\u3000＝1":               "'\u3000＝1",
		"＝1":                     "'＝1",
		"＋1":                     "'＋1",
		"－1":                     "'－1",
		"＠a":                     "'＠a",
		"\ufeff=1":               "' =1",
		"a=1":                    "a=1",
		"'=1":                    "'=1",
		"a,b":                    "a,b",
		`a"b`:                    `a"b`,
		"a\r\nb":                 "a  b",
		"a\u2028b":               "a b",
		"a\x00b":                 "a b",
		"\xff\xfe":               "\ufffd",
		"123456789012345":        "123456789012345",
		"6230597740901803384":    "\t6230597740901803384",
		"530181196401209708":     "\t530181196401209708",
		"53018119640120970X":     "53018119640120970X",
		"0871":                   "\t0871",
		"0":                      "0",
		"2026-11":                "2026-11",
		strings.Repeat("字", 400): strings.Repeat("字", 400),
	} {
		file := written(t, Options{Format: CSV}, item{Name: text})
		rows, err := csv.NewReader(strings.NewReader(file)).ReadAll()
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, rows[1][0], "%q", text)
		plain := written(t, Options{Format: CSV, ForPrograms: true}, item{Name: text})
		rows, err = csv.NewReader(strings.NewReader(plain)).ReadAll()
		require.NoError(t, err)
		require.Equal(t, strings.TrimPrefix(want, "\t"), rows[1][0], "%q", text)
	}
}

func TestAListAsAWorkbook(t *testing.T) {
	bad := item{Name: "=1+1", Day: "no day"}
	long := item{Name: strings.Repeat("甲", maxCell+7)}
	var out bytes.Buffer
	require.NoError(t, WriteAll(&out, items, Options{Format: Workbook, Zh: true, Scratch: t.TempDir()}, []item{example(), bad, {}, long}))
	book, err := excelize.OpenReader(&out)
	require.NoError(t, err)
	defer book.Close()
	rows, err := book.GetRows(sheetName)
	require.NoError(t, err)
	require.Equal(t, []string{"姓名或名称", "金额", "金额合计", "期初余额", "笔数", "日期", "所属期", "时间", "状态", "姓名有变"}, rows[0])
	require.Equal(t, []string{
		"王建国", "1234567.89", "960.00", "-20.00", "3", "2026-11-30", "2026-11", "2026-11-30T08:00:00Z", "待签批", "是",
	}, rows[1])
	require.Equal(t, []string{"=1+1", "0.00", "", "0.00", "0", "no day"}, rows[2])
	require.Equal(t, maxCell, utf8.RuneCountInString(rows[4][0]))
	require.True(t, strings.HasSuffix(rows[4][0], "甲…"))
	formula, err := book.GetCellFormula(sheetName, "A3")
	require.NoError(t, err)
	require.Empty(t, formula, "a text is no formula")
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "G2": excelize.CellTypeInlineString} {
		kind, err := book.GetCellType(sheetName, cell)
		require.NoError(t, err)
		require.Equal(t, want, kind, cell)
	}
	raw, err := book.GetCellValue(sheetName, "B2", excelize.Options{RawCellValue: true})
	require.NoError(t, err)
	require.Equal(t, "1234567.89", raw)
	panes, err := book.GetPanes(sheetName)
	require.NoError(t, err)
	require.True(t, panes.Freeze)
	require.Equal(t, 1, panes.YSplit)
	width, err := book.GetColWidth(sheetName, "H")
	require.NoError(t, err)
	require.InDelta(t, 24, width, 1)
}

func TestASheetThatIsFull(t *testing.T) {
	rows, err := newWorkbook(io.Discard, items.heads, &Options{Format: Workbook})
	require.NoError(t, err)
	rows.row = MaxRows - 1
	require.NoError(t, rows.write(make([]cell, len(items.heads))))
	require.ErrorIs(t, rows.write(make([]cell, len(items.heads))), ErrFull)
	require.NoError(t, rows.discard())
}

var errGone = errors.New("the reader is gone")

type gone struct{}

func (gone) Write([]byte) (int, error) { return 0, errGone }

func TestAReaderWhoIsGone(t *testing.T) {
	for _, f := range []Format{CSV, NDJSON, Workbook} {
		require.ErrorIs(t, WriteAll(gone{}, items, Options{Format: f}, []item{example()}), errGone, f)
	}
	require.Error(t, WriteAll(io.Discard, items, Options{Format: JSON}, nil))
}

func TestRecordsAreReadOnceForAllCells(t *testing.T) {
	list := Records(Text("name", func(i *item) string { return i.Name }), Amount("amount", func(i *item) relief.Fen { return i.Amount }))
	var out bytes.Buffer
	documents := []json.RawMessage{json.RawMessage(`{"name":"a","amount":"2.00"}`)}
	require.NoError(t, WriteAll(&out, list, Options{Format: CSV, ForPrograms: true}, documents))
	require.Equal(t, "name,amount\r\na,2.00\r\n", out.String())
	require.Error(t, WriteAll(&out, list, Options{Format: CSV}, []json.RawMessage{json.RawMessage(`{"name":1}`)}))
	require.Equal(t, "name", list.Heads()[0].Name)
}

// What is written as CSV, Go's reader and that of the gateway's uploads read back alike: the cells, each record on its line.
func FuzzCSV(f *testing.F) {
	f.Add("=1+1", "a\r\nb", int64(-5))
	f.Add("\"", ",", int64(1))
	f.Add("\ufeff\"a\"\"", "\t", int64(100))
	list := New(
		Text("name", func(i *item) string { return i.Name }), Text("state", func(i *item) string { return i.State }),
		Balance("opening", func(i *item) relief.Balance { return i.Left }),
	)
	f.Fuzz(func(t *testing.T, a, b string, n int64) {
		var out bytes.Buffer
		rows := []item{{Name: a, State: b, Left: relief.Balance(n)}, {Name: "last", State: "x"}}
		require.NoError(t, WriteAll(&out, list, Options{Format: CSV}, rows))
		file := out.Bytes()
		require.Equal(t, 3, bytes.Count(file, []byte("\n")), "a record is a line")
		require.True(t, utf8.Valid(file))
		read, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte(byteOrderMark)))).ReadAll()
		require.NoError(t, err)
		require.Len(t, read, 3)
		require.Equal(t, "last", read[2][0])
		for _, cell := range read[1][:2] {
			require.False(t, cell != "" && strings.Contains("=+-@\r\n", cell[:1]), "%q", cell)
		}
		own, err := csvfile.NewReader(bytes.NewReader(file), csvfile.Options{MaxLine: max(len(file), 1024), Delimiters: ","})
		require.NoError(t, err)
		header, err := own.Header()
		require.NoError(t, err)
		require.Equal(t, []string{"name", "state", "opening"}, header)
		for _, want := range read[1:] {
			record, err := own.Next()
			require.NoError(t, err)
			require.Equal(t, csvfile.NoFault, record.Fault)
			for i, cell := range record.Cells {
				require.Equal(t, trimmed(want[i]), trimmed(string(cell)))
			}
		}
	})
}

// trimmed is a cell without what readers of cells take away at its ends.
func trimmed(cell string) string { return string(csvfile.Trim([]byte(cell))) }
