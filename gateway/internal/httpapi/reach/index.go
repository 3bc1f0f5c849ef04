package reach

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/index"
)

// Source is the index of the ledger, which answers whatever is asked.
type Source interface {
	Height() uint64
	Feed(ctx context.Context, after index.FeedPlace, take func(*index.Written) (enough bool, err error)) (reached index.FeedPlace, err error)
	Official(ctx context.Context, agency, name string) (*registry.OfficialEntry, error)
	Unreadable() []index.Unreadable
	Registry(ctx context.Context) (registry.Registry, error)
	Record(ctx context.Context, kind, name string) (json.RawMessage, error)
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
	Batches(ctx context.Context, q index.BatchQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	Months(ctx context.Context, q index.MonthQuery, cursor string, limit int) (index.Page[index.MonthSummary], error)
	Indicators(ctx context.Context, q indicator.Question, block *uint64) (indicator.Report, error)
	Chart(ctx context.Context, code chart.Code, q index.ChartQuery) (chart.Figures, error)
	ChartPeriods(ctx context.Context, region relief.Region) ([]index.ChartPeriods, error)
	MonthVersions(ctx context.Context, programme relief.ProgrammeID, county relief.Region, period relief.Period) ([]oversight.Month, error)
	Tranches(ctx context.Context, q index.TrancheQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	ClaimCases(ctx context.Context, q index.ClaimQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	ClaimCounts(ctx context.Context) (map[casework.ClaimState]int, error)
	Leavers(ctx context.Context, cursor string, limit int) (index.Page[relief.SubjectRef], error)
	Changes(ctx context.Context, q index.ChangeQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	Subject(ctx context.Context, ref relief.SubjectRef) ([]roll.Entry, error)
	Claims(ctx context.Context, ref relief.SubjectRef) (casework.MemberRecord, error)
	RegionOnRoll(ctx context.Context, programme relief.ProgrammeID, county relief.Region, number uint32) (relief.Region, error)
	Payment(ctx context.Context, id relief.PaymentID) (payment.Payment, error)
	Payments(ctx context.Context, q index.PaymentQuery, cursor string, limit int) (index.Page[payment.Payment], error)
	Epochs(ctx context.Context) ([]index.EpochCount, error)
	CatchUp(ctx context.Context) error
	Sample(ctx context.Context, q index.PaymentQuery, seed string, size int) (index.Sample, error)
	Totals(ctx context.Context, q index.TotalsQuery) (index.Totals, error)
	Transfers(ctx context.Context, id relief.BatchID, cursor string, limit int) (index.Page[payment.Transfer], error)
	RollEntries(ctx context.Context, q index.RollQuery, cursor string, limit int) (index.Page[index.RollEntry], error)
	LeafOf(ctx context.Context, id relief.PaymentID) (leaf index.Leaf, ok bool, err error)
	Transaction(ctx context.Context, id string) (index.Transaction, bool, error)
	Transactions(ctx context.Context, q index.TransactionQuery, cursor string, limit int) (index.Page[index.Transaction], error)
	AllTransfers(ctx context.Context, q index.TransferQuery, cursor string, limit int) (index.Page[payment.Transfer], error)
	PaymentsAfterDeath(ctx context.Context, q index.LateQuery, cursor string, limit int) (index.Page[index.LatePayment], error)
	ActCounts(ctx context.Context, q index.TransactionQuery, limit int) ([]index.ActCount, error)
	PaymentTrail(ctx context.Context, id relief.PaymentID) ([]index.Step, error)
	SubjectTrail(ctx context.Context, ref relief.SubjectRef, within relief.Region) ([]index.Step, error)
	BatchTrail(ctx context.Context, id relief.BatchID) ([]index.Step, error)
	TrancheTrail(ctx context.Context, id relief.TrancheID) ([]index.Step, error)
	YearEndTrail(ctx context.Context, id relief.YearEndID) ([]index.Step, error)
	OverpaymentTrail(ctx context.Context, id relief.OverpaymentID) ([]index.Step, error)
	ImportTrail(ctx context.Context, id relief.ImportID) ([]index.Step, error)
	CaseTrail(ctx context.Context, id relief.CaseID) ([]index.Step, error)
	BatchOverview(ctx context.Context, id relief.BatchID, limit int) (index.Overview, error)
	BatchDifferences(ctx context.Context, id relief.BatchID, list index.DifferenceList, cursor string, limit int) (index.Page[index.LineDifference], error)
}

// Index is the index as a caller may read it. Lists leave out what lies in other regions, and a list by region is limited
// to the caller's; a single record of another region is refused with REGION, and so is a person's payment. What is asked
// by a subject reference is answered as far as the caller's region goes, so that nobody learns who is known elsewhere.
type Index struct{ source Source }

// Limit makes an index that holds the region of a source.
func Limit(source Source) *Index { return &Index{source} }

// Height is how far the index is.
func (ix *Index) Height() uint64 { return ix.source.Height() }

// Unreadable are the values that cannot be read: what they concern, nobody can say.
func (ix *Index) Unreadable() []index.Unreadable { return ix.source.Unreadable() }

// Registry is what the agencies have agreed on; it has no region.
func (ix *Index) Registry(ctx context.Context) (registry.Registry, error) {
	return ix.source.Registry(ctx)
}

// Record is the current value of a record.
func (ix *Index) Record(ctx context.Context, kind, name string) (json.RawMessage, error) {
	c, err := Of(ctx)
	if err != nil {
		return nil, err
	}
	record, err := ix.source.Record(ctx, kind, name)
	if err != nil {
		return nil, err
	}
	if err := c.require(kind, record); err != nil {
		return nil, err
	}
	return record, nil
}

// Records lists the records of a kind for which keep is true.
func (ix *Index) Records(
	ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error),
) (index.Page[json.RawMessage], error) {
	c, err := Of(ctx)
	if err != nil {
		return index.Page[json.RawMessage]{}, err
	}
	if extents[kind] == general {
		return ix.source.Records(ctx, kind, cursor, limit, keep)
	}
	return ix.source.Records(ctx, kind, cursor, limit, func(record json.RawMessage) (bool, error) {
		ok, err := c.reads(kind, record)
		if err != nil || !ok || keep == nil {
			return ok, err
		}
		return keep(record)
	})
}

// Batches lists batches.
func (ix *Index) Batches(ctx context.Context, q index.BatchQuery, cursor string, limit int) (page index.Page[json.RawMessage], err error) {
	c, err := Of(ctx)
	if err != nil {
		return page, err
	}
	within, err := c.Narrow(q.Region)
	if err != nil {
		return page, err
	}
	if q.Region == "" {
		q.Meets = within
	}
	return ix.source.Batches(ctx, q, cursor, limit)
}

// ClaimCases lists the cases of other counties that claim people of the caller's.
func (ix *Index) ClaimCases(ctx context.Context, q index.ClaimQuery, cursor string, limit int) (page index.Page[json.RawMessage], err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.ClaimCases(ctx, q, cursor, limit)
}

// ClaimCounts counts claims, for the gateway's metrics; it names nobody.
func (ix *Index) ClaimCounts(ctx context.Context) (map[casework.ClaimState]int, error) {
	return ix.source.ClaimCounts(ctx)
}

// Leavers lists references of people who have left, of all regions: what is due of them, the contracts say for the caller's.
func (ix *Index) Leavers(ctx context.Context, cursor string, limit int) (index.Page[relief.SubjectRef], error) {
	if _, err := Of(ctx); err != nil {
		return index.Page[relief.SubjectRef]{}, err
	}
	return ix.source.Leavers(ctx, cursor, limit)
}

// Cases lists cases.
func (ix *Index) Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (page index.Page[json.RawMessage], err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.Cases(ctx, q, cursor, limit)
}

// Changes lists changes of roll entries.
func (ix *Index) Changes(ctx context.Context, q index.ChangeQuery, cursor string, limit int) (page index.Page[json.RawMessage], err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.Changes(ctx, q, cursor, limit)
}

// Payments lists payments.
func (ix *Index) Payments(ctx context.Context, q index.PaymentQuery, cursor string, limit int) (page index.Page[payment.Payment], err error) {
	if q.Region, err = narrow(ctx, q.Region); err != nil {
		return page, err
	}
	return ix.source.Payments(ctx, q, cursor, limit)
}

// Transfers lists what the bank is told to pay by a batch. It names people: the caller's region covers the batch's.
func (ix *Index) Transfers(ctx context.Context, id relief.BatchID, cursor string, limit int) (page index.Page[payment.Transfer], err error) {
	if err := ix.coversBatch(ctx, id); err != nil {
		return page, err
	}
	return ix.source.Transfers(ctx, id, cursor, limit)
}

// narrow is the region that a list of the caller's is limited to.
func narrow(ctx context.Context, asked relief.Region) (relief.Region, error) {
	c, err := Of(ctx)
	if err != nil {
		return "", err
	}
	return c.Narrow(asked)
}

// BatchOverview compares a batch with the period before. It names people: the caller's region covers the batch's.
func (ix *Index) BatchOverview(ctx context.Context, id relief.BatchID, limit int) (o index.Overview, err error) {
	if err := ix.coversBatch(ctx, id); err != nil {
		return o, err
	}
	return ix.source.BatchOverview(ctx, id, limit)
}

// BatchDifferences is a page of one of the overview's lists.
func (ix *Index) BatchDifferences(
	ctx context.Context, id relief.BatchID, list index.DifferenceList, cursor string, limit int,
) (page index.Page[index.LineDifference], err error) {
	if err := ix.coversBatch(ctx, id); err != nil {
		return page, err
	}
	return ix.source.BatchDifferences(ctx, id, list, cursor, limit)
}

func (ix *Index) coversBatch(ctx context.Context, id relief.BatchID) error {
	c, err := Of(ctx)
	if err != nil {
		return err
	}
	record, err := ix.source.Record(ctx, relief.KindBatch, string(id))
	if err != nil {
		return err
	}
	region, err := regionOf(record)
	if err != nil {
		return err
	}
	return c.RequireCovers(region)
}

// Transaction finds a transaction. One of an official of a region that the caller does not cover is REGION, and what became
// of it is given all the same.
func (ix *Index) Transaction(ctx context.Context, id string) (index.Transaction, bool, error) {
	c, err := Of(ctx)
	if err != nil {
		return index.Transaction{}, false, err
	}
	tx, found, err := ix.source.Transaction(ctx, id)
	by := tx.By.Official()
	if err != nil || !found || relief.SameOfficial(by, c.Official) {
		return tx, found, err
	}
	if err := c.RequireCovers(by.Region); err != nil {
		return index.Transaction{Transaction: tx.Transaction, State: tx.State, Block: tx.Block, Code: tx.Code}, found, err
	}
	return tx, found, nil
}

// Transactions lists transactions of officials whose region the caller covers, and the caller's own.
func (ix *Index) Transactions(
	ctx context.Context, q index.TransactionQuery, cursor string, limit int,
) (page index.Page[index.Transaction], err error) {
	if err := narrowTransactions(ctx, &q); err != nil {
		return page, err
	}
	return ix.source.Transactions(ctx, q, cursor, limit)
}
