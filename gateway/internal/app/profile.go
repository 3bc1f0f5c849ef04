package app

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// profile serves Go's profiles on an address of their own, when the configuration asks for it.
func (a *App) profile() error {
	if a.cfg.Profile == "" {
		return nil
	}
	listener, err := net.Listen("tcp", a.cfg.Profile)
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	a.closers = append(a.closers, server.Close)
	go func() { _ = server.Serve(listener) }()
	return nil
}
