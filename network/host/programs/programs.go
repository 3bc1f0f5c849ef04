package programs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"relieftrail/network/topology"
)

// Programs are the paths of what a network runs. Gateway is empty in a network without gateways, RA in one without registration
// authorities. Verifier is the folder
// with what the gateways' page runs in the browser.
type Programs struct {
	Peer, Orderer, CA                string
	Chaincode, Gateway, RA, Verifier string
	// Workplace is the folder for the officials' workplace, which Workplace builds.
	Workplace string
}

// module is a module of the checkout that pins Fabric's programs.
type module struct {
	dir      string
	packages []string
	// cgo: the certificate authority's database is written in C.
	cgo bool
}

var (
	fabricModule = module{dir: "network/nodes", packages: []string{
		"github.com/hyperledger/fabric/cmd/peer",
		"github.com/hyperledger/fabric/cmd/orderer",
	}}
	caModule = module{
		dir: "network/nodes/ca", packages: []string{"github.com/hyperledger/fabric-ca/cmd/fabric-ca-server"}, cgo: true,
	}
	modules = []module{fabricModule, caModule}
)

// All builds or finds every program of a topology but what runs in browsers, for which there are Verifier and Workplace. say gets a line when a
// build takes long.
func All(ctx context.Context, t *topology.Topology, say func(format string, args ...any)) (Programs, error) {
	p, err := own(ctx, t, say)
	if err != nil {
		return Programs{}, err
	}
	dir, err := nodePrograms(ctx, t, modules, say)
	if err != nil {
		return Programs{}, err
	}
	p.Peer = filepath.Join(dir, "peer")
	p.Orderer = filepath.Join(dir, "orderer")
	p.CA = filepath.Join(dir, "fabric-ca-server")
	return p, nil
}

// CA builds or finds the program of the certificate authorities.
func CA(ctx context.Context, t *topology.Topology, say func(format string, args ...any)) (string, error) {
	dir, err := nodePrograms(ctx, t, []module{caModule}, say)
	return filepath.Join(dir, "fabric-ca-server"), err
}

// own builds this project's programs. They come before the nodes: what they and the nodes have in common, the standard
// library, is then compiled when the modules of the nodes are built at the same time.
func own(ctx context.Context, t *topology.Topology, say func(string, ...any)) (Programs, error) {
	var p Programs
	cache := t.NodeSettings.Cache
	if t.Gateway.Package != "" {
		p.Gateway = filepath.Join(cache, "gateway")
		p.Verifier, p.Workplace = filepath.Join(cache, "verifier"), filepath.Join(cache, "workplace")
		// The gateway's index is a database written in C.
		b := build{dir: t.Root, output: p.Gateway, packages: []string{t.Gateway.Package}, cgo: true, tmp: cache}
		if err := b.run(ctx, say); err != nil {
			return Programs{}, err
		}
	}
	if len(t.NodesOf(topology.KindRA)) > 0 {
		p.RA = filepath.Join(cache, "ra")
		b := build{dir: t.Root, output: p.RA, packages: []string{"./network/cmd/ra"}, tmp: cache}
		if err := b.run(ctx, say); err != nil {
			return Programs{}, err
		}
	}
	p.Chaincode = filepath.Join(cache, chaincodeName(t.Chaincode.Package))
	// Without cgo, because the organisations must agree on its bytes: settings of a C compiler are not in them.
	b := build{dir: t.Root, output: p.Chaincode, packages: []string{t.Chaincode.Package}, tmp: cache}
	return p, b.run(ctx, say)
}

// chaincodeName is chaincode, and chaincode-testnet-bench for the one that scripts/bench measures with: networks may share
// their cache.
func chaincodeName(pkg string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pkg, "relieftrail/"), "/", "-")
}

// nodePrograms is the folder with Fabric's programs. Those of the wanted modules that are missing are built.
func nodePrograms(ctx context.Context, t *topology.Topology, wanted []module, say func(string, ...any)) (string, error) {
	if dir := t.NodeSettings.Dir; dir != "" {
		for _, m := range wanted {
			if err := m.complete(dir); err != nil {
				return "", fmt.Errorf("nodes.dir: %w", err)
			}
		}
		return dir, nil
	}
	key, err := nodesKey(ctx, t.Root)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(t.NodeSettings.Cache, "nodes-"+key)
	group, ctx := errgroup.WithContext(ctx)
	for _, m := range wanted {
		if m.complete(dir) == nil {
			continue
		}
		b := build{
			dir: filepath.Join(t.Root, m.dir), output: dir + string(filepath.Separator), packages: m.packages,
			cgo: m.cgo, tmp: t.NodeSettings.Cache,
		}
		group.Go(func() error { return b.run(ctx, say) })
	}
	return dir, group.Wait()
}

// complete is an error when a program of the module is missing in a folder.
func (m module) complete(dir string) error {
	for _, pkg := range m.packages {
		if err := runnable(filepath.Join(dir, filepath.Base(pkg))); err != nil {
			return err
		}
	}
	return nil
}

// nodesKey is the hash of everything that decides what is built: the pinned versions and the compiler.
func nodesKey(ctx context.Context, root string) (string, error) {
	hash := sha256.New()
	for _, m := range modules {
		for _, name := range []string{"go.mod", "go.sum"} {
			text, err := os.ReadFile(filepath.Join(root, m.dir, name))
			if err != nil {
				return "", fmt.Errorf("the module that pins %s: %w", filepath.Base(m.packages[0]), err)
			}
			fmt.Fprintf(hash, "%s %s %d\n%s", m.dir, name, len(text), text)
		}
	}
	version, err := exec.CommandContext(ctx, "go", "version").Output()
	if err != nil {
		return "", fmt.Errorf("go is needed to build the nodes: install it, or name a folder with them in nodes.dir: %w", err)
	}
	hash.Write(version)
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

func runnable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is not there", path)
	}
	if err != nil {
		return err
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return fmt.Errorf("%s is not an executable file", path)
	}
	return nil
}
