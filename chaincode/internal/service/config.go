// SPDX-License-Identifier: Apache-2.0

package service

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
)

type config struct {
	id      string
	address string
	mspID   string
	tls     *tls.Config // nil when TLS is disabled
	profile string      // empty for none
}

func loadConfig(getenv func(string) string) (*config, error) {
	c := &config{
		id:      getenv("CHAINCODE_ID"),
		address: getenv("CHAINCODE_SERVER_ADDRESS"),
		mspID:   getenv("CHAINCODE_MSPID"),
		profile: getenv("CHAINCODE_PROFILE_ADDRESS"),
	}
	for _, v := range []struct{ name, value string }{
		{"CHAINCODE_ID", c.id}, {"CHAINCODE_SERVER_ADDRESS", c.address}, {"CHAINCODE_MSPID", c.mspID},
	} {
		if v.value == "" {
			return nil, fmt.Errorf("%s is not set", v.name)
		}
	}
	host, _, err := net.SplitHostPort(c.address)
	if err != nil {
		return nil, fmt.Errorf("CHAINCODE_SERVER_ADDRESS must be host:port: %w", err)
	}
	switch disabled := getenv("CHAINCODE_TLS_DISABLED"); disabled {
	case "", "false":
		if c.tls, err = loadTLS(getenv); err != nil {
			return nil, err
		}
	case "true":
		if !loopback(host) {
			return nil, errors.New("CHAINCODE_TLS_DISABLED is for loopback addresses only")
		}
	default:
		return nil, fmt.Errorf("CHAINCODE_TLS_DISABLED must be true or false, not %q", disabled)
	}
	if c.profile == "" {
		return c, nil
	}
	if host, _, err := net.SplitHostPort(c.profile); err != nil || !loopback(host) {
		return nil, errors.New("CHAINCODE_PROFILE_ADDRESS must be host:port of a loopback address, or empty")
	}
	return c, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// loadTLS requires the very certificate of the peer: any other client that reaches the port could pose as the peer, also one
// with a certificate of the same authority.
func loadTLS(getenv func(string) string) (*tls.Config, error) {
	key, err := readFile(getenv, "CHAINCODE_TLS_KEY_FILE")
	if err != nil {
		return nil, err
	}
	cert, err := readFile(getenv, "CHAINCODE_TLS_CERT_FILE")
	if err != nil {
		return nil, err
	}
	peer, err := readFile(getenv, "CHAINCODE_TLS_CLIENT_CERT_FILE")
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("CHAINCODE_TLS_CERT_FILE and CHAINCODE_TLS_KEY_FILE: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(peer) {
		return nil, errors.New("CHAINCODE_TLS_CLIENT_CERT_FILE holds no certificate")
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS12, // the lowest version that Fabric's peers use
		Certificates: []tls.Certificate{pair},
		// As ClientCAs the pool would name issuers to the client, of which the peer's is none: it would show no certificate.
		ClientAuth: tls.RequireAnyClientCert,
		VerifyConnection: func(state tls.ConnectionState) error {
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
			return err
		},
	}, nil
}

func readFile(getenv func(string) string, name string) ([]byte, error) {
	path := getenv(name)
	if path == "" {
		return nil, fmt.Errorf("%s is not set", name)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}
