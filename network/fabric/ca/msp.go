package ca

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"

	"relieftrail/network/host/process"
	"relieftrail/network/topology"
)

// units has Fabric read from a certificate's organisational unit whether its holder is a peer, an orderer, an administrator or
// a client.
const units = `NodeOUs:
  Enable: true
  ClientOUIdentifier: {Certificate: cacerts/ca-cert.pem, OrganizationalUnitIdentifier: client}
  PeerOUIdentifier: {Certificate: cacerts/ca-cert.pem, OrganizationalUnitIdentifier: peer}
  AdminOUIdentifier: {Certificate: cacerts/ca-cert.pem, OrganizationalUnitIdentifier: admin}
  OrdererOUIdentifier: {Certificate: cacerts/ca-cert.pem, OrganizationalUnitIdentifier: orderer}
`

// writeMSP adds the organisation's roots to the membership folder of a node.
func writeMSP(o *topology.Organisation, msp string) error {
	for from, to := range map[string]string{
		o.CARoot():  filepath.Join(msp, "cacerts", "ca-cert.pem"),
		o.TLSRoot(): filepath.Join(msp, "tlscacerts", "ca-cert.pem"),
	} {
		root, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := process.WriteFile(to, root); err != nil {
			return err
		}
	}
	return process.WriteFile(filepath.Join(msp, "config.yaml"), []byte(units))
}

func randomHex(bytes int) (string, error) {
	buffer := make([]byte, bytes)
	if _, err := rand.Read(buffer); err != nil {
		return "", err
	}
	return hex.EncodeToString(buffer), nil
}
