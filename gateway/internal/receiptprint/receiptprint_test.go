package receiptprint

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
)

var fonts = []string{
	"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
}

func result(t *testing.T) *receipt.Result {
	t.Helper()
	id, err := relief.ParsePaymentID("dibao-530181-0000007-202611-1")
	require.NoError(t, err)
	leaf := relief.Leaf{Payment: id, Region: "530181001001", Amount: 62000, Day: 20766, Batch: "b-2026-11"}
	leaf.Subject[0] = 1
	at := time.Date(2026, 11, 10, 8, 0, 0, 0, time.UTC)
	agency := func(zh, en string) receipt.Signature {
		return receipt.Signature{Agency: &receipt.Agency{Name: receipt.AgencyName(zh, en)}, At: at}
	}
	return &receipt.Result{
		Leaf: leaf, LeafHash: leaf.Hash(), Index: 6, Checkpoint: receipt.Checkpoint{Origin: "relief.test/log", Size: 26_600},
		Signers: []receipt.Signature{agency("民政局", "Civil affairs"), agency("财政局", "Finance"), agency("审计局", "Audit")},
	}
}

// written is a document of receipts with these codes, and what pdftotext reads in it.
func written(t *testing.T, size Print, codes ...string) (document []byte, text string) {
	t.Helper()
	font, err := Font(fonts)
	if err != nil {
		t.Skip("no Chinese font is installed: Debian's package fonts-wqy-microhei has one")
	}
	r := result(t)
	facts := r.Facts()
	for i := range facts {
		if facts[i].Name == "region" {
			facts[i].Value = "云南省昆明市安宁市连然街道朝阳社区居民委员会（530181001001）"
		}
	}
	d := NewDocument(font, size, time.Unix(1_800_000_000, 0))
	for _, code := range codes {
		require.NoError(t, d.Add(&Shown{r, facts, code}))
	}
	document, err = d.Bytes()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "receipt.pdf")
	require.NoError(t, os.WriteFile(file, document, 0o600))
	read, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").Output()
	if err != nil {
		t.Skip("pdftotext is not installed: Debian's package poppler-utils has it")
	}
	return document, string(read)
}

// TestPageIsOneThatACitizenCanRead has the page read back by pdftotext: every word is there, in both languages.
func TestPageIsOneThatACitizenCanRead(t *testing.T) {
	page, text := written(t, Usual, "RT1:"+strings.Repeat("ABC123", 200))
	require.Less(t, len(page), 200<<10, "the font is cut to the characters of the page")
	for _, want := range []string{
		"救助资金发放回执", "Receipt of a relief payment", "620.00 元", "CNY 620.00", "2026年11月", "November 2026", "民政局、财政局、审计局",
		"Civil affairs, Finance, Audit", "dibao-530181-0000007-202611-1", "26,600", "云南省昆明市安宁市连然街道朝阳社区居民委员会（530181001001）", "常规发放", "Regular payment",
	} {
		require.Contains(t, text, want)
	}
	require.Equal(t, 1, strings.Count(text, "\f"), "one page")
}

// In large print there is what people look for, in lines that go on instead of getting smaller, and one page for each receipt.
func TestPagesInLargePrint(t *testing.T) {
	code := "RT1:" + strings.Repeat("ABC123", 200)
	document, text := written(t, Large, code, code, code)
	require.Equal(t, 3, strings.Count(text, "\f"), "a page for each receipt")
	for _, want := range []string{"救助资金发放回执", "620.00 元", "2026年11月", "November 2026", "dibao-530181-0000007-202611-1", "常规发放", "Regular payment", "云南省昆明市安宁市"} {
		require.Equal(t, 3, strings.Count(text, want), want)
	}
	require.NotContains(t, text, "26,600", "what the code proves beside that stays in the code")
	require.Less(t, len(document), 300<<10, "the font is in the file once")
}

func TestFontIsTakenOrRefused(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		return file
	}
	_, err := Font([]string{filepath.Join(dir, "none.ttf")})
	require.ErrorIs(t, err, ErrNoFont)
	for name, content := range map[string][]byte{
		"empty.ttf": nil, "text.ttf": []byte("no font at all, really"), "postscript.otf": []byte("OTTO............"),
		"cut.ttc": []byte("ttcf\x00\x01\x00\x00"), "beyond.ttc": []byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01\xff\xff\xff\xff"),
	} {
		_, err := Font([]string{write(name, content)})
		require.ErrorIs(t, err, errFont, name)
	}
	single := append([]byte("\x00\x01\x00\x00\x00\x00"), make([]byte, 6)...)
	font, err := Font([]string{filepath.Join(dir, "none.ttf"), write("single.ttf", single)})
	require.NoError(t, err)
	require.Equal(t, single, font)
}

func FuzzFirst(f *testing.F) {
	collection := []byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10\x00\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00head____\x00\x00\x00\x2c\x00\x00\x00\x03abc")
	f.Add(collection)
	f.Add([]byte("\x00\x01\x00\x00"))
	f.Fuzz(func(t *testing.T, content []byte) {
		font, err := first(content)
		if err == nil && len(font) >= 12 && string(content[:4]) == "ttcf" && binary.BigEndian.Uint16(font[4:]) > 4096 {
			t.Fatal("more tables than content")
		}
	})
}

func TestCodesAsPictures(t *testing.T) {
	code := "RT1:" + strings.Repeat("ABC123", 200)
	picture, err := PNG(code)
	require.NoError(t, err)
	config, err := png.DecodeConfig(bytes.NewReader(picture))
	require.NoError(t, err)
	dark, err := modules(code)
	require.NoError(t, err)
	require.Equal(t, len(dark)*pixels, config.Width)
	drawing, err := SVG(code)
	require.NoError(t, err)
	require.NoError(t, xml.Unmarshal(drawing, new(struct{})))
	require.NotContains(t, string(drawing), "script")
	_, err = PNG(strings.Repeat("A", 5000))
	require.Error(t, err)
}

func TestALargeReceiptsCodeIsALink(t *testing.T) {
	r := &receipt.Receipt{Leaf: result(t).Leaf, Checkpoint: []byte("not even a checkpoint")}
	code, err := Code(r, "https://relief.example.cn/")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(code, "https://relief.example.cn/#"), code)
	leaf, err := receipt.ParseLink(code)
	require.NoError(t, err)
	require.Equal(t, r.Leaf, leaf)
	_, err = Code(r, "")
	require.Error(t, err)
}
