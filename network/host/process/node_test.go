package process

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// process is one that writes a line and then waits for ever.
func process(t *testing.T, script string) Process {
	t.Helper()
	dir := t.TempDir()
	return Process{
		Name: "finance/peer", Exe: "/bin/sh", Args: []string{"-c", script},
		Dir: filepath.Join(dir, "peer"), Log: filepath.Join(dir, "logs", "peer.log"),
	}
}

const waitForEver = "echo ready; while :; do sleep 60; done"

func runner(t *testing.T) *Runner {
	t.Helper()
	r := &Runner{Dir: filepath.Join(t.TempDir(), "run")}
	t.Cleanup(func() {
		records, err := r.Records()
		require.NoError(t, err)
		for _, record := range records {
			require.NoError(t, r.Stop([]string{record.Name}))
		}
	})
	return r
}

func TestStartAndStop(t *testing.T) {
	r, p := runner(t), process(t, waitForEver)
	require.NoError(t, r.Start(p))
	first, err := r.Record(p.Name)
	require.NoError(t, err)
	require.True(t, first.Alive())
	require.Positive(t, first.Memory())
	require.NoError(t, r.Died(p.Name))

	require.NoError(t, r.Start(p), "starting what runs changes nothing")
	same, err := r.Record(p.Name)
	require.NoError(t, err)
	require.Equal(t, first.PID, same.PID)

	p.Env = []string{"GOGC=50"}
	require.NoError(t, r.Start(p), "other settings are a restart")
	second, err := r.Record(p.Name)
	require.NoError(t, err)
	require.NotEqual(t, first.PID, second.PID)
	require.False(t, first.Alive())

	require.NoError(t, r.Stop([]string{p.Name, "finance/never-started"}))
	require.False(t, second.Alive())
	records, err := r.Records()
	require.NoError(t, err)
	require.Empty(t, records)
}

func TestWhoDoesNotEndIsKilled(t *testing.T) {
	r, p := runner(t), process(t, "trap '' TERM; echo deaf; while :; do sleep 60; done")
	r.Grace = time.Millisecond
	require.NoError(t, r.Start(p))
	require.NoError(t, r.Await(t.Context(), time.Minute, p.Name, []string{p.Name}, func(context.Context) error {
		text, err := os.ReadFile(p.Log)
		if err == nil && len(text) == 0 {
			err = errors.New("it does not ignore signals yet")
		}
		return err
	}))
	record, err := r.Record(p.Name)
	require.NoError(t, err)
	require.NoError(t, r.Stop([]string{p.Name}))
	require.False(t, record.Alive())
}

// A pid that was given to another process in the meantime is not ours to signal.
func TestForeignPidIsLeftAlone(t *testing.T) {
	other := exec.Command("/bin/sh", "-c", waitForEver)
	require.NoError(t, other.Start())
	t.Cleanup(func() {
		require.NoError(t, other.Process.Kill())
		require.Error(t, other.Wait())
	})
	boot, ticks, err := birth(other.Process.Pid)
	require.NoError(t, err)
	r := runner(t)
	for _, record := range []Record{
		{Name: "a", PID: other.Process.Pid, Boot: boot, Ticks: ticks - 1},
		{Name: "b", PID: other.Process.Pid, Boot: "another boot", Ticks: ticks},
		{Name: "c", PID: 0},
	} {
		require.False(t, record.Alive(), record.Name)
		require.Zero(t, record.Memory(), record.Name)
		require.NoError(t, r.write(record))
		require.NoError(t, r.Stop([]string{record.Name}))
	}
	require.True(t, Record{PID: other.Process.Pid, Boot: boot, Ticks: ticks}.Alive())
}

func TestDeathSaysWhyAndWhere(t *testing.T) {
	r, p := runner(t), process(t, "echo fine; echo 'ERROR disk is upside down'; echo bye; exit 3")
	require.NoError(t, os.MkdirAll(filepath.Dir(p.Log), 0o700))
	require.NoError(t, os.WriteFile(p.Log, []byte("panic: of an earlier run\n"), 0o600))
	require.NoError(t, r.Start(p))
	err := r.Await(t.Context(), time.Minute, p.Name, []string{p.Name}, func(context.Context) error { return errors.New("silent") })
	require.ErrorContains(t, err, "finance/peer: it stopped: exit status 3: ERROR disk is upside down; its log: "+p.Log)
}

func TestAwaitSaysWhatWasMissing(t *testing.T) {
	r := runner(t)
	err := r.Await(t.Context(), time.Millisecond, "audit", nil, func(context.Context) error { return errors.New("no leader") })
	require.ErrorContains(t, err, "audit: not ready after 1ms: no leader")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = r.Await(ctx, time.Minute, "audit", nil, func(context.Context) error { return errors.New("no leader") })
	require.ErrorContains(t, err, "interrupted")
}

func TestTakenPortIsNamedWithItsOwner(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	r, p := runner(t), process(t, waitForEver)
	p.Listens = []Listen{{Use: "peer", Address: listener.Addr().String()}}
	err = r.Start(p)
	require.ErrorContains(t, err, "finance/peer: port "+port+" (peer) is taken by ")
	require.ErrorContains(t, err, "(pid "+strconv.Itoa(os.Getpid())+")")
	require.NoError(t, listener.Close())
	require.NoError(t, r.Start(p))
}

func TestLastWords(t *testing.T) {
	for name, c := range map[string]struct{ log, want string }{
		"nothing":      {"", "it said nothing"},
		"last line":    {"one\ntwo\n\n", "two"},
		"an error":     {"one\n2026 ERRO cannot open\nclosing\n", "2026 ERRO cannot open"},
		"failed":       {"Failed to listen\nclosing\n", "Failed to listen"},
		"a panic":      {"ERROR x\npanic: nil map\n\ngoroutine 1 [running]:\nmain.main()\nexit error\n", "panic: nil map"},
		"in colour":    {"\x1b[31mERRO\x1b[0m red\n", "ERRO red"},
		"not a word":   {"terror\nlast\n", "last"},
		"without end":  {"fatal: x", "fatal: x"},
		"a long story": {strings.Repeat("x", 1000), strings.Repeat("x", 300) + " …"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			require.NoError(t, os.WriteFile(path, []byte("before\n"+c.log), 0o600))
			require.Equal(t, c.want, LastWords(path, int64(len("before\n"))))
		})
	}
	require.Equal(t, "it has no log", LastWords(filepath.Join(t.TempDir(), "none"), 0))
}

func TestLockIsHeldOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "lock")
	unlock, err := Lock(path)
	require.NoError(t, err)
	_, err = Lock(path)
	require.ErrorContains(t, err, "another reliefnet command")
	unlock()
	unlock, err = Lock(path)
	require.NoError(t, err)
	unlock()
}

func TestSpace(t *testing.T) {
	require.NoError(t, enough("/data", NeedBytes))
	require.EqualError(t, enough("/data", 3<<20),
		"the disk with /data has 3 MB free, and starting needs 500: free some, or name another folder with --state")
	require.NoError(t, CheckSpace(filepath.Join(t.TempDir(), "state")))
}

func TestWrittenFilesAreForTheirOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "key.pem")
	require.NoError(t, WriteFile(path, []byte("secret")))
	for p, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(p)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm())
	}
}
