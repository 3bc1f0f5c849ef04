package programs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/topology"
)

func TestDirectoryOfPrograms(t *testing.T) {
	dir := t.TempDir()
	top := &topology.Topology{NodeSettings: topology.NodeSettings{Dir: dir}}
	find := func() (string, error) { return nodePrograms(t.Context(), top, modules, nil) }
	_, err := find()
	require.EqualError(t, err, "nodes.dir: "+filepath.Join(dir, "peer")+" is not there")
	for _, name := range []string{"peer", "orderer", "fabric-ca-server"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o700))
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
	for _, m := range modules {
		for _, name := range []string{"go.mod", "go.sum"} {
			path := filepath.Join(root, m.dir, name)
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

func TestScriptsBuildWithTheSameFlags(t *testing.T) {
	text, err := os.ReadFile("../../../scripts/build")
	require.NoError(t, err)
	want := "exec go build " + strings.Join(Flags[:len(Flags)-1], " ") + " '" + Flags[len(Flags)-1] + "' -o "
	require.Contains(t, string(text), want, "other flags would compile every package a second time")
}

func TestBuild(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.org/m\n\ngo 1.26\n", "good/main.go": "package main\n\nfunc main() {}\n",
		"other/main.go": "package main\n\nfunc main() {}\n", "bad/main.go": "package main\n\nfunc main() { nothing }\n",
	} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	say := func(string, ...any) {}
	out := filepath.Join(dir, "bin") + "/"
	b := build{dir: dir, output: out, packages: []string{"./good", "./other"}, tmp: out}
	require.NoError(t, b.run(t.Context(), say))
	first, err := os.Stat(out + "good")
	require.NoError(t, err)
	require.NoError(t, runnable(out+"other"))

	require.NoError(t, b.run(t.Context(), say))
	second, err := os.Stat(out + "good")
	require.NoError(t, err)
	require.True(t, os.SameFile(first, second), "what is up to date is not linked again")

	b = build{dir: dir, output: out + "bad", packages: []string{"./bad"}, tmp: out}
	require.ErrorContains(t, b.run(t.Context(), say), "building bad: exit status 1: ")
	require.ErrorContains(t, b.run(t.Context(), say), "undefined: nothing")
	require.NoFileExists(t, out+"bad")
}
