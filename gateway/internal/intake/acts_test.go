package intake

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesOfActs(t *testing.T) {
	file := "\ufeff{\"case\":\"c1\"}\r\n\n   \n[1]\n{\"case\":\n{\"a\":\"\xff\"}\n{\"x\":\"" + strings.Repeat("y", maxLineBytes) + "\"}\n{} "
	acts := NewActs(strings.NewReader(file))
	var got []string
	for {
		line, document, refusal, err := acts.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if refusal != nil {
			require.Equal(t, line, refusal.FileLine)
			got = append(got, string(refusal.Code))
			continue
		}
		got = append(got, string(document))
	}
	require.Equal(t, []string{`{"case":"c1"}`, "columns", "columns", "encoding", "too-long", "{}"}, got)

	s := &Spooler{Dir: t.TempDir(), MaxBytes: 1000, MaxExpandedBytes: 2000}
	for _, c := range []struct{ content, contentType, code string }{
		{"{}\n", "application/x-ndjson", ""}, {"{}\n", "text/csv", CodeMediaType}, {"{}\n", "", CodeMediaType}, {"{}", "application/json", CodeMediaType},
		{"", "application/x-ndjson", CodeEmptyFile}, {" \n\n", "application/x-ndjson", CodeEmptyFile}, {strings.Repeat("{}\n", 400), "application/x-ndjson", CodeTooLarge},
	} {
		spooled, err := s.Spool(t.Context(), strings.NewReader(c.content), c.contentType, "", KindCases)
		if c.code == "" {
			require.NoError(t, err)
			spooled.Remove()
			continue
		}
		var refused *FileError
		require.ErrorAs(t, err, &refused, "%q as %s", c.content, c.contentType)
		require.Equal(t, c.code, refused.Code, "%q as %s", c.content, c.contentType)
	}
}

// Whatever an application says, it is sealed or refused with a code, and what was refused is not repeated.
func FuzzActs(f *testing.F) {
	f.Add([]byte("{}\n\n[]\n{\"a\":1}"))
	f.Add([]byte("\xef\xbb\xbf{}\r\n\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		acts := NewActs(bytes.NewReader(file))
		for last := 0; ; {
			line, document, refusal, err := acts.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || line <= last || (document == nil) == (refusal == nil) {
				t.Fatalf("line %d after %d: %q, %v, %v", line, last, document, refusal, err)
			}
			last = line
		}
	})
}
