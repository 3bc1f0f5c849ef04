package programs

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The programs that the gateway's page runs in the browser.
var verifierPrograms = map[string]string{
	"receipt.wasm": "relieftrail/gateway/cmd/receipt-wasm",
	"scan.wasm":    "relieftrail/gateway/cmd/scan-wasm",
}

// glue is what Go's WebAssembly needs of the page; it belongs to the compiler's version.
const glue = "wasm_exec.js"

// Verifier builds the verifier for the browser into a folder, each file compressed as it is served. root is the checkout.
func Verifier(ctx context.Context, root, dir string, say func(format string, args ...any)) error {
	for name, pkg := range verifierPrograms {
		target := filepath.Join(dir, name)
		b := build{
			dir: root, output: target, packages: []string{pkg}, tmp: dir,
			env: []string{"GOOS=js", "GOARCH=wasm"},
			// Without inlining it is a twentieth smaller, and still checks a receipt in milliseconds.
			flags: []string{"-gcflags=all=-l"},
		}
		if err := b.run(ctx, say); err != nil {
			return err
		}
		if err := compress(target); err != nil {
			return err
		}
	}
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("where Go is: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "lib", "wasm", glue))
	if err != nil {
		return fmt.Errorf("the compiler's %s: %w", glue, err)
	}
	target := filepath.Join(dir, glue)
	if err := os.WriteFile(target, text, 0o600); err != nil { //nolint:gosec // the folder comes from the topology
		return err
	}
	return compress(target)
}

// compress writes a file's .gz beside it, unless the one that is there holds the same bytes.
func compress(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if same, err := compressed(path+".gz", text); same || err != nil {
		return err
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	building := fmt.Sprintf("%s.building-%d", path, os.Getpid())
	defer os.Remove(building)
	if err := os.WriteFile(building, b.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(building, path+".gz")
}

// compressed reports whether a file holds these bytes.
func compressed(path string, text []byte) (bool, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return false, nil // damaged: made again
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		return false, nil
	}
	return bytes.Equal(b.Bytes(), text), nil
}
