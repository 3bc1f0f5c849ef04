package reach

import (
	"context"

	"relieftrail/gateway/internal/index"
)

// Sample draws from payments to people of the region that is asked for, or else of the caller's.
func (ix *Index) Sample(ctx context.Context, q index.PaymentQuery, seed string, size int) (s index.Sample, err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return s, err
	}
	return ix.source.Sample(ctx, q, seed, size)
}

// Totals adds up payments to people of the region that is asked for, or else of the caller's.
func (ix *Index) Totals(ctx context.Context, q index.TotalsQuery) (t index.Totals, err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return t, err
	}
	return ix.source.Totals(ctx, q)
}
