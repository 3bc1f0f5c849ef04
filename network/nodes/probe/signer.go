package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"

	mspproto "github.com/hyperledger/fabric-protos-go-apiv2/msp"
	"github.com/hyperledger/fabric/protoutil"
	"google.golang.org/protobuf/proto"
)

// signer signs as an identity. It satisfies Fabric's identity.SignerSerializer.
type signer struct {
	identity
	msp     string
	creator []byte // the serialized identity
	cert    []byte
	key     *ecdsa.PrivateKey
}

func (s *spec) signers() ([]*signer, error) {
	var all []*signer
	for _, id := range s.Identities {
		one, err := load(id, s.mspOf(id.Agency))
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", id.Name, id.Agency, err)
		}
		all = append(all, one)
	}
	return all, nil
}

// as is the identity of a kind that an agency has first.
func as(all []*signer, kind, agency string) (*signer, error) {
	for _, one := range all {
		if one.Kind == kind && one.Agency == agency {
			return one, nil
		}
	}
	return nil, fmt.Errorf("%s has no %s", agency, kind)
}

func load(id identity, msp string) (*signer, error) {
	cert, err := os.ReadFile(id.Cert)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(id.Key)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", id.Key)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is no ECDSA key", id.Key)
	}
	creator, err := proto.Marshal(&mspproto.SerializedIdentity{Mspid: msp, IdBytes: cert})
	return &signer{id, msp, creator, cert, key}, err
}

// Serialize is the identity as it is in messages.
func (s *signer) Serialize() ([]byte, error) { return s.creator, nil }

// Sign signs as Fabric wants it: SHA-256, and the lower of the two values that s may have.
func (s *signer) Sign(message []byte) ([]byte, error) {
	sum := sha256.Sum256(message)
	r, v, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return nil, err
	}
	if half := new(big.Int).Rsh(s.key.Params().N, 1); v.Cmp(half) > 0 {
		v.Sub(s.key.Params().N, v)
	}
	return asn1.Marshal(struct{ R, S *big.Int }{r, v})
}

// signed is a message with the signature of each signer.
func signed(message []byte, by []*signer) ([]*protoutil.SignedData, error) {
	var all []*protoutil.SignedData
	for _, s := range by {
		signature, err := s.Sign(message)
		if err != nil {
			return nil, err
		}
		all = append(all, &protoutil.SignedData{Data: message, Identity: s.creator, Signature: signature})
	}
	return all, nil
}
