package operator

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/host/process"
)

// cosigningKeys makes each organisation's two keys for the transparency log, unless they are there, and gives the public
// halves. A key is in its organisation's folder only, for its owner only. Without gateways nobody cosigns.
func (o *Operator) cosigningKeys() ([]registry.CosigningKey, error) {
	if o.Topology.Gateway.Package == "" {
		return nil, nil
	}
	var keys []registry.CosigningKey
	for _, org := range o.Topology.Organisations {
		for use, path := range map[registry.KeyUse]string{registry.KeyUseCosign: org.CosigningKey(), registry.KeyUseLog: org.LogKey()} {
			public, err := signingKey(path)
			if err != nil {
				return nil, fmt.Errorf("%s: a key of the transparency log: %w", org.Name, err)
			}
			keys = append(keys, registry.CosigningKey{Agency: org.MSPID, Key: base64.StdEncoding.EncodeToString(public), Use: use})
		}
	}
	// The same order each time, so that a proposal that was cut short is proposed again as it was.
	slices.SortFunc(keys, func(a, b registry.CosigningKey) int {
		return cmp.Or(cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Use, b.Use))
	})
	return keys, nil
}

// signingKey is the public half of the key in a file, which is made when it is not there.
func signingKey(path string) (ed25519.PublicKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newSigningKey(path)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key in PEM", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s holds no Ed25519 key (PKCS #8)", path)
	}
	public, _ := key.Public().(ed25519.PublicKey)
	return public, nil
}

func newSigningKey(path string) (ed25519.PublicKey, error) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return public, process.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
