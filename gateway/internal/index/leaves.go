package index

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
)

// Leaf is a leaf of the transparency log: one credited payment. Leaves are numbered from 0 in ledger order (block,
// transaction, slot) and never change: a payment that is returned after its credit keeps its leaf.
type Leaf struct {
	N    uint64
	Hash []byte // SHA-256, as the endorsers computed it; nil for credits from before the contracts did that
	// Payment is the payment as it was credited by this transaction.
	Payment     payment.Payment
	Region      relief.Region // of the roll entry at that time
	Transaction string
	Block       uint64
	At          time.Time // of the transaction
}

// LeafCount is the number of leaves so far.
func (ix *Index) LeafCount() uint64 {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.leaves
}

// LeafOf is the leaf of a payment. ok is false when the payment was never credited.
func (ix *Index) LeafOf(ctx context.Context, id relief.PaymentID) (leaf Leaf, ok bool, err error) {
	var roll int64
	err = ix.view(ctx, func(r *reader) error {
		roll, err = r.roll(id.Programme, id.County)
		return err
	})
	if err != nil || roll == 0 {
		return Leaf{}, false, err
	}
	return one(ix.findLeaves(ctx, "p.n = $1", paymentNumber(spanLow(roll, id.Period), id.Number, id.Attempt)))
}

func one(leaves []Leaf, err error) (Leaf, bool, error) {
	if err != nil || len(leaves) == 0 {
		return Leaf{}, false, err
	}
	return leaves[0], true, nil
}

// leafRow is what the tables hold of a leaf. The credited payment is read from its row or, after a return, from
// line_history.
type leafRow struct {
	n, payment, txPos, at, batch, kind, amount, deducted, line, day int64
	hash, id, bankRef, subject, entry                               []byte
	programme                                                       relief.ProgrammeID
	county                                                          relief.Region
	batchID                                                         relief.BatchID
}

// leafCount is the number of leaves.
const leafCount = "coalesce((SELECT n + length FROM leaves ORDER BY n DESC LIMIT 1), 0)"

// ownHash is the hash of a credited payment p, whose leaf is in the row l of leaves.
var ownHash = sqlOwnBytes("l.hashes", "(p.leaf - 1 - l.n)", hashSize)

var leafQuery = "SELECT p.leaf - 1, p.n, l.place, " + ownHash + ", t.id, t.at, " +
	"coalesce(h.batch, p.batch), coalesce(h.kind, p.kind), coalesce(h.amount, p.amount), coalesce(h.deducted, p.deducted), coalesce(h.line, p.line), coalesce(h.day, p.day), coalesce(h.bank_ref, p.bank_ref), " +
	"b.id, r.programme, r.county, " +
	// the version of the roll entry at that time
	"e.subject, coalesce((SELECT v.value FROM entry_versions v WHERE v.entry = e.n AND v.place <= l.place AND e.place > l.place " +
	"ORDER BY v.place DESC LIMIT 1), e.value) " +
	"FROM payments p JOIN leaves l ON l.n = (SELECT max(m.n) FROM leaves m WHERE m.n < p.leaf) JOIN transactions t ON t.place = l.place " +
	"LEFT JOIN line_history h ON h.payment = p.n AND h.place = l.place " +
	"JOIN batches b ON b.n = coalesce(h.batch, p.batch) JOIN rolls r ON r.n = " + sqlRollOfPayment("p.n") + " " +
	"JOIN entries e ON e.n = " + sqlEntryOfPayment("p.n") + " WHERE "

func (ix *Index) findLeaves(ctx context.Context, where string, args ...any) (leaves []Leaf, err error) {
	err = ix.view(ctx, func(r *reader) error {
		return r.each(leafQuery+where, func(rows *sql.Rows) error {
			var l leafRow
			if err := rows.Scan(&l.n, &l.payment, &l.txPos, &l.hash, &l.id, &l.at, &l.batch, &l.kind, &l.amount, &l.deducted, &l.line, &l.day, &l.bankRef,
				&l.batchID, &l.programme, &l.county, &l.subject, &l.entry); err != nil {
				return err
			}
			leaf, err := l.leaf()
			leaves = append(leaves, leaf)
			return err
		}, args...)
	})
	return leaves, err
}

func (l *leafRow) leaf() (Leaf, error) {
	_, period, number, attempt := paymentParts(l.payment)
	e, err := entry(relief.SubjectRef(l.subject), l.entry, rollName{l.programme, l.county}, number)
	if err != nil {
		return Leaf{}, fmt.Errorf("leaf %d: the roll entry: %w", l.n, err)
	}
	return Leaf{
		N: uint64(l.n), Hash: l.hash, Region: e.Region, Transaction: fmt.Sprintf("%x", l.id), Block: blockOf(l.txPos), //nolint:gosec // a count
		At: time.UnixMilli(l.at).UTC(),
		Payment: payment.Payment{
			ID:      relief.PaymentID{Programme: l.programme, County: l.county, Number: number, Period: period, Attempt: attempt},
			Subject: e.Subject, Programme: l.programme, County: l.county, Number: number, Period: period, Attempt: attempt,
			Kind: relief.PaymentKind(l.kind), Amount: relief.Fen(l.amount), Deducted: relief.Fen(l.deducted), Batch: l.batchID, FileLine: uint32(l.line), //nolint:gosec // 32 bits on the ledger
			State: payment.State(payment.LineCredited), CreditedOn: dayText(l.day), BankRef: fmt.Sprintf("%x", l.bankRef),
		},
	}, nil
}
