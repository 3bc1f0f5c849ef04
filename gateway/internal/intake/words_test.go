package intake

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/bilingual/bilingualtest"
)

func TestEveryFaultOfAFileIsInBothLanguages(t *testing.T) {
	require.Greater(t, bilingualtest.Pairs(t, ".", "fileErrorf", 2), 13)
	for _, columns := range columnsOf {
		_, err := header(columns, []string{"x"})
		var file *FileError
		require.ErrorAs(t, err, &file)
		require.True(t, bilingual.Complete(file.Detail.String()), file.Detail)
	}
}

// A note of a refused line has both languages, and so has its code.
func TestEveryNoteOfALineIsInBothLanguages(t *testing.T) {
	for _, line := range []string{
		"x", "[1]", `{"nobody":"1"}`, `{"seq":"1","seq":"2"}`, `{"name":{}}`, `{"name":true}`, `{"amount":620}`,
	} {
		var out record
		code, note := splitJSON(columnsOf[KindLines], []byte(line), &out)
		require.True(t, bilingual.Complete(note), "%s: %q", line, note)
		require.True(t, bilingual.Complete(code.Reason()), "%s: %s", line, code)
	}
}
