package objectstore

import (
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFullDisk: what does not fit leaves nothing, and what fits afterwards is kept.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m,mode=0700"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, 0)) })
	s, err := OpenFolder(dir, keyFile(t))
	require.NoError(t, err)
	_, err = s.Put(t.Context(), io.LimitReader(zeros{}, 4<<20), nil)
	require.ErrorIs(t, err, syscall.ENOSPC)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	_, err = s.Put(t.Context(), strings.NewReader("a small one"), nil)
	require.NoError(t, err)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
