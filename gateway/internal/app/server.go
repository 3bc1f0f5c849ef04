package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// server is the listening socket and what is served on it.
type server struct {
	http     *http.Server
	tls      bool // kept here because http.Server sets a TLSConfig of its own while it serves
	listener net.Listener
	idle     idleConns
}

// openServer binds the port, so that a port in use is reported at the start. Serving begins with Run.
func (a *App) openServer() (l lifetime, err error) {
	s := &server{
		tls:  a.cfg.TLS.Enabled(),
		idle: idleConns{conns: map[net.Conn]struct{}{}},
		http: &http.Server{
			Handler:           a.api,
			ReadHeaderTimeout: a.cfg.Timeouts.ReadHeader,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    32 << 10,
			ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		},
	}
	s.http.ConnState = s.idle.watch
	s.http.RegisterOnShutdown(a.api.Stop)
	if s.tls {
		pair, err := tls.LoadX509KeyPair(a.cfg.TLS.CertFile, a.cfg.TLS.KeyFile)
		if err != nil {
			return l, fmt.Errorf("tls: %w", err)
		}
		s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if s.listener, err = net.Listen("tcp", a.cfg.Listen); err != nil {
		return l, fmt.Errorf("listen: %w", err)
	}
	a.server = s
	return lifetime{close: s.close}, nil
}

// url is where the server listens.
func (s *server) url() string {
	scheme := "http"
	if s.tls {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String()
}

func (s *server) serve() error {
	if s.tls {
		return s.http.ServeTLS(s.listener, "", "")
	}
	return s.http.Serve(s.listener)
}

// shutdown finishes the requests under way, for at most the given time. What is then cut off was signed on disk first and
// is completed at the next start.
func (s *server) shutdown(within time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	s.idle.close()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("not all requests were finished in time: %w", err), s.http.Close())
	}
	return nil
}

// close frees the port when Run was never called; after Run it is free already.
func (s *server) close() error {
	if err := s.listener.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// idleConns are the connections on which no request has come yet. http.Server.Shutdown (go1.26) waits 5 s for them: a
// client whose transport opens one connection more than it needs would delay every stop.
type idleConns struct {
	mu    sync.Mutex
	conns map[net.Conn]struct{} // nil once closed
}

// watch is the server's ConnState.
func (i *idleConns) watch(c net.Conn, state http.ConnState) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(i.conns, c)
	case i.conns == nil:
		_ = c.Close()
	default:
		i.conns[c] = struct{}{}
	}
}

// close closes them, and those that are opened later.
func (i *idleConns) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for c := range i.conns {
		_ = c.Close()
	}
	i.conns = nil
}
