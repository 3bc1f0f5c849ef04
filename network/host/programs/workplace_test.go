package programs

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkout is a folder whose scripts/build-workplace ends as told.
func checkout(t *testing.T, script string) string {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "scripts"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(root, "scripts", "build-workplace"), []byte("#!/bin/sh\n"+script), 0o700))
	return root
}

func TestTheWorkplaceIsBuiltOrLeftOutOrFails(t *testing.T) {
	var told []string
	say := func(format string, args ...any) { told = append(told, fmt.Sprintf(format, args...)) }

	dir, err := Workplace(t.Context(), checkout(t, `[ "$1" = /folder ]`), "/folder", say)
	require.NoError(t, err)
	require.Equal(t, "/folder", dir)
	require.Empty(t, told)

	dir, err = Workplace(t.Context(), checkout(t, "echo 'left out: npm is not installed' >&2; exit 3"), "/folder", say)
	require.NoError(t, err, "everything else runs")
	require.Empty(t, dir)
	require.Equal(t, []string{"left out: npm is not installed"}, told)

	_, err = Workplace(t.Context(), checkout(t, "echo 'a type does not fit'; exit 1"), "/folder", say)
	require.ErrorContains(t, err, "a type does not fit")
}
