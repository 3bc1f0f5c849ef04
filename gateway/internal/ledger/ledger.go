// Package ledger is the port: what the gateway needs of a ledger, without a Fabric type in it. Package
// ledger/fabric is the only Fabric client, ledger/ledgertest the same port over the ledger in memory.
package ledger

import (
	"context"
	"time"
)

// Call is one contract call. Personal data may stand in Transient only.
type Call struct {
	Signer    string            // the principal whose enrolled identity signs
	Function  string            // such as "payment:Open"
	Argument  []byte            // the JSON document, nil for none
	Transient map[string][]byte // never logged, never stored by the ledger as it is
}

// Signed is an endorsed and signed transaction, ready to be submitted as often as needed: the ledger takes the
// same bytes once. Result is what the contract answered when it was endorsed.
type Signed struct {
	TxID     string
	Signer   string
	Envelope []byte
	Result   []byte
}

// Commit is what became of a transaction that is in a block.
type Commit struct {
	TxID  string
	Block uint64
	Valid bool
	Code  string // Fabric's validation code, such as VALID or MVCC_READ_CONFLICT
}

// Ledger submits to and reads from the agency's own peer. All errors of Endorse, Submit and Status are one of
// the four types of errors.go.
type Ledger interface {
	// Evaluate runs a call on the agency's own peer and writes nothing.
	Evaluate(ctx context.Context, call Call) ([]byte, error)
	// Endorse has all organisations endorse a call and signs the transaction.
	Endorse(ctx context.Context, call Call) (Signed, error)
	// Submit hands the transaction to the ordering service. A nil error is not a commit.
	Submit(ctx context.Context, tx Signed) error
	// Status waits until the transaction is in a block or ctx ends (then *StatusUnknown).
	Status(ctx context.Context, tx Signed) (Commit, error)
	// Find asks without waiting; ok is false when no block holds the transaction.
	Find(ctx context.Context, txID string) (c Commit, ok bool, err error)
	// Blocks calls handle for each block from number from on, in order, until ctx ends or handle fails.
	Blocks(ctx context.Context, from uint64, handle func(Block) error) error
	// Block reads one block.
	Block(ctx context.Context, number uint64) (Block, error)
	// Height is the number of blocks of the agency's own peer.
	Height(ctx context.Context) (uint64, error)
	// Identity is what a signer's certificate says; ok is false when none is enrolled by that name.
	Identity(signer string) (id Identity, ok bool)
}

// Block is a block of the channel, taken apart.
type Block struct {
	Number       uint64
	Hash         []byte        // of its header, which names the block before it
	Transactions []Transaction // application transactions only; Index keeps their place
}

// Transaction is one transaction of a block, valid or not.
type Transaction struct {
	ID        string
	Block     uint64
	Index     int
	Time      time.Time // the client's timestamp
	Creator   Identity
	Endorsers []Identity
	Function  string // such as "payment:Open"
	Valid     bool
	Code      string
	Writes    []Write // of the relief chaincode's public state
}

// Identity is who signed: the organisation and what the certificate says.
type Identity struct {
	MSPID  string `json:"agency"`
	Name   string `json:"name"`
	Role   string `json:"role,omitempty"`
	Region string `json:"region,omitempty"`
}

// Write is one key's new value; a deletion has Deleted set and no value.
type Write struct {
	Key     string // composite keys as Fabric writes them: relief.ParseKey
	Value   []byte
	Deleted bool
}
