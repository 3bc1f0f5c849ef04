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

	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/httpapi"
)

// server is the gateway's listening sockets.
type server struct{ sockets []*socket }

// socket is one listening socket and what is served on it.
type socket struct {
	on       httpapi.Listener
	http     *http.Server
	tls      bool // kept here because http.Server sets a TLSConfig of its own while it serves
	listener net.Listener
	conns    connections
}

// openServer binds the ports, so that a port in use is reported at the start. Serving begins with Run.
func (a *App) openServer() (l lifetime, err error) {
	officials := httpapi.Everywhere
	a.server = &server{}
	for on, address := range map[httpapi.Listener]config.Address{
		httpapi.Public: a.cfg.PublicAddress(), httpapi.Metrics: a.cfg.MetricsAddress(),
	} {
		if !address.Apart() {
			continue
		}
		officials &^= on
		if err := a.openSocket(on, address); err != nil {
			return l, errors.Join(err, a.server.close())
		}
	}
	if err := a.openSocket(officials, a.cfg.Officials()); err != nil {
		return l, errors.Join(err, a.server.close())
	}
	return lifetime{close: a.server.close}, nil
}

func (a *App) openSocket(on httpapi.Listener, address config.Address) error {
	handler, err := a.api.Handler(on)
	if err != nil {
		return err
	}
	s := &socket{
		on: on, tls: address.TLS.Enabled(), conns: connections{most: maxConnections, idle: map[net.Conn]struct{}{}},
		http: &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: a.cfg.Timeouts.ReadHeader,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    32 << 10,
			ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
		},
	}
	s.http.ConnState = s.conns.watch
	s.http.RegisterOnShutdown(a.api.Stop)
	if s.tls {
		pair, err := tls.LoadX509KeyPair(address.TLS.CertFile, address.TLS.KeyFile)
		if err != nil {
			return fmt.Errorf("%s: tls: %w", address.Setting, err)
		}
		s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: address.TLS.Version()}
		a.askForCertificates(on, s.http.TLSConfig)
	}
	if s.listener, err = net.Listen("tcp", address.Listen); err != nil {
		return fmt.Errorf("%s: %w", address.Setting, err)
	}
	a.server.sockets = append(a.server.sockets, s)
	return nil
}

// url is where a listener is.
func (s *server) url(on httpapi.Listener) string {
	for _, socket := range s.sockets {
		if socket.on&on != 0 {
			return socket.url()
		}
	}
	return ""
}

func (s *socket) url() string {
	scheme := "http"
	if s.tls {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String()
}

// serve serves on all sockets until the first of them ends.
func (s *server) serve() error {
	ended := make(chan error, len(s.sockets))
	for _, socket := range s.sockets {
		go func() { ended <- socket.serve() }()
	}
	return <-ended
}

func (s *socket) serve() error {
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
	faults := make([]error, len(s.sockets))
	var ending sync.WaitGroup
	for i, socket := range s.sockets {
		ending.Go(func() { faults[i] = socket.shutdown(ctx) })
	}
	ending.Wait()
	return errors.Join(faults...)
}

func (s *socket) shutdown(ctx context.Context) error {
	s.conns.close()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("not all requests were finished in time: %w", err), s.http.Close())
	}
	return nil
}

// close frees the ports when Run was never called, or ended because one socket could not serve; after a shutdown they are
// free already.
func (s *server) close() error {
	var faults []error
	for _, socket := range s.sockets {
		if err := socket.listener.Close(); !errors.Is(err, net.ErrClosed) {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}
