package matching

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// matchAct is the act that records a statement in a case.
type matchAct struct {
	Case      relief.CaseID           `json:"case"`
	Statement registry.MatchStatement `json:"statement"`
}

// refusedAct is the contract's refusal of one act of a file.
type refusedAct struct {
	Seq    int         `json:"seq"`
	Code   relief.Code `json:"code"`
	Field  string      `json:"field"`
	Detail string      `json:"detail"`
}

// record records the statements of a report in its case, and completes the report.
func (d *Desk) record(ctx context.Context, q *Query, record *casework.Case, report *Report) error {
	var acts []matchAct
	var told []*Outcome
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
			acts, told = append(acts, matchAct{q.Case, *o.statement}), append(told, o)
		}
	}
	for len(acts) > 0 {
		n := min(len(acts), perCall)
		refusals, block, err := send(ctx, d.Sender, q.Signer, q.Key, relief.ActCaseMatch, acts[:n])
		if err != nil {
			return err
		}
		report.Block = block
		for _, r := range refusals {
			told[r.Seq].Result, told[r.Seq].Reason = Refused, r.Detail
		}
		acts, told = acts[n:], told[n:]
	}
	for _, s := range report.Sources {
		for i := range s.Answers {
			d.answers.WithLabelValues(string(s.Source), string(s.Answers[i].Result)).Inc()
		}
	}
	return nil
}

// send does acts of one kind in one transaction and returns those that the contract refused. The same acts with the same key
// are done once, however often send is called.
func send[T any](ctx context.Context, to Sender, signer, key string, act relief.Act, acts []T) (refusals []refusedAct, block uint64, err error) {
	argument, err := json.Marshal(map[string]any{"act": act, "items": acts})
	if err != nil {
		return nil, 0, err
	}
	hash := sha256.Sum256(argument)
	answer, err := to.Do(ctx, outbox.Key{Principal: signer, IdempotencyKey: key + "/" + hex.EncodeToString(hash[:16])}, hash,
		ledger.Call{Signer: signer, Function: "case:File", Argument: argument})
	if err != nil {
		return nil, 0, err
	}
	var result struct {
		Refused []refusedAct `json:"refused"`
	}
	if err := json.Unmarshal(answer.Result, &result); err != nil {
		return nil, 0, err
	}
	for _, r := range result.Refused {
		if r.Seq < 0 || r.Seq >= len(acts) {
			return nil, 0, relief.Errorf(relief.CodeCorrupt, "the contract's response cannot be decoded")
		}
	}
	return result.Refused, answer.Block, nil
}
