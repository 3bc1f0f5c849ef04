package ledger

import (
	"fmt"

	"relieftrail/chaincode/relief"
)

// NotEndorsed says that nothing was submitted. Refusal is the contract's own word when every peer that answered refused,
// else nil.
type NotEndorsed struct {
	TxID    string
	Refusal *relief.Error
	// Differ are the organisations whose peers do not say what most say: they are behind the others, or run other rules.
	Differ []string
	Err    error
}

func (e *NotEndorsed) Error() string {
	if e.Refusal != nil {
		return e.Refusal.Error()
	}
	return fmt.Sprintf("transaction %s was not endorsed: %v", e.TxID, e.Err)
}

// Unwrap gives the contract's refusal when there is one.
func (e *NotEndorsed) Unwrap() error {
	if e.Refusal != nil {
		return e.Refusal
	}
	return e.Err
}

// NotSubmitted says that the ordering service did not acknowledge. It may yet have taken the transaction.
type NotSubmitted struct {
	TxID string
	Err  error
}

func (e *NotSubmitted) Error() string {
	return fmt.Sprintf("transaction %s was not acknowledged by the ordering service: %v", e.TxID, e.Err)
}
func (e *NotSubmitted) Unwrap() error { return e.Err }

// StatusUnknown says that it was submitted, and there is no answer yet about its commit.
type StatusUnknown struct {
	TxID string
	Err  error
}

func (e *StatusUnknown) Error() string {
	return fmt.Sprintf("the commit status of transaction %s is not known yet: %v", e.TxID, e.Err)
}
func (e *StatusUnknown) Unwrap() error { return e.Err }

// CommittedInvalid says that it is in a block, without effect. A read conflict may be endorsed anew.
type CommittedInvalid struct{ Commit Commit }

func (e *CommittedInvalid) Error() string {
	return fmt.Sprintf("transaction %s is in block %d without effect: %s", e.Commit.TxID, e.Commit.Block, e.Commit.Code)
}

// Conflict reports whether the transaction lost a race and may be endorsed anew.
func (e *CommittedInvalid) Conflict() bool {
	return e.Commit.Code == "MVCC_READ_CONFLICT" || e.Commit.Code == "PHANTOM_READ_CONFLICT"
}
