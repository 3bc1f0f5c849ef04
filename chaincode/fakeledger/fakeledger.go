// SPDX-License-Identifier: Apache-2.0

package fakeledger

import (
	"fmt"

	"relieftrail/chaincode/internal/contract"
	"relieftrail/chaincode/internal/fakestub"
	"relieftrail/chaincode/relief"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
)

// The organisations of the ledger.
const (
	CivilAffairs = "CivilAffairsMSP"
	Finance      = "FinanceMSP"
	Audit        = "AuditMSP"
)

type (
	// Identity is who signs a request.
	Identity = fakestub.Identity
	// Proposal is a call as an endorser runs it.
	Proposal = fakestub.Proposal
	// Block is a block of the ledger in memory.
	Block = fakestub.Block
	// EndorseError says which endorser refused.
	EndorseError = fakestub.EndorseError
	// CommitError says why a transaction was not valid.
	CommitError = fakestub.CommitError
	// Tx is a transaction in its block.
	Tx = fakestub.Tx
	// Creator is who signed a transaction.
	Creator = fakestub.Creator
	// Write is a value that Plant puts on the ledger.
	Write = fakestub.KVWrite
	// Option changes what New makes.
	Option = fakestub.Option
)

// Endorsers sets how many organisations endorse, counted from the first; without it all three do. One is for long runs.
func Endorsers(n int) Option { return fakestub.Endorsers(n) }

// IsConflict reports whether err is a transaction that lost a race and may be endorsed again.
func IsConflict(err error) bool { return fakestub.IsConflict(err) }

// NewIdentity makes an identity with a certificate of its own; the same arguments give the same one in every process.
func NewIdentity(mspID, name string, attrs map[string]string) *Identity {
	return fakestub.NewIdentity(mspID, name, attrs)
}

// Official is the identity of somebody of an agency with a role and a region.
func Official(mspID, name, role, region string) *Identity {
	return NewIdentity(mspID, name, map[string]string{"role": role, "region": region})
}

// RawIdentity has the given bytes in place of a certificate.
func RawIdentity(mspID string, idBytes []byte) *Identity { return fakestub.RawIdentity(mspID, idBytes) }

// Ledger is a channel with the contracts and the collection of private details. Its methods are those of
// fakestub.Ledger: Endorse, Commit, Submit, Evaluate, Block, Height, WaitHeight, SetTime, Alter, Plant and the rest.
type Ledger struct{ *fakestub.Ledger }

// New makes a ledger with nothing on it, not even the registry: see Found.
func New(options ...Option) (*Ledger, error) {
	cc, err := contract.New(contract.PeerMSP(func(stub shim.ChaincodeStubInterface) string {
		msp, err := fakestub.PeerMSP(stub)
		if err != nil {
			return ""
		}
		return msp
	}))
	if err != nil {
		return nil, fmt.Errorf("the contracts: %w", err)
	}
	options = append([]Option{fakestub.Collections(fakestub.Collection{
		Name:           relief.DetailsCollection,
		Members:        []string{CivilAffairs, Finance},
		MemberOnlyRead: true,
	})}, options...)
	return &Ledger{fakestub.NewWith(cc, options...)}, nil
}

// Fork gives a second ledger with the same content: what is committed to one of the two is not seen in the other.
func (l *Ledger) Fork() *Ledger { return &Ledger{l.Ledger.Fork()} }
