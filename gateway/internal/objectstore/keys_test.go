package objectstore

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// turned puts a new key on top of a file of keys, and opens the folder again.
func turned(t *testing.T, dir, file string) *Folder {
	t.Helper()
	before, err := os.ReadFile(file)
	require.NoError(t, err)
	above, err := os.ReadFile(keyFile(t))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, append(above, before...), 0o600))
	s, err := OpenFolder(dir, file)
	require.NoError(t, err)
	return s
}

// What an earlier key has encrypted is read; after it was encrypted again, the earlier key is not needed any more.
func TestObjectsOfAnEarlierKey(t *testing.T) {
	before, dir, file := open(t)
	old, err := before.Put(t.Context(), strings.NewReader("张某某"), nil)
	require.NoError(t, err)
	s := turned(t, dir, file)
	fresh, err := s.Put(t.Context(), strings.NewReader("李某某"), nil)
	require.NoError(t, err)
	for _, info := range []Info{old, fresh} {
		_, err := s.Stat(t.Context(), info.Hash)
		require.NoError(t, err)
	}
	_, err = before.Get(t.Context(), fresh.Hash)
	require.ErrorIs(t, err, ErrChanged, "the earlier key opens nothing new")

	r, err := Reseal(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, Resealed{Done: 1, Already: 1}, r)
	r, err = Reseal(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, Resealed{Already: 2}, r, "again changes nothing")
	alone := &Folder{dir, s.keys[:1]}
	content, err := alone.Get(t.Context(), old.Hash)
	require.NoError(t, err)
	text, err := io.ReadAll(content)
	require.NoError(t, errors.Join(err, content.Close()))
	require.Equal(t, "张某某", string(text))

	require.NoError(t, os.WriteFile(alone.path(old.Hash), []byte("changed"), 0o600))
	r, err = Reseal(t.Context(), s)
	require.NoError(t, err)
	require.Equal(t, Resealed{Already: 1, Failed: 1}, r)
}
