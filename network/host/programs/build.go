// Package programs makes the programs that a network runs, or checks that a directory has them.
package programs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"relieftrail/network/topology"
)

// Programs are the paths of what a network runs. Gateway is empty in a network without gateways. Verifier is the folder
// with what the gateways' page runs in the browser.
type Programs struct {
	Peer, Orderer, CA            string
	Chaincode, Gateway, Verifier string
}

// node is a Fabric program, the package it is built from and the module that pins it.
type node struct {
	name, pkg, module string
	// cgo: the certificate authority's database is written in C.
	cgo bool
}

var nodes = []node{
	{name: "peer", pkg: "github.com/hyperledger/fabric/cmd/peer", module: "network/nodes"},
	{name: "orderer", pkg: "github.com/hyperledger/fabric/cmd/orderer", module: "network/nodes"},
	{name: "fabric-ca-server", pkg: "github.com/hyperledger/fabric-ca/cmd/fabric-ca-server", module: "network/nodes/ca", cgo: true},
}

// All makes or finds every program of a topology. say is told what takes long.
func All(ctx context.Context, t *topology.Topology, say func(format string, args ...any)) (Programs, error) {
	dir, err := nodePrograms(ctx, t, say)
	if err != nil {
		return Programs{}, err
	}
	p := Programs{
		Peer:    filepath.Join(dir, "peer"),
		Orderer: filepath.Join(dir, "orderer"),
		CA:      filepath.Join(dir, "fabric-ca-server"),
	}
	if p.Chaincode, err = own(ctx, t, chaincodeName(t.Chaincode.Package), t.Chaincode.Package, false, say); err != nil {
		return Programs{}, err
	}
	if t.Gateway.Package != "" {
		// The gateway's index is a database written in C.
		if p.Gateway, err = own(ctx, t, "gateway", t.Gateway.Package, true, say); err != nil {
			return Programs{}, err
		}
		p.Verifier = filepath.Join(t.NodeSettings.Cache, "verifier")
		if err := Verifier(ctx, t.Root, p.Verifier, say); err != nil {
			return Programs{}, err
		}
	}
	return p, nil
}

// chaincodeName is chaincode, and chaincode-bench for the one that scripts/bench measures with: networks may share
// their cache.
func chaincodeName(pkg string) string {
	return strings.ReplaceAll(strings.TrimPrefix(pkg, "relieftrail/"), "/", "-")
}

// nodePrograms is the directory with Fabric's programs.
func nodePrograms(ctx context.Context, t *topology.Topology, say func(string, ...any)) (string, error) {
	if t.NodeSettings.Dir != "" {
		for _, n := range nodes {
			if err := runnable(filepath.Join(t.NodeSettings.Dir, n.name)); err != nil {
				return "", fmt.Errorf("nodes.dir: %w", err)
			}
		}
		return t.NodeSettings.Dir, nil
	}
	key, err := nodesKey(ctx, t.Root)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(t.NodeSettings.Cache, "nodes-"+key)
	for _, n := range nodes {
		target := filepath.Join(dir, n.name)
		if runnable(target) == nil {
			continue
		}
		if err := compile(ctx, filepath.Join(t.Root, n.module), target, n.pkg, n.cgo, say); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// nodesKey stands for everything that decides what is built: the pinned versions and the compiler.
func nodesKey(ctx context.Context, root string) (string, error) {
	hash := sha256.New()
	for _, n := range nodes {
		for _, name := range []string{"go.mod", "go.sum"} {
			text, err := os.ReadFile(filepath.Join(root, n.module, name))
			if err != nil {
				return "", fmt.Errorf("the module of %s: %w", n.name, err)
			}
			fmt.Fprintf(hash, "%s %s %d\n%s", n.name, name, len(text), text)
		}
	}
	version, err := exec.CommandContext(ctx, "go", "version").Output()
	if err != nil {
		return "", fmt.Errorf("go is needed to build the nodes, or a directory with them in nodes.dir: %w", err)
	}
	hash.Write(version)
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// own builds one of this project's programs; Go's cache makes that quick when nothing changed.
func own(ctx context.Context, t *topology.Topology, name, pkg string, cgo bool, say func(string, ...any)) (string, error) {
	target := filepath.Join(t.NodeSettings.Cache, name)
	return target, compile(ctx, t.Root, target, pkg, cgo, say)
}

// quiet is how long a build may take before it is worth a line.
const quiet = 4 * time.Second

func compile(ctx context.Context, dir, target, pkg string, cgo bool, say func(string, ...any)) error {
	if !cgo {
		return compileFor(ctx, dir, target, pkg, compiler{env: []string{"CGO_ENABLED=0"}}, say)
	}
	if _, err := exec.LookPath("gcc"); err != nil && os.Getenv("CC") == "" {
		return fmt.Errorf("building %s needs a C compiler: install gcc, or name a directory with it in nodes.dir", filepath.Base(target))
	}
	return compileFor(ctx, dir, target, pkg, compiler{env: []string{"CGO_ENABLED=1"}}, say)
}

// compiler is how a program is compiled: what it runs on, and flags beside the usual ones.
type compiler struct{ env, flags []string }

func compileFor(ctx context.Context, dir, target, pkg string, how compiler, say func(string, ...any)) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return err
	}
	// Built aside and renamed: a build that is cut short leaves nothing that looks whole.
	building := fmt.Sprintf("%s.building-%d", target, os.Getpid())
	defer os.Remove(building)
	args := slices.Concat([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", building}, how.flags, []string{pkg})
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // the packages come from the topology
	cmd.Dir = dir
	cmd.Env = slices.Concat(os.Environ(), []string{"GOFLAGS=", "GOWORK=off"}, how.env)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	done := make(chan struct{})
	go report(filepath.Base(target), done, say)
	err := cmd.Run()
	close(done)
	if err != nil {
		return fmt.Errorf("building %s (%s): %w: %s", filepath.Base(target), pkg, err, firstLines(output.String(), 6))
	}
	return os.Rename(building, target)
}

// report says that something is being built, and again from time to time.
func report(name string, done <-chan struct{}, say func(string, ...any)) {
	begin := time.Now()
	wait := quiet
	for {
		select {
		case <-done:
			return
		case <-time.After(wait):
			say("building %s, %.0f s so far", name, time.Since(begin).Seconds())
			wait = 15 * time.Second
		}
	}
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

func firstLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[:min(n, len(lines))], "; ")
}
