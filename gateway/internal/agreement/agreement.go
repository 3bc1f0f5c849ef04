// Package agreement holds this agency's indicators, and the alerts of its screening, against those that the other agencies' gateways have
// worked out, byte by byte. Who differs is an alert: an index, a program or a ledger is not what it should be.
package agreement

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/screen"
	"relieftrail/gateway/internal/httpclient"
)

// Path is where gateways give the digests of their indicators.
const Path = "/public/v1/indicators/digests"

const (
	comparedMonths = 64 // the months that were closed last, each with its provisional and final report
	maxDigests     = 2 * comparedMonths
	maxAnswer      = 256 * maxDigests // bytes
	digestsKept    = 4096
	keptFor        = 10 * time.Minute // then a digest is worked out again: an index may have been changed
	askTime        = 5 * time.Second
)

// Source is the index of the ledger.
type Source interface {
	Height() uint64
	ClosedMonths(ctx context.Context, limit int) ([]indicator.Question, error)
	Indicators(ctx context.Context, q indicator.Question, block *uint64) (indicator.Report, error)
	// FinalBlock is the block as of which the figures of a span are final; nil while there is none.
	FinalBlock(ctx context.Context, s indicator.Span) (*uint64, error)
	Screen(ctx context.Context, region relief.Region, block *uint64) (*screen.Report, error)
}

// Digest is what an agency's indicators of a question come to.
type Digest struct {
	indicator.Question
	SHA256 string `json:"sha256"`
}

// Digests is what a gateway sends to the others.
type Digests struct {
	Agency   string     `json:"agency"`
	Digests  []Digest   `json:"digests"`
	Screened []Screened `json:"screened"`
}

// Peer is another agency's gateway.
type Peer struct{ MSPID, URL string }

// Difference is a question to which another agency has other figures.
type Difference struct {
	Agency string
	Ours   Digest
	Theirs string
}

// Sentence says the difference to an operator.
func (d *Difference) Sentence() string {
	q := &d.Ours.Question
	return fmt.Sprintf("ALERT indicators: %s 与本部门算出的 %s %s %s（区块 %d）绩效指标不同 · has other indicators of %s in %s, %s, as of block %d than this agency: %s, not %s",
		d.Agency, q.Programme, q.Region, q.Period, q.Block, q.Programme, q.Region, q.Period, q.Block, d.Theirs, d.Ours.SHA256)
}

// Options are what Agreement needs.
type Options struct {
	Organisation string
	Source       Source
	Peers        []Peer
	Client       *http.Client
	Pause        time.Duration // between two questions to a peer
	Log          *slog.Logger
}

// Agreement compares. It is safe for concurrent use.
type Agreement struct {
	Options
	known *lru.Cache[indicator.Question, string] // digests of questions with their blocks, which should never change

	mu    sync.Mutex
	since time.Time               // of which known is
	found map[string][]Difference // by agency
	asked map[string]bool         // whether the agency has answered

	screened map[screen.Question]kept      // digests of alerts
	alerts   map[string][]AlertsDifference // by agency
}

// New makes an Agreement; Run compares.
func New(o Options) *Agreement {
	known, _ := lru.New[indicator.Question, string](digestsKept) // fails for a size of 0 only
	return &Agreement{Options: o, known: known, found: map[string][]Difference{}, asked: map[string]bool{},
		screened: map[screen.Question]kept{}, alerts: map[string][]AlertsDifference{}}
}

// Own are this agency's digests: of the months that were closed last, as of the block of the close, and the final ones.
func (a *Agreement) Own(ctx context.Context) (Digests, error) {
	d := Digests{Agency: a.Organisation, Digests: []Digest{}, Screened: a.ownScreened()}
	months, err := a.Source.ClosedMonths(ctx, comparedMonths)
	if err != nil {
		return d, err
	}
	for _, q := range months {
		own, err := a.digest(ctx, q)
		if err != nil {
			return d, err
		}
		d.Digests = append(d.Digests, own)
		final, err := a.Source.FinalBlock(ctx, q.Period)
		if err != nil {
			return d, err
		}
		if final == nil || *final == q.Block {
			continue
		}
		q.Block = *final
		if own, err = a.digest(ctx, q); err != nil {
			return d, err
		}
		d.Digests = append(d.Digests, own)
	}
	return d, nil
}

func (a *Agreement) digest(ctx context.Context, q indicator.Question) (Digest, error) {
	a.forget()
	if known, ok := a.known.Get(q); ok {
		return Digest{q, known}, nil
	}
	report, err := a.Source.Indicators(ctx, q, &q.Block)
	if err != nil {
		return Digest{}, err
	}
	d := Digest{q, report.Digest()}
	a.known.Add(q, d.SHA256)
	return d, nil
}

// forget has digests worked out again that were kept for long.
func (a *Agreement) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := time.Now(); now.Sub(a.since) > keptFor {
		a.known.Purge()
		a.since = now
	}
}

// Run asks the other gateways until ctx ends.
func (a *Agreement) Run(ctx context.Context) error {
	var peers sync.WaitGroup
	peers.Go(func() { a.runScreening(ctx) })
	for _, p := range a.Peers {
		peers.Go(func() {
			for ctx.Err() == nil {
				if err := a.Compare(ctx, p); err != nil && ctx.Err() == nil {
					a.Log.DebugContext(ctx, "the indicators of another agency cannot be compared", "agency", p.MSPID, "error", err)
				}
				select {
				case <-ctx.Done():
				case <-time.After(a.Pause):
				}
			}
		})
	}
	peers.Wait()
	return ctx.Err()
}

// Compare holds what another gateway has worked out against our own. What it has of blocks that are not here yet is left for later.
func (a *Agreement) Compare(ctx context.Context, p Peer) error {
	theirs, err := a.ask(ctx, p)
	if err != nil {
		return err
	}
	var found []Difference
	for _, d := range theirs.Digests[:min(len(theirs.Digests), maxDigests)] {
		if d.Block >= a.Source.Height() {
			continue
		}
		own, err := a.digest(ctx, d.Question)
		if err != nil {
			return err
		}
		if own.SHA256 != d.SHA256 {
			found = append(found, Difference{p.MSPID, own, d.SHA256})
		}
	}
	alerts := a.alertsDiffering(p.MSPID, theirs.Screened)
	a.mu.Lock()
	before, alertsBefore := a.found[p.MSPID], a.alerts[p.MSPID]
	a.found[p.MSPID], a.alerts[p.MSPID], a.asked[p.MSPID] = found, alerts, true
	a.mu.Unlock()
	for i := range alerts {
		if !slices.Contains(alertsBefore, alerts[i]) {
			a.Log.ErrorContext(ctx, "another agency finds other alerts", "agency", p.MSPID, "detail", alerts[i].Sentence())
		}
	}
	for i := range found {
		if !slices.Contains(before, found[i]) {
			a.Log.ErrorContext(ctx, "another agency has other indicators", "agency", p.MSPID, "detail", found[i].Sentence())
		}
	}
	return nil
}

func (a *Agreement) ask(ctx context.Context, p Peer) (answer Digests, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	body, err := httpclient.Get(ctx, a.Client, p.URL+Path, maxAnswer)
	if err != nil {
		return answer, fmt.Errorf("the gateway of %s: %w", p.MSPID, err)
	}
	return parse(body, p)
}

func parse(body []byte, p Peer) (answer Digests, err error) {
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer, fmt.Errorf("the gateway of %s did not answer with digests of indicators: %w", p.MSPID, err)
	}
	for i := range answer.Digests {
		if d := &answer.Digests[i]; d.Period.String() == "" || len(d.SHA256) != 64 || len(d.Region) > 6 || len(d.Programme) > 64 {
			return Digests{}, fmt.Errorf("the gateway of %s gave a digest of no indicators", p.MSPID)
		}
	}
	for i := range answer.Screened {
		if d := &answer.Screened[i]; len(d.SHA256) != 64 || len(d.Region) > 6 {
			return Digests{}, fmt.Errorf("the gateway of %s gave a digest of no county's alerts", p.MSPID)
		}
	}
	return answer, nil
}

// Status is how far agencies agree.
type Status struct {
	Peers, Answered int
	Differences     []Difference       // of all agencies
	Alerts          []AlertsDifference // likewise
	Screened        int                // how many counties and blocks this agency has screened to compare them
}

// Status says how far agencies agree.
func (a *Agreement) Status() Status {
	screened := len(a.ownScreened())
	a.mu.Lock()
	defer a.mu.Unlock()
	s := Status{Peers: len(a.Peers), Answered: len(a.asked), Screened: screened}
	for _, p := range a.Peers {
		s.Differences = append(s.Differences, a.found[p.MSPID]...)
		s.Alerts = append(s.Alerts, a.alerts[p.MSPID]...)
	}
	return s
}
