package jobs

import (
	"context"
	"errors"
	"strings"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/rollimport"
)

// KindImport is a job that carries out a confirmed import. It has no file: the chunks are kept since the proposal.
const KindImport Kind = "import"

// importJobPrefix begins the id of the job that carries an import out: there is one for each import.
const importJobPrefix = "import-"

// ImportJob is the id of the job that carries an import out.
func ImportJob(id relief.ImportID) string { return importJobPrefix + string(id) }

// Imports are the folders of the imports that this gateway keeps.
func (r *Runner) Imports() rollimport.Folders { return r.imports }

// CarryImport begins the job that carries out a confirmed import in the name of the official who confirmed it. A job that
// is going or done is answered as it is, and one that failed begins again.
func (r *Runner) CarryImport(ctx context.Context, id relief.ImportID, principal string) (Job, error) {
	job, err := r.Get(ImportJob(id))
	if err == nil && job.State != StateFailed {
		return job, nil
	}
	if err != nil && !errors.Is(err, ErrNoJob) {
		return job, err
	}
	return r.Start(ctx, JobSpec{ID: ImportJob(id), Kind: KindImport, Target: string(id), Principal: principal})
}

// placeRounds is how often people are given other segments because others took their places.
const placeRounds = 10

// importCarrier carries a confirmed import's chunks to the ledger.
type importCarrier struct {
	attempt *attempt
	doc     rollimport.Import
}

// carryImport carries out those chunks that the ledger does not have yet, and then deletes what was kept of the import.
func (a *attempt) carryImport() error {
	id := relief.ImportID(a.job.spec.Target)
	for round := 1; ; round++ {
		left, err := a.importLeft(id)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return a.runner.imports.Remove(string(id))
		}
		if round > placeRounds {
			return relief.Errorf(relief.CodePending, "名册序号被其他操作占用，请稍后再次确认 · "+
				"other acts kept taking the numbers on the roll: confirm again in a while")
		}
		doc, err := a.runner.imports.Load(string(id))
		if err != nil {
			return importFault(err)
		}
		c := &importCarrier{a, doc}
		if err := c.send(left); err != nil {
			return err
		}
	}
}

// importFault tells a caller what to do when the chunks are not there.
func importFault(err error) error {
	if errors.Is(err, rollimport.ErrNone) || errors.Is(err, rollimport.ErrDamaged) {
		return relief.Errorf(relief.CodeNotFound, "%s", importGone)
	}
	return err
}

// importLeft names the chunks that were not carried out yet. The results of the others are the job's, once.
func (a *attempt) importLeft(id relief.ImportID) (map[string]bool, error) {
	details, err := ask(a, api.RollGetImport, api.ImportIDInput{ID: id})
	if err != nil {
		return nil, err
	}
	left := map[string]bool{}
	for i := range details.Chunks {
		c := &details.Chunks[i]
		switch {
		case c.Result == nil:
			left[c.SHA256] = true
		case !a.answered[c.SHA256]:
			a.tellChunk(c.SHA256, c.Again())
		}
	}
	return left, nil
}

// tellChunk counts the result of a chunk that was carried out before.
func (a *attempt) tellChunk(sha256 string, result wire.ChunkResult) {
	a.noteAnswered(sha256)
	for i := range result.Refused {
		refusal := refusalOf(&result.Refused[i], "")
		a.job.refuse(&refusal)
	}
	a.job.answered(&result, false)
}

// send sends the chunks that are left. People who get new numbers fill the roll as it is now.
func (c *importCarrier) send(left map[string]bool) error {
	a := c.attempt
	status, err := ask(a, api.RollStatus, api.RollInput{Programme: c.doc.Programme, County: c.doc.County})
	if err != nil {
		return err
	}
	counts := map[uint32]int{}
	for _, s := range status.Segments {
		counts[s.Segment] = s.Count
	}
	placing := rollimport.NewPlacing(c.doc.SegmentSize, status.Next, counts)
	lines := 0
	for i := range c.doc.Chunks {
		chunk := &c.doc.Chunks[i]
		lines += chunk.Count
		if !left[chunk.SHA256] {
			continue
		}
		segments := chunk.Segments
		if chunk.Fresh() {
			segments = placing.Take(chunk.Count)
		}
		if err := a.scheduler.send(&importChunk{carrier: c, chunk: chunk, segments: segments}); err != nil {
			return err
		}
		a.job.read(lines)
	}
	return a.scheduler.wait()
}

// importChunk is a chunk of an import on its way to its segments of the roll.
type importChunk struct {
	carrier  *importCarrier
	chunk    *rollimport.Chunk
	segments []uint32
}

func (c *importChunk) lanes() []uint32 { return c.segments }

// call reads the bytes that were proposed.
func (c *importChunk) call() (ledger.Call, error) {
	id := c.carrier.doc.ID
	lines, persons, err := c.carrier.attempt.runner.imports.ReadChunk(string(id), c.chunk)
	if err != nil {
		return ledger.Call{}, importFault(err)
	}
	return contracts.Call(c.carrier.attempt.job.spec.Principal, api.RollImport, api.ImportInput{
		Import: id, Segments: c.segments, Range: c.chunk.Range,
	}, map[string][]byte{wire.TransientRoll: lines, wire.TransientPersons: persons})
}

func (c *importChunk) read(result []byte) (wire.ChunkResult, []intake.Refusal, error) {
	r, err := contracts.Answer(api.RollImport, result)
	if err != nil {
		return r, nil, err
	}
	c.carrier.attempt.noteAnswered(c.chunk.SHA256)
	refused := make([]intake.Refusal, len(r.Refused))
	for i := range r.Refused {
		refused[i] = refusalOf(&r.Refused[i], "")
	}
	return r, refused, nil
}

// submits: a chunk is carried out also when all of its lines are refused or unchanged, so that it counts.
func (c *importChunk) submits([]byte) bool { return true }

// again reports whether the chunk is to be sent again with other segments: somebody else has put people into its own.
func (c *importChunk) again(err error) bool {
	var refused *relief.Error
	return c.chunk.Fresh() && errors.As(err, &refused) && refused.Code == relief.CodePending
}

// noteAnswered remembers that a chunk's result is among the job's.
func (a *attempt) noteAnswered(sha256 string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answered[sha256] = true
}

// sweepImports deletes what is kept of imports that were refused, withdrawn, carried out or never proposed.
func (r *Runner) sweepImports() error {
	ids, err := r.imports.List()
	if err != nil {
		return err
	}
	var faults []error
	for _, id := range ids {
		if r.ctx.Err() != nil {
			return nil
		}
		if ended, err := r.importEnded(id); err != nil {
			faults = append(faults, err)
		} else if ended {
			faults = append(faults, r.imports.Remove(id))
		}
	}
	return errors.Join(faults...)
}

// importEnded reports whether nobody needs what is kept of an import.
func (r *Runner) importEnded(id string) (bool, error) {
	if job, planning := strings.CutPrefix(id, planningPrefix); planning {
		return r.find(job) == nil, nil
	}
	doc, err := r.imports.Load(id)
	if errors.Is(err, rollimport.ErrNone) || err == nil && r.find(doc.Job) != nil || r.find(ImportJob(doc.ID)) != nil {
		return false, nil // its job is working on it
	}
	if err != nil {
		return false, err
	}
	details, err := contracts.Ask(r.ctx, r.options.Ledger, doc.Principal, api.RollGetImport, api.ImportIDInput{ID: doc.ID})
	var refused *relief.Error
	if errors.As(err, &refused) && refused.Code == relief.CodeNotFound {
		return true, nil // its job ended before it was proposed
	}
	if err != nil {
		return false, err
	}
	left := false
	for i := range details.Chunks {
		left = left || details.Chunks[i].Result == nil
	}
	state := details.Import.State
	return state == roll.ImportRefused || state == roll.ImportWithdrawn || state == roll.ImportConfirmed && !left, nil
}
