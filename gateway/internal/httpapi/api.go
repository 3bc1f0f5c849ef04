// Package httpapi is the gateway's REST interface: what a path means is in openapi.yaml, who may call it in
// routes.go, and how a refusal looks in errors.go. Rules of the regulation are not here: the contracts decide.
package httpapi

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/receiptprint"
	"relieftrail/gateway/internal/seal"
	"relieftrail/gateway/web"
)

//go:embed openapi.yaml
var openAPI []byte

// Ledger is what is asked of the agency's own peer. Records are read from the index.
type Ledger interface {
	// Evaluate asks whether a file would be taken, before it is sent.
	Evaluate(ctx context.Context, call ledger.Call) ([]byte, error)
	Find(ctx context.Context, txID string) (ledger.Commit, bool, error)
	Height(ctx context.Context) (uint64, error)
	Identity(signer string) (ledger.Identity, bool)
}

// Outbox does acts exactly once for each key.
type Outbox interface {
	Do(ctx context.Context, key outbox.Key, request [32]byte, call ledger.Call) (outbox.Answer, error)
	Claim(key outbox.Key, request [32]byte, jobID string) (existing string, err error)
	Seen(signer string) uint64 // the last block that is known to hold a transaction of the signer
	Unsettled() int            // transactions whose end is not known
	Resent() int64             // how often the same bytes were sent again
	Conflicts() int64          // how often a lost race was tried anew
}

// Jobs works through uploaded files.
type Jobs interface {
	Start(ctx context.Context, spec jobs.JobSpec) (jobs.Job, error)
	Full() bool // so many jobs wait that another one should come back later
	Get(id string) (jobs.Job, error)
	Watch(ctx context.Context, id string) (<-chan jobs.Job, error)
	Refusals(id string) (io.ReadCloser, error) // NDJSON, all of them
}

// Spool takes an uploaded file to disk, within the limits, and looks at it as a whole.
type Spool func(ctx context.Context, r io.Reader, contentType, encoding string, kind intake.Kind) (intake.Spooled, error)

// Index is what is read from the index of the ledger. Refusals are *relief.Error.
type Index interface {
	WaitFor(ctx context.Context, block uint64) error
	// WaitForReceived waits, for a time at most, for the blocks that have arrived and are not indexed yet.
	WaitForReceived(ctx context.Context, most time.Duration)
	Height() uint64
	Fault() error // why nothing may be read, nil when all is well
	Duties(ctx context.Context, act relief.Act) ([]relief.Duty, error)
	Registry(ctx context.Context) (registry.Registry, error)
	Record(ctx context.Context, kind, name string) (json.RawMessage, error)
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
	Batches(ctx context.Context, q index.BatchQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	Subject(ctx context.Context, ref relief.SubjectRef) ([]roll.Entry, error)
	Payment(ctx context.Context, id relief.PaymentID) (payment.Payment, error)
	Payments(ctx context.Context, q index.PaymentQuery, cursor string, limit int) (index.Page[payment.Payment], error)
	Transaction(ctx context.Context, id string) (index.Transaction, bool, error)
	Transactions(ctx context.Context, q index.TransactionQuery, cursor string, limit int) (index.Page[index.Transaction], error)
	LeafOf(ctx context.Context, id relief.PaymentID) (leaf index.Leaf, ok bool, err error)
	PaymentTrail(ctx context.Context, id relief.PaymentID) ([]index.Step, error)
	SubjectTrail(ctx context.Context, ref relief.SubjectRef) ([]index.Step, error)
	BatchTrail(ctx context.Context, id relief.BatchID) ([]index.Step, error)
	TrancheTrail(ctx context.Context, id relief.TrancheID) ([]index.Step, error)
	Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	CaseTrail(ctx context.Context, id relief.CaseID) ([]index.Step, error)
	Claims(ctx context.Context, ref relief.SubjectRef) (casework.MemberRecord, error)
}

// Deps is what the interface stands on.
type Deps struct {
	Organisation string
	Version      string
	Auth         *auth.Authenticator
	Ledger       Ledger
	Outbox       Outbox
	Jobs         Jobs
	Spool        Spool
	Index        Index
	Transparency Transparency // nil without a log
	ReceiptKey   []byte       // salts the leaves of receipts; nil where receipts are not made
	Public       Public
	Matching     Matching       // nil where no departments are asked
	MatchingTime time.Duration  // what the departments are given to answer one query
	Bank         *bankdesk.Desk // finance's; nil at a gateway that keeps none
	SubjectKey   []byte
	SubjectEpoch uint8
	Persons      *seal.Key      // nil at an agency that keeps no private details
	Evidence     *evidence.Desk // the files of cases; nil where none are kept
	Limits       Limits
	ActTime      time.Duration // how long an act may take before its answer is "not known yet"
	Log          *slog.Logger

	Verifier string // the folder with the verifier for the browser; "" for none
}

// Limits bound what one caller can ask.
type Limits struct {
	BodyBytes int64 // a JSON body
	JSONDepth int   // nested arrays and objects
	PageSize  int   // items of a page, at most
	InFlight  int   // writes worked on at a time; some more may wait for their turn
}

// API serves the interface.
type API struct {
	Deps
	log     *slog.Logger
	engine  *gin.Engine
	metrics *metrics
	writes  gate
	queries gate // of their own: departments may take a while
	uploads gate // of their own: a file may take its sender minutes
	limiter *limiter
	heads   heads
	font    func() ([]byte, error) // with Chinese, read once
	kindOf  atomic.Pointer[registry.AgencyKind]

	bodyTime time.Duration
	stop     sync.Once
	stopping chan struct{}
}

// New makes the interface.
func New(deps Deps) (*API, error) {
	gin.SetMode(gin.ReleaseMode)
	a := &API{
		Deps:    deps,
		log:     deps.Log,
		engine:  gin.New(),
		metrics: newMetrics(deps),
		writes:  newGate(deps.Limits.InFlight),
		queries: newGate(queriesAtOnce),
		uploads: newGate(deps.Limits.InFlight),

		limiter: newLimiter(deps.Public),
		heads:   newHeads(),
		font:    sync.OnceValues(func() ([]byte, error) { return receiptprint.Font(deps.Public.Fonts) }),

		bodyTime: bodyTime,
		stopping: make(chan struct{}),
	}
	if err := a.engine.SetTrustedProxies(deps.Public.TrustedProxies); err != nil {
		return nil, err
	}
	a.engine.HandleMethodNotAllowed = true
	a.engine.RedirectTrailingSlash = false
	a.engine.RedirectFixedPath = false
	pages, err := web.New(openAPI, problemPages(), deps.Verifier)
	if err != nil {
		return nil, err
	}
	a.routes(pages)
	return a, nil
}

// ServeHTTP answers a request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// Stop ends the streams, which would otherwise last as long as their jobs.
func (a *API) Stop() { a.stop.Do(func() { close(a.stopping) }) }

// bodyTime bounds how long a JSON body may take to arrive, uploadTime a file.
const (
	bodyTime   = 30 * time.Second
	uploadTime = 15 * time.Minute
)
