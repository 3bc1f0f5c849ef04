// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"errors"
	"fmt"

	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
)

// EndorseError is the refusal of a transaction by the chaincode or the peer, the same on every endorser.
type EndorseError struct {
	TxID    string
	Org     string // the organisation whose peer responded
	Status  int32
	Message string // what the contract returned
}

// Error writes the refusal as Fabric's gateway service does.
func (e *EndorseError) Error() string {
	return fmt.Sprintf("chaincode response %d, %s", e.Status, e.Message)
}

// MismatchError says that two endorsers disagree on a transaction.
type MismatchError struct {
	TxID     string
	Function string
	Orgs     [2]string
	What     string // status, payload, event, read set, range queries, write set, key policies, private …
	Detail   string // the first difference
	refusal  *EndorseError
}

// Error names the first difference.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("endorsers of %s disagree: %s of %s and %s: %s", e.Function, e.What, e.Orgs[0], e.Orgs[1], e.Detail)
}

// Unwrap gives the refusal when one endorser refused and the other did not.
func (e *MismatchError) Unwrap() error {
	if e.refusal == nil {
		return nil
	}
	return e.refusal
}

// CommitError says that the block of an endorsed transaction marks it invalid.
type CommitError struct {
	TxID  string
	Code  peer.TxValidationCode
	Block uint64
}

// Error names the validation code.
func (e *CommitError) Error() string {
	return fmt.Sprintf("transaction %s failed to commit in block %d with status code %d (%s)", e.TxID, e.Block, int32(e.Code), e.Code)
}

// IsConflict reports whether err is a transaction that lost a race (MVCC_READ_CONFLICT or PHANTOM_READ_CONFLICT) and
// may be endorsed again.
func IsConflict(err error) bool {
	var ce *CommitError
	return errors.As(err, &ce) &&
		(ce.Code == peer.TxValidationCode_MVCC_READ_CONFLICT || ce.Code == peer.TxValidationCode_PHANTOM_READ_CONFLICT)
}
