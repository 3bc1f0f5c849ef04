package bankdesk

import (
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
)

// BatchTotals is what a message said of a batch's payments.
type BatchTotals struct {
	Kind     bankfile.Kind `json:"kind"`
	Paid     Tally         `json:"paid"`
	Returned Tally         `json:"returned"`
}

// Tally is a number and a sum.
type Tally struct {
	Count int        `json:"count"`
	Sum   relief.Fen `json:"sum"`
}

// statedBatch is a batch in a statement of a message.
type statedBatch struct {
	batch relief.BatchID
	place int
}

// addTotals adds what a message says of a batch, in the statement at a place from 1 or outside of one, to what it has said.
func addTotals(tx *boltstore.Tx, batch relief.BatchID, message string, place int, more *BatchTotals) error {
	for _, to := range []struct {
		bucket boltstore.Bucket[BatchTotals]
		key    string
	}{{bucketTotals, totalsKey(batch, message, place)}, {bucketStatements, statementTotalsKey(message, place)}} {
		p, _, err := to.bucket.Get(tx, to.key)
		if err != nil {
			return err
		}
		p.Kind = more.Kind
		p.Paid.plus(more.Paid)
		p.Returned.plus(more.Returned)
		if err := to.bucket.Put(tx, to.key, p); err != nil {
			return err
		}
	}
	return nil
}

func (p *BatchTotals) add(o bankfile.Outcome, amount relief.Fen) {
	t := &p.Paid
	if o == bankfile.Returned {
		t = &p.Returned
	}
	t.Count++
	t.Sum += amount // payments of batches, whose sums are checked
}
