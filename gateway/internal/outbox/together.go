package outbox

import (
	"context"
	"errors"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/crashpoint"
	"relieftrail/gateway/internal/gather"
	"relieftrail/gateway/internal/ledger"
)

// Joiner puts the calls of several acts into one. The outbox does not know what a call says.
type Joiner interface {
	// Joins reports whether calls of a kind may be one; those that may have the same function.
	Joins(call *ledger.Call) bool
	// Join makes one call of several with the same signer and function.
	Join(calls []ledger.Call) (ledger.Call, error)
	// Divide reads from the result of a joined call what each of n acts comes to.
	Divide(result []byte, n int) ([]Part, error)
}

// Part is what one act of a joined call comes to: the result that it would have alone, or a refusal.
type Part struct {
	Result  []byte
	Refusal *relief.Error
}

// mostTogether bounds the acts of one transaction: each has its record in the answer.
const mostTogether = 100

// togetherKey names what may be one transaction: acts of one function that the same official signs. What another official signs
// is never in it.
type togetherKey struct{ signer, function string }

// act is one that may go with others.
type act struct {
	key     Key
	request [32]byte
	call    ledger.Call
}

// outcome is what became of an act.
type outcome struct {
	answer Answer
	err    error
}

func (o *Outbox) newActs() *gather.Gatherer[togetherKey, act, outcome] {
	return gather.New(func(_ togetherKey, acts []act) ([]outcome, error) { return o.carryTogether(acts), nil }, gather.Options[act]{
		Group: func() func(act) bool {
			n := 0
			return func(act) bool {
				n++
				return n <= mostTogether
			}
		},
		Go: o.tasks.Go,
	})
}

// carryTogether carries out acts in one transaction; a single one as it is.
func (o *Outbox) carryTogether(acts []act) []outcome {
	ctx, cancel := context.WithTimeout(o.ctx, o.opts.Deadline)
	defer cancel()
	outcomes := make([]outcome, len(acts))
	var open []int // acts of which nothing is known yet
	for i := range acts {
		known, err := o.begun(&acts[i])
		if !known && err == nil {
			open = append(open, i)
		}
		outcomes[i].err = err
	}
	o.submitTogether(ctx, acts, open, outcomes)
	return outcomes
}

// begun reports whether a transaction of an act was kept while the act waited: its caller had given up, and sent it again. Such an
// act is not sent a second time; the error says that its end is being followed.
func (o *Outbox) begun(a *act) (bool, error) {
	e, found, err := o.entry(a.key)
	if err != nil || !found || e.TxID == "" {
		return false, err
	}
	return true, &Pending{TxID: e.TxID}
}

// submitTogether sends some of the acts in one transaction. When the contract refuses that as a whole, each half is tried for
// itself, so that nobody is refused for what another one sent.
func (o *Outbox) submitTogether(ctx context.Context, acts []act, some []int, outcomes []outcome) {
	if len(some) == 0 {
		return
	}
	if len(some) == 1 {
		a := &acts[some[0]]
		out := &outcomes[some[0]]
		out.answer, out.err = o.submit(ctx, a.call, false, a.alone)
		return
	}
	calls := make([]ledger.Call, len(some))
	for i, k := range some {
		calls[i] = acts[k].call
	}
	call, err := o.opts.Joiner.Join(calls)
	if err != nil {
		fail(outcomes, some, err)
		return
	}
	crashpoint.Point("gathered")
	var parts []Part
	answer, err := o.submit(ctx, call, false, func(result []byte) (entry txEntry, worthwhile bool, err error) {
		if parts, err = o.opts.Joiner.Divide(result, len(some)); err != nil {
			return entry, false, fmt.Errorf("acts that were sent together: %w", err)
		}
		for i, k := range some {
			if parts[i].Refusal == nil {
				entry.Acts = append(entry.Acts, actEntry{[]byte(acts[k].key.text()), acts[k].request[:], parts[i].Result})
			}
		}
		return entry, len(entry.Acts) > 0, nil
	})
	var refused *relief.Error
	switch {
	case errors.As(err, &refused):
		half := len(some) / 2
		o.submitTogether(ctx, acts, some[:half], outcomes)
		o.submitTogether(ctx, acts, some[half:], outcomes)
		return
	case err != nil:
		fail(outcomes, some, err)
	}
	for i, k := range some {
		switch {
		case err == nil && parts[i].Refusal == nil:
			outcomes[k].answer = Answer{TxID: answer.TxID, Block: answer.Block, Result: parts[i].Result}
		case err == nil:
			outcomes[k].err = &ledger.NotEndorsed{TxID: answer.TxID, Refusal: parts[i].Refusal}
		case i < len(parts) && parts[i].Refusal != nil:
			outcomes[k].err = &Pending{} // whether it stands depends on the others: nothing of it was sent
		}
	}
}

func fail(outcomes []outcome, some []int, err error) {
	for _, k := range some {
		outcomes[k].err = err
	}
}

// alone is the entry of an act that has a transaction of its own.
func (a *act) alone([]byte) (txEntry, bool, error) {
	return txEntry{Acts: []actEntry{{Key: []byte(a.key.text()), Request: a.request[:]}}}, true, nil
}
