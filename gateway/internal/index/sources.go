package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
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

// shares are what the sources of a payment's batch, whose key has a number, pay of it; none when the batch has one tranche, or no money is reserved.
// The batch and the segment of its lines are read only when there are several sources.
func (r *reader) shares(id relief.PaymentID, batch int64) ([]payment.Share, error) {
	var value []byte
	var deleted int
	var name string
	several, err := r.one("SELECT v.value, v.deleted, k.name FROM batch_sources s JOIN keys k ON k.n = s.batch JOIN versions v ON v.key = k.n AND v.place = k.place "+
		"WHERE s.batch = $1 AND s.source = 0", []any{batch}, &value, &deleted, &name)
	if err != nil || !several {
		return nil, err
	}
	if deleted == versionUnreadable {
		return nil, r.requireRecord(relief.KindBatch, name)
	}
	var b payment.Batch
	if err := json.Unmarshal(value, &b); err != nil {
		return nil, err
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
		if v.Payments, err = v.Parse(packed); err != nil {
			return nil, err
		}
		if holder, _ := payment.Holder(v.Payments, position, id.Attempt); holder == b.ID {
			return payment.Shares(&b, &v, id)
		}
	}
	return nil, nil
}

// sharesText writes shares as TRANCHE AMOUNT, separated by commas.
func sharesText(shares []payment.Share) string {
	parts := make([]string, len(shares))
	for i, s := range shares {
		parts[i] = string(s.Tranche) + " " + s.Amount.String()
	}
	return strings.Join(parts, ", ")
}
