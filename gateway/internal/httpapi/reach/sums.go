package reach

import (
	"context"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/chart"
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

// Chart has the figures of a chart of the region that is asked for, or else of the caller's. What is closed, published or issued by county
// is of the county around a township's official: they read its months and its tranches, too.
func (ix *Index) Chart(ctx context.Context, code chart.Code, q index.ChartQuery) (f chart.Figures, err error) {
	asked := q.Region
	if q.Region, err = narrow(ctx, asked); err != nil {
		return f, err
	}
	if of := chart.Of(code); of != nil && of.Wide && asked == "" && q.Region.County() != "" {
		q.Region = q.Region.County()
	}
	return ix.source.Chart(ctx, code, q)
}

// ChartPeriods says which programmes and periods charts of the caller's region can be about, and which region that is.
func (ix *Index) ChartPeriods(ctx context.Context) (relief.Region, []index.ChartPeriods, error) {
	region, err := narrow(ctx, "")
	if err != nil {
		return "", nil, err
	}
	periods, err := ix.source.ChartPeriods(ctx, region)
	return region, periods, err
}

// CatchUp waits until the index has every block that the agency's peer has now.
func (ix *Index) CatchUp(ctx context.Context) error { return ix.source.CatchUp(ctx) }
