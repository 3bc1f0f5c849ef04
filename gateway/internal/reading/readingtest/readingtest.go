// Package readingtest opens a way to personal data for tests.
package readingtest

import (
	"io"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// Open opens a Reader whose record lasts as long as the test. Its log goes to out, nil for nowhere.
func Open(t testing.TB, persons *seal.Key, out io.Writer) *reading.Reader {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	if out != nil {
		log = slog.New(slog.NewJSONHandler(out, nil))
	}
	r, err := reading.Open(reading.Options{
		Path: filepath.Join(t.TempDir(), "readings.db"), Persons: persons, LookUps: 100, Log: log,
		Identity: func(principal string) (ledger.Identity, bool) {
			return ledger.Identity{MSPID: "CivilAffairsMSP", Name: principal, Role: "preparer", Region: "530181"}, true
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}
