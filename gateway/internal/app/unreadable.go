package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
)

// draft is a value that cannot be read, with the repair that would put the last readable value of its key back.
type draft struct {
	index.Unreadable
	Repair registry.Repair `json:"repair"`
}

// ListUnreadable writes the values on the ledger that cannot be read, a JSON document a line, each with the draft of its repair.
// The draft has no value where the index keeps none: then the operator makes it. The gateway may run meanwhile.
func ListUnreadable(ctx context.Context, cfg *config.Config, out io.Writer) error {
	l, err := Connect(cfg)
	if err != nil {
		return err
	}
	return errors.Join(listUnreadable(ctx, cfg, l, out), l.Close())
}

func listUnreadable(ctx context.Context, cfg *config.Config, l ledger.Ledger, out io.Writer) error {
	ix, err := index.OpenToCheck(ctx, cfg.Index.Database, l, NewLogger(out, cfg.Log))
	if err != nil {
		return err
	}
	drafts, err := ix.RepairDrafts(ctx)
	if err != nil {
		return errors.Join(err, ix.Close())
	}
	lines := json.NewEncoder(out)
	for i := range drafts {
		d := &drafts[i]
		repair := registry.Repair{Kind: d.Kind, Attrs: d.Attrs, SHA256: d.SHA256, Value: d.Last}
		if err := lines.Encode(draft{d.Unreadable, repair}); err != nil {
			return errors.Join(err, ix.Close())
		}
	}
	return ix.Close()
}
