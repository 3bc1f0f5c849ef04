package httpapi

import (
	"context"
	_ "embed"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"relieftrail/gateway/internal/auth"
	"relieftrail/gateway/internal/bankdesk"
	"relieftrail/gateway/internal/httpapi/bankapi"
	"relieftrail/gateway/internal/httpapi/casework"
	"relieftrail/gateway/internal/httpapi/feed"
	"relieftrail/gateway/internal/httpapi/imports"
	"relieftrail/gateway/internal/httpapi/limit"
	"relieftrail/gateway/internal/httpapi/printing"
	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/public"
	"relieftrail/gateway/internal/httpapi/reach"
	"relieftrail/gateway/internal/httpapi/records"
	"relieftrail/gateway/internal/httpapi/rerates"
	"relieftrail/gateway/internal/httpapi/reseals"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/httpapi/sessions"
	"relieftrail/gateway/internal/httpapi/uploads"
	"relieftrail/gateway/internal/httpapi/yearexports"
	"relieftrail/gateway/internal/provider"
	"relieftrail/gateway/internal/session"
	"relieftrail/gateway/internal/standing"
	"relieftrail/gateway/web"
)

//go:embed openapi.yaml
var openAPI []byte

// Ledger says how far the agency's own peer is.
type Ledger interface {
	Height(ctx context.Context) (uint64, error)
}

// Outbox counts for the metrics.
type Outbox interface {
	Unsettled() int   // transactions whose end is not known
	Resent() int64    // how often the same bytes were sent again
	Conflicts() int64 // how often an act was tried again after a lost race
}

// SignIn is how officials in a browser sign in.
type SignIn struct {
	Sessions *session.Store     // nil: nobody signs in
	URL      string             // where officials' browsers find this gateway; "": at the address that they ask
	NoTokens bool               // nobody signs in with a token
	Provider *provider.Provider // nil: there is none
	// Enter is the session of somebody whom the provider has signed in.
	Enter func(context.Context, provider.Person) (session.Session, error)
}

// Jobs works through files and carries out imports.
type Jobs interface {
	uploads.Jobs
	imports.Jobs
	rerates.Jobs
	printing.Jobs
}

// Deps is what the interface needs, subject by subject.
type Deps struct {
	Version  string
	Verifier string // the folder with the verifier for the browser; "" for none
	// Workplace is the folder with the officials' workplace; "" for none.
	Workplace string
	Apart     web.Apart
	Auth      *auth.Authenticator
	Standing  *standing.Standing // of the principals and of the gateway's certificates
	SignIn    SignIn
	Core      *rest.Core // for the handlers of all subjects
	Ledger    Ledger
	Outbox    Outbox
	InFlight  int // writes worked on at a time; some more may wait for their turn
	Reads     ReadLimits
	Index     reach.Source // handlers get it as the caller may read it
	// FailedTokens is how often a minute an address may show no token that is known; 0 is no limit.
	FailedTokens float64
	Records      records.Deps
	Cases        casework.Deps
	Bank         *bankdesk.Desk // finance's; nil at a gateway that keeps none
	Public       public.Deps
	Jobs         Jobs
	Spool        uploads.Spool
	Exports      yearexports.Exports
}

// API serves the interface.
type API struct {
	deps    Deps
	core    *rest.Core
	log     *slog.Logger
	handler http.Handler // of all listeners
	list    []*route
	metrics *metrics
	limiter readLimiter
	reading *gate // reads worked on at a time
	writes  *gate
	queries *gate            // of their own: departments may take a while
	files   *gate            // of their own: a file may take its sender minutes
	opened  *limit.ByAddress // what needs no account and costs little
	failed  *limit.ByAddress // callers whose token is not known

	records  *records.Handlers
	cases    *casework.Handlers
	bank     *bankapi.Handlers
	public   *public.Handlers
	uploads  *uploads.Handlers
	imports  *imports.Handlers
	rerates  *rerates.Handlers
	reseals  *reseals.Handlers
	feed     *feed.Handlers
	exports  *yearexports.Handlers
	printing *printing.Handlers
	sessions *sessions.Handlers
	inside   http.Handler // of requests that the gateway itself makes

	bodyTime time.Duration
	idleTime time.Duration
	stop     sync.Once
	stopping chan struct{}
}

// queriesAtOnce is how many queries wait for departments at a time, which may be slow: other writes do not wait for them.
const queriesAtOnce = 16

// bodyTime bounds how long a JSON body may take to arrive.
const bodyTime = 30 * time.Second

// New makes the interface.
func New(deps Deps) (a *API, err error) {
	gin.SetMode(gin.ReleaseMode)
	deps.Ledger = newProbe(deps.Ledger)
	a = &API{
		deps: deps, core: deps.Core, log: deps.Core.Log,
		limiter: readLimiter{limits: deps.Reads, known: map[string]*rate.Limiter{}}, reading: newWriteGate(deps.Reads.InFlight),
		writes: newWriteGate(deps.InFlight), queries: newSlowGate(queriesAtOnce), files: newSlowGate(deps.InFlight),
		opened:   newOpenLimiter(deps.Public.Settings.Rate, deps.Public.Settings.Burst),
		failed:   limit.NewByAddress(deps.FailedTokens/60, int(deps.FailedTokens)),
		bodyTime: bodyTime, idleTime: idleTime, stopping: make(chan struct{}),
	}
	limited := reach.Limit(deps.Index)
	deps.Records.Standing = deps.Standing
	deps.Records.Index, deps.Cases.Index, deps.Public.Payments = limited, limited, limited
	a.records = records.New(a.core, deps.Records)
	a.feed = feed.New(a.core, limited, a.stopping)
	a.cases = casework.New(a.core, deps.Cases)
	a.bank = bankapi.New(a.core, deps.Bank)
	a.public = public.New(a.core, deps.Public)
	a.uploads = uploads.New(a.core, uploads.Deps{
		Jobs: deps.Jobs, Spool: deps.Spool, Households: a.cases.Households, Stopping: a.stopping,
	})
	a.rerates = rerates.New(a.core, rerates.Deps{Index: limited, Jobs: deps.Jobs})
	a.reseals = reseals.New(a.core, reseals.Deps{Index: limited, Jobs: deps.Jobs, Persons: deps.Cases.Persons})
	a.exports = yearexports.New(a.core, yearexports.Deps{Index: limited, Exports: deps.Exports, Names: deps.Cases.Persons != nil})
	a.printing = printing.New(a.core, printing.Deps{Index: limited, Jobs: deps.Jobs, Makes: deps.Public.Receipts != nil})
	a.imports = imports.New(a.core, imports.Deps{Index: limited, Jobs: deps.Jobs, Persons: deps.Cases.Persons})
	if a.sessions, err = sessions.New(a.core, sessions.Deps{
		Auth: deps.Auth, Store: deps.SignIn.Sessions, URL: deps.SignIn.URL, NoTokens: deps.SignIn.NoTokens, Provider: deps.SignIn.Provider,
		Enter: deps.SignIn.Enter, Self: a.records.Self, Refused: unauthenticated,
	}); err != nil {
		return nil, err
	}
	a.metrics = newMetrics(&deps, slices.Concat(a.core.Readings.Collectors(), a.cases.ClaimMetrics(), []prometheus.Collector{a.uploads.Collector()})...)
	described, err := document(a.core.Limits.PageSize)
	if err != nil {
		return nil, err
	}
	pages, err := web.New(described, problemPages(), deps.Verifier, deps.Workplace, deps.Apart)
	if err != nil {
		return nil, err
	}
	officials, err := web.LoadWorkplace(deps.Workplace)
	if err != nil {
		return nil, err
	}
	a.routes(pages, officials)
	if a.handler, err = a.Handler(Everywhere); err != nil {
		return nil, err
	}
	if a.inside, err = a.Handler(Internal); err != nil {
		return nil, err
	}
	return a, nil
}

// ServeHTTP answers a request on an address that is all listeners'.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Stop ends the streams, which would otherwise last as long as their jobs.
func (a *API) Stop() { a.stop.Do(func() { close(a.stopping) }) }

// problemPages describes the kinds of problems for their pages.
func problemPages() []web.Problem {
	var pages []web.Problem
	for _, k := range problem.Kinds() {
		pages = append(pages, web.Problem{Slug: k.Slug, Status: k.Status, Title: k.Title.String(), Help: k.Help.String()})
	}
	return pages
}
