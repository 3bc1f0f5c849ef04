package index

import (
	"context"
	"database/sql"
	"encoding/hex"
	"math"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// Transaction is one transaction of the ledger, valid or not.
type Transaction struct {
	Transaction string            `json:"transaction"`
	State       string            `json:"state"` // committed, invalid
	Block       uint64            `json:"block"`
	Code        string            `json:"code"` // Fabric's validation code, such as VALID or MVCC_READ_CONFLICT
	At          time.Time         `json:"at"`
	Act         string            `json:"act"`
	Title       string            `json:"title"`
	By          ledger.Identity   `json:"by"`
	Endorsers   []ledger.Identity `json:"endorsers"`
	Records     []string          `json:"records"` // that it wrote or, if invalid, would have written
}

// recordsListed bounds how many records of one transaction are listed.
const recordsListed = 100

// TransactionQuery says which transactions are wanted.
type TransactionQuery struct {
	Valid *bool
	By    relief.Official // agency and name
	Act   string          // such as payment.add
	Days  DayRange        // where the agencies are
	// Agency limits the list to officials of this agency.
	Agency string
	// Region limits the list to transactions of officials of this region or one inside it, and of the reader.
	Region relief.Region
	Reader relief.Official
}

// Transaction finds a transaction. ok is false when no indexed block has it. If several transactions have the id, the first
// counts: Fabric takes later ones for invalid duplicates.
func (ix *Index) Transaction(ctx context.Context, id string) (tx Transaction, ok bool, err error) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 32 {
		return tx, false, nil
	}
	err = ix.view(ctx, func(r *reader) error {
		found, err := r.transactionPage("t.id = $1 ORDER BY t.place LIMIT 1", []any{raw})
		if err != nil || len(found) == 0 {
			return err
		}
		tx, ok = found[0].Transaction, true
		return nil
	})
	return tx, ok, err
}

// Transactions lists transactions, the latest first.
func (ix *Index) Transactions(ctx context.Context, q TransactionQuery, cursor string, limit int) (page Page[Transaction], err error) {
	page.Items = []Transaction{}
	before, err := parseCursor('t', cursor, math.MaxInt64)
	if err != nil {
		return page, err
	}
	if err := q.Days.check("to"); err != nil {
		return page, err
	}
	limit = min(limit, MaxPage)
	var w sqldb.Where
	w.Add("t.place < ?", before)
	q.conditions(&w)
	err = ix.view(ctx, func(r *reader) error {
		found, err := r.transactionPage(w.String()+" ORDER BY t.place DESC LIMIT "+w.Arg(limit+1), w.Args)
		if err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			page.Next = cursorOf('t', found[limit-1].txPos)
		}
		for _, f := range found {
			page.Items = append(page.Items, f.Transaction)
		}
		return nil
	})
	return page, err
}

// positionedTx is a transaction with its tx position, for a cursor.
type positionedTx struct {
	Transaction
	txPos int64
}

// transactionPage reads transactions and the records that they wrote.
func (r *reader) transactionPage(where string, args []any) ([]positionedTx, error) {
	var found []txRow
	err := r.each("SELECT "+transactionColumns+" FROM transactions t WHERE "+where, func(rows *sql.Rows) error {
		var s txRow
		err := rows.Scan(s.columns()...)
		found = append(found, s)
		return err
	}, args...)
	if err != nil {
		return nil, err
	}
	out := make([]positionedTx, len(found))
	for i := range found {
		tx, err := r.transaction(&found[i])
		if err != nil {
			return nil, err
		}
		t := Transaction{
			Transaction: tx.ID, State: "invalid", Block: tx.Block, Code: tx.Code, At: tx.Time,
			Act: actOf(tx.Function), Title: titleOf(tx.Function), By: tx.Creator, Endorsers: tx.Endorsers,
		}
		if tx.Valid {
			t.State = "committed"
		}
		if t.Endorsers == nil {
			t.Endorsers = []ledger.Identity{}
		}
		if t.Records, err = r.written(found[i].txPos); err != nil {
			return nil, err
		}
		out[i] = positionedTx{t, found[i].txPos}
	}
	return out, nil
}

// written lists the records that a transaction wrote, recordsListed at most.
func (r *reader) written(txPos int64) ([]string, error) {
	records := []string{}
	err := r.each("SELECT k.kind, k.name FROM writes w JOIN keys k ON k.n = w.key WHERE w.place = $1 ORDER BY w.key LIMIT $2",
		func(rows *sql.Rows) error {
			var kind, name string
			err := rows.Scan(&kind, &name)
			records = append(records, recordName(kind, name))
			return err
		}, txPos, recordsListed)
	return records, err
}

func recordName(kind, name string) string {
	if name == "" {
		return kind
	}
	return kind + "/" + name
}
