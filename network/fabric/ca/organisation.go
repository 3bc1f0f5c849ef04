package ca

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"relieftrail/network/topology"
)

// Enrolled reports whether an organisation has all identities that the topology gives it.
func Enrolled(o *topology.Organisation) bool {
	for _, pair := range pairs(o) {
		if _, err := os.Stat(pair.Cert); err != nil {
			return false
		}
	}
	return true
}

func pairs(o *topology.Organisation) []topology.KeyPair {
	all := []topology.KeyPair{o.User(topology.Admin), o.OperatorTLS(), o.OperationsTLS()}
	for _, n := range o.Nodes {
		all = append(all, n.TLS())
		if n.Kind == topology.KindGateway {
			all = append(all, o.User(topology.GatewayUser))
		}
	}
	for _, p := range o.Principals {
		if !Revoked(o, p.Name) {
			all = append(all, o.User(p.Name))
		}
	}
	return all
}

// EnrolAll enrols every identity that the topology gives an organisation and that is not enrolled yet.
func EnrolAll(t *topology.Topology, o *topology.Organisation) error {
	c, err := NewClient(o.Node(topology.KindCA))
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Admin(); err != nil {
		return err
	}
	if err := c.Operator(); err != nil {
		return err
	}
	for _, n := range o.Nodes {
		if err := c.Node(t, n); err != nil {
			return err
		}
	}
	for _, p := range o.Principals {
		if Revoked(o, p.Name) {
			continue
		}
		if err := c.Principal(p); err != nil {
			return err
		}
	}
	return nil
}

// Ready is nil when all authorities of a node answer.
func Ready(ctx context.Context, n *topology.Node) error {
	transport, err := operatorTransport(n.Organisation)
	if err != nil {
		return err
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for _, name := range []string{tlsCA(n.Organisation), identityCA(n.Organisation), operationsCA(n.Organisation)} {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, caURL(n)+"/cainfo?ca="+name, http.NoBody)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, response.Body) // so that the connection can be used again
		_ = response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("authority %s answers %s", name, response.Status)
		}
	}
	return nil
}
