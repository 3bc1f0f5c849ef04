package index

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// FeedPlace is a place in the order of all that was ever written: what a reader of the feed has read, up to and with it. It is the
// same at every gateway. Written BLOCK for a whole block, BLOCK.TRANSACTION.RECORD inside one; records of a transaction are counted from 1. The
// zero value is the beginning.
type FeedPlace struct {
	Block       uint64
	Transaction int
	Record      int
}

// wholeBlock is the number of the transaction, and of the record, of the place after all of a block.
const wholeBlock = 1<<indexBits - 1

// EndOfBlock is the place after everything in a block.
func EndOfBlock(block uint64) FeedPlace { return FeedPlace{block, wholeBlock, wholeBlock} }

// maxBlock is the largest number of a block for which a tx position has room.
const maxBlock = math.MaxInt64 >> indexBits

// ParseFeedPlace reads a place.
func ParseFeedPlace(text string) (p FeedPlace, err error) {
	parts := strings.Split(text, ".")
	if p.Block, err = parsePart(parts[0], maxBlock); err != nil {
		return p, err
	}
	switch len(parts) {
	case 1:
		return EndOfBlock(p.Block), nil
	case 3:
		transaction, err := parsePart(parts[1], wholeBlock)
		if err != nil {
			return p, err
		}
		record, err := parsePart(parts[2], wholeBlock)
		p.Transaction, p.Record = int(transaction), int(record) //nolint:gosec // at most wholeBlock
		return p, err
	}
	return p, errFeedPlace
}

var errFeedPlace = relief.FieldErrorf("since", "a place is BLOCK or BLOCK.TRANSACTION.RECORD, as the feed gives it")

// parsePart reads a number that is written in the one way that FeedPlace writes it.
func parsePart(text string, most uint64) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n > most || strconv.FormatUint(n, 10) != text {
		return 0, errFeedPlace
	}
	return n, nil
}

func (p FeedPlace) String() string {
	if p.Transaction == wholeBlock {
		return strconv.FormatUint(p.Block, 10)
	}
	return fmt.Sprintf("%d.%d.%d", p.Block, p.Transaction, p.Record)
}

// Written is one record that a transaction with effect wrote.
type Written struct {
	Place       FeedPlace
	Transaction string
	At          time.Time
	Act         string // such as payment.approve
	Title       string // in both languages
	By          ledger.Identity
	Kind, Name  string
	// Value is the record as it was written; nil for a kind that is not kept as JSON, and for a deletion.
	Value json.RawMessage
}

// What one reading of the feed looks at, at most. A transaction is looked at whole.
const (
	feedTransactions = 256
	feedRecords      = 2000
)

// Feed reads what was written after a place, in the ledger's order, until take has enough. It looks at a bounded number of records: reached is
// the place up to which everything was looked at, the last indexed block's end when there is no more.
func (ix *Index) Feed(ctx context.Context, after FeedPlace, take func(*Written) (enough bool, err error)) (reached FeedPlace, err error) {
	reached = after
	err = ix.view(ctx, func(r *reader) error {
		height, err := r.height()
		if err != nil {
			return err
		}
		found, err := r.validAfter(after)
		if err != nil {
			return err
		}
		scanned := 0
		for i := range found {
			if scanned >= feedRecords {
				return nil
			}
			written, err := r.writtenBy(&found[i])
			if err != nil {
				return err
			}
			scanned += len(written)
			for _, w := range written {
				if !w.Place.After(after) {
					continue
				}
				reached = w.Place
				if enough, err := take(&w); err != nil || enough {
					return err
				}
			}
			reached = FeedPlace{blockOf(found[i].txPos), indexInBlock(found[i].txPos), wholeBlock}
		}
		if len(found) < feedTransactions && height > after.Block {
			reached = EndOfBlock(height - 1)
		}
		return nil
	})
	return reached, err
}

// After reports whether a place comes after another.
func (p FeedPlace) After(q FeedPlace) bool {
	return cmp.Or(cmp.Compare(p.Block, q.Block), cmp.Compare(p.Transaction, q.Transaction), cmp.Compare(p.Record, q.Record)) > 0
}

// validAfter lists transactions with effect from the one on in which a place lies.
func (r *reader) validAfter(after FeedPlace) (found []txRow, err error) {
	var w sqldb.Where
	w.Add("t.place >= ? AND t.code = ?", txPosOf(after.Block, after.Transaction), validWord)
	err = r.each("SELECT "+transactionColumns+" FROM transactions t WHERE "+w.String()+" ORDER BY t.place LIMIT "+w.Arg(feedTransactions),
		func(rows *sql.Rows) error {
			var s txRow
			err := rows.Scan(s.columns()...)
			found = append(found, s)
			return err
		}, w.Args...)
	return found, err
}

// writtenBy lists the records that a transaction wrote, in the order of their names, which is the same in each index.
func (r *reader) writtenBy(s *txRow) ([]Written, error) {
	tx, err := r.transaction(s)
	if err != nil {
		return nil, err
	}
	var list []Written
	err = r.each("SELECT k.kind, k.name, v.value, v.deleted FROM writes w JOIN keys k ON k.n = w.key "+
		"LEFT JOIN versions v ON v.key = w.key AND v.place = w.place WHERE w.place = $1", func(rows *sql.Rows) error {
		w := Written{Transaction: tx.ID, At: tx.Time, Act: actOf(tx.Function), Title: titleOf(tx.Function), By: tx.Creator}
		var value []byte
		var deleted sql.NullInt64
		if err := rows.Scan(&w.Kind, &w.Name, &value, &deleted); err != nil {
			return err
		}
		if deleted.Valid && deleted.Int64 == versionThere {
			w.Value = value
		}
		list = append(list, w)
		return nil
	}, s.txPos)
	slices.SortFunc(list, func(a, b Written) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	for i := range list {
		list[i].Place = FeedPlace{tx.Block, tx.Index, i + 1}
	}
	return list, err
}
