// Package index answers what happened: every version of every record with its transaction, author, endorsers,
// time and validity, taken from the blocks of the agency's own peer.
package index

import (
	"context"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

// Version is one transaction that wrote a key.
type Version struct {
	Key   relief.Key
	Tx    ledger.Transaction // Writes holds this key's write only
	Value []byte
}

// Provenance is the port that trails are read through.
type Provenance interface {
	// Versions lists the valid versions of a key, oldest first.
	Versions(ctx context.Context, key relief.Key) ([]Version, error)
	// WaitFor returns when the block with this number has been indexed or ctx ends.
	WaitFor(ctx context.Context, block uint64) error
	// Height is the number of blocks indexed.
	Height() uint64
}

// Step is one step of a trail.
type Step struct {
	Act         string            `json:"act"` // such as payment.approve
	Title       string            `json:"title"`
	At          time.Time         `json:"at"`
	By          ledger.Identity   `json:"by"`
	Transaction string            `json:"transaction"`
	Block       uint64            `json:"block"`
	Endorsers   []ledger.Identity `json:"endorsers"`
	Record      string            `json:"record"` // what was written, such as batch/b-2026-11
	Detail      map[string]string `json:"detail,omitempty"`

	order int // the place in the block
}
