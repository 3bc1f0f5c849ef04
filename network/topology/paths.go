package topology

import (
	"path/filepath"
	"strconv"
	"strings"
)

// Names of identities that every organisation has beside its principals.
const (
	// Admin signs for the organisation when it joins the channel or approves chaincode.
	Admin = "admin"
	// GatewayUser is the identity with which the gateway itself reads blocks.
	GatewayUser = "gateway"
	// OperatorTool is the name in the TLS certificates of the operator's tool, which signs as the administrator.
	OperatorTool = "operator"
)

// ReservedNames are taken by the organisation's own identities, so that no principal may have them.
var ReservedNames = []string{Admin, GatewayUser, OperatorTool, KindCA, KindRA, KindOrderer, KindPeer, KindChaincode}

// KeyPair names a certificate and its private key, both PEM files.
type KeyPair struct {
	Cert, Key string
}

// Dir is the folder of everything the organisation has.
func (o *Organisation) Dir() string { return o.dir }

// User is the identity of a principal, of the administrator or of the gateway.
func (o *Organisation) User(name string) KeyPair {
	dir := filepath.Join(o.dir, "users", name)
	return KeyPair{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

// CARoot is the root certificate of the organisation's identities.
func (o *Organisation) CARoot() string { return filepath.Join(o.dir, "ca", "identity", "ca-cert.pem") }

// TLSRoot is the root certificate of the organisation's TLS certificates.
func (o *Organisation) TLSRoot() string { return filepath.Join(o.dir, "ca", "tls", "ca-cert.pem") }

// OperationsRoot is the root certificate that the administration and operations ports of the organisation's nodes trust. Go
// trusts every certificate under a root, so nothing but the operator's tool and monitoring has one of this authority's.
func (o *Organisation) OperationsRoot() string {
	return filepath.Join(o.dir, "ca", "operations", "ca-cert.pem")
}

// OperatorTLS is the TLS certificate by which the operator's tool reaches peers and orderers, of the authority of TLSRoot.
func (o *Organisation) OperatorTLS() KeyPair { return o.operator("tls") }

// OperationsTLS is the TLS certificate by which the operator's tool reaches the administration and operations ports of the
// organisation's nodes, of the authority of OperationsRoot.
func (o *Organisation) OperationsTLS() KeyPair { return o.operator("operations") }

func (o *Organisation) operator(use string) KeyPair {
	dir := filepath.Join(o.dir, "operator", use)
	return KeyPair{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
}

// CosigningKey is the file with the key by which the organisation cosigns the transparency log. Nobody else has it.
func (o *Organisation) CosigningKey() string { return filepath.Join(o.dir, "gateway", "cosigning.key") }

// LogKey is the file with the key by which the organisation signs as the transparency log. Nobody else has it.
func (o *Organisation) LogKey() string { return filepath.Join(o.dir, "gateway", "log.key") }

// ObjectsKey is the file with the key of the files that the organisation's gateway keeps: an age identity.
func (o *Organisation) ObjectsKey() string { return filepath.Join(o.dir, "gateway", "objects.key") }

// OfficialsKey is the file with the key by which the organisation's gateway keeps the keys of officials who enrol at it: an age
// identity. The operator owns it.
func (o *Organisation) OfficialsKey() string { return filepath.Join(o.dir, "gateway", "officials.key") }

// LogOrigin is the name of the transparency log.
func (t *Topology) LogOrigin() string {
	if t.Gateway.LogOrigin != "" {
		return t.Gateway.LogOrigin
	}
	return "relieftrail/" + t.Name + "/" + t.Channel.Name
}

// Genesis is the first block of the channel.
func (t *Topology) Genesis() string {
	return filepath.Join(t.State, "channel", t.Channel.Name+".block")
}

// Tokens is the folder of the development tokens.
func (t *Topology) Tokens() string { return filepath.Join(t.State, "dev", "tokens") }

// Token is the file with a principal's development token.
func (t *Topology) Token(principal string) string {
	return filepath.Join(t.Tokens(), principal+".token")
}

// SubjectKey is the file with the key that turns identity numbers into subject references.
func (t *Topology) SubjectKey() string {
	return filepath.Join(t.State, "dev", "keys", "subject-hmac.key")
}

// PersonsKey is the file with the key that seals private details, for the organisations that keep them.
func (t *Topology) PersonsKey() string {
	return filepath.Join(t.State, "dev", "keys", "persons.key")
}

// TagKey is the file with the key that makes the tags of payees, for the organisations that keep private details.
func (t *Topology) TagKey() string {
	return filepath.Join(t.State, "dev", "keys", "payee-tag.key")
}

// ReceiptKey is the file with the key that salts the leaves of receipts, for the organisation that makes them.
func (t *Topology) ReceiptKey() string {
	return filepath.Join(t.State, "dev", "keys", "receipt-salt.key")
}

// KeyOfEpoch is the file with the key of an epoch of a kind; file is that of the first one.
func KeyOfEpoch(file string, epoch int) string {
	if epoch == 1 {
		return file
	}
	return strings.TrimSuffix(file, ".key") + "-" + strconv.Itoa(epoch) + ".key"
}

// EpochInUse is the file with the epoch of the keys in use; without it the first is.
func (t *Topology) EpochInUse() string { return filepath.Join(t.State, "dev", "keys", "epoch") }

// PersonsSince is the file with the epoch before which no gateway has the keys of private details any more; without it all have all.
func (t *Topology) PersonsSince() string {
	return filepath.Join(t.State, "dev", "keys", "persons-since")
}

// RunDir has a file for each process that was started.
func (t *Topology) RunDir() string { return filepath.Join(t.State, "run") }

// LockFile is held by a command that changes the network.
func (t *Topology) LockFile() string { return filepath.Join(t.State, "lock") }
