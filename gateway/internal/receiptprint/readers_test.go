package receiptprint

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// readers are programs of others that read codes, with the arguments that print what a picture says.
var readers = []struct {
	program, debian string
	arguments       []string
}{
	{"zbarimg", "zbar-tools", []string{"--raw", "--quiet", "-Sdisable", "-Sqrcode.enable"}},
	{"ZXingReader", "zxing-cpp-tools", []string{"-1"}},
}

// Readers of others find in each form of a code what was put there: as a picture, and on the printed page.
func TestOthersReadTheCodes(t *testing.T) {
	vectors := "../../../chaincode/receipt/testdata/"
	whole, err := os.ReadFile(vectors + "county.code")
	require.NoError(t, err)
	codes := map[string]string{
		"receipt": string(whole),
		"longest": "RT1:" + strings.Repeat("ABC 12%/:", 205),
		"link":    "https://gateway.example/#r1=" + strings.Repeat("Zg-_A1", 30),
	}
	for _, reader := range readers {
		t.Run(reader.program, func(t *testing.T) {
			if _, err := exec.LookPath(reader.program); err != nil {
				t.Skipf("%s is not installed: Debian's package %s has it (scripts/test-tools)", reader.program, reader.debian)
			}
			for name, code := range codes {
				for _, picture := range []string{drawnPNG(t, code), printedPage(t, Usual, code), printedPage(t, Large, code)} {
					if picture == "" {
						continue
					}
					said, err := exec.CommandContext(t.Context(), reader.program, append(reader.arguments, picture)...).CombinedOutput()
					require.NoError(t, err, "%s in %s: %s", name, filepath.Base(picture), said)
					require.Contains(t, string(said), code, "%s in %s", name, filepath.Base(picture))
				}
			}
		})
	}
}

func drawnPNG(t *testing.T, code string) string {
	t.Helper()
	picture, err := PNG(code)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "code.png")
	require.NoError(t, os.WriteFile(file, picture, 0o600))
	return file
}

// printedPage is the page of a receipt as a printer has it, at 150 dots an inch; "" where nothing makes it a picture.
func printedPage(t *testing.T, size Print, code string) string {
	t.Helper()
	font, err := Font(fonts)
	if err != nil {
		t.Log("the page is left out: no Chinese font is installed (Debian's package fonts-wqy-microhei)")
		return ""
	}
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Log("the page is left out: pdftoppm is not installed (Debian's package poppler-utils)")
		return ""
	}
	r := result(t)
	d := NewDocument(font, size, time.Unix(1_800_000_000, 0))
	require.NoError(t, d.Add(&Shown{r, r.Facts(), code}))
	page, err := d.Bytes()
	require.NoError(t, err)
	dir := t.TempDir()
	file := filepath.Join(dir, "receipt.pdf")
	require.NoError(t, os.WriteFile(file, page, 0o600))
	out, err := exec.CommandContext(t.Context(), "pdftoppm", "-r", "150", "-png", "-singlefile", file, filepath.Join(dir, "page")).CombinedOutput()
	require.NoError(t, err, string(out))
	return filepath.Join(dir, "page.png")
}
