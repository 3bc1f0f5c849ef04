package programs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/topology"
)

func TestDirectoryOfPrograms(t *testing.T) {
	dir := t.TempDir()
	top := &topology.Topology{NodeSettings: topology.NodeSettings{Dir: dir}}
	find := func() (string, error) { return nodePrograms(t.Context(), top, nil) }
	_, err := find()
	require.EqualError(t, err, "nodes.dir: "+filepath.Join(dir, "peer")+" is not there")
	for _, n := range nodes {
		require.NoError(t, os.WriteFile(filepath.Join(dir, n.name), nil, 0o700))
	}
	found, err := find()
	require.NoError(t, err)
	require.Equal(t, dir, found)
	require.NoError(t, os.Chmod(filepath.Join(dir, "orderer"), 0o600))
	_, err = find()
	require.EqualError(t, err, "nodes.dir: "+filepath.Join(dir, "orderer")+" is not an executable file")
}

// What was built before is used as long as versions and compiler are the same.
func TestKeyFollowsThePinnedVersions(t *testing.T) {
	root := t.TempDir()
	for _, n := range nodes {
		for _, name := range []string{"go.mod", "go.sum"} {
			path := filepath.Join(root, n.module, name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte("v1"), 0o600))
		}
	}
	first, err := nodesKey(t.Context(), root)
	require.NoError(t, err)
	again, err := nodesKey(t.Context(), root)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NoError(t, os.WriteFile(filepath.Join(root, "network/nodes/go.sum"), []byte("v2"), 0o600))
	other, err := nodesKey(t.Context(), root)
	require.NoError(t, err)
	require.NotEqual(t, first, other)
	_, err = nodesKey(t.Context(), t.TempDir())
	require.ErrorIs(t, err, os.ErrNotExist)
}
