package bankdesk

import (
	"context"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
)

// fileTotals are what a payment file, or a part of one, has that the bank acknowledges.
type fileTotals struct {
	First string     `json:"first"` // the message id that the ledger has: of the first part
	Count int        `json:"count"`
	Sum   relief.Fen `json:"sum"`
}

// RememberFile remembers a payment file that is made with other software, whose parts are not known here.
func (d *Desk) RememberFile(batch relief.BatchID, f *payment.File) error {
	return d.rememberPart(batch, f.MessageID, fileTotals{f.MessageID, f.Count, f.Sum})
}

// rememberPart remembers by which message id the bank will answer.
func (d *Desk) rememberPart(batch relief.BatchID, messageID string, totals fileTotals) error {
	return d.store.Update(func(tx *boltstore.Tx) error {
		if err := bucketFiles.Put(tx, messageID, []byte(batch)); err != nil {
			return err
		}
		return bucketFileTotals.Put(tx, messageID, totals)
	})
}

// acknowledged compares what a status report says of the payment file with the file and the ledger. It returns a
// decision for the list when they differ, and nil when they agree.
func (x *matcher) acknowledged(ctx context.Context) (*decision, error) {
	if x.message.Kind != bankfile.Pain002 || x.message.Original == "" {
		return nil, nil
	}
	var sent fileTotals
	var known bool
	err := x.store.View(func(tx *boltstore.Tx) (err error) {
		sent, known, err = bucketFileTotals.Get(tx, x.message.Original)
		return err
	})
	if err != nil {
		return nil, err
	}
	v := &decision{entry: &entry{Statement: -1, Outcome: bankfile.Other, NoAmount: true}, batch: x.file}
	switch got := x.message.Received; {
	case x.file == "":
		v.reason = UnknownFile
		return v, nil
	case !known: // an earlier version did not keep the totals
		return nil, nil
	case got.Count != 0 && got.Count != sent.Count, got.Sum != 0 && got.Sum != sent.Sum:
		v.reason = FileDiffers
		return v, nil
	}
	batch, err := x.batch(ctx, x.message.Principal, x.file)
	if err != nil {
		return nil, err
	}
	atBank := batch.State == payment.BatchInstructed || batch.State == payment.BatchClosed
	if !atBank || batch.File == nil || batch.File.MessageID != sent.First {
		v.reason = UnknownFile
		return v, nil
	}
	return nil, nil
}
