package reach

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index"
)

// around are the regions of the caller, inside or around which a list is to stay; none when a region is asked for, which the caller may
// read, or when they read everywhere.
func around(ctx context.Context, asked relief.Region) ([]relief.Region, error) {
	c, err := Of(ctx)
	if err != nil {
		return nil, err
	}
	within, err := c.Narrow(asked)
	if err != nil || asked != "" || within == "" {
		return nil, err
	}
	own := []relief.Region{within}
	if c.Inherited != nil {
		own = append(own, *c.Inherited...)
	}
	return own, nil
}

// Tranches lists tranches of regions that lie inside the caller's or around it.
func (ix *Index) Tranches(ctx context.Context, q index.TrancheQuery, cursor string, limit int) (page index.Page[json.RawMessage], err error) {
	if q.Meets, err = around(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.Tranches(ctx, q, cursor, limit)
}

// Months lists closed months of counties that lie inside the caller's region or around it.
func (ix *Index) Months(ctx context.Context, q index.MonthQuery, cursor string, limit int) (page index.Page[index.MonthSummary], err error) {
	if q.Meets, err = around(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.Months(ctx, q, cursor, limit)
}

// Indicators are those of a region that lies inside the caller's or around it.
func (ix *Index) Indicators(ctx context.Context, q indicator.Question, block *uint64) (indicator.Report, error) {
	c, err := Of(ctx)
	if err != nil {
		return indicator.Report{}, err
	}
	if err := c.RequireMeets(q.Region); err != nil {
		return indicator.Report{}, err
	}
	return ix.source.Indicators(ctx, q, block)
}

// MonthVersions lists the versions of a closed month of a county that lies inside the caller's region or around it.
func (ix *Index) MonthVersions(
	ctx context.Context, programme relief.ProgrammeID, county relief.Region, period relief.Period,
) ([]oversight.Month, error) {
	c, err := Of(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.RequireMeets(county); err != nil {
		return nil, err
	}
	return ix.source.MonthVersions(ctx, programme, county, period)
}

// AllTransfers lists transfers over all batches.
func (ix *Index) AllTransfers(ctx context.Context, q index.TransferQuery, cursor string, limit int) (page index.Page[payment.Transfer], err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.AllTransfers(ctx, q, cursor, limit)
}

// PaymentsAfterDeath lists payments of periods after the day of death of their persons.
func (ix *Index) PaymentsAfterDeath(ctx context.Context, q index.LateQuery, cursor string, limit int) (page index.Page[index.LatePayment], err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.PaymentsAfterDeath(ctx, q, cursor, limit)
}

// ActCounts counts acts of officials whose region the caller covers, and the caller's own.
func (ix *Index) ActCounts(ctx context.Context, q index.TransactionQuery, limit int) ([]index.ActCount, error) {
	if err := narrowTransactions(ctx, &q); err != nil {
		return nil, err
	}
	return ix.source.ActCounts(ctx, q, limit)
}

// narrowTransactions limits a list of transactions to the region that is asked for, or else to the caller's and their own.
func narrowTransactions(ctx context.Context, q *index.TransactionQuery) error {
	c, err := Of(ctx)
	if err != nil {
		return err
	}
	if q.Region == "" {
		q.Reader = c.Official
	}
	q.Region, err = c.Narrow(q.Region)
	return err
}
