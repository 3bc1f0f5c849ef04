package rest

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
	"relieftrail/gateway/internal/reading"
)

// Ledger is what is asked of the agency's own peer.
type Ledger interface {
	Evaluate(ctx context.Context, call ledger.Call) ([]byte, error)
	Identity(signer string) (ledger.Identity, bool)
}

// Outbox does acts exactly once for each key.
type Outbox interface {
	Do(ctx context.Context, key outbox.Key, request [32]byte, call ledger.Call) (outbox.Answer, error)
	Claim(key outbox.Key, request [32]byte, jobID string) (existing string, err error)
	Claimed(key outbox.Key) (jobID string, err error)
	Seen(signer string) uint64 // the last block that is known to hold a transaction of the signer
}

// Index is how far the index of the ledger is, and who holds a duty.
type Index interface {
	WaitFor(ctx context.Context, block uint64) error
	// WaitForReceived waits, for a time at most, for the blocks that have arrived and are not indexed yet.
	WaitForReceived(ctx context.Context, most time.Duration)
	Height() uint64
	Fault() error // why nothing may be read, nil when all is well
	// Unreadable are the values on the ledger that cannot be read and were passed over.
	Unreadable() []index.Unreadable
	Duties(ctx context.Context, acts ...relief.Act) ([]relief.Duty, error)
	// Official is an official's entry, nil for none.
	Official(ctx context.Context, agency, name string) (*registry.OfficialEntry, error)
	// Endings is what a region has to know of regions that end, nil when none do.
	Endings(ctx context.Context, region relief.Region) (*registry.Endings, error)
}

// Limits bound what one caller can ask.
type Limits struct {
	BodyBytes int64 // a JSON body
	JSONDepth int   // nested arrays and objects
	PageSize  int   // items of a page, at most
}

// Core is what every handler needs.
type Core struct {
	Organisation string // MSP id of the agency whose gateway this is
	Ledger       Ledger
	Outbox       Outbox
	Index        Index
	Readings     *reading.Reader // the way to personal data
	Limits       Limits
	ActTime      time.Duration // how long an act may take before its answer is "not known yet"
	Log          *slog.Logger
	Now          func() time.Time // nil: the clock
	Location     *time.Location   // in which a day begins; nil: UTC
	Scratch      string           // the folder for the pieces of large workbooks; "": the system's
	Streams      Streams          // of events that are open

	kind atomic.Pointer[registry.AgencyKind] // of the agency, once it is known
}

// LocalTime is the time where the agency is.
func (s *Core) LocalTime() time.Time {
	now, location := time.Now, time.UTC
	if s.Now != nil {
		now = s.Now
	}
	if s.Location != nil {
		location = s.Location
	}
	return now().In(location)
}

// Today is the day where the agency is.
func (s *Core) Today() relief.Day { return relief.Day(s.LocalTime().Format(time.DateOnly)) }

// UploadTime bounds how long a file may take to arrive or to be sent; QueueTime how long a write may wait for its turn.
const (
	UploadTime = 15 * time.Minute
	QueueTime  = 10 * time.Second
)
