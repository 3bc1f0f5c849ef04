package keyfile_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/keyfile"
)

func TestFilesOfKeysAndTokensArePrivate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.key")
	require.NoError(t, keyfile.CheckPrivate(file), "whoever reads it says that it is not there")
	require.NoError(t, os.WriteFile(file, []byte("secret"), 0o600))
	for mode, private := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o700: true, 0o640: false, 0o604: false, 0o620: false, 0o602: false, 0o666: false, 0o610: false,
	} {
		require.NoError(t, os.Chmod(file, mode))
		err := keyfile.CheckPrivate(file)
		if private {
			require.NoError(t, err, mode)
			continue
		}
		require.ErrorContains(t, err, "chmod 600 "+file, mode)
		require.NotContains(t, err.Error(), "secret")
	}
}
