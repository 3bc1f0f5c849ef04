package ledger

import (
	"fmt"

	"relieftrail/chaincode/relief"
)

// NotEndorsed means that nothing was submitted. Refusal is the contract's refusal if every peer that answered refused,
// otherwise nil.
type NotEndorsed struct {
	TxID    string
	Refusal *relief.Error
	// Differ are the organisations whose peers disagree with most others: they lag behind, or run another contract.
	Differ []string
	Err    error
}

func (e *NotEndorsed) Error() string {
	if e.Refusal != nil {
		return e.Refusal.Error()
	}
	return fmt.Sprintf("transaction %s was not endorsed: %v", e.TxID, e.Err)
}

// Unwrap returns the contract's refusal, if there is one.
func (e *NotEndorsed) Unwrap() error {
	if e.Refusal != nil {
		return e.Refusal
	}
	return e.Err
}

// NotSubmitted means that the ordering service did not acknowledge the transaction. It may have taken it nevertheless.
type NotSubmitted struct {
	TxID string
	Err  error
}

func (e *NotSubmitted) Error() string {
	return fmt.Sprintf("transaction %s was not acknowledged by the ordering service: %v", e.TxID, e.Err)
}
func (e *NotSubmitted) Unwrap() error { return e.Err }

// StatusUnknown means that the transaction was submitted and its commit status is not known yet.
type StatusUnknown struct {
	TxID string
	Err  error
}

func (e *StatusUnknown) Error() string {
	return fmt.Sprintf("the commit status of transaction %s is not known yet: %v", e.TxID, e.Err)
}
func (e *StatusUnknown) Unwrap() error { return e.Err }

// CommittedInvalid means that the transaction is in a block, but is invalid and has no effect. See Conflict.
type CommittedInvalid struct{ Commit Commit }

func (e *CommittedInvalid) Error() string {
	return fmt.Sprintf("transaction %s is in block %d without effect: %s", e.Commit.TxID, e.Commit.Block, e.Commit.Code)
}

// Conflict reports whether the transaction conflicted with an earlier one, so that the call may be endorsed again.
func (e *CommittedInvalid) Conflict() bool {
	return e.Commit.Code == "MVCC_READ_CONFLICT" || e.Commit.Code == "PHANTOM_READ_CONFLICT"
}
