package app

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/httpclient"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/translog"
)

// peerTime bounds one question to another agency's gateway.
const peerTime = 10 * time.Second

// openTransparency opens the transparency log, if the settings have an origin for it.
func (a *App) openTransparency() (l lifetime, err error) {
	t := &a.cfg.Transparency
	if t.Origin == "" {
		return l, nil
	}
	logKey, err := signingKey("transparency.log_key_file", t.LogKeyFile)
	if err != nil {
		return l, err
	}
	key, err := signingKey("transparency.cosigning_key_file", t.CosigningKeyFile)
	if err != nil {
		return l, err
	}
	client, err := logClient(t)
	if err != nil {
		return l, err
	}
	options := translog.Options{
		Dir: filepath.Join(a.cfg.DataDir, "log"), Origin: t.Origin, Organisation: a.cfg.Organisation, LogKey: logKey, CosigningKey: key,
		Source: leafSource{a.index}, Agencies: a.cosigners, LedgerHeight: a.ledger.Height, Client: client,
		Poll: t.Poll, Audit: t.Audit, Log: a.log,
	}
	for _, p := range t.Peers {
		options.Peers = append(options.Peers, translog.Peer{MSPID: p.Agency, URL: p.URL})
	}
	if err := addWitnesses(&options, t.Witnesses); err != nil {
		return l, err
	}
	if a.translog, err = translog.Open(options); err != nil {
		return l, fmt.Errorf("the transparency log: %w", err)
	}
	return lifetime{run: a.translog.Run, close: a.translog.Close}, nil
}

// addWitnesses names those outside the agencies who are asked to cosign. Their servers' certificates are by the machine's authorities.
func addWitnesses(o *translog.Options, witnesses []config.Witness) (err error) {
	for i, w := range witnesses {
		key, err := receipt.ParseKey(w.Key)
		if err != nil {
			return fmt.Errorf("transparency.witnesses[%d]: %w", i, err)
		}
		o.Witnesses = append(o.Witnesses, translog.Witness{URL: w.URL, Key: key})
	}
	o.WitnessClient, err = httpclient.New(httpclient.Options{Timeout: peerTime})
	return err
}

// signingKey reads one of the agency's Ed25519 keys. Its errors name the file and repeat nothing of its content.
func signingKey(setting, path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s: %s must hold a key in PEM", setting, path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("%s: %s must hold an Ed25519 key (PKCS #8)", setting, path)
	}
	return key, nil
}

// logClient is the HTTP client for the other gateways.
func logClient(t *config.Transparency) (*http.Client, error) {
	client, err := httpclient.New(httpclient.Options{CAFile: t.TLSCAFile, Timeout: peerTime})
	if err != nil {
		return nil, fmt.Errorf("transparency.tls_ca_file: %w", err)
	}
	return client, nil
}

// cosigners reads the agencies and the keys with which they cosign. It reads the index's copy of the registry.
func (a *App) cosigners(ctx context.Context) ([]translog.Agency, error) {
	reg, err := a.index.Registry(ctx)
	var refusal *relief.Error
	if errors.As(err, &refusal) && refusal.Code == relief.CodeNotFound {
		return nil, nil // not founded yet
	}
	if err != nil {
		return nil, err
	}
	all := make([]translog.Agency, len(reg.Agencies))
	for i, agency := range reg.Agencies {
		all[i] = translog.Agency{MSPID: agency.MSPID, Name: agency.Name, NameEn: agency.NameEn}
		for _, k := range reg.CosigningKeys {
			raw, err := base64.StdEncoding.DecodeString(k.Key)
			switch {
			case k.Agency != agency.MSPID || err != nil || len(raw) != ed25519.PublicKeySize:
			case k.Use == registry.KeyUseLog:
				all[i].LogKeys = append(all[i].LogKeys, translog.Key{Public: raw, Until: k.UntilSize})
			default:
				all[i].Keys = append(all[i].Keys, translog.Key{Public: raw, Until: k.UntilSize})
			}
		}
	}
	return all, nil
}

// leafSource lets the log read the index.
type leafSource struct{ *index.Index }

func (s leafSource) Leaves(ctx context.Context, from int64, limit int) ([]translog.Leaf, error) {
	hashes, err := s.LeafHashes(ctx, from, limit)
	leaves := make([]translog.Leaf, len(hashes))
	for i, h := range hashes {
		leaves[i] = translog.Leaf{Hash: h.Hash, Block: h.Block}
	}
	return leaves, err
}
