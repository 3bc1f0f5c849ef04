package clients

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

//go:embed go typescript
var sources embed.FS

// ErrNoTool says that a program is missing which a client is built with.
var ErrNoTool = errors.New("is not installed")

// Language is what a client is written in.
type Language string

// The languages.
const (
	Go         Language = "go"
	TypeScript Language = "typescript"
)

// commands build the client in its folder, in this order: the generator, then the compiler with its checks.
var commands = map[Language][][]string{
	Go: {
		{"go", "tool", "oapi-codegen", "-generate", "types,client", "-package", "relief", "-o", "relief/client.gen.go", "openapi.yaml"},
		{"go", "vet", "./..."},
		{"go", "build", "-o", "month", "."},
	},
	TypeScript: {
		{"npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"},
		{"npx", "--no-install", "openapi-typescript", "openapi.yaml", "-o", "relief.d.ts"},
		{"npx", "--no-install", "tsc"},
	},
}

// program starts a client that was built.
var program = map[Language][]string{Go: {"./month"}, TypeScript: {"node", "month.js"}}

// Build writes a client's sources to a folder, generates its interface from an OpenAPI document and compiles it. An error that is ErrNoTool names the
// program that is missing.
func Build(ctx context.Context, language Language, dir string, document []byte) error {
	if _, err := exec.LookPath(commands[language][0][0]); err != nil {
		return fmt.Errorf("%s %w", commands[language][0][0], ErrNoTool)
	}
	if err := copyTo(dir, string(language)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "openapi.yaml"), document, 0o600); err != nil {
		return err
	}
	for _, command := range commands[language] {
		if _, err := run(ctx, dir, command); err != nil {
			return err
		}
	}
	return nil
}

// Run starts a client that Build has made and gives what it printed.
func Run(ctx context.Context, language Language, dir string, args ...string) (string, error) {
	return run(ctx, dir, append(append([]string{}, program[language]...), args...))
}

func run(ctx context.Context, dir string, command []string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // the commands above
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, out.String())
	}
	return out.String(), nil
}

// suffix hides the files of the clients' modules from the module that they lie in.
const suffix = ".txt"

func copyTo(dir, from string) error {
	return fs.WalkDir(sources, from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := strings.TrimSuffix(filepath.Join(dir, inside), suffix)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		content, err := sources.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o600)
	})
}
