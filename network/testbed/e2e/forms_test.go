package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/restclient"
)

// testBankForms sends finance's gateway a file of each form in which banks write: it takes what its reading says, leaves statements of
// accounts that are nobody's aside, and refuses the others with the reason that the reading has. No payment changes.
func testBankForms(t *testing.T) {
	paidMonth(t)
	finance := as(t, "finance-preparer")
	files, err := filepath.Glob("../../../gateway/bankfile/testdata/corpus/*.xml")
	require.NoError(t, err)
	statements, err := filepath.Glob("../../../gateway/bankfile/testdata/corpus/*.txt")
	require.NoError(t, err)
	files = append(files, statements...)
	require.Greater(t, len(files), 60)
	before := height(t, "finance")
	for i, path := range files {
		name := filepath.Base(path)
		document, err := os.ReadFile(path)
		require.NoError(t, err)
		reading, err := os.ReadFile(path + ".reading")
		require.NoError(t, err)
		got, err := finance.SendBankFile(t.Context(), "/v1/statements", "form-"+name, renamed(document, i))
		if refusal, ok := strings.CutPrefix(string(reading), "refused: "); ok {
			var p *restclient.Problem
			require.ErrorAs(t, err, &p, name)
			require.Contains(t, []int{415, 422}, p.Status, name)
			code, _, _ := strings.Cut(refusal, ":")
			require.Contains(t, p.Detail, code, name)
			continue
		}
		require.NoError(t, err, name)
		entries := 0
		for line := range strings.Lines(string(reading)) {
			if line[0] >= '1' && line[0] <= '9' {
				entries++
			}
		}
		require.Equal(t, entries, got.Counts.Entries, name)
		require.Zero(t, got.Counts.Settled, name)
	}
	require.Equal(t, before, height(t, "finance"), "nothing went to the ledger")
}

// renamed gives a file's message and statements names of their own, for a message that comes twice with other content is a conflict.
func renamed(document []byte, n int) []byte {
	for _, old := range []string{"M1", "P1", "S1", "S2", "S3"} {
		name := fmt.Sprintf("F%d%s", n, old)
		document = bytes.ReplaceAll(document, []byte(">"+old+"<"), []byte(">"+name+"<"))
		document = bytes.ReplaceAll(document, wide(">"+old+"<"), wide(">"+name+"<"))
	}
	return document
}

// wide is an ASCII text in UTF-16, in the order in which the corpus has it.
func wide(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		out = append(out, s[i], 0)
	}
	return out
}
