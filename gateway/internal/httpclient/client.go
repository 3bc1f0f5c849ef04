package httpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	dialTime        = 10 * time.Second
	headerTime      = time.Minute // from the end of a request to the headers of its answer
	maxHeaderBytes  = 64 << 10
	connectionsKept = 16 // idle, to one server
)

// Options say whom a client trusts and how it shows itself.
type Options struct {
	CAFile   string        // PEM, signs the servers' certificates; empty: the machine's authorities
	CertFile string        // PEM, the client certificate; empty: none
	KeyFile  string        // of the certificate
	Timeout  time.Duration // of a whole exchange with its body; 0: the context's alone
	// Verbatim leaves answers as they are sent; otherwise compressed ones are expanded.
	Verbatim bool
}

// New makes a client. It answers a redirect with the redirecting server's own response, which no caller takes for an answer:
// a server that was asked cannot have a question sent to another one.
func New(o Options) (*http.Client, error) {
	transport, err := Transport(o)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// Transport makes the connections of a client; it follows no redirects by itself. TLS is 1.2 or newer.
func Transport(o Options) (*http.Transport, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.CAFile != "" {
		text, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca_file: %s must hold a certificate in PEM", o.CAFile)
		}
	}
	if o.CertFile != "" || o.KeyFile != "" {
		pair, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("cert_file, key_file: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, ForceAttemptHTTP2: true, DisableCompression: o.Verbatim,
		DialContext:         (&net.Dialer{Timeout: dialTime, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: dialTime, ResponseHeaderTimeout: headerTime, ExpectContinueTimeout: time.Second,
		IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: connectionsKept, MaxResponseHeaderBytes: maxHeaderBytes,
	}, nil
}

// TooLargeError is an answer with more bytes than the caller reads.
type TooLargeError struct{ Limit int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the answer must have at most %d bytes", e.Limit)
}

// ReadAll reads an answer of at most limit bytes; a longer one is a *TooLargeError.
func ReadAll(answer io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(answer, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, &TooLargeError{limit}
	}
	return b, nil
}

// Get reads the document at a URL, at most limit bytes. Another status than 200 is an error.
func Get(ctx context.Context, client *http.Client, url string, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered with status %s", response.Status)
	}
	return ReadAll(response.Body, limit)
}
