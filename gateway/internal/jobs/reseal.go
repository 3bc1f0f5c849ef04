package jobs

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/resealing"
	"relieftrail/gateway/internal/seal"
)

// The kinds of jobs that have what is sealed of a county sealed again. They have no files.
const (
	KindResealProposal Kind = "reseal_proposal" // seals what is under another key, and proposes
	KindReseal         Kind = "reseal"          // seals what was proposed once more, compares, and confirms
)

// ResealSpec says what is decided of proposals to seal documents of a county again.
type ResealSpec struct {
	Proposals []relief.ResealID `json:"proposals"`
	Agree     bool              `json:"agree"`
	Reason    string            `json:"reason,omitempty"` // of a refusal
}

// ResealResult is what a proposal to seal a county's documents again found, or what became of it. A detail page counts as one document.
type ResealResult struct {
	Epoch     uint8 `json:"epoch"`     // of the key in use
	Documents int   `json:"documents"` // all that are sealed in the county; of a confirmation, all that were proposed
	Current   int   `json:"current"`   // of these, under the key in use
	Proposed  int   `json:"proposed"`  // by this job
	Waiting   int   `json:"waiting"`   // that were proposed before
	Outdated  int   `json:"outdated"`  // that were changed or erased meanwhile: begin again for them
	Unopened  int   `json:"unopened"`  // that no key here opens
	// Names are the first of those that no key here opens.
	Names []string `json:"names,omitempty"`
}

// maxResealBytes bounds the documents of one proposal: they travel in one transaction.
const maxResealBytes = 512 << 10

// maxNames bounds the names in a result.
const maxNames = 20

var errNoPersonsKey = relief.Errorf(relief.CodeForbidden,
	"本网关没有个人信息密钥，请在保存个人信息的网关重新封存 · this gateway has no persons key: documents are sealed again where private details are kept")

// sealedContracts asks the contracts what is sealed, in the job's name.
func (a *attempt) sealedContracts() resealing.Contracts {
	return resealing.Contracts{
		Status:    func(in api.RollInput) (api.RollFill, error) { return ask(a, api.RollStatus, in) },
		Names:     func(in api.SegmentDetailsInput) (api.SealedNames, error) { return ask(a, api.PersonSealedNames, in) },
		Documents: func(in api.SealedInput) (api.SealedDocuments, error) { return ask(a, api.PersonSealed, in) },
	}
}

// resealer proposes to seal documents of a county again.
type resealer struct {
	attempt *attempt
	county  relief.Region
	result  ResealResult
	waiting map[string]reseal.Document // that were proposed before, by name
	chunk   []reseal.Document
	bytes   int
}

// proposeReseal seals what is under another key than the one in use, and proposes that. Nothing is kept but the hashes: the official
// who confirms has it sealed once more.
func (a *attempt) proposeReseal() error {
	o := &a.runner.options
	if o.Persons == nil || o.Sealed == nil {
		return errNoPersonsKey
	}
	r := &resealer{attempt: a, county: relief.Region(a.job.spec.Target), result: ResealResult{Epoch: o.Persons.Epoch()}}
	waiting, err := resealing.WaitingIn(a.ctx, o.Sealed, r.county, r.result.Epoch)
	if err != nil {
		return err
	}
	r.waiting = waiting.Named
	if err := resealing.Walk(a.ctx, o.Sealed, a.sealedContracts(), r.county, r.add); err != nil {
		return err
	}
	if err := r.propose(); err != nil {
		return err
	}
	r.tell()
	return nil
}

// tell has the job say how far it is.
func (r *resealer) tell() {
	result := r.result
	result.Names = slices.Clone(result.Names)
	_ = r.attempt.job.update(func(j *Job) {
		j.Reseal = &result
		j.Progress.LinesRead, j.Progress.Accepted = result.Documents, result.Proposed
		j.Progress.Unchanged = result.Current + result.Waiting
	})
}

// add seals those of some documents again that are under another key.
func (r *resealer) add(documents []api.SealedDocument) error {
	r.result.Documents += len(documents)
	other := slices.DeleteFunc(documents, r.settled)
	if len(other) == 0 {
		r.tell()
		return nil
	}
	opened, err := r.attempt.readSealed(other)
	if err != nil {
		return err
	}
	for i := range other {
		d := &other[i]
		after, err := resealing.Again(opened, d)
		if err != nil { // it says nothing of whose it is
			if r.result.Unopened++; len(r.result.Names) < maxNames {
				r.result.Names = append(r.result.Names, d.Name)
			}
			continue
		}
		if len(r.chunk) == reseal.MaxDocuments || len(r.chunk) > 0 && r.bytes+len(after) > maxResealBytes {
			if err := r.propose(); err != nil {
				return err
			}
		}
		r.chunk, r.bytes = append(r.chunk, reseal.Document{Name: d.Name, Before: sha256Of(d.Document), After: sha256Of(after)}), r.bytes+len(after)
	}
	r.tell()
	return nil
}

// settled reports whether nothing is to be done for a document, and counts it.
func (r *resealer) settled(d api.SealedDocument) bool {
	if !slices.ContainsFunc(resealing.Epochs(&d), func(epoch uint8) bool { return epoch != r.result.Epoch }) {
		r.result.Current++
		return true
	}
	before, waits := r.waiting[d.Name]
	if waits = waits && before.Before == sha256Of(d.Document); waits {
		r.result.Waiting++
	}
	return waits
}

// propose proposes the chunk at hand.
func (r *resealer) propose() error {
	n := len(r.chunk)
	if n == 0 {
		return nil
	}
	slices.SortFunc(r.chunk, func(x, y reseal.Document) int { return cmp.Compare(x.Name, y.Name) })
	call, err := contracts.Call(r.attempt.job.spec.Principal, api.PersonProposeReseal, reseal.Terms{
		County: r.county, Epoch: r.result.Epoch, Documents: r.chunk,
	}, nil)
	if err != nil {
		return err
	}
	r.chunk, r.bytes = nil, 0
	answer, err := r.attempt.deliver(call, nil)
	switch {
	case errors.Is(err, &relief.Error{Code: relief.CodeConflict}):
		r.result.Outdated += n
	case err != nil:
		return err
	default:
		if _, err := contracts.Answer(api.PersonProposeReseal, answer.Result); err != nil {
			return err
		}
		r.result.Proposed += n
	}
	_ = r.attempt.job.update(func(j *Job) { j.Transactions++; j.Progress.Chunks++ })
	r.tell()
	return nil
}

// readSealed records that documents are opened to seal them again.
func (a *attempt) readSealed(documents []api.SealedDocument) (*reading.Opened, error) {
	return a.runner.options.Readings.Read(reading.Access{
		Principal: a.job.spec.Principal, Purpose: reading.Resealing, Route: "job", Record: "job/" + a.job.id,
	}, resealing.People(documents)...)
}

func sha256Of(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// errEpoch is the refusal of a proposal that was made with another key than the one in use here.
func errEpoch(r *reseal.Reseal, key *seal.Key) error {
	return relief.Errorf(relief.CodeWrongState, "提请使用第 %d 期密钥，本网关使用第 %d 期：请先统一密钥设置 · "+
		"the proposal is under the key of epoch %d and this gateway seals with that of epoch %d: exchange the keys first, see persons_key", r.Epoch, key.Epoch(), r.Epoch, key.Epoch())
}
