package receipt_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/receipt"
)

func inUTF16(text []byte) []byte {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(string(text))) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return out
}

func vectorOf(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return b
}

// What mail, editors and messengers make of a genuine receipt is not called wrong: nothing was checked, and the cause is said.
func TestNothingWasChecked(t *testing.T) {
	s := newSigning(t)
	r := s.inLog(t, aLeaf(), 73, 266, s.all()...)
	good := r.Marshal()
	code, err := r.EncodeCode()
	require.NoError(t, err)
	with := func(old, with string) []byte { return bytes.ReplaceAll(good, []byte(old), []byte(with)) }
	policy := s.trusted(t)
	check := func(content []byte) *receipt.Report {
		return receipt.Check(content, func(r *receipt.Receipt) (*receipt.Result, error) { return r.Verify(policy) })
	}
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"CRLF":                {with("\n", "\r\n"), "line ends"},
		"CR":                  {with("\n", "\r"), "line ends"},
		"byte order mark":     {append([]byte("\ufeff"), good...), "byte order mark"},
		"UTF-16":              {inUTF16(good), "UTF-16"},
		"no last line end":    {good[:len(good)-1], "last line end"},
		"a line end too many": {append(bytes.Clone(good), '\n'), "line end"},
		"a blank line before": {append([]byte("\n"), good...), "around"},
		"text around":         {append([]byte("您好，回执如下：\n"), append(bytes.Clone(good), "\n民政局\n"...)...), "around"},
		"quoted":              {[]byte("> " + strings.ReplaceAll(strings.TrimSuffix(string(good), "\n"), "\n", "\n> ") + "\n"), "quoted"},
		"dashes":              {with("\n— ", "\n-- "), "dashes"},
		"dash of Windows":     {with("\n— ", "\n\x97 "), "dashes"},
		"all of mail's":       {append([]byte("\ufeff\r\n"), with("\n", "\r\n")...), "byte order mark"},
		"code of 76 a line":   {[]byte(code[:76] + "\n" + code[76:152] + "\n" + code[152:]), "broken into lines"},
		"PNG":                 {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "picture"},
		"JPEG":                {[]byte("\xff\xd8\xff\xe0\x00\x10JFIF"), "picture"},
		"WebP":                {[]byte("RIFF\x10\x00\x00\x00WEBPVP8 "), "picture"},
		"HEIC":                {[]byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic"), "picture"},
		"PDF":                 {[]byte("%PDF-1.3\n"), "PDF"},
		"SVG":                 {[]byte("<?xml version=\"1.0\"?>\n<!-- a --><svg xmlns=\"http://www.w3.org/2000/svg\">"), "SVG"},
		"zip":                 {[]byte("PK\x03\x04\x14\x00"), "archive"},
		"gzip":                {[]byte("\x1f\x8b\x08\x00"), "archive"},
		"a later version":     {with("tlog-proof@v1", "tlog-proof@v2"), "later version"},
		"a later leaf":        {bytes.Replace(vectorOf(t, "leaf-version.receipt"), []byte("extra ZgMF"), []byte("extra ZglF"), 1), "later version"},
		"another text":        {[]byte("hello\n"), "not a receipt"},
		"nothing":             {nil, "not a receipt"},
		"cut":                 {good[:400], "a part of it is missing"},
		"long":                {bytes.Repeat([]byte("A"), receipt.MaxBytes+1), "longer"},
	} {
		t.Run(name, func(t *testing.T) {
			report := check(c.content)
			require.False(t, report.Valid)
			require.False(t, report.Checked)
			require.Equal(t, "未能核验", report.Zh)
			require.Contains(t, report.Error.En, c.says)
			require.NotContains(t, report.Error.Zh, "改动过")
		})
	}
	// What was read and is wrong is said to be wrong, converted or not.
	for name, content := range map[string][]byte{
		"an altered number": with("index 73", "index 74"), "a leading zero": with("index 73", "index 073"),
		"an altered code": []byte(code[:300] + "00" + code[302:]),
	} {
		report := check(content)
		require.True(t, report.Checked, name)
		require.Equal(t, "回执无效", report.Zh, name)
	}
	require.True(t, check(good).Checked)
	require.True(t, check(good).Valid)
}

// A short file is never taken for a container that is longer.
func FuzzContainerOf(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("<svg"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if receipt.ContainerOf(content) != receipt.NoContainer {
			if r, err := receipt.ParseAny(content); err == nil {
				t.Fatalf("a container is a receipt: %v", r.Index)
			}
		}
	})
}
