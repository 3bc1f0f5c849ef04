package index

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/ledger"
)

// storeBatch stores a version of a batch, and the columns that batches are searched by.
func storeBatch(ctx context.Context, w *writer, wr *write) error {
	if err := storeVersion(ctx, w, wr); err != nil || wr.gone {
		return err
	}
	var b payment.Batch
	if err := json.Unmarshal(wr.value, &b); err != nil {
		return err
	}
	roll, err := w.roll(ctx, rollName{b.Programme, b.Region.County()})
	if err != nil {
		return err
	}
	if err := storeSources(ctx, w, wr, &b); err != nil {
		return err
	}
	var officials [3]int64 // preparer, approver, authoriser
	approved := int64(0)   // the day
	for i, act := range []relief.Act{relief.ActPaymentOpen, relief.ActPaymentApprove, relief.ActPaymentAuthorise} {
		for _, a := range b.Acts {
			if a.Act == relief.ActPaymentSendBack && act != relief.ActPaymentOpen {
				officials[i], approved = 0, 0 // the approvals before do not count
			}
			if a.Act != act {
				continue
			}
			if act == relief.ActPaymentApprove {
				approved = localDay(a.At)
			}
			by := ledger.Identity{MSPID: a.By.Agency, Name: a.By.Name, Role: a.By.Role, Region: string(a.By.Region)}
			if officials[i], err = w.identity(ctx, by); err != nil {
				return err
			}
		}
	}
	earlier := b.Periods()[0]
	return w.exec(ctx, "INSERT INTO batches (n, id, programme, region, period, earlier, roll, tranche, state, preparer, approver, authoriser, approved) "+
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (n) DO UPDATE SET state = excluded.state, "+
		"approver = excluded.approver, authoriser = excluded.authoriser, approved = excluded.approved",
		wr.n, string(b.ID), string(b.Programme), string(b.Region), int64(b.Period.Code()), int64(earlier.Code()), roll, string(b.Tranche), string(b.State),
		officials[0], officials[1], officials[2], approved)
}
