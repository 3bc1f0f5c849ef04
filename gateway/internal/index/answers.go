package index

import (
	"context"
	"fmt"
	"slices"

	"relieftrail/chaincode/relief/payment"
)

// answers writes the bank's answers in one transaction to the payments of one segment. Nearly all answers are credits of
// neighbours on the roll: a run of those takes one statement and one row of leaves.
type answers struct {
	w     *writer
	txPos int64
	// The current run.
	first, next int64 // the numbers of its first payment and of the payment that would continue it
	day         uint32
	refs        []byte // bankRefSize bytes of each
	hashes      []byte // hashSize bytes of each, or none
}

// runLength bounds the leaves of one row: as many as fit on a page of SQLite.
const runLength = 126

// add writes the answer for a payment, whose row is in the table or waits to be inserted.
func (a *answers) add(ctx context.Context, n int64, c *payment.LineChange) error {
	after := &c.After
	if after.State == payment.LineCredited && c.Before.State != payment.LineCredited {
		return a.credit(ctx, n, after)
	}
	if !after.Answered() {
		return nil
	}
	if err := a.w.payments.Flush(ctx); err != nil {
		return err
	}
	state := slices.Index(lineStates, after.State)
	if cameBack(after) {
		err := a.w.exec(ctx, "INSERT INTO returns (n, state, reason) VALUES ($1, $2, $3) ON CONFLICT (n) DO UPDATE SET "+
			"state = excluded.state, reason = excluded.reason", n, state, reasonText(after))
		if err != nil {
			return err
		}
	}
	return a.w.exec(ctx, "UPDATE payments SET state = $1, day = $2, answered = $3, bank_ref = $4 WHERE n = $5",
		state, int64(after.Day), a.txPos, after.BankRef[:], n)
}

func reasonText(l *payment.Line) string {
	if l.Reason == [4]byte{} {
		return ""
	}
	return string(l.Reason[:])
}

// credit adds a credit to the run. A credit that does not continue the run begins a new one.
func (a *answers) credit(ctx context.Context, n int64, l *payment.Line) error {
	hashed := l.Leaf != [hashSize]byte{}
	if n != a.next || l.Day != a.day || hashed != (len(a.hashes) > 0) || len(a.refs) == runLength*bankRefSize {
		if err := a.flush(ctx); err != nil {
			return err
		}
		a.first, a.day = n, l.Day
	}
	a.next = n + 1<<attemptBits
	a.refs = append(a.refs, l.BankRef[:]...)
	if hashed {
		a.hashes = append(a.hashes, l.Leaf[:]...)
	}
	return nil
}

// creditRun credits the payments from $4 to $6 of the attempt $7, whose leaves are numbered from $3 on; $5 has the bank's reference of
// each. It is never NULL: beside a column it is bytes for PostgreSQL, too. SQLite numbers placeholders as they come.
var creditRun = fmt.Sprintf("UPDATE payments SET state = %[1]d, day = $1, answered = $2, leaf = $3 + %[2]s, bank_ref = %[3]s "+
	"WHERE n BETWEEN $4 AND $6 AND %[4]s = $7", stateCredited, sqlNeighbours("n", "$4"),
	sqlOwnBytes("coalesce($5, bank_ref)", sqlNeighbours("n", "$4"), bankRefSize), sqlAttemptOfPayment("n"))

// flush writes the run and ends it.
func (a *answers) flush(ctx context.Context) error {
	w := a.w
	count := int64(len(a.refs) / bankRefSize)
	if count == 0 {
		return nil
	}
	if err := w.payments.Flush(ctx); err != nil {
		return err
	}
	if err := w.leaves.Add(ctx, w.leafCount, a.first, a.txPos, count, a.hashes); err != nil {
		return err
	}
	err := w.exec(ctx, creditRun,
		int64(a.day), a.txPos, w.leafCount+1, a.first, a.refs, a.next-1<<attemptBits, a.first&attemptMask)
	w.leafCount += count
	w.rows += int(count)
	a.refs, a.hashes = nil, nil // not reused: the row to be inserted refers to them
	return err
}
