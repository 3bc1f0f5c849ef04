package index

import (
	"context"
	"crypto/sha256"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// work keeps the processor busy until this thread has run for so long, by the system's own count.
func work(long time.Duration) {
	began, _ := scheduled()
	sum := [32]byte{}
	for now := began; now-began < long; now, _ = scheduled() {
		for range 1000 {
			sum = sha256.Sum256(sum[:])
		}
	}
}

func TestTheSystemTellsWhatAThreadHasDone(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before, _ := scheduled()
	work(3 * time.Millisecond)
	after, waited := scheduled()
	require.GreaterOrEqual(t, after-before, 3*time.Millisecond)
	require.GreaterOrEqual(t, waited, time.Duration(0))
}

// Who had to wait for a processor rests, until the end is near; who had not goes on.
func TestRests(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	p := &pace{waited: -time.Hour} // as if it had waited for an hour
	p.rest(ended)
	require.Positive(t, p.worked)
	p = &pace{waited: time.Hour}
	p.rest(t.Context())
}
