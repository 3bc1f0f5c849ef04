// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"sync"
	"time"

	"github.com/hyperledger/fabric-chaincode-go/v2/pkg/attrmgr"
	"github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"google.golang.org/protobuf/proto"
)

// Identity signs transactions.
type Identity struct {
	mspID, name string
	cert        *x509.Certificate // nil for a raw identity
	pem         string
	serialized  []byte
	key         *ecdsa.PrivateKey // nil for a raw identity
}

var identities sync.Map // canonical description → *Identity

// NewIdentity makes an identity of an organisation with a self-signed ECDSA P-256 certificate. The common name is name,
// the organisational unit is "client", and the extension of Fabric CA holds attrs and hf.EnrollmentID, hf.Type,
// hf.Affiliation. The same arguments give the same certificate in every process, so that transaction ids are the same
// in every run.
func NewIdentity(mspID, name string, attrs map[string]string) *Identity {
	all := map[string]string{"hf.EnrollmentID": name, "hf.Type": "client", "hf.Affiliation": ""}
	maps.Copy(all, attrs)
	extension := mustMake(json.Marshal(attrmgr.Attributes{Attrs: all}))
	seed := fmt.Sprintf("%q %q %s", mspID, name, extension)
	if id, ok := identities.Load(seed); ok {
		return id.(*Identity)
	}
	id, _ := identities.LoadOrStore(seed, makeIdentity(mspID, name, seed, extension))
	return id.(*Identity)
}

func makeIdentity(mspID, name, seed string, extension []byte) *Identity {
	key := deriveKey(seed)
	serial := sha256.Sum256([]byte("serial " + seed))
	template := &x509.Certificate{
		SerialNumber:          new(big.Int).SetBytes(serial[:16]),
		Subject:               pkix.Name{CommonName: name, OrganizationalUnit: []string{"client"}},
		NotBefore:             time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		BasicConstraintsValid: true,
		ExtraExtensions:       []pkix.Extension{{Id: asn1.ObjectIdentifier(attrmgr.AttrOID), Value: extension}},
	}
	// Without a source of randomness the signature is the deterministic one of RFC 6979.
	der := mustMake(x509.CreateCertificate(nil, template, template, key.Public(), key))
	id := RawIdentity(mspID, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	id.name, id.key, id.cert = name, key, mustMake(x509.ParseCertificate(der))
	return id
}

// deriveKey makes a key from the description of its owner. Such keys protect nothing.
func deriveKey(seed string) *ecdsa.PrivateKey {
	for scalar := sha256.Sum256([]byte("key " + seed)); ; scalar = sha256.Sum256(scalar[:]) {
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:]); err == nil {
			return key
		}
	}
}

// RawIdentity is an identity with the given bytes in place of a certificate. It is for tests of how a contract treats a
// caller whom it cannot identify.
func RawIdentity(mspID string, idBytes []byte) *Identity {
	serialized := mustMake(proto.MarshalOptions{Deterministic: true}.Marshal(&msp.SerializedIdentity{Mspid: mspID, IdBytes: idBytes}))
	return &Identity{mspID: mspID, pem: string(idBytes), serialized: serialized}
}

// MSPID is the organisation's MSP id.
func (id *Identity) MSPID() string { return id.mspID }

// Name is the common name of the certificate.
func (id *Identity) Name() string { return id.name }

// Certificate is the parsed certificate, nil for a raw identity.
func (id *Identity) Certificate() *x509.Certificate { return id.cert }

// PEM is the certificate as the creator field of a transaction has it.
func (id *Identity) PEM() string { return id.pem }

// Serialized is the msp.SerializedIdentity that signs proposals.
func (id *Identity) Serialized() []byte { return append([]byte(nil), id.serialized...) }

// sign gives the signature of a message, nothing for a raw identity.
func (id *Identity) sign(message []byte) []byte {
	if id.key == nil {
		return nil
	}
	digest := sha256.Sum256(message)
	return mustMake(id.key.Sign(nil, digest[:], crypto.SHA256))
}

// mustMake is for steps that fail only if this package is wrong.
func mustMake[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("fakestub: %v", err))
	}
	return v
}
