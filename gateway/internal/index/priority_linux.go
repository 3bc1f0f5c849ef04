package index

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// niceness of the goroutines that index: what the ledger and the callers wait for comes first.
const niceness = 19

// lowPriority keeps the goroutine on a thread of its own with a low priority, as far as the system allows. The
// thread stays locked: Go ends it with the goroutine, and nobody inherits the low priority.
func lowPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness)
}

// restsPerWork is how many times as long as it has worked the index rests while others wait for a processor.
const restsPerWork = 3

// longestRest bounds one rest.
const longestRest = 200 * time.Millisecond

// pace lets others go first. A low priority is not enough: where each process has a session of its own, Linux shares the
// processors out among sessions first (sched_autogroup_enabled), and priorities count within each.
type pace struct{ worked, waited time.Duration }

// rest pauses when the thread has waited for a processor for more than half of the time that it has worked since it was asked last.
func (p *pace) rest(ctx context.Context) {
	worked, waited := scheduled()
	work, wait := worked-p.worked, waited-p.waited
	p.worked, p.waited = worked, waited
	if wait <= work/2 {
		return
	}
	select {
	case <-time.After(min(restsPerWork*work, longestRest)):
	case <-ctx.Done():
	}
}

// scheduled is how long this thread has run and how long it has waited to run; zero where Linux does not tell.
func scheduled() (worked, waited time.Duration) {
	text, err := os.ReadFile("/proc/thread-self/schedstat")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0, 0
	}
	w, _ := strconv.ParseInt(fields[0], 10, 64)
	d, _ := strconv.ParseInt(fields[1], 10, 64)
	return time.Duration(w), time.Duration(d)
}
