package app

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// openProfiles serves Go's profiles on their own address, if the setting profile names one.
func (a *App) openProfiles() (l lifetime, err error) {
	if a.cfg.Profile == "" {
		return l, nil
	}
	listener, err := net.Listen("tcp", a.cfg.Profile)
	if err != nil {
		return l, fmt.Errorf("profile: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return lifetime{close: server.Close}, nil
}
