package crosscheck

import (
	"fmt"
	"strings"

	"relieftrail/network/audit/rules"
)

// Kind says what a finding is about. The values do not change between versions; docs/guides/auditor.md explains each.
type Kind string

// The kinds of findings. Those of values on the ledger are of the package rules.
const (
	Unreadable         Kind = "unreadable"           // a peer does not give a block, or gives something that is not a block
	Behind             Kind = "behind"               // a peer has fewer blocks than another
	WrongNumber        Kind = "number"               // another block than the one asked for
	PreviousHash       Kind = "previous-hash"        // the chain of hashes breaks
	DataHash           Kind = "data-hash"            // the transactions are not the ones that the header names
	Different          Kind = "differs"              // a copy differs from the other organisations'
	CommitHash         Kind = "commit-hash"          // flags or writes are not the ones the peer committed to
	BlockSignature     Kind = "block-signature"      // the orderers have not signed this block
	BadConfiguration   Kind = "configuration"        // a change of the channel that was not allowed
	BadTransaction     Kind = "transaction"          // a transaction that cannot be read or whose parts do not fit
	TransactionID      Kind = "transaction-id"       // it is not the hash of nonce and creator
	RepeatedID         Kind = "repeated-transaction" // valid, with the id of an earlier transaction
	Creator            Kind = "creator"              // its sender is not a member of the channel
	CreatorSignature   Kind = "creator-signature"
	ProposalHash       Kind = "proposal-hash" // what was endorsed is not what was asked
	Endorsement        Kind = "endorsement"   // an endorsement by somebody who may not endorse, or with a wrong signature
	MissingEndorsement Kind = "missing-endorsement"
	Flag               Kind = "flag" // a validation flag that the ledger itself contradicts
	BadRecord               = Kind(rules.BadRecord)
	NoOfficial              = Kind(rules.NoOfficial)
	Money                   = Kind(rules.Money)
	PaidTwice               = Kind(rules.PaidTwice)
	Answer             Kind = "answer"      // a peer's chaincode answers differently from the blocks
	Log                Kind = "log"         // a log's root is not the one worked out from the blocks
	Cosignature        Kind = "cosignature" // a log's checkpoint is not signed as the ledger says
)

// Finding is one difference and the place where it was found.
type Finding struct {
	// Organisations are those whose copy or answer it is about; empty when all copies are equal.
	Organisations []string `json:"organisations,omitempty"`
	Block         *uint64  `json:"block,omitempty"`
	LastBlock     *uint64  `json:"last_block,omitempty"`  // of a run of blocks with the same finding
	Transaction   *int     `json:"transaction,omitempty"` // its index in the block
	TxID          string   `json:"tx,omitempty"`
	Kind          Kind     `json:"kind"`
	Detail        string   `json:"detail"`
}

func (f Finding) String() string {
	var where []string
	switch {
	case len(f.Organisations) > 0:
		where = append(where, strings.Join(f.Organisations, ", "))
	default:
		where = append(where, "every copy")
	}
	switch {
	case f.LastBlock != nil:
		where = append(where, fmt.Sprintf("blocks %d to %d", *f.Block, *f.LastBlock))
	case f.Block != nil:
		where = append(where, fmt.Sprintf("block %d", *f.Block))
	}
	if f.Transaction != nil {
		where = append(where, fmt.Sprintf("transaction %d", *f.Transaction))
	}
	if f.TxID != "" {
		where = append(where, f.TxID)
	}
	return fmt.Sprintf("%s: %s: %s", strings.Join(where, ", "), f.Kind, f.Detail)
}

// inBlock is a finding about a block as a whole.
func inBlock(n uint64, kind Kind, form string, args ...any) Finding {
	return Finding{Block: &n, Kind: kind, Detail: fmt.Sprintf(form, args...)}
}

// inTransaction is a finding about one transaction.
func inTransaction(n uint64, index int, id string, kind Kind, form string, args ...any) Finding {
	return Finding{Block: &n, Transaction: &index, TxID: id, Kind: kind, Detail: fmt.Sprintf(form, args...)}
}
