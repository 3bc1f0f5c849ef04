package web_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/go-pdf/fpdf"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/network/testbed/browser"
)

// photographed is a code as a JPEG, and in the colours of a dark display.
func photographed(t *testing.T, code string) (photo, dark []byte) {
	t.Helper()
	plain, err := png.Decode(bytes.NewReader(picture(t, code)))
	require.NoError(t, err)
	inverted := image.NewGray(plain.Bounds())
	for y := range inverted.Rect.Dy() {
		for x := range inverted.Rect.Dx() {
			inverted.SetGray(x, y, color.Gray{Y: 255 - color.GrayModel.Convert(plain.At(x, y)).(color.Gray).Y})
		}
	}
	var a, b bytes.Buffer
	require.NoError(t, jpeg.Encode(&a, plain, nil))
	require.NoError(t, png.Encode(&b, inverted))
	return a.Bytes(), b.Bytes()
}

// scanned is a PDF as a scanner makes it: a photograph on a page.
func scanned(t *testing.T, photo []byte) []byte {
	t.Helper()
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.AddPage()
	pdf.RegisterImageOptionsReader("scan", fpdf.ImageOptions{ImageType: "JPG"}, bytes.NewReader(photo))
	pdf.ImageOptions("scan", 20, 20, 150, 150, false, fpdf.ImageOptions{}, 0, "")
	var b bytes.Buffer
	require.NoError(t, pdf.Output(&b))
	return b.Bytes()
}

// printed is the page that a gateway makes of a receipt; nil without a Chinese font.
func printed(t *testing.T, file []byte, code string) []byte {
	t.Helper()
	font, err := receiptprint.Font([]string{
		"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
	})
	if err != nil {
		return nil
	}
	policy, err := receipt.ParsePolicy(vectorFile(t, "policy.txt"))
	require.NoError(t, err)
	result, err := receipt.Verify(file, policy)
	require.NoError(t, err)
	pages := receiptprint.NewDocument(font, receiptprint.Usual, time.Unix(1_800_000_000, 0))
	require.NoError(t, pages.Add(&receiptprint.Shown{Result: result, Facts: result.Facts(), Code: code}))
	page, err := pages.Bytes()
	require.NoError(t, err)
	return page
}

// A file is what its bytes are, whatever its name and type say. What cannot be read is not called wrong.
func TestFilesOfEveryKind(t *testing.T) {
	p := browser.Open(t, 390, 844)
	p.Do(chromedp.Navigate(site(t).URL))
	p.Until(isReady)
	good, code := vectorFile(t, "county.receipt"), string(vectorFile(t, "county.code"))
	photo, dark := photographed(t, code)
	drawing, err := receiptprint.SVG(code)
	require.NoError(t, err)
	for _, c := range []struct {
		name, kind string
		content    []byte
		verdict    string
		says       string
	}{
		{"receipt.qr", "", picture(t, code), "good", "620.00"},
		{"IMG_001", "", photo, "good", "620.00"},
		{"receipt.receipt", "application/octet-stream", photo, "good", "620.00"},
		{"dark.png", "image/png", dark, "good", "620.00"},
		{"receipt.svg", "image/svg+xml", drawing, "good", "620.00"},
		{"drawing", "", drawing, "good", "620.00"},
		{"scan.pdf", "application/pdf", scanned(t, photo), "good", "620.00"},
		{"receipt.pdf", "application/pdf", printed(t, good, code), "good", "620.00"},
		{"receipt.png", "image/png", good, "good", "620.00"},
		{"IMG_0042.HEIC", "image/heic", []byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic"), "unsure", "JPEG"},
		{"receipt.zip", "application/zip", []byte("PK\x03\x04\x14\x00\x00\x00"), "unsure", "解压"},
		{"other.pdf", "application/pdf", []byte("%PDF-1.4\n1 0 obj\n<<>>\nstream\nq Q\nendstream\n"), "unsure", "PDF"},
		{"broken.svg", "", []byte("<svg"), "unsure", "SVG"},
		{"mail.receipt", "", bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")), "unsure", "换行符"},
		{"marked.receipt", "", append([]byte("\ufeff"), good...), "unsure", "字节顺序标记"},
		{"cut.receipt", "", good[:len(good)-1], "unsure", "末尾少了换行"},
		{"other.txt", "text/plain", []byte("hello"), "unsure", "不是回执"},
		{"altered.receipt", "", vectorFile(t, "other-amount.receipt"), "bad", "改动过"},
	} {
		if c.content == nil {
			t.Log("left out, for no Chinese font is installed (Debian's package fonts-wqy-microhei has one): " + c.name)
			continue
		}
		give(p, c.name, c.kind, c.content)
		require.Equal(t, c.verdict, kindOf(p), c.name+": "+p.Text("#result"))
		require.Contains(t, p.Text("#result"), c.says, c.name)
		if c.verdict == "unsure" {
			require.NotContains(t, p.Text("#result"), "请勿凭它认定", c.name)
		}
	}
	require.Empty(t, p.Faults())
}
