package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
)

// The kinds of jobs that give a whole roll the standards of a version. They have no files.
const (
	KindRerateProposal Kind = "rerate_proposal" // reads the roll and proposes
	KindRerate         Kind = "rerate"          // carries out what was confirmed
)

// RerateSpec says what is to be proposed. A zero version is the one in force, no first month that of the version.
type RerateSpec struct {
	ID        relief.RerateID    `json:"id,omitempty"` // made when empty
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Version   int                `json:"version,omitempty"`
	From      relief.Period      `json:"from,omitzero"`
	Document  string             `json:"document,omitempty"`
}

// RerateResult is what a re-rate would change. Nothing is changed before another official has confirmed it.
type RerateResult struct {
	ID      relief.RerateID `json:"id,omitempty"`     // empty when nobody's terms change
	Digest  string          `json:"digest,omitempty"` // what the official who confirms names
	Changed int             `json:"changed"`
	Behind  int             `json:"behind"`
	More    relief.Fen      `json:"more"` // a month, for all
}

// rerateJobPrefix begins the id of the job that carries a re-rate out: there is one for each.
const rerateJobPrefix = "rerate-"

// RerateJob is the id of the job that carries a re-rate out.
func RerateJob(id relief.RerateID) string { return rerateJobPrefix + string(id) }

// CarryRerate begins the job that carries out a confirmed re-rate in the name of the official who confirmed it. A job that is
// going or done is answered as it is, and one that failed begins again.
func (r *Runner) CarryRerate(ctx context.Context, id relief.RerateID, principal string) (Job, error) {
	job, err := r.Get(RerateJob(id))
	if err == nil && job.State != StateFailed {
		return job, nil
	}
	if err != nil && !errors.Is(err, ErrNoJob) {
		return job, err
	}
	return r.Start(ctx, JobSpec{ID: RerateJob(id), Kind: KindRerate, Target: string(id), Principal: principal})
}

// proposeRerate reads what the standards would do to each segment of the roll, and proposes that.
func (a *attempt) proposeRerate() error {
	spec := *a.job.spec.Rerate
	if spec.Version == 0 || spec.From.IsZero() {
		p, err := ask(a, api.ProgrammeGet, api.ProgrammeInput{ID: spec.Programme})
		if err != nil {
			return err
		}
		current, err := p.Current()
		if err != nil {
			return err
		}
		if spec.Version == 0 {
			spec.Version = current.Version.Version
		}
		if spec.From.IsZero() {
			spec.From = current.Starts.Start()
		}
	}
	counts, err := a.countRerated(&spec)
	if err != nil {
		return err
	}
	terms := roll.RerateTerms{
		ID: a.rerateID(&spec), Programme: spec.Programme, County: spec.County, Version: spec.Version, From: spec.From, Document: spec.Document,
		Segments: counts,
	}
	result := RerateResult{}
	for i := range counts {
		result.Changed, result.Behind, result.More = result.Changed+counts[i].Changed, result.Behind+counts[i].Behind, result.More+counts[i].More
	}
	if result.Changed > 0 {
		if err := a.sendRerate(&terms, &result); err != nil {
			return err
		}
	}
	_ = a.job.update(func(j *Job) {
		j.Rerate = &result
		j.Progress.LinesRead, j.Progress.Accepted = result.Changed+result.Behind, result.Changed
	})
	return nil
}

// sendRerate proposes a re-rate on the ledger.
func (a *attempt) sendRerate(terms *roll.RerateTerms, result *RerateResult) error {
	call, err := contracts.Call(a.job.spec.Principal, api.RollProposeRerate, *terms, nil)
	if err != nil {
		return err
	}
	answer, err := a.deliver(call, nil)
	if err != nil {
		return err
	}
	record, err := contracts.Answer(api.RollProposeRerate, answer.Result)
	if err != nil {
		return err
	}
	result.ID, result.Digest = record.ID, record.Digest
	_ = a.job.update(func(j *Job) { j.Transactions++ })
	return nil
}

// countRerated asks what the standards would do to each segment. Segments in which nothing is to be said are left out.
func (a *attempt) countRerated(spec *RerateSpec) ([]roll.RerateCount, error) {
	status, err := ask(a, api.RollStatus, api.RollInput{Programme: spec.Programme, County: spec.County})
	if err != nil {
		return nil, err
	}
	counts := make([]roll.RerateCount, len(status.Segments))
	var group errgroup.Group
	group.SetLimit(segmentsAtOnce)
	for i, s := range status.Segments {
		group.Go(func() error {
			out, err := ask(a, api.RollRerateSegment, api.RerateSegmentInput{
				SegmentInput: api.SegmentInput{Programme: spec.Programme, County: spec.County, Segment: s.Segment},
				Version:      spec.Version, From: spec.From,
			})
			counts[i] = out.RerateCount
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(counts, func(c roll.RerateCount) bool { return c.Changed+c.Behind == 0 }), nil
}

// rerateID gives a re-rate its id, unless the caller has: the programme, the county, the day, and some characters of the job's id.
func (a *attempt) rerateID(spec *RerateSpec) relief.RerateID {
	if spec.ID != "" {
		return spec.ID
	}
	sum := sha256.Sum256([]byte(a.job.id))
	day := strings.ReplaceAll(string(a.runner.dayOf(a.job.snapshot().StartedAt)), "-", "")
	return relief.RerateID(fmt.Sprintf("%s-%s-%s-%s", spec.Programme, spec.County, day,
		strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:idCharacters])))
}

// carryRerate carries out the segments of a confirmed re-rate that the ledger has not carried out, a few in one transaction.
// Segments that have changed since the proposal are left, and the job fails in the end and names them.
func (a *attempt) carryRerate() error {
	c := &rerateCarrier{attempt: a, id: relief.RerateID(a.job.spec.Target)}
	details, err := ask(a, api.RollGetRerate, api.RerateIDInput{ID: c.id})
	if err != nil {
		return err
	}
	var left []uint32
	for i := range details.Segments {
		if s := &details.Segments[i]; s.Tx == "" {
			left = append(left, s.Segment)
		}
	}
	for segments := range slices.Chunk(left, wire.MaxChunkSegments) {
		if err := a.scheduler.send(&rerateChunk{c, segments}); err != nil {
			return err
		}
	}
	if err := a.scheduler.wait(); err != nil {
		return err
	}
	again := c.takeChanged()
	for _, segment := range again { // one has changed, the others of its transaction may not have
		if err := a.scheduler.send(&rerateChunk{c, []uint32{segment}}); err != nil {
			return err
		}
	}
	if err := a.scheduler.wait(); err != nil {
		return err
	}
	if changed := c.takeChanged(); len(changed) > 0 {
		return relief.Errorf(relief.CodeConflict, "名册分段 %v 在提请后有变动，未提标；请就其余对象再提请一次 · "+
			"segments %v of the roll have changed since the proposal and are as they were: propose another re-rate for their people", changed, changed)
	}
	return nil
}

// rerateCarrier carries a confirmed re-rate's segments to the ledger.
type rerateCarrier struct {
	attempt *attempt
	id      relief.RerateID

	mu      sync.Mutex
	changed []uint32 // segments of transactions that were refused because one of them has changed
}

// takeChanged gives the segments that were refused, and forgets them.
func (c *rerateCarrier) takeChanged() []uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := c.changed
	c.changed = nil
	slices.Sort(changed)
	return changed
}

// rerateChunk is some segments on their way to be re-rated.
type rerateChunk struct {
	carrier  *rerateCarrier
	segments []uint32
}

func (c *rerateChunk) lanes() []uint32 { return c.segments }

func (c *rerateChunk) call() (ledger.Call, error) {
	return contracts.Call(c.carrier.attempt.job.spec.Principal, api.RollRerate, api.RerateInput{
		RerateIDInput: api.RerateIDInput{ID: c.carrier.id}, Segments: c.segments,
	}, nil)
}

func (c *rerateChunk) read(result []byte) (wire.ChunkResult, []intake.Refusal, error) {
	r, err := contracts.Answer(api.RollRerate, result)
	return wire.ChunkResult{Accepted: r.Accepted, Unchanged: r.Unchanged}, nil, err
}

// submits: a segment in which everybody stays behind counts, too.
func (c *rerateChunk) submits([]byte) bool { return true }

// again notes the segments of a transaction that was refused because one of them has changed.
func (c *rerateChunk) again(err error) bool {
	var refused *relief.Error
	if !errors.As(err, &refused) || refused.Code != relief.CodeConflict {
		return false
	}
	c.carrier.mu.Lock()
	defer c.carrier.mu.Unlock()
	c.carrier.changed = append(c.carrier.changed, c.segments...)
	return true
}
