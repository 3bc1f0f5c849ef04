package ledger

import (
	"context"
	"time"
)

// Call is one call of a contract. Personal data may be in Transient only.
type Call struct {
	Signer    string            // the principal whose enrolled identity signs
	Function  string            // such as "payment:Open"
	Argument  []byte            // a JSON document; nil for functions without an argument
	Transient map[string][]byte // never logged; on the ledger at most as hashes
}

// Signed is an endorsed and signed transaction. It may be submitted several times: the ledger takes the same bytes once.
// Result is what the contract returned at the endorsement.
type Signed struct {
	TxID     string
	Signer   string
	Envelope []byte
	Result   []byte
}

// Commit is the result of a transaction that is in a block.
type Commit struct {
	TxID  string
	Block uint64
	Valid bool
	Code  string // Fabric's validation code, such as VALID or MVCC_READ_CONFLICT
}

// Ledger submits transactions to the agency's own peer and reads from it. Errors of Endorse, Submit and Status are of one of
// the four types in errors.go.
type Ledger interface {
	// Evaluate runs a call on the agency's own peer without writing anything.
	Evaluate(ctx context.Context, call Call) ([]byte, error)
	// Endorse asks all organisations to endorse a call, and signs the transaction.
	Endorse(ctx context.Context, call Call) (Signed, error)
	// Submit sends the transaction to the ordering service. That it returns nil does not mean a commit.
	Submit(ctx context.Context, tx Signed) error
	// Status waits until the transaction is in a block. If ctx ends before, the error is *StatusUnknown.
	Status(ctx context.Context, tx Signed) (Commit, error)
	// Find looks for a transaction without waiting. ok is false if no block has it.
	Find(ctx context.Context, txID string) (c Commit, ok bool, err error)
	// Blocks calls handle with each block from a number on, in order, until ctx ends or handle fails.
	Blocks(ctx context.Context, from uint64, handle func(Block) error) error
	// Block reads one block.
	Block(ctx context.Context, number uint64) (Block, error)
	// Height is the number of blocks of the agency's own peer.
	Height(ctx context.Context) (uint64, error)
	// Identity is what a signer's certificate says. ok is false if no identity of that name is enrolled.
	Identity(signer string) (id Identity, ok bool)
}

// Block is a decoded block of the channel.
type Block struct {
	Number       uint64
	Hash         []byte        // of the header, which contains the hash of the block before
	Transactions []Transaction // without configuration; Index is the position in the block
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
	Writes    []Write // to the public state of the relief chaincode
}

// Identity is a signer: the organisation and what the certificate says.
type Identity struct {
	MSPID  string `json:"agency"`
	Name   string `json:"name"`
	Role   string `json:"role,omitempty"`
	Region string `json:"region,omitempty"`
}

// Write is the new value of a key, or its deletion.
type Write struct {
	Key     string // a composite key of Fabric, which relief.ParseKey reads
	Value   []byte
	Deleted bool
}
