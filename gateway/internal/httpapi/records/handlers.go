package records

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/reference"
	"relieftrail/gateway/internal/resealing"
	"relieftrail/gateway/internal/seal"
	"relieftrail/gateway/internal/standing"
)

// Index is what is read from the index of the ledger. Refusals are *relief.Error.
type Index interface {
	rest.Records
	resealing.Index
	Height() uint64
	Registry(ctx context.Context) (registry.Registry, error)
	Tranches(ctx context.Context, q index.TrancheQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	Months(ctx context.Context, q index.MonthQuery, cursor string, limit int) (index.Page[index.MonthSummary], error)
	Indicators(ctx context.Context, q indicator.Question, block *uint64) (indicator.Report, error)
	Chart(ctx context.Context, code chart.Code, q index.ChartQuery) (chart.Figures, error)
	ChartPeriods(ctx context.Context) (relief.Region, []index.ChartPeriods, error)
	MonthVersions(ctx context.Context, programme relief.ProgrammeID, county relief.Region, period relief.Period) ([]oversight.Month, error)
	Stratum(ctx context.Context, id relief.PlanID, stratum int) (draw.Plan, draw.Units, error)
	Batches(ctx context.Context, q index.BatchQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	Subject(ctx context.Context, ref relief.SubjectRef) ([]roll.Entry, error)
	Claims(ctx context.Context, ref relief.SubjectRef) (casework.MemberRecord, error)
	Leavers(ctx context.Context, cursor string, limit int) (index.Page[relief.SubjectRef], error)
	Payment(ctx context.Context, id relief.PaymentID) (payment.Payment, error)
	Payments(ctx context.Context, q index.PaymentQuery, cursor string, limit int) (index.Page[payment.Payment], error)
	Epochs(ctx context.Context) ([]index.EpochCount, error)
	Sample(ctx context.Context, q index.PaymentQuery, seed string, size int) (index.Sample, error)
	Totals(ctx context.Context, q index.TotalsQuery) (index.Totals, error)
	Transfers(ctx context.Context, id relief.BatchID, cursor string, limit int) (index.Page[payment.Transfer], error)
	RollEntries(ctx context.Context, q index.RollQuery, cursor string, limit int) (index.Page[index.RollEntry], error)
	Transaction(ctx context.Context, id string) (index.Transaction, bool, error)
	Transactions(ctx context.Context, q index.TransactionQuery, cursor string, limit int) (index.Page[index.Transaction], error)
	AllTransfers(ctx context.Context, q index.TransferQuery, cursor string, limit int) (index.Page[payment.Transfer], error)
	PaymentsAfterDeath(ctx context.Context, q index.LateQuery, cursor string, limit int) (index.Page[index.LatePayment], error)
	ActCounts(ctx context.Context, q index.TransactionQuery, limit int) ([]index.ActCount, error)
	PaymentTrail(ctx context.Context, id relief.PaymentID) ([]index.Step, error)
	SubjectTrail(ctx context.Context, ref relief.SubjectRef) ([]index.Step, error)
	BatchTrail(ctx context.Context, id relief.BatchID) ([]index.Step, error)
	TrancheTrail(ctx context.Context, id relief.TrancheID) ([]index.Step, error)
	OverpaymentTrail(ctx context.Context, id relief.OverpaymentID) ([]index.Step, error)
	YearEndTrail(ctx context.Context, id relief.YearEndID) ([]index.Step, error)
	ImportTrail(ctx context.Context, id relief.ImportID) ([]index.Step, error)
	CaseTrail(ctx context.Context, id relief.CaseID) ([]index.Step, error)
	Unreadable() []index.Unreadable
	BatchOverview(ctx context.Context, id relief.BatchID, limit int) (index.Overview, error)
	BatchDifferences(ctx context.Context, id relief.BatchID, list index.DifferenceList, cursor string, limit int) (index.Page[index.LineDifference], error)
}

// Transactions finds transactions at the agency's own peer.
type Transactions interface {
	Find(ctx context.Context, txID string) (ledger.Commit, bool, error)
}

// Jobs are the files that were uploaded at this gateway.
type Jobs interface {
	Of(kind jobs.Kind, target string) ([]jobs.Job, error)
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Jobs         Jobs
	Index        Index // as the caller may read it
	Transactions Transactions
	Payees       Payees // nil at a gateway that cannot open private details
	References   *reference.Keys
	Standing     *standing.Standing // nil at a gateway that signs for nobody
	Persons      *seal.Key          // makes the tags of accounts; nil at an agency that keeps no private details
}

// Handlers answer the paths of records.
type Handlers struct {
	core *rest.Core
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers { return &Handlers{core, deps} }

// The query parameters of lists.
var (
	ByProgramme = rest.NewParam("programme", relief.ParseProgrammeID)
	ByRegion    = rest.NewParam("region", relief.ParseRegion)
	ByPeriod    = rest.NewParam("period", relief.ParsePeriod)
	ByTranche   = rest.NewParam("tranche", relief.ParseTrancheID)
	ByBatch     = rest.NewParam("batch", relief.ParseBatchID)
)

// One finds the record of a kind that the path names.
func One[T ~string](h *Handlers, kind string, parse func(string) (T, error)) rest.Find {
	return func(ctx context.Context, c *gin.Context) (any, error) {
		id, err := rest.PathID(c, "id", parse)
		if err != nil {
			return nil, err
		}
		return h.Index.Record(ctx, kind, string(id))
	}
}

// Programmes lists the programmes.
func (h *Handlers) Programmes(ctx context.Context, c *gin.Context) error {
	return h.answerRecords(ctx, c, "programmes", lists.Programmes, relief.KindProgramme, rest.IDCursor.In(c), nil)
}

// Registry is the registry of agencies, regions, duties and keys.
func (h *Handlers) Registry(ctx context.Context, _ *gin.Context) (any, error) {
	return h.Index.Registry(ctx)
}
