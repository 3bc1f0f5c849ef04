package objectstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"
)

func keyFile(t *testing.T) string {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "objects.key")
	require.NoError(t, os.WriteFile(file, []byte("# made by a test\n"+key.String()+"\n"), 0o600))
	return file
}

func open(t *testing.T) (store Store, dir, key string) {
	t.Helper()
	dir, key = filepath.Join(t.TempDir(), "objects"), keyFile(t)
	s, err := OpenFolder(dir, key)
	require.NoError(t, err)
	return s, dir, key
}

func TestPutAndGet(t *testing.T) {
	s, dir, key := open(t)
	for _, size := range []int{0, 1, 64 << 10, 200_000} {
		content := bytes.Repeat([]byte("张某某"), size/9+1)[:size]
		sum := sha256.Sum256(content)
		info, err := s.Put(t.Context(), bytes.NewReader(content), nil)
		require.NoError(t, err)
		require.Equal(t, Info{hex.EncodeToString(sum[:]), int64(size)}, info)
		again, err := s.Put(t.Context(), bytes.NewReader(content), nil)
		require.NoError(t, err)
		require.Equal(t, info, again)
		reopened, err := OpenFolder(dir, key)
		require.NoError(t, err)
		r, err := reopened.Get(t.Context(), info.Hash)
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		require.Equal(t, content, got)
		stat, err := s.Stat(t.Context(), info.Hash)
		require.NoError(t, err)
		require.Equal(t, info, stat)
		file, err := os.Stat(filepath.Join(dir, info.Hash[:2], info.Hash+".age"))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), file.Mode().Perm())
		raw, err := os.ReadFile(filepath.Join(dir, info.Hash[:2], info.Hash+".age"))
		require.NoError(t, err)
		require.NotContains(t, string(raw), "张某某")
		require.NoError(t, s.Delete(t.Context(), info.Hash))
		require.ErrorIs(t, s.Delete(t.Context(), info.Hash), ErrNotFound)
		_, err = s.Get(t.Context(), info.Hash)
		require.ErrorIs(t, err, ErrNotFound)
	}
}

func TestNotFound(t *testing.T) {
	s, _, _ := open(t)
	for _, hash := range []string{"", "..", "../../etc/passwd", strings.Repeat("A", 64), strings.Repeat("0", 63), strings.Repeat("0", 64)} {
		_, err := s.Get(t.Context(), hash)
		require.ErrorIs(t, err, ErrNotFound, hash)
		_, err = s.Stat(t.Context(), hash)
		require.ErrorIs(t, err, ErrNotFound, hash)
		require.ErrorIs(t, s.Delete(t.Context(), hash), ErrNotFound, hash)
	}
}

// TestChanged: a changed byte, a cut, another object's file and another key are all noticed.
func TestChanged(t *testing.T) {
	s, dir, _ := open(t)
	info, err := s.Put(t.Context(), strings.NewReader(strings.Repeat("content ", 20_000)), nil)
	require.NoError(t, err)
	other, err := s.Put(t.Context(), strings.NewReader("another"), nil)
	require.NoError(t, err)
	path := filepath.Join(dir, info.Hash[:2], info.Hash+".age")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	swapped, err := os.ReadFile(filepath.Join(dir, other.Hash[:2], other.Hash+".age"))
	require.NoError(t, err)
	for name, bad := range map[string][]byte{
		"head": change(good, 30), "middle": change(good, len(good)/2), "last": change(good, len(good)-1),
		"cut": good[:len(good)-100], "empty": {}, "swapped": swapped,
	} {
		require.NoError(t, os.WriteFile(path, bad, 0o600))
		_, err := s.Stat(t.Context(), info.Hash)
		require.ErrorIs(t, err, ErrChanged, name)
	}
	require.NoError(t, os.WriteFile(path, good, 0o600))
	stranger, err := OpenFolder(dir, keyFile(t))
	require.NoError(t, err)
	_, err = stranger.Get(t.Context(), info.Hash)
	require.ErrorIs(t, err, ErrChanged)
}

func change(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// TestHalfPut leaves nothing behind, neither when the sender fails nor when the process was killed.
func TestHalfPut(t *testing.T) {
	s, dir, key := open(t)
	broken := errors.New("the line is down")
	_, err := s.Put(t.Context(), io.MultiReader(strings.NewReader("half"), failing{broken}), nil)
	require.ErrorIs(t, err, broken)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Put(ended, strings.NewReader("all"), nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "put-1"), []byte("left"), 0o600))
	_, err = OpenFolder(dir, key)
	require.NoError(t, err)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestBadKeys(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "hex": strings.Repeat("0", 64), "recipient": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"} {
		file := filepath.Join(t.TempDir(), "key")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := OpenFolder(t.TempDir(), file)
		require.Error(t, err, name)
		if text != "" {
			require.NotContains(t, err.Error(), text)
		}
	}
	_, err := OpenFolder(t.TempDir(), "/none")
	require.Error(t, err)
}
