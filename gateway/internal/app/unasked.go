package app

import (
	"net"
	"net/http"
	"sync"
)

// unasked are connections on which nothing was asked yet. http.Server.Shutdown (go1.26) waits 5 s for them: a client's transport
// that dials once more than it needs would hold up every stop.
type unasked struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{} // nil once closed
}

// watch is the server's ConnState.
func (u *unasked) watch(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(u.conns, c)
	case u.conns == nil:
		_ = c.Close()
	default:
		u.conns[c] = struct{}{}
	}
}

// close ends them, and those that still come.
func (u *unasked) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := range u.conns {
		_ = c.Close()
	}
	u.conns = nil
}
