package bankfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/workbook"
)

// corpusFiles are the files of testdata/corpus: one for each form in which banks write. The reading of each is beside it.
func corpusFiles(t testing.TB) []string {
	t.Helper()
	var files []string
	for _, form := range []string{"*.csv", "*.txt", "*.xml", "*.xlsx"} {
		found, err := filepath.Glob("testdata/corpus/" + form)
		require.NoError(t, err)
		files = append(files, found...)
	}
	slices.Sort(files)
	require.Greater(t, len(files), 50)
	return files
}

// readList reads a list by its profile. A workbook goes the way that it goes at the bank desk: its sheet is written as CSV first.
func readList(t *testing.T, document []byte, visit func(*Entry) error) (Message, error) {
	t.Helper()
	p := answerProfile()
	if workbook.Is(document) {
		var list bytes.Buffer
		list.WriteString("\ufeff")
		err := workbook.WriteCSV(t.Context(), &list, bytes.NewReader(document), workbook.Options{
			MaxBytes: 1 << 20, MaxExpanded: 1 << 20, Dir: t.TempDir(), Comma: rune(p.Delimiter[0]), Place: p.Place, Value: p.SheetValue,
		})
		if err != nil {
			return Message{}, err
		}
		document = list.Bytes()
	}
	return p.ReadAnswer(bytes.NewReader(document), "list", Options{Location: shanghai}, visit)
}

// reading is what a file says, in lines.
func readingOf(t *testing.T, document []byte, list bool) string {
	t.Helper()
	var b strings.Builder
	visit := func(e *Entry) error {
		fmt.Fprintf(&b, "%d %s payment=%s amount=%s", e.Number, e.Outcome, e.Payment, e.Amount)
		if e.NoAmount {
			b.WriteString(" (none stated)")
		}
		if e.Outcome == Paid || e.Outcome == Returned {
			fmt.Fprintf(&b, " day=%s", date(e.Day))
		}
		for _, part := range [][2]string{
			{"problem", string(e.Problem)}, {"reason", strings.Trim(string(e.Reason[:]), "\x00")}, {"status", e.Status},
			{"reference", e.BankRef}, {"name", e.Counterparty}, {"text", e.Text},
		} {
			if part[1] != "" {
				fmt.Fprintf(&b, " %s=%s", part[0], part[1])
			}
		}
		b.WriteString("\n")
		return nil
	}
	var m Message
	var err error
	if list {
		m, err = readList(t, document, visit)
	} else {
		m, err = Read(bytes.NewReader(document), Options{Location: shanghai}, visit)
	}
	if err != nil {
		return "refused: " + err.Error() + "\n"
	}
	for i := range m.Statements {
		s := &m.Statements[i]
		ties, ok := s.TiesOut()
		fmt.Fprintf(&b, "statement %s number=%d page=%d day=%s currency=%s debits=%s credits=%s ties_out=%t\n",
			s.ID, s.Sequence, s.Page, s.Day, s.Currency, s.Debits, s.Credits, ties && ok)
	}
	return fmt.Sprintf("%s %s %s page=%d\n", m.Kind, m.Version, m.ID, m.Page) + b.String()
}

// TestCorpus: each file is read as its reading says.
func TestCorpus(t *testing.T) {
	for _, path := range corpusFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			document, err := os.ReadFile(path)
			require.NoError(t, err)
			got := readingOf(t, document, strings.HasPrefix(filepath.Base(path), "list-"))
			want := path + ".reading"
			if *update {
				require.NoError(t, os.WriteFile(want, []byte(got), 0o600))
			}
			expected, err := os.ReadFile(want)
			require.NoError(t, err)
			require.Equal(t, string(expected), got)
		})
	}
}

// TestPage holds docs/bank-files.md against the corpus: what becomes of each form.
func TestPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Forms of bank files

What becomes of each file of [gateway/bankfile/testdata/corpus](../gateway/bankfile/testdata/corpus), one for each form in which banks, networks and
spreadsheets write; the whole reading of a file is beside it. The page is printed by ` + "`go test ./gateway/bankfile -run 'Corpus|Page' -update`" + `.
What it means for finance is in [guides/bank.md](guides/bank.md).

| file | payments | problems | statements |
|---|---|---|---|
`)
	for _, path := range corpusFiles(t) {
		reading, err := os.ReadFile(path + ".reading")
		require.NoError(t, err)
		fmt.Fprintf(&b, "| %s | %s |\n", filepath.Base(path), row(string(reading)))
	}
	path := filepath.Join("..", "..", "docs", "bank-files.md")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	}
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, b.String(), string(page))
}

// row is a reading in three cells.
func row(reading string) string {
	if refusal, ok := strings.CutPrefix(reading, "refused: "); ok {
		return "refused as a whole | " + strings.TrimSpace(refusal) + " | "
	}
	outcomes, statements := map[string]int{}, 0
	var problems []string
	for _, line := range strings.Split(reading, "\n")[1:] {
		words := strings.Fields(line)
		switch {
		case len(words) < 2:
		case words[0] == "statement":
			statements++
		default:
			outcomes[words[1]]++
			for _, word := range words {
				if problem, ok := strings.CutPrefix(word, "problem="); ok {
					problems = append(problems, problem)
				}
			}
		}
	}
	var counts []string
	for _, outcome := range []string{"paid", "returned", "none", "other"} {
		if outcomes[outcome] > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", outcomes[outcome], outcome))
		}
	}
	slices.Sort(problems)
	cell := ""
	if statements > 0 {
		cell = strconv.Itoa(statements)
	}
	return strings.Join(counts, ", ") + " | " + strings.Join(slices.Compact(problems), ", ") + " | " + cell
}
