package index

import (
	"runtime"
	"syscall"
)

// niceness of the goroutines that index: what the ledger and the callers wait for comes first.
const niceness = 19

// lowPriority keeps the goroutine on a thread of its own with a low priority, as far as the system allows. The
// thread stays locked: Go ends it with the goroutine, and nobody inherits the low priority.
func lowPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness)
}
