package payment

import "relieftrail/chaincode/relief"

// RequireSealed returns CONFLICT unless a batch's lines, counted again, are those that were sealed, for the same payees.
// Two agencies approve exactly these, and the bank is told to pay exactly these.
func (b *Batch) RequireSealed(now *BatchCount) error { return b.requireSealed(now.Digest()) }

func (b *Batch) requireSealed(digest string) error {
	if digest != b.LinesSHA256 {
		return relief.Errorf(relief.CodeConflict,
			"a payee or a line of batch %s has changed since it was sealed: send it back to be corrected, or cancel it", b.ID)
	}
	return nil
}
