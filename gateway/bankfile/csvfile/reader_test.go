package csvfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"relieftrail/gateway/bankfile/csvfile"
)

func options() csvfile.Options {
	return csvfile.Options{MaxLine: 2000, Delimiters: ",\t;", Known: func(cell string) bool {
		return cell == "序号" || cell == "户名" || cell == "no" || cell == "name" || cell == "amount"
	}}
}

// read gives the header and the records as "line: cell|cell" or "line: fault".
func read(t *testing.T, file []byte, o csvfile.Options) (header []string, records []string) {
	t.Helper()
	r, err := csvfile.NewReader(bytes.NewReader(file), o)
	require.NoError(t, err)
	if header, err = r.Header(); errors.Is(err, io.EOF) {
		return nil, nil
	}
	require.NoError(t, err)
	for {
		record, err := r.Next()
		if errors.Is(err, io.EOF) {
			return header, records
		}
		require.NoError(t, err)
		text := string(record.Fault)
		if record.Fault == csvfile.NoFault {
			var cells []string
			for _, c := range record.Cells {
				cells = append(cells, string(csvfile.Trim(c)))
			}
			text = strings.Join(cells, "|")
		}
		records = append(records, fmt.Sprintf("%d: %s", record.Line, text))
	}
}

func gbk(s string) []byte {
	b, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func utf16(s string, order unicode.Endianness) []byte {
	b, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

// Each file says the same in the form of another writer.
func TestForms(t *testing.T) {
	plain := "序号,户名\r\n1,张三\r\n2,李四\r\n"
	for name, file := range map[string][]byte{
		"plain":                []byte(plain),
		"LF":                   []byte(strings.ReplaceAll(plain, "\r\n", "\n")),
		"CR":                   []byte(strings.ReplaceAll(plain, "\r\n", "\r")),
		"no last line end":     []byte(strings.TrimSuffix(plain, "\r\n")),
		"byte order mark":      []byte("\ufeff" + plain),
		"GB18030":              gbk(plain),
		"UTF-16 little-endian": utf16(plain, unicode.LittleEndian),
		"UTF-16 big-endian":    utf16(plain, unicode.BigEndian),
		"two byte order marks": []byte("\ufeff\ufeff" + plain),
		"UTF-16 unmarked":      utf16(plain, unicode.LittleEndian)[2:],
		"UTF-16BE unmarked":    utf16(plain, unicode.BigEndian)[2:],
		"an end of file":       []byte(plain + "\x1a"),
		"tabs":                 []byte(strings.ReplaceAll(plain, ",", "\t")),
		"semicolons":           []byte(strings.ReplaceAll(plain, ",", ";")),
		"tabs in UTF-16":       utf16(strings.ReplaceAll(plain, ",", "\t"), unicode.LittleEndian),
		"empty columns":        []byte(strings.ReplaceAll(plain, "\r\n", ",,\r\n")),
		"empty rows":           []byte(plain + ",\r\n\r\n ,\u3000\r\n"),
		"quotes":               []byte(`"序号","户名"` + "\n" + `"1","张三"` + "\n" + `"2", "李四" ` + "\n"),
		"text formulas":        []byte("序号,户名\n=\"1\",张三\n=\"2\",=\"李四\"\n"),
	} {
		t.Run(name, func(t *testing.T) {
			header, records := read(t, file, options())
			require.Equal(t, []string{"序号", "户名"}, header)
			require.Equal(t, []string{"2: 1|张三", "3: 2|李四"}, records)
		})
	}
}

func TestTitlesAboveTheHeader(t *testing.T) {
	_, separated := read(t, []byte("sep=;\r\n序号;户名\r\n1;张三\r\n"), options())
	require.Equal(t, []string{"3: 1|张三"}, separated, "the line by which a spreadsheet names its delimiter")
	header, records := read(t, []byte("安宁市低保发放表,\n\n2026年11月,\n序号,户名\n1,张三\n"), options())
	require.Equal(t, []string{"序号", "户名"}, header)
	require.Equal(t, []string{"5: 1|张三"}, records)
	header, _ = read(t, []byte("1,张三\n2,李四\n"), options())
	require.Equal(t, []string{"1", "张三"}, header, "a file without a header: its first line")
	header, records = read(t, nil, options())
	require.Empty(t, append(header, records...))
}

func TestChineseUnderAnEnglishHeader(t *testing.T) {
	for _, encode := range []func(string) []byte{gbk, func(s string) []byte { return []byte(s) }} {
		_, records := read(t, encode("no,name\n1,a\n2,张三\n3,李四\n"), options())
		require.Equal(t, []string{"2: 1|a", "3: 2|张三", "4: 3|李四"}, records)
	}
}

// A fault stays in its line: no other record is lost, changed or added.
func TestStrayQuotes(t *testing.T) {
	for name, c := range map[string]struct {
		file            string
		strict, literal []string
	}{
		"an opening quote": {
			"no,name\n1,\"a\n2,b\n3,c\n", []string{"2: quote", "3: 2|b", "4: 3|c"}, []string{`2: 1|"a`, "3: 2|b", "4: 3|c"},
		},
		"a quote inside": {
			"no,name\n1,a\"x\n2,b\n", []string{"2: quote", "3: 2|b"}, []string{`2: 1|a"x`, "3: 2|b"},
		},
		"two lines that would make one cell": {
			"no,name\n1,\"a\n2,b\n3,c\"\n4,d\n",
			[]string{"2: quote", "3: 2|b", "4: quote", "5: 4|d"}, []string{`2: 1|"a`, "3: 2|b", `4: 3|c"`, "5: 4|d"},
		},
		"a cell of two lines": {
			"no,name\n1,\"a\nx\"\n2,b\n", []string{"2: 1|a x", "4: 2|b"}, []string{"2: 1|a x", "4: 2|b"},
		},
		"a cell of lines without end": {
			"no,name\n1,\"a\n" + strings.Repeat("x\n", 20), nil, nil,
		},
		"a cell too few":  {"no,name\n1\n2,b\n", []string{"2: columns", "3: 2|b"}, []string{"2: columns", "3: 2|b"}},
		"a cell too many": {"no,name\n1,a,b\n2,b\n", []string{"2: columns", "3: 2|b"}, []string{"2: columns", "3: 2|b"}},
		"a long line": {
			"no,name\n1," + strings.Repeat("x", 3000) + "\n2,b\n", []string{"2: too-long", "3: 2|b"}, []string{"2: too-long", "3: 2|b"},
		},
		"a very long line": {
			"no,name\n1," + strings.Repeat("x", 300_000) + "\n2,b\n", []string{"2: too-long", "3: 2|b"}, []string{"2: too-long", "3: 2|b"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			_, records := read(t, []byte(c.file), o)
			o.Literal = true
			_, literal := read(t, []byte(c.file), o)
			if c.strict == nil {
				require.Len(t, records, 21)
				return
			}
			require.Equal(t, c.strict, records)
			require.Equal(t, c.literal, literal)
		})
	}
}

func TestWithoutAHeader(t *testing.T) {
	r, err := csvfile.NewReader(strings.NewReader("1|a\n2|b|\n"), csvfile.Options{MaxLine: 2000, Delimiters: "|"})
	require.NoError(t, err)
	r.SetWidth(2)
	for range 2 {
		record, err := r.Next()
		require.NoError(t, err)
		require.Len(t, record.Cells, 2)
	}
	_, err = r.Next()
	require.ErrorIs(t, err, io.EOF)
}

// FuzzReader: every physical line is in at most one record, in order, and the same file gives the same records.
func FuzzReader(f *testing.F) {
	f.Add([]byte("序号,户名\n1,\"a\n2,b\n3,c\"\n4,d\n"), true)
	f.Add(gbk("序号,户名\n1,张三\n"), false)
	f.Add(utf16("序号\t户名\r\n1\t=\"张三\"\r\n", unicode.LittleEndian), false)
	f.Fuzz(func(t *testing.T, file []byte, literal bool) {
		o := options()
		o.Literal = literal
		_, records := read(t, file, o)
		last := 0
		for _, record := range records {
			var line int
			if _, err := fmt.Sscanf(record, "%d:", &line); err != nil || line <= last {
				t.Fatalf("record %q after line %d", record, last)
			}
			last = line
		}
		if _, again := read(t, file, o); len(again) != len(records) {
			t.Fatal("other records")
		}
	})
}

// A short file takes little memory, and is read as without knowing its length: in every encoding, with and without line ends.
func TestAShortFileIsReadAlike(t *testing.T) {
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("名,二\n甲,𠀀\n"))
	require.NoError(t, err)
	for _, file := range [][]byte{
		[]byte("a"), []byte("a,b\n1,2"), []byte("a,b\r1,2\r"), []byte("\ufeff名,二\n甲,乙\n"), utf16,
		{0xc3, 0xfb, ',', 'b', '\n', 0xbc, 0xd7, ',', '2', '\n'}, []byte("a,b\n\"1\n2\",3\n4,5\n"), []byte(strings.Repeat("x,", 2000) + "y\n"),
	} {
		read := func(length int) (all []string) {
			r, err := csvfile.NewReader(bytes.NewReader(file), csvfile.Options{
				MaxLine: 64 << 10, Length: length, Delimiters: ",", Known: func(cell string) bool { return cell == "名" || cell == "a" },
			})
			require.NoError(t, err)
			header, err := r.Header()
			require.NoError(t, err)
			all = append(all, fmt.Sprintf("%q", header))
			for {
				record, err := r.Next()
				if errors.Is(err, io.EOF) {
					return append(all, string(r.Charset()))
				}
				require.NoError(t, err)
				all = append(all, fmt.Sprintf("%d %q %s", record.Line, record.Cells, record.Fault))
			}
		}
		require.Equal(t, read(0), read(len(file)))
	}
}
