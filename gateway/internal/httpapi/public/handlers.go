package public

import (
	"context"
	"encoding/json"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/mod/sumdb/tlog"

	"relieftrail/chaincode/receipt"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/agreement"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/httpapi/limit"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/payeecheck"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/gateway/internal/receipts"
	"relieftrail/gateway/internal/seal"
	"relieftrail/gateway/internal/translog"
	"relieftrail/gateway/web"
)

// Transparency is a transparency log.
type Transparency interface {
	Published() (translog.Checkpoint, bool)
	Newest() (translog.Checkpoint, bool)
	Cosignatures(from int64) translog.Cosignatures
	Tile(row int, n int64, width int) ([]byte, bool)
	Prove(leaf tlog.Hash) (p translog.Proof, logged, found bool)
	Trust() (translog.Trust, bool)
	Verify(r *receipt.Receipt) (*receipt.Result, error)
	Alerts() []translog.Alert
	Status() translog.Status
}

// Index is what is read from the index of the ledger. Refusals are *relief.Error.
type Index interface {
	rest.Records
	Entries
	Indicators(ctx context.Context, q indicator.Question, block *uint64) (indicator.Report, error)
	ClosedMonths(ctx context.Context, limit int) ([]indicator.Question, error)
	Chart(ctx context.Context, code chart.Code, q index.ChartQuery) (chart.Figures, error)
	MonthVersions(ctx context.Context, programme relief.ProgrammeID, county relief.Region, period relief.Period) ([]oversight.Month, error)
	ListRows(
		ctx context.Context, programme relief.ProgrammeID, county relief.Region, period relief.Period, village relief.Region,
	) (index.ListedRows, error)
	History(ctx context.Context, kind, name string) ([]json.RawMessage, error)
	Registry(ctx context.Context) (registry.Registry, error)
	Records(
		ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error),
	) (index.Page[json.RawMessage], error)
	Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
}

// Payments is what receipts are made of. Refusals are *relief.Error.
type Payments interface {
	Payment(ctx context.Context, id relief.PaymentID) (payment.Payment, error)
	LeafOf(ctx context.Context, id relief.PaymentID) (leaf index.Leaf, ok bool, err error)
}

// Settings say what anybody may ask without an account, and how often.
type Settings struct {
	URL            string  // where anybody reaches this gateway; "" for nowhere
	Rate           float64 // requests a second from one address; 0 is no limit
	Burst          int
	TrustedProxies []string
	Origins        []string
	Fonts          []string // files with Chinese for printed lists; the first that exists is used
	NoticesAs      string   // the official in whose name public notices and lists unseal names to mask; "" for none of them
}

// Deps is what the handlers need beside the core.
type Deps struct {
	Index    Index        // for anybody: what is public of it
	Payments Payments     // for receipts, as the caller may read it
	Log      Transparency // of payments; nil without a log
	// Statements is the log of public statements; nil as Log.
	Statements Transparency
	// Agreement compares indicators with the other agencies; nil as Log.
	Agreement Agreement
	Receipts  *receipts.Maker // nil where receipts are not made
	Persons   *seal.Key       // nil at an agency that keeps no private details
	Payees    Payees          // nil as Persons
	Settings  Settings
}

// Payees opens who is on a published list.
type Payees interface {
	Named(ctx context.Context, a reading.Access, r payeecheck.Roll, numbers []uint32) (map[uint32]seal.Person, error)
}

// Handlers answer the public paths.
type Handlers struct {
	core       *rest.Core
	limiter    *limit.ByAddress
	heads      *heads
	listNames  *listNames
	notices    *recent[index.Page[publicNotice]]
	allNames   *recent[[]byte]
	statements *recent[web.StatementsPage]
	reports    *recent[indicator.Report]
	charts     *recent[web.ChartsPage]
	digests    *recent[agreement.Digests]
	lists      *recent[web.ListsPage]
	contacts   *recent[[]registry.Contact]
	draws      *recent[web.DrawsPage]
	frames     *lru.Cache[relief.PlanID, []byte]
	font       func() ([]byte, error) // with Chinese, read once
	Deps

	// PaymentPages and StatementPages are the logs as anybody may read them.
	PaymentPages, StatementPages *LogPages
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers {
	frames, _ := lru.New[relief.PlanID, []byte](keptFrames) // fails for a size of 0 only
	return &Handlers{
		core: core, limiter: limit.NewByAddress(deps.Settings.Rate, deps.Settings.Burst), heads: newHeads(), listNames: newListNames(), Deps: deps,
		notices: newRecent[index.Page[publicNotice]](core.Index.Height), allNames: newRecent[[]byte](core.Index.Height),
		statements: newRecent[web.StatementsPage](core.Index.Height), lists: newRecent[web.ListsPage](core.Index.Height),
		font:     sync.OnceValues(func() ([]byte, error) { return receiptprint.Font(deps.Settings.Fonts) }),
		frames:   frames,
		contacts: newRecent[[]registry.Contact](core.Index.Height),
		charts:   newRecent[web.ChartsPage](core.Index.Height),
		reports:  newRecent[indicator.Report](core.Index.Height), digests: newRecent[agreement.Digests](core.Index.Height),
		draws:        newRecent[web.DrawsPage](core.Index.Height),
		PaymentPages: &LogPages{log: deps.Log}, StatementPages: &LogPages{deps.Statements, deps.Index},
	}
}
