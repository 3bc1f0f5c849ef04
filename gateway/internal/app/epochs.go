package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/objectstore"
)

// ResealObjects encrypts the agency's kept files again with the key in use. The gateway must not run meanwhile.
func ResealObjects(ctx context.Context, cfg *config.Config, out io.Writer) error {
	if cfg.Objects.KeyFile == "" {
		return errors.New("objects.key_file: is not set, so no files are kept")
	}
	store, err := openStore(cfg)
	if err != nil {
		return err
	}
	lock, err := boltstore.Open(filepath.Join(cfg.DataDir, "evidence.db")) // a gateway that runs has it open
	if err != nil {
		return fmt.Errorf("stop the gateway first: %w", err)
	}
	r, err := objectstore.Reseal(ctx, store)
	err = errors.Join(err, lock.Close())
	if _, said := fmt.Fprintf(out, "encrypted again: %d; already: %d; cannot be opened: %d\n", r.Done, r.Already, r.Failed); err == nil {
		err = said
	}
	if err == nil && r.Failed > 0 {
		err = errors.New("some files are opened by no key, or are not what was put: keep all keys")
	}
	return err
}

// CountEpochs writes what the ledger has under the key of each epoch. The gateway may run meanwhile.
func CountEpochs(ctx context.Context, cfg *config.Config, out io.Writer) error {
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	return errors.Join(countEpochs(ctx, cfg, l, out), l.Close())
}

func countEpochs(ctx context.Context, cfg *config.Config, l ledger.Ledger, out io.Writer) error {
	ix, err := index.OpenToCheck(ctx, cfg.Index.Database, l, NewLogger(out, cfg.Log))
	if err != nil {
		return err
	}
	counts, err := ix.Epochs(ctx)
	if err != nil {
		return errors.Join(err, ix.Close())
	}
	key, err := ix.ReferenceKey(ctx)
	if err != nil {
		return errors.Join(err, ix.Close())
	}
	secrets, err := cfg.SubjectKey.Read()
	if err != nil {
		return errors.Join(err, ix.Close())
	}
	var text strings.Builder
	if key.Epoch > 0 {
		fmt.Fprintf(&text, "references of new people are made with the key of epoch %d (check %s)\n", key.Epoch, key.Check)
	}
	for _, s := range secrets {
		fmt.Fprintf(&text, "subject_key, epoch %d: check %s\n", s.Epoch, relief.CheckOfKey(s.Key))
	}
	for _, c := range counts {
		fmt.Fprintf(&text, "epoch %d: %d references and %d tags of payees on rolls\n", c.Epoch, c.References, c.Tags)
	}
	_, err = io.WriteString(out, text.String())
	return errors.Join(err, ix.Close())
}
