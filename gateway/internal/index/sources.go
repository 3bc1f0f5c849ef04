package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index/sqldb"
)

// storeSources stores the tranches of a batch that draws on several. They never change.
func storeSources(ctx context.Context, w *writer, wr *write, b *payment.Batch) error {
	for i := range b.Sources {
		err := w.exec(ctx, "INSERT INTO batch_sources (batch, source, tranche) VALUES ($1, $2, $3) ON CONFLICT (batch, source) DO NOTHING",
			wr.n, int64(i), string(b.Sources[i].Tranche))
		if err != nil {
			return err
		}
	}
	return nil
}

// tranches are those of the batch whose key has a number, in the order of its sources. tranche is the column of its row.
func (r *reader) tranches(n int64, tranche string) (ids []string, err error) {
	if tranche != "" {
		return []string{tranche}, nil
	}
	err = r.each("SELECT tranche FROM batch_sources WHERE batch = $1 ORDER BY source", func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, n)
	return ids, err
}

// sourced are those of the batches whose keys have the numbers that draw on several tranches, by these numbers. A batch that cannot be
// read is *Unreadable.
func (r *reader) sourced(batches []int64) (map[int64]*payment.Batch, error) {
	found := map[int64]*payment.Batch{}
	if len(batches) == 0 {
		return found, nil
	}
	numbers := make([]any, len(batches))
	for i, n := range batches {
		numbers[i] = n
	}
	var w sqldb.Where
	w.AddIn("s.batch", numbers...)
	err := r.each("SELECT s.batch, v.value, v.deleted, k.name FROM batch_sources s JOIN keys k ON k.n = s.batch "+
		"JOIN versions v ON v.key = k.n AND v.place = k.place WHERE s.source = 0 AND "+w.String(), func(rows *sql.Rows) error {
		var n int64
		var value []byte
		var deleted int
		var name string
		if err := rows.Scan(&n, &value, &deleted, &name); err != nil {
			return err
		}
		if deleted == versionUnreadable {
			return r.requireRecord(relief.KindBatch, name)
		}
		found[n] = new(payment.Batch)
		return json.Unmarshal(value, found[n])
	}, w.Args...)
	return found, err
}

// shares are what the sources of a payment's batch pay of it; none when the batch draws on one tranche (nil), or no money is reserved.
func (r *reader) shares(id relief.PaymentID, b *payment.Batch) ([]payment.Share, error) {
	if b == nil {
		return nil, nil
	}
	segment, position := id.SlotAt(b.SegmentSize)
	for _, further := range []bool{false, true} {
		v := payment.Value{ValueAddr: payment.ValueAddr{Period: id.Period, Further: further, Segment: segment}}
		key := v.Key(id.Programme, id.County)
		var packed []byte
		if _, err := r.one("SELECT s.value FROM keys k JOIN segments s ON s.key = k.n WHERE k.kind = $1 AND k.name = $2",
			[]any{key.Kind, keyName(key)}, &packed); err != nil {
			return nil, err
		}
		var err error
		if v.Payments, err = v.Parse(packed); err != nil {
			return nil, err
		}
		if holder, _ := payment.Holder(v.Payments, position, id.Attempt); holder == b.ID {
			return payment.Shares(b, &v, id)
		}
	}
	return nil, nil
}

// lineShares finds the shares of payments for a trail. All versions of a payment in a batch have the same.
type lineShares struct {
	r       *reader
	sourced map[int64]*payment.Batch
	known   map[[2]int64]string // by payment and batch
}

// sharesOf finds shares of the payments of some batches.
func (r *reader) sharesOf(batches []int64) (*lineShares, error) {
	sourced, err := r.sourced(batches)
	return &lineShares{r, sourced, map[[2]int64]string{}}, err
}

// text is the shares of a version's payment in words, "" for none.
func (s *lineShares) text(v *lineVersion, id relief.PaymentID) (string, error) {
	b := s.sourced[v.batch]
	if b == nil {
		return "", nil
	}
	of := [2]int64{v.payment, v.batch}
	if text, known := s.known[of]; known {
		return text, nil
	}
	shares, err := s.r.shares(id, b)
	s.known[of] = sharesText(shares)
	return s.known[of], err
}

// sharesText writes shares as TRANCHE AMOUNT, separated by commas.
func sharesText(shares []payment.Share) string {
	parts := make([]string, len(shares))
	for i, s := range shares {
		parts[i] = string(s.Tranche) + " " + s.Amount.String()
	}
	return strings.Join(parts, ", ")
}
