package ca

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"relieftrail/network/topology"
)

// Enrolled says whether an organisation has all identities that the topology gives it.
func Enrolled(t *topology.Topology, o *topology.Organisation) bool {
	for _, pair := range pairs(t, o) {
		if _, err := os.Stat(pair.Cert); err != nil {
			return false
		}
	}
	return true
}

func pairs(t *topology.Topology, o *topology.Organisation) []topology.KeyPair {
	all := []topology.KeyPair{
		o.User(topology.Admin), o.TLS(topology.KindPeer), o.TLS(topology.KindOrderer), o.TLS(topology.KindChaincode),
	}
	if t.Gateway.Package != "" {
		all = append(all, o.User(topology.GatewayUser))
	}
	for _, p := range o.Principals {
		all = append(all, o.User(p.Name))
	}
	return all
}

// EnrolAll enrols every identity that the topology gives an organisation and that is not enrolled yet.
func EnrolAll(t *topology.Topology, o *topology.Organisation) error {
	c, err := NewClient(o)
	if err != nil {
		return err
	}
	defer c.Close()
	steps := []func() error{
		c.Admin,
		func() error { return c.Node(topology.KindPeer) },
		func() error { return c.Node(topology.KindOrderer) },
		func() error { return c.TLS(topology.KindChaincode) },
	}
	if t.Gateway.Package != "" {
		reader := topology.Principal{Name: topology.GatewayUser, Role: "reader", Region: t.Gateway.Region}
		steps = append(steps, func() error { return c.Principal(reader) })
	}
	for _, p := range o.Principals {
		steps = append(steps, func() error { return c.Principal(p) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Ready asks both authorities whether they answer.
func Ready(ctx context.Context, o *topology.Organisation) error {
	root, err := os.ReadFile(o.TLSRoot())
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(root) {
		return errors.New("the root of its TLS certificates is not a certificate yet")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for _, name := range []string{tlsCA(o), identityCA(o)} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, caURL(o)+"/cainfo?ca="+name, http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body) // only for the sake of the connection
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("authority %s answers %s", name, response.Status)
		}
	}
	return nil
}
