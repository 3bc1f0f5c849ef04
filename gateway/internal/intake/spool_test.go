package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/intake"
)

func zipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(content)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestSpool(t *testing.T) {
	s := &intake.Spooler{Dir: t.TempDir() + "/uploads", MaxBytes: 1 << 20, MaxExpandedBytes: 1 << 20}
	plain, gb := testdata(t, "payments-2026-11.csv"), testdata(t, "payments-2026-12.gb18030.csv")
	ndjson := []byte("{}\n")
	for _, c := range []struct {
		name                        string
		sent, content               []byte
		contentType, encoding, want string
	}{
		{"plain", plain, plain, "text/csv", "", "text/csv; charset=utf-8"},
		{"without a type", plain, plain, "", "", "text/csv; charset=utf-8"},
		{"GB18030", gb, gb, "text/csv", "identity", "text/csv; charset=gb18030"},
		{"GB18030 by its charset", gb, gb, "text/csv; charset=GBK", "", "text/csv; charset=gb18030"},
		{"GB18030 by the name of Windows", gb, gb, "text/csv; charset=CP936", "", "text/csv; charset=gb18030"},
		{"gzip", zipped(t, plain), plain, "text/csv", "gzip", "text/csv; charset=utf-8"},
		{"gzip by its first bytes", zipped(t, gb), gb, "application/octet-stream", "", "text/csv; charset=gb18030"},
		{"NDJSON", ndjson, ndjson, "application/x-ndjson", "", "application/x-ndjson"},
		{"NDJSON by its first byte", ndjson, ndjson, "", "", "application/x-ndjson"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := s.Spool(t.Context(), iotest.HalfReader(bytes.NewReader(c.sent)), c.contentType, c.encoding, intake.KindLines)
			require.NoError(t, err)
			require.Equal(t, c.want, out.ContentType)
			require.Equal(t, sha256.Sum256(c.content), out.SHA256)
			info, err := os.Stat(out.File)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			content, err := os.ReadFile(out.File)
			require.NoError(t, err)
			require.Equal(t, c.content, content)
			out.Remove()
		})
	}
	requireEmpty(t, s.Dir)
}

func requireEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if !errors.Is(err, os.ErrNotExist) {
		require.NoError(t, err)
	}
	require.Empty(t, left, "nothing is left behind")
}

func TestSpoolRefusesFilesAsAWhole(t *testing.T) {
	plain := testdata(t, "payments-2026-11.csv")
	whole := zipped(t, bytes.Repeat(plain, 10))
	damaged := bytes.Clone(whole)
	damaged[len(damaged)/2] ^= 0xff
	for _, c := range []struct {
		name, sent, contentType, encoding string
		code, field                       string
	}{
		{"empty", "", "text/csv", "", "empty-file", ""},
		{"a byte order mark", "\ufeff", "text/csv", "", "empty-file", ""},
		{"a line end", "\r\n", "text/csv", "", "empty-file", ""},
		{"empty NDJSON", "\n\n", "application/x-ndjson", "", "empty-file", ""},
		{"header only", payHeader, "text/csv", "", "no-lines", ""},
		{"header and blank lines", payHeader + "\n \r\n", "text/csv", "", "no-lines", ""},
		{"unknown columns", "a,b\n1,2\n", "text/csv", "", "unknown-columns", ""},
		{"one unknown column", strings.Replace(payHeader, "备注", "备註", 1) + payLine, "text/csv", "", "unknown-columns", ""},
		{"no header", payLine + "\n" + payLine, "text/csv", "", "unknown-columns", ""},
		{"a missing column", strings.Replace(payHeader, ",身份证号", "", 1) + payLine, "text/csv", "", "missing-columns", "身份证号"},
		{"a column twice", strings.Replace(payHeader, "备注", "身份证号", 1) + payLine, "text/csv", "", "duplicate-columns", "身份证号"},
		{"a quote in the header", strings.Replace(payHeader, "备注", `备"注`, 1) + payLine, "text/csv", "", "unknown-columns", ""},
		{"no text", "\xff\xfd\xfd,b\n1,2\n", "text/csv", "", "encoding", ""},
		{"another encoding", string(plain), "text/csv; charset=big5", "", "encoding", ""},
		{"UTF-8 as GB18030", string(plain), "text/csv; charset=gb18030", "", "encoding", ""},
		{"another type", string(plain), "application/pdf", "", "media-type", ""},
		{"a type that cannot be read", string(plain), "text/;;", "", "media-type", ""},
		{"another content encoding", string(plain), "text/csv", "br", "media-type", ""},
		{"cut gzip", string(whole[:len(whole)-20]), "text/csv", "gzip", "cut", ""},
		{"two bytes of gzip", "\x1f\x8b", "text/csv", "", "cut", ""},
		{"damaged gzip", string(damaged), "text/csv", "gzip", "cut", ""},
		{"no gzip", string(plain), "text/csv", "gzip", "cut", ""},
		{"too large", strings.Repeat("x", 2<<20), "text/csv", "", "too-large", ""},
		{"a bomb", string(zipped(t, make([]byte, 4<<20))), "text/csv", "gzip", "too-large", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &intake.Spooler{Dir: t.TempDir() + "/uploads", MaxBytes: 1 << 20, MaxExpandedBytes: 3 << 20}
			_, err := s.Spool(t.Context(), strings.NewReader(c.sent), c.contentType, c.encoding, intake.KindLines)
			var file *intake.FileError
			require.ErrorAs(t, err, &file)
			require.Equal(t, c.code, file.Code, file.Detail)
			require.Equal(t, c.field, file.Field)
			for _, secret := range []string{"孟华", "530181196401209708", "6230599083016613184"} {
				require.NotContains(t, err.Error(), secret)
			}
			requireEmpty(t, s.Dir)
		})
	}
}

func TestSpoolTellsItsLimitsToTheByte(t *testing.T) {
	plain := testdata(t, "payments-2026-11.csv")
	s := &intake.Spooler{Dir: t.TempDir(), MaxBytes: int64(len(plain)), MaxExpandedBytes: int64(len(plain))}
	_, err := s.Spool(t.Context(), bytes.NewReader(plain), "text/csv", "", intake.KindLines)
	require.NoError(t, err)
	s.MaxBytes--
	_, err = s.Spool(t.Context(), bytes.NewReader(plain), "text/csv", "", intake.KindLines)
	var file *intake.FileError
	require.ErrorAs(t, err, &file)
	require.Equal(t, "too-large", file.Code)
}

func TestSpoolPassesOnHowAnUploadEnded(t *testing.T) {
	s := &intake.Spooler{Dir: t.TempDir(), MaxBytes: 1 << 20, MaxExpandedBytes: 1 << 20}
	broken := errors.New("the caller hung up")
	_, err := s.Spool(t.Context(), io.MultiReader(strings.NewReader(payHeader), iotest.ErrReader(broken)), "text/csv", "", intake.KindLines)
	require.ErrorIs(t, err, broken)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Spool(ctx, strings.NewReader(payHeader), "text/csv", "", intake.KindLines)
	require.ErrorIs(t, err, context.Canceled)
	requireEmpty(t, s.Dir)
}

func TestSweepDeletesWhatAKilledProcessLeft(t *testing.T) {
	s := &intake.Spooler{Dir: t.TempDir(), MaxBytes: 1 << 20, MaxExpandedBytes: 1 << 20}
	var files []string
	for range 2 {
		spooled, err := s.Spool(t.Context(), bytes.NewReader(testdata(t, "payments-2026-11.csv")), "text/csv", "", intake.KindLines)
		require.NoError(t, err)
		files = append(files, spooled.File)
	}
	require.NoError(t, s.Sweep(time.Now().Add(-time.Hour), func(string) bool { return false }))
	require.FileExists(t, files[0], "it may be arriving")
	require.NoError(t, s.Sweep(time.Now().Add(time.Hour), func(file string) bool { return file == files[1] }))
	require.NoFileExists(t, files[0])
	require.FileExists(t, files[1], "a job has it")
}
