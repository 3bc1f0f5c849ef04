package receiptprint

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func villageSheet(rows int) *Sheet {
	s := &Sheet{
		Programme: "最低生活保障", Place: "云南省昆明市安宁市连然街道某村", Period: "2026-11", Version: 2, PublishedOn: "2026-11-30", OnlineUntil: "2027-02-27",
		Households: rows, Persons: 2 * rows, Sum: "37200.00", Statement: strings.Repeat("ab", 32),
		Page: "https://relief.example.cn/lists/dibao/530181/2026-11/530181001001", PrintedBy: "civil-preparer", PrintedAt: time.Unix(1_800_000_000, 0),
	}
	for i := range rows {
		s.Rows = append(s.Rows, SheetRow{Name: fmt.Sprintf("某甲%d", i+1), Class: "A", Persons: "2", Amount: "620.00", For: "2026-11", PaidOn: "2026-11-09"})
	}
	return s
}

// A sheet has every row, on as many pages as that takes, each with its number and with the warning that it is not for the net; its code leads to
// the page where the list is checked.
func TestSheetHasEveryRow(t *testing.T) {
	font, err := Font(fonts)
	if err != nil {
		t.Skip("no Chinese font is installed: Debian's package fonts-wqy-microhei has one")
	}
	for rows, pages := range map[int]int{0: 1, 1: 1, 60: 3, 300: 10} {
		s := villageSheet(rows)
		if rows > 0 {
			s.Rows[0].Name = "阿卜杜热合曼·阿卜杜克热木·买买提依明"
		}
		content, err := SheetPages(font, s)
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "sheet.pdf")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
		if err != nil {
			t.Skip("pdftotext is not installed: Debian's package poppler-utils has it")
		}
		said := strings.Join(strings.Fields(string(text)), "")
		require.Equal(t, pages, strings.Count(said, "不得上网"), rows)
		require.Contains(t, said, fmt.Sprintf("第%d/%d页", pages, pages))
		require.Contains(t, said, fmt.Sprintf("共%d户%d人，%d笔，37200.00元", rows, 2*rows, rows))
		for i := range s.Rows {
			require.Contains(t, said, s.Rows[i].Name)
		}
		require.Equal(t, rows, strings.Count(said, "620.00"))
	}
}

// The code of a sheet leads to the village's page.
func TestSheetsCodeIsRead(t *testing.T) {
	font, err := Font(fonts)
	if err != nil {
		t.Skip("no Chinese font is installed: Debian's package fonts-wqy-microhei has one")
	}
	dir, s := t.TempDir(), villageSheet(3)
	content, err := SheetPages(font, s)
	require.NoError(t, err)
	file := filepath.Join(dir, "sheet.pdf")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("pdftoppm is not installed: Debian's package poppler-utils has it")
	}
	out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "150", "-png", "-singlefile", file, filepath.Join(dir, "page")).CombinedOutput()
	require.NoError(t, err, string(out))
	if _, err := exec.LookPath("zbarimg"); err != nil {
		t.Skip("zbarimg is not installed: Debian's package zbar-tools has it")
	}
	said, err := exec.CommandContext(t.Context(), "zbarimg", "--raw", "--quiet", "-Sdisable", "-Sqrcode.enable", filepath.Join(dir, "page.png")).Output()
	require.NoError(t, err)
	require.Equal(t, s.Page, strings.TrimSpace(string(said)))
}
