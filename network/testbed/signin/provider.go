package signin

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the gateway and the one system are at the provider.
const (
	Client   = "gateway"
	System   = "payroll"
	Audience = "relieftrail-civil"
	Secret   = "b1946ac92492d2347c6235b4d2611184" //nolint:gosec // of both, at a provider that lives as long as a test
)

// Password is that of an invented person.
func Password(name string) string { return "password of " + name }

var (
	building sync.Mutex
	built    string
)

// build compiles the provider, a module of its own, once.
func build(root string) (program string, err error) {
	building.Lock()
	defer building.Unlock()
	if built != "" {
		return built, nil
	}
	if root, err = filepath.Abs(root); err != nil {
		return "", err
	}
	program = filepath.Join(root, ".relieftrail", "bin", "testprovider")
	command := exec.Command("go", "build", "-o", program, ".") //nolint:gosec // a program of this checkout
	command.Dir = filepath.Join(root, "network", "testbed", "provider")
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	built = program
	return program, nil
}

// Start runs the provider for a gateway's address, with accounts of those names, and gives its own. root is the checkout.
func Start(t *testing.T, root, gateway string, names ...string) (issuer string) {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles an OpenID Connect provider")
	}
	program, err := build(root)
	if err != nil && strings.Contains(err.Error(), "module lookup disabled") {
		t.Skip("NOT DONE: the provider's modules cannot be had: ", err)
	}
	require.NoError(t, err)
	type object = map[string]any
	users := object{}
	for _, name := range names {
		users["id-"+name] = object{"ID": "id-" + name, "Username": name, "Password": Password(name), "FirstName": "敏", "LastName": "王"}
	}
	settings, err := json.Marshal(object{
		"Client": Client, "Secret": Secret, "Redirect": gateway + "/session/callback", "Users": users,
		"System": System, "SystemSecret": Secret, "Audience": Audience,
	})
	require.NoError(t, err)
	process := exec.CommandContext(t.Context(), program) //nolint:gosec // built from this checkout
	process.Stdin = strings.NewReader(string(settings))
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(line)
}
