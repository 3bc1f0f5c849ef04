package matching

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/outbox"
)

// match is the act that records a statement in a case.
func match(id relief.CaseID, st *registry.MatchStatement) api.MatchInput {
	return api.MatchInput{CaseInput: api.CaseInput{Case: id}, Statement: *st}
}

// recordQuestions has the questions recorded in the case before a department is asked: an answer that is left out then leaves an open
// question. A round of questions about all cases records none: no year of rounds may fill a case, and nobody chooses what it
// records. A department about which the contract refuses a question is not asked.
func (d *Desk) recordQuestions(ctx context.Context, q *Query, report *Report, put []toDepartment) error {
	if q.Changes {
		return nil
	}
	var acts []api.AskInput
	var of []int // the department that each act is about
	for i := range put {
		if about := put[i].subjects(); len(about) > 0 {
			acts = append(acts, api.AskInput{
				CaseInput: api.CaseInput{Case: q.Case}, QuestionTerms: casework.QuestionTerms{Source: report.Sources[i].Source, Subjects: about},
			})
			of = append(of, i)
		}
	}
	if len(acts) == 0 {
		return nil
	}
	refusals, block, err := sendFile(ctx, d.Sender, q.Signer, q.Key, api.CaseAsk, acts)
	if err != nil {
		return err
	}
	report.Block = block
	for _, r := range refusals {
		i := of[r.Seq]
		for _, member := range put[i].members {
			o := &report.Sources[i].Answers[member]
			o.Result, o.Reason = Refused, refusalText(&r)
		}
		put[i] = toDepartment{}
	}
	return nil
}

// record records the statements of a report in its case, and completes the report.
func (d *Desk) record(ctx context.Context, q *Query, record *casework.Case, report *Report) error {
	var acts []api.MatchInput
	var outcomes []*Outcome // of the acts
	for i := range report.Sources {
		for k := range report.Sources[i].Answers {
			o := &report.Sources[i].Answers[k]
			if o.statement == nil {
				continue
			}
			if q.Changes && sameFinding(record, o.statement) ||
				slices.ContainsFunc(record.Matches, func(m casework.Match) bool { return m.MatchStatement == *o.statement }) {
				o.Result = Unchanged
				continue
			}
			acts, outcomes = append(acts, match(q.Case, o.statement)), append(outcomes, o)
		}
	}
	for len(acts) > 0 {
		n := min(len(acts), perCall)
		refusals, block, err := sendFile(ctx, d.Sender, q.Signer, q.Key, api.CaseMatch, acts[:n])
		if err != nil {
			return err
		}
		report.Block = block
		for _, r := range refusals {
			outcomes[r.Seq].Result, outcomes[r.Seq].Reason = Refused, refusalText(&r)
		}
		acts, outcomes = acts[n:], outcomes[n:]
	}
	for _, s := range report.Sources {
		for i := range s.Answers {
			d.answers.WithLabelValues(string(s.Source), string(s.Answers[i].Result)).Inc()
		}
	}
	return nil
}

// refusalText is an act's refusal as officials read it.
func refusalText(r *api.FileRefusal) string {
	return bilingual.Refusal(&relief.Error{Code: r.Code, Field: r.Field, Detail: r.Detail})
}

// sendFile does acts of one function in one transaction and returns those that the contract refused. The same acts with the
// same key are done once, however often sendFile is called.
func sendFile[In, Out any](
	ctx context.Context, to Sender, signer, key string, f api.Function[In, Out], acts []In,
) (refused []api.FileRefusal, block uint64, err error) {
	file := api.FileInput{Act: f.Row().Act, Items: make([]json.RawMessage, len(acts))}
	for i := range acts {
		if file.Items[i], err = json.Marshal(&acts[i]); err != nil {
			return nil, 0, err
		}
	}
	call, err := contracts.Call(signer, api.CaseFile, file, nil)
	if err != nil {
		return nil, 0, err
	}
	hash := sha256.Sum256(call.Argument)
	act := outbox.Key{Principal: signer, IdempotencyKey: key + "/" + hex.EncodeToString(hash[:16])}
	done, err := to.Do(ctx, act, hash, call)
	if err != nil {
		return nil, 0, err
	}
	result, err := contracts.Answer(api.CaseFile, done.Result)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range result.Refused {
		if r.Seq < 0 || r.Seq >= len(acts) {
			return nil, 0, relief.Errorf(relief.CodeCorrupt, "the contract's response cannot be decoded")
		}
	}
	return result.Refused, done.Block, nil
}
