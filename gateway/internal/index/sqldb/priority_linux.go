package sqldb

import (
	"runtime"
	"syscall"
)

// niceness is that of background work: the ledger and the callers come first.
const niceness = 19

// LowerPriority keeps the goroutine on a thread of its own with a low priority, as far as the system allows. The thread
// stays locked: Go ends it with the goroutine, so no other goroutine inherits the low priority.
func LowerPriority() {
	runtime.LockOSThread()
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, syscall.Gettid(), niceness)
}
