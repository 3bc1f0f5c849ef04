// Command ra is an agency's registration authority, which lets its gateway have invited officials certified. See package
// registration.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"relieftrail/network/registration"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "ra:", err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	listen, cert, key, root, gateway, dir        string
	authority, name, authorityCert, authorityKey string
}

func parse(args []string) (s settings, err error) {
	flags := flag.NewFlagSet("ra", flag.ContinueOnError)
	for _, f := range []struct {
		value       *string
		name, usage string
	}{
		{&s.listen, "listen", "host:port to serve"},
		{&s.cert, "cert", "its TLS certificate, PEM"},
		{&s.key, "key", "the key of the TLS certificate, PEM"},
		{&s.root, "root", "the agency's root of TLS certificates, PEM"},
		{&s.gateway, "gateway", "the common name in the gateway's TLS certificate"},
		{&s.dir, "officials", "the folder of invitations and issued certificates"},
		{&s.authority, "authority", "host:port of the certificate authorities"},
		{&s.name, "authority-name", "the name of the authority for identities"},
		{&s.authorityCert, "authority-cert", "the certificate that opens the authorities' port, PEM"},
		{&s.authorityKey, "authority-key", "its key, PEM"},
	} {
		flags.StringVar(f.value, f.name, "", f.usage)
	}
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	flags.VisitAll(func(f *flag.Flag) {
		if f.Value.String() == "" && err == nil {
			err = fmt.Errorf("-%s is required: %s", f.Name, f.Usage)
		}
	})
	return s, err
}

func run(ctx context.Context, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(s.root)
	if err != nil {
		return err
	}
	root := x509.NewCertPool()
	if !root.AppendCertsFromPEM(text) {
		return fmt.Errorf("%s must hold a certificate in PEM", s.root)
	}
	own, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		return err
	}
	shown, err := tls.LoadX509KeyPair(s.authorityCert, s.authorityKey)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	door := &registration.Server{Dir: s.dir, Log: log, Authority: registration.Authority{
		URL: "https://" + s.authority, Name: s.name, Client: &http.Client{
			Timeout:       30 * time.Second,
			Transport:     &http.Transport{TLSClientConfig: &tls.Config{RootCAs: root, Certificates: []tls.Certificate{shown}, MinVersion: tls.VersionTLS12}},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}}
	server := &http.Server{
		Addr: s.listen, Handler: door.Handler(), TLSConfig: registration.ServerTLS(own, root, s.gateway),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelInfo),
	}
	served := make(chan error, 1)
	go func() { served <- server.ListenAndServeTLS("", "") }()
	log.Info("serving", "address", s.listen)
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return server.Shutdown(ending)
}
