package app

import (
	"net"
	"net/http"
	"sync"
)

// maxConnections bounds the connections of one listening socket: whoever opens more than these takes no file descriptors from
// the other sockets, the peer and the disk.
const maxConnections = 8192

// connections are those of one socket.
type connections struct {
	most int

	mu   sync.Mutex
	open int
	// idle are the connections on which no request has come yet; nil once closed. http.Server.Shutdown (go1.26) waits 5 s for
	// them: a client whose transport opens one connection more than it needs would delay every stop.
	idle map[net.Conn]struct{}
}

// watch is the server's ConnState.
func (c *connections) watch(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open++
		if c.idle == nil || c.open > c.most {
			_ = conn.Close() // the server then says that it is closed
			return
		}
		c.idle[conn] = struct{}{}
	case http.StateClosed, http.StateHijacked:
		c.open--
		delete(c.idle, conn)
	default:
		delete(c.idle, conn)
	}
}

// close closes the connections on which no request has come, and those that are opened later.
func (c *connections) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.idle {
		_ = conn.Close()
	}
	c.idle = nil
}
