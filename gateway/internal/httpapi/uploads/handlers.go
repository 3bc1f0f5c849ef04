package uploads

import (
	"context"
	"io"

	"github.com/prometheus/client_golang/prometheus"

	"relieftrail/gateway/internal/gather"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/seal"
)

// Jobs works through uploaded files.
type Jobs interface {
	Start(ctx context.Context, spec jobs.JobSpec) (jobs.Job, error)
	Full() bool        // so many jobs wait that another one should come back later
	FullOfSmall() bool // likewise, for jobs of small files
	Wait(ctx context.Context, id string) (jobs.Job, error)
	Keep(id, file string) error
	Expect(spec *jobs.JobSpec)
	Get(id string) (jobs.Job, error)
	Watch(ctx context.Context, id string) (<-chan jobs.Job, error)
	Refusals(id string) (io.ReadCloser, error) // NDJSON, all of them
}

// Spool takes an uploaded file to disk, within the limits, and looks at it as a whole.
type Spool func(ctx context.Context, r io.Reader, contentType, encoding string, kind intake.Kind) (intake.Spooled, error)

// Households seals applications; an error where no private details are kept.
type Households func(ctx context.Context) (*seal.Households, error)

// Deps is what the handlers need beside the core.
type Deps struct {
	Jobs       Jobs
	Spool      Spool
	Households Households
	Stopping   <-chan struct{} // closed when the gateway ends: streams would otherwise last as long as their jobs
}

// Handlers answer the paths of files and jobs.
type Handlers struct {
	core    *rest.Core
	started *prometheus.CounterVec
	probes  *gather.Gatherer[probe, ledger.Call, struct{}]
	Deps
}

// New makes the handlers.
func New(core *rest.Core, deps Deps) *Handlers {
	return &Handlers{core: core, Deps: deps, probes: newProbes(core), started: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "relieftrail_jobs_started_total", Help: "Files taken for work.",
	}, []string{"kind"})}
}

// Collector counts the files that were taken for work.
func (h *Handlers) Collector() prometheus.Collector { return h.started }
