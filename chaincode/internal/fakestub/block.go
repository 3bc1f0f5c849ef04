// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"fmt"
	"time"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// Version is the height at which a key was last written. A nil *Version means that the key does not exist.
type Version struct {
	Block uint64
	Tx    int
}

// String writes the version as a peer does.
func (v *Version) String() string {
	if v == nil {
		return "<nil>"
	}
	return fmt.Sprintf("{BlockNum: %d, TxNum: %d}", v.Block, v.Tx)
}

func sameVersion(a, b *Version) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// Block is one committed block. Blocks are shared with the ledger: read them only.
type Block struct {
	Number uint64
	Txs    []Tx
}

// Tx is a transaction in its block. An invalid transaction stays in its block with its validation code.
type Tx struct {
	ID        string
	Number    int // position in the block
	Time      time.Time
	Creator   Creator
	Endorsers []string // MSP ids, in the order of the ledger's organisations
	Function  string
	Args      []string // without the function; never the transient map
	Status    int32
	Payload   []byte
	Reads     []KVRead      // sorted by key
	Ranges    []RangeRead   // in the order of the queries
	Writes    []KVWrite     // sorted by key
	Policies  []PolicyWrite // sorted by key
	Private   []CollectionHashes
	Event     *Event
	Code      peer.TxValidationCode
}

// Creator is the identity that signed a transaction.
type Creator struct {
	MSPID string
	Cert  string // PEM
}

// KVRead is a key that was read and the version that was found.
type KVRead struct {
	Key     string
	Version *Version
}

// KVWrite is a value that was written, or a key that was deleted.
type KVWrite struct {
	Key      string
	IsDelete bool
	Value    []byte
}

// PolicyWrite is a key-level endorsement policy that was set.
type PolicyWrite struct {
	Key    string
	Policy []byte
}

// RangeRead is a range query, recorded for the check of phantoms. When the results were read to the end, End is the end
// of the query (excluded); otherwise it is the last key that was read (included).
type RangeRead struct {
	Start, End string
	Exhausted  bool
	Reads      []KVRead
}

// CollectionHashes is the part of a block about one private collection: hashes only.
type CollectionHashes struct {
	Collection string
	Reads      []HashRead
	Writes     []HashWrite
	Policies   []HashPolicy
}

// HashRead is a private key that was read.
type HashRead struct {
	KeyHash []byte // SHA-256
	Version *Version
}

// HashWrite is a private value that was written, deleted or purged.
type HashWrite struct {
	KeyHash   []byte // SHA-256
	ValueHash []byte // SHA-256; nil for a delete or purge
	IsDelete  bool
	IsPurge   bool
}

// HashPolicy is a key-level endorsement policy that was set on a private key.
type HashPolicy struct {
	KeyHash []byte
	Policy  []byte
}

// Event is the chaincode event of an endorsed transaction: the last event that was set.
type Event struct {
	Name    string
	Payload []byte
}

// PrivateWrite is one version of a private value, as a member's peer keeps it.
type PrivateWrite struct {
	TxID     string
	Version  Version
	IsDelete bool
	Value    []byte
}
