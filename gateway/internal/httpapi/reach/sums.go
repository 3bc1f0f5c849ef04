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

// Epochs counts what all rolls have under the keys of each epoch. It names nobody and no region.
func (ix *Index) Epochs(ctx context.Context) ([]index.EpochCount, error) {
	if _, err := Of(ctx); err != nil {
		return nil, err
	}
	return ix.source.Epochs(ctx)
}

// Totals adds up payments to people of the region that is asked for, or else of the caller's.
func (ix *Index) Totals(ctx context.Context, q index.TotalsQuery) (t index.Totals, err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return t, err
	}
	return ix.source.Totals(ctx, q)
}

// CatchUp waits until the index has every block that the agency's peer has now.
func (ix *Index) CatchUp(ctx context.Context) error { return ix.source.CatchUp(ctx) }
