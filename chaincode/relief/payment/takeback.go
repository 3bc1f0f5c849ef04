package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
)

// TakenFile is a payment file that was taken back: no payment of it counts as returned.
type TakenFile struct {
	SHA256 string `json:"sha256"`
	File
	Reason string `json:"reason"`
}

// TakeBack asks that the payment file of an instructed batch be taken back, because the bank rejected it as a whole or it
// is recalled (整批退回、撤回). Nothing changes until another official of finance confirms it.
func TakeBack(b Batch, c BatchCount, reason string, actor relief.Actor) (Batch, bool, error) {
	if err := relief.CheckText("reason", reason, 1, 200); err != nil {
		return b, false, err
	}
	next, _, err := b.step(relief.ActPaymentTakeBack, actor)
	if err != nil {
		return b, false, err
	}
	if actor.Repeats(b.Acts, relief.ActPaymentTakeBack) && b.TakeBackReason == reason {
		return b, false, nil
	}
	if err := b.requireUnanswered(c); err != nil {
		return b, false, err
	}
	b.TakeBackReason = reason
	b.record(next, relief.ActPaymentTakeBack, actor)
	return b, true, nil
}

// ConfirmTakeBack takes the payment file back, by another official than the one who asked. The batch is approved and has no
// file: it goes to the bank again with another file, or is cancelled.
func ConfirmTakeBack(b Batch, c BatchCount, actor relief.Actor) (Batch, bool, error) {
	next, repeated, err := b.step(relief.ActPaymentConfirmTakeBack, actor)
	if err != nil || repeated {
		return b, false, err
	}
	if b.TakeBackReason == "" {
		return b, false, relief.Errorf(relief.CodePending, "nobody has asked to take back the payment file of batch %s", b.ID)
	}
	if p, _ := relief.LastBy(b.Acts, relief.ActPaymentTakeBack); relief.SameOfficial(p, actor.By) {
		return b, false, relief.Errorf(relief.CodeSamePerson, "%s asked to take the payment file back: another official confirms it", p.Name)
	}
	if err := b.requireUnanswered(c); err != nil {
		return b, false, err
	}
	taken := TakenFile{SHA256: b.FileSHA256, Reason: b.TakeBackReason}
	if b.File != nil { // an earlier version had the hash alone
		taken.File = *b.File
	}
	b.TakenBack = append(slices.Clone(b.TakenBack), taken)
	b.FileSHA256, b.File, b.TakeBackReason = "", nil, ""
	b.record(next, relief.ActPaymentConfirmTakeBack, actor)
	return b, true, nil
}

// requireUnanswered refuses a batch of which the bank has answered a payment: that money has moved, or has come back by itself.
func (b *Batch) requireUnanswered(c BatchCount) error {
	if c.answered > 0 {
		return relief.Errorf(relief.CodeWrongState, "%d payments of batch %s have an answer of the bank: its payment file is not taken back", c.answered, b.ID)
	}
	return nil
}
