package reach

import (
	"context"

	"relieftrail/gateway/internal/index"
)

// Totals adds up payments to people of the region that is asked for, or else of the caller's.
func (ix *Index) Totals(ctx context.Context, q index.TotalsQuery) (t index.Totals, err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return t, err
	}
	return ix.source.Totals(ctx, q)
}
