package jobs

import (
	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/resealing"
)

// resealsAtOnce is how many proposals are confirmed at a time.
const resealsAtOnce = 4

// carryReseal confirms or refuses proposals to seal documents again, those that are not decided yet: the job begins again after a
// stop. This gateway seals each document itself, and confirms nothing that comes out as other bytes.
func (a *attempt) carryReseal() error {
	spec := a.job.spec.Reseal
	if o := &a.runner.options; spec.Agree && o.Persons == nil {
		return errNoPersonsKey
	}
	var group errgroup.Group
	group.SetLimit(resealsAtOnce)
	for _, id := range spec.Proposals {
		group.Go(func() error {
			if a.ctx.Err() != nil {
				return a.ctx.Err()
			}
			return a.decideReseal(id, spec)
		})
	}
	return group.Wait()
}

// decideReseal decides one proposal.
func (a *attempt) decideReseal(id relief.ResealID, spec *ResealSpec) error {
	r, err := ask(a, api.PersonGetReseal, api.ResealInput{ID: id})
	if err != nil {
		return err
	}
	if r.State != reseal.Proposed {
		a.countReseal(&r, false)
		return nil
	}
	transient := map[string][]byte{}
	if spec.Agree {
		documents, err := a.sealAgain(&r)
		if err != nil {
			return err
		}
		transient[wire.TransientSealed] = roll.AppendDetails(nil, documents)
	}
	call, err := contracts.Call(a.job.spec.Principal, api.PersonConfirmReseal, api.ConfirmResealInput{
		ID: id, Decision: reseal.Decision{SHA256: r.SHA256, Agree: spec.Agree, Reason: spec.Reason},
	}, transient)
	if err != nil {
		return err
	}
	answer, err := a.deliver(call, nil)
	if err != nil {
		return err
	}
	if r, err = contracts.Answer(api.PersonConfirmReseal, answer.Result); err != nil {
		return err
	}
	a.countReseal(&r, true)
	return nil
}

// countReseal counts the documents of a proposal that is decided, by this attempt or before it.
func (a *attempt) countReseal(r *reseal.Reseal, now bool) {
	_ = a.job.update(func(j *Job) {
		if j.Reseal == nil {
			j.Reseal = &ResealResult{Epoch: r.Epoch}
		}
		done := *j.Reseal // a watcher has the one before
		done.Documents += len(r.Documents)
		if r.State == reseal.Resealed {
			done.Current, done.Outdated = done.Current+len(r.Documents)-r.Outdated, done.Outdated+r.Outdated
		}
		j.Reseal = &done
		j.Progress.LinesRead, j.Progress.Accepted = done.Documents, done.Current
		j.Progress.Chunks++
		if now {
			j.Transactions++
		}
	})
}

// sealAgain seals the documents of a proposal that are still as they were, and compares them with what was proposed.
func (a *attempt) sealAgain(r *reseal.Reseal) (documents [][]byte, err error) {
	if key := a.runner.options.Persons; r.Epoch != key.Epoch() {
		return nil, errEpoch(r, key)
	}
	proposed := make(map[string]reseal.Document, len(r.Documents))
	names := make([]string, len(r.Documents))
	for i, d := range r.Documents {
		proposed[d.Name], names[i] = d, d.Name
	}
	held, err := ask(a, api.PersonSealed, api.SealedInput{County: r.County, Names: names})
	if err != nil {
		return nil, err
	}
	var same []api.SealedDocument
	for _, d := range held.Items {
		if proposed[d.Name].Before == sha256Of(d.Document) {
			same = append(same, d)
		}
	}
	if len(same) == 0 {
		return [][]byte{}, nil
	}
	opened, err := a.readSealed(same)
	if err != nil {
		return nil, err
	}
	for i := range same {
		after, err := resealing.Again(opened, &same[i])
		if err != nil || sha256Of(after) != proposed[same[i].Name].After {
			return nil, relief.Errorf(relief.CodeConflict, "%s：重新封存的内容与原文件不符，未予确认；请核实提请 %s · "+
				"%s was not sealed again as it is: nothing of proposal %s is confirmed, find out who proposed it", same[i].Name, r.ID, same[i].Name, r.ID)
		}
		documents = append(documents, after)
	}
	return documents, nil
}
