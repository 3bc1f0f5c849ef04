package programs

import (
	"context"
	"path/filepath"

	"relieftrail/network/topology"
)

// Probe builds the program that tests a network with Fabric's own code (network/nodes/probe), and returns its path.
func Probe(ctx context.Context, t *topology.Topology, say func(format string, args ...any)) (string, error) {
	output := filepath.Join(t.NodeSettings.Cache, "probe")
	b := build{dir: filepath.Join(t.Root, fabricModule.dir), output: output, packages: []string{"./probe"}, tmp: t.NodeSettings.Cache}
	return output, b.run(ctx, say)
}
