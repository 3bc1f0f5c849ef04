package registration

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"relieftrail/network/host/process"
)

// Server is the door.
type Server struct {
	Dir       string // of the invitations and of what was issued
	Authority Authority
	Log       *slog.Logger
	Now       func() time.Time // nil: the machine's clock

	// mu: one enrolment at a time, so that two with one secret are one after the other.
	mu sync.Mutex
}

const (
	maxBody   = 16 << 10
	enrolTime = 30 * time.Second
)

// Handler answers a gateway:
//
//	GET  /v1/officials/{name}/invitation   the sealed secret; 404 without one that counts
//	POST /v1/officials/{name}/certificate  a certificate for a secret and a request; without a secret, the one that the
//	                                       request's key has got already
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/officials/{name}/invitation", s.answer(s.invitation))
	mux.HandleFunc("POST /v1/officials/{name}/certificate", s.answer(s.certificate))
	return mux
}

// refusal is an answer that says no.
type refusal struct {
	status int
	why    string
}

func (r refusal) Error() string { return r.why }

var errNobody = refusal{http.StatusNotFound, "nobody of this name is invited"}

// answer writes what a handler gives. Whom a refusal concerns is in the log of this door alone.
func (s *Server) answer(handle func(name string, r *http.Request) (status int, body any, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := r.PathValue("name")
		status, body, err := http.StatusNotFound, any(nil), error(errNobody)
		if nameForm.MatchString(name) {
			status, body, err = handle(name, r)
		} else {
			name = ""
		}
		var no refusal
		switch {
		case errors.As(err, &no):
			status, body = no.status, map[string]string{"error": no.why}
		case err != nil:
			s.Log.Error("a request failed", "official", name, "error", err)
			status, body = http.StatusBadGateway, map[string]string{"error": "the certificate authority cannot be asked now"}
		}
		s.Log.Info("asked", "method", r.Method, "official", name, "status", status)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
}

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Server) invitation(name string, _ *http.Request) (int, any, error) {
	i, _, err := read(s.Dir, name, s.now())
	if errors.Is(err, errNone) {
		return 0, nil, errNobody
	}
	return http.StatusOK, map[string][]byte{"sealed": i.Sealed}, err
}

// asked is what the gateway sends to have a key certified.
type asked struct {
	Secret  string `json:"secret"`
	Request string `json:"request"` // PKCS #10 in PEM
}

func (s *Server) certificate(name string, r *http.Request) (int, any, error) {
	var a asked
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil || json.Unmarshal(text, &a) != nil {
		return 0, nil, refusal{http.StatusBadRequest, fmt.Sprintf("the body must be a JSON document of at most %d bytes", maxBody)}
	}
	request, err := readRequest(a.Request, name)
	if err != nil {
		return 0, nil, refusal{http.StatusBadRequest, err.Error()}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cert := issued(s.Dir, name, request); cert != nil {
		return http.StatusOK, map[string]string{"certificate": string(cert)}, nil
	}
	i, invitation, err := read(s.Dir, name, s.now())
	if errors.Is(err, errNone) {
		return 0, nil, errNobody
	}
	if err != nil {
		return 0, nil, err
	}
	if !i.opensWith(a.Secret) {
		return 0, nil, refusal{http.StatusForbidden, "the secret is not the invitation's, or the key has no certificate"}
	}
	// An enrolment is finished, though the gateway goes away: what was issued is kept for when it asks again.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), enrolTime)
	defer cancel()
	cert, err := s.Authority.enrol(ctx, name, a.Secret, a.Request)
	if errors.Is(err, errRefused) {
		return 0, nil, refusal{http.StatusForbidden, "the certificate authority does not take the secret any more"}
	}
	if err == nil {
		err = checkIssued(cert, name, request)
	}
	if err == nil {
		err = process.WriteFile(CertFile(s.Dir, name), cert)
	}
	if err != nil {
		return 0, nil, err
	}
	s.Log.Info("certificate issued", "official", name)
	return http.StatusCreated, map[string]string{"certificate": string(cert)}, use(s.Dir, name, invitation)
}

// ServerTLS is the TLS of the door: its own certificate, and clients with a certificate of the agency's authority for TLS in the
// gateway's name. The certificates of peers, orderers and the operator's tool, of the same authority, open nothing.
func ServerTLS(own tls.Certificate, root *x509.CertPool, gateway string) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{own}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: root, MinVersion: tls.VersionTLS12,
		VerifyConnection: func(state tls.ConnectionState) error {
			if state.PeerCertificates[0].Subject.CommonName != gateway {
				return errors.New("the certificate is not the gateway's")
			}
			return nil
		},
	}
}
