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

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/agreement"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/httpclient"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/receipts"
	"relieftrail/gateway/internal/translog"
)

// peerTime bounds one question to another agency's gateway.
const peerTime = 10 * time.Second

// openTransparency opens the transparency logs, if the settings have an origin for them: the one of payments, and the one of public
// statements beside it.
func (a *App) openTransparency() (l lifetime, err error) {
	t := &a.cfg.Transparency
	if t.Origin == "" {
		return l, nil
	}
	shared, err := a.logOptions(t)
	if err != nil {
		return l, err
	}
	payments, statements := shared, shared
	payments.Dir, payments.Path, payments.Origin = filepath.Join(a.cfg.DataDir, "log"), public.PaymentsPath, t.Origin
	payments.Source, payments.Agencies = leafSource{a.index, a.index.LeafHashes}, a.cosigners(func(k *registry.CosigningKey) int64 { return k.UntilSize })
	statements.Dir, statements.Path, statements.Origin = filepath.Join(a.cfg.DataDir, "statements"), public.StatementsPath, t.Origin+public.StatementsPath
	statements.Source = leafSource{a.index, a.index.StatementHashes}
	statements.Agencies = a.cosigners(func(k *registry.CosigningKey) int64 { return k.UntilStatements })
	if a.translog, err = translog.Open(payments); err != nil {
		return l, fmt.Errorf("the transparency log: %w", err)
	}
	if a.statements, err = translog.Open(statements); err != nil {
		return l, errors.Join(fmt.Errorf("the log of statements: %w", err), a.translog.Close())
	}
	if a.keys.receipt != nil {
		a.receipts = &receipts.Maker{Keys: a.keys.receipt, Log: a.translog, Records: a.index, URL: a.cfg.Public.URL, Fonts: a.cfg.Public.Fonts}
	}
	a.agreement = agreement.New(agreement.Options{
		Organisation: a.cfg.Organisation, Source: a.index, Peers: agreeing(shared.Peers), Client: shared.Client, Pause: comparedEvery * t.Poll, Log: a.log,
	})
	return lifetime{run: a.runLogs, close: func() error { return errors.Join(a.translog.Close(), a.statements.Close()) }}, nil
}

// comparedEvery is how many polls of the logs lie between two comparisons of indicators.
const comparedEvery = 10

func agreeing(peers []translog.Peer) (list []agreement.Peer) {
	for _, p := range peers {
		list = append(list, agreement.Peer{MSPID: p.MSPID, URL: p.URL})
	}
	return list
}

func (a *App) runLogs(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return a.translog.Run(ctx) })
	group.Go(func() error { return a.statements.Run(ctx) })
	group.Go(func() error { return a.agreement.Run(ctx) })
	return group.Wait()
}

// logOptions are what both logs have in common.
func (a *App) logOptions(t *config.Transparency) (o translog.Options, err error) {
	o = translog.Options{
		Organisation: a.cfg.Organisation, LedgerHeight: a.ledger.Height, Poll: t.Poll, Audit: t.Audit, Log: a.log,
	}
	if o.LogKey, err = signingKey("transparency.log_key_file", t.LogKeyFile); err != nil {
		return o, err
	}
	if o.CosigningKey, err = signingKey("transparency.cosigning_key_file", t.CosigningKeyFile); err != nil {
		return o, err
	}
	if o.Client, err = logClient(t); err != nil {
		return o, err
	}
	for _, p := range t.Peers {
		o.Peers = append(o.Peers, translog.Peer{MSPID: p.Agency, URL: p.URL})
	}
	return o, addWitnesses(&o, t.Witnesses)
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

// cosigners reads the agencies and the keys with which they cosign a log, in which a retired key signs until a size. It reads the
// index's copy of the registry.
func (a *App) cosigners(until func(*registry.CosigningKey) int64) func(context.Context) ([]translog.Agency, error) {
	return func(ctx context.Context) ([]translog.Agency, error) {
		agencies, keys, err := a.index.Cosigners(ctx)
		all := make([]translog.Agency, len(agencies))
		for i, agency := range agencies {
			all[i] = translog.Agency{MSPID: agency.MSPID, Name: agency.Name, NameEn: agency.NameEn}
			for k := range keys {
				addKey(&all[i], &keys[k], until)
			}
		}
		return all, err
	}
}

// addKey gives an agency a key of the registry, if it is its own.
func addKey(a *translog.Agency, k *registry.CosigningKey, until func(*registry.CosigningKey) int64) {
	raw, err := base64.StdEncoding.DecodeString(k.Key)
	key := translog.Key{Public: raw, Until: until(k)}
	switch {
	case k.Agency != a.MSPID || err != nil || len(raw) != ed25519.PublicKeySize:
	case k.Use == registry.KeyUseLog:
		a.LogKeys = append(a.LogKeys, key)
	default:
		a.Keys = append(a.Keys, key)
	}
}

// leafSource lets a log read the index.
type leafSource struct {
	*index.Index
	hashes func(ctx context.Context, from int64, limit int) ([]index.LeafHash, error)
}

func (s leafSource) Leaves(ctx context.Context, from int64, limit int) ([]translog.Leaf, error) {
	hashes, err := s.hashes(ctx, from, limit)
	leaves := make([]translog.Leaf, len(hashes))
	for i, h := range hashes {
		leaves[i] = translog.Leaf{Hash: h.Hash, Block: h.Block}
	}
	return leaves, err
}
