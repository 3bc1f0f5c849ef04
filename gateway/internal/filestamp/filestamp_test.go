package filestamp_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/filestamp"
)

func TestAStampChangesWithItsFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.Zero(t, filestamp.Of(path))
	require.NoError(t, os.WriteFile(path, []byte("one"), 0o600))
	first := filestamp.Of(path)
	require.NotZero(t, first)
	require.Equal(t, first, filestamp.Of(path))

	other := filepath.Join(dir, "b")
	require.NoError(t, os.WriteFile(other, []byte("two"), 0o600))
	require.NoError(t, os.Rename(other, path))
	require.NotEqual(t, first, filestamp.Of(path), "another file has its name")
	require.NoError(t, os.Remove(path))
	require.Zero(t, filestamp.Of(path))
}
