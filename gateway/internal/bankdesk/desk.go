package bankdesk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/jobs"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/objectstore"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// Jobs carry settlements to the ledger.
type Jobs interface {
	Start(ctx context.Context, spec jobs.JobSpec) (jobs.Job, error)
	Get(id string) (jobs.Job, error)
	Watch(ctx context.Context, id string) (<-chan jobs.Job, error)
	RefusedLines(id string) ([]jobs.Refusal, error)
}

// Settings are the bank's settings of the configuration.
type Settings struct {
	Message         string // pain.001.001.09, pain.001.001.10 or csv; empty: the gateway makes no payment files
	MaxTransactions int    // of one file; 0 is one file a batch
	Initiator       bankfile.Party
	Debtor          bankfile.Party
	DebtorAccount   string // empty: the tranche's dedicated account (R21)
	AgentBIC        string
	AgentCNAPS      string
	Credited        []string // statuses of pain.002 that mean credited
	ReturnedWords   []string // the bank's words for a payment that came back; nil: those of Chinese banks
	List            bankfile.Profile
	Remittance      Remittance // "": Chinese
	Answers         []bankfile.Profile
	Location        *time.Location
	Limits          bankfile.Limits
	Rules           Rules         // that classify what is no payment
	Keep            time.Duration // of payment files after their batch has ended; 0: for ever
}

// Options are what the desk works with.
type Options struct {
	Settings
	Ledger  ledger.Evaluator
	Jobs    Jobs
	Objects objectstore.Store
	Index   Index     // says what is erased
	Key     []byte    // the agencies' subject key: tells accounts apart that are not kept
	Persons *seal.Key // makes the payees' tags; nil makes no payment files
	// ReceiptKey salts the receipts of people to whom nothing is transferred; nil where no receipts are made.
	ReceiptKey []byte
	// Readings opens the payees' details.
	Readings *reading.Reader
	Path     string // of the desk's own file
	Dir      string // of files on their way to a job; made when it is not there
	Log      *slog.Logger
	Now      func() time.Time
}

// Desk is safe for concurrent use.
type Desk struct {
	options Options
	store   *boltstore.Store
	ctx     context.Context
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
	wake    chan struct{}

	resolving sync.Mutex // one exception at a time
}

// Open opens or makes the desk's file, mode 0600.
func Open(o Options) (*Desk, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.Remittance == "" {
		o.Remittance = RemittanceZh
	}
	if err := errors.Join(os.MkdirAll(o.Dir, 0o700), sweepWorkbooks(o.Dir)); err != nil {
		return nil, fmt.Errorf("the folder of the bank's files: %w", err)
	}
	store, err := openStore(o.Path)
	if err != nil {
		return nil, fmt.Errorf("bank desk: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Desk{options: o, store: store, ctx: ctx, cancel: cancel, wake: make(chan struct{}, 1)}
	d.tasks.Go(d.work)
	d.wakeUp()
	return d, nil
}

// Close stops what is under way, which goes on at the next start.
func (d *Desk) Close() error {
	d.cancel()
	d.tasks.Wait()
	return d.store.Close()
}

// MakesFiles reports whether the gateway makes the payment files itself.
func (d *Desk) MakesFiles() bool { return d.options.Message != "" && d.options.Persons != nil }

// ask reads from the ledger as a principal.
func ask[In, Out any](ctx context.Context, d *Desk, signer string, f api.Function[In, Out], in In) (Out, error) {
	return contracts.Evaluate(ctx, d.options.Ledger, signer, f, in)
}

func (d *Desk) batch(ctx context.Context, signer string, id relief.BatchID) (*payment.Batch, error) {
	b, err := ask(ctx, d, signer, api.PaymentGet, api.BatchInput{ID: id})
	return &b, err
}
