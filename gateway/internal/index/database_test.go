package index

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/gateway/internal/ledger"
)

// server is the PostgreSQL server of the tests, or why there is none.
var server struct {
	address string
	missing string
}

func TestMain(m *testing.M) {
	stop := startPostgres()
	code := m.Run()
	stop()
	os.Exit(code)
}

// startPostgres starts a server of the tests' own when Debian's package is installed: in a folder for temporary files, on
// a socket there and on no port, and never as root.
func startPostgres() (stop func()) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl")
	if len(found) == 0 {
		server.missing = "Debian's package postgresql is not installed (scripts/test-tools installs it)"
		return func() {}
	}
	bin := filepath.Dir(found[len(found)-1])
	dir, err := os.MkdirTemp("", "relief-pg-")
	attr, own := unprivileged(dir)
	run := func(name string, args ...string) {
		if err != nil || own != nil {
			return
		}
		cmd := exec.Command(filepath.Join(bin, name), args...)
		cmd.Dir, cmd.SysProcAttr = dir, attr
		// The server keeps pg_ctl's outputs open: a file, not a pipe that would be waited for.
		log, _ := os.OpenFile(filepath.Join(dir, "ctl.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		cmd.Stdout, cmd.Stderr = log, log
		err = cmd.Run()
		_ = log.Close()
	}
	data := filepath.Join(dir, "data")
	run("initdb", "-D", data, "-U", "relief", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
	run("pg_ctl", "-D", data, "-w", "-t", "60", "-l", filepath.Join(dir, "server.log"), "-o", fmt.Sprintf("-k %s -c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off", dir), "start")
	if err != nil || own != nil {
		text, _ := os.ReadFile(filepath.Join(dir, "ctl.log"))
		server.missing = fmt.Sprintf("PostgreSQL did not start: %v %v %s", err, own, text)
		return func() { _ = os.RemoveAll(dir) }
	}
	server.address = "postgres:///postgres?user=relief&host=" + dir
	return func() {
		run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
		_ = os.RemoveAll(dir)
	}
}

// unprivileged gives a folder to somebody who is not root, and says how to run as they.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

// forEachDatabase runs a test on SQLite and on PostgreSQL. Each index is empty.
func forEachDatabase(t *testing.T, run func(t *testing.T, open func(*testing.T, ledger.Ledger) *Index)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { run(t, openFile) })
	t.Run("postgres", func(t *testing.T) {
		if server.missing != "" {
			t.Skip("not tested on PostgreSQL: " + server.missing)
		}
		run(t, func(t *testing.T, l ledger.Ledger) *Index {
			t.Helper()
			ix, err := Open(t.Context(), server.address, l, slog.New(slog.DiscardHandler))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, ix.Close()) })
			require.NoError(t, ix.reset(t.Context()))
			return ix
		})
	})
}

func openFile(t *testing.T, l ledger.Ledger) *Index {
	t.Helper()
	ix, err := Open(t.Context(), filepath.Join(t.TempDir(), "index.db"), l, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, ix.Close()) })
	return ix
}
