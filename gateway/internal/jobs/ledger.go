package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// deliver sends a call in the job's name.
func (a *attempt) deliver(call ledger.Call, worthwhile func(result []byte) bool) (outbox.Answer, error) {
	return a.runner.deliver(a.ctx, a.job.id, call, worthwhile, a.job.waiting)
}

// deliver sends a call. A call is sent again when its end is not known in time, or when it has lost its race to
// others with the same keys for too long: sending a chunk again is harmless. worthwhile is as in Sender; waiting is called
// when the ledger has been silent for long.
func (r *Runner) deliver(
	ctx context.Context, owner string, call ledger.Call, worthwhile func(result []byte) bool, waiting func(),
) (outbox.Answer, error) {
	o := &r.options
	for {
		silence := time.AfterFunc(o.Patience, waiting)
		answer, err := o.Sender.Send(ctx, owner, call, worthwhile)
		silence.Stop()
		var pending *outbox.Pending
		var invalid *ledger.CommittedInvalid
		lost := errors.As(err, &invalid) && invalid.Conflict()
		if !lost && !errors.As(err, &pending) && !outbox.DiskFull(err) { // nothing was submitted without space for it
			return answer, err
		}
		waiting()
		if err := r.pause(ctx); err != nil {
			return answer, err
		}
	}
}

// acceptsAny reports whether the result of a chunk's endorsement has a line that the transaction would write. A
// result that cannot be read is submitted: its reader then says what is wrong with it.
func acceptsAny(result []byte) bool {
	var counts struct {
		Accepted int `json:"accepted"`
	}
	return json.Unmarshal(result, &counts) != nil || counts.Accepted > 0
}

// ask reads from the ledger as the job's principal, and goes on through outages.
func ask[In, Out any](a *attempt, f api.Function[In, Out], in In) (Out, error) {
	o := &a.runner.options
	for tries := 1; ; tries++ {
		out, err := contracts.Ask(a.ctx, o.Ledger, a.job.spec.Principal, f, in)
		var refused *relief.Error
		switch {
		case err == nil:
			a.job.heard()
			return out, nil
		case errors.As(err, &refused), a.ctx.Err() != nil:
			return out, fmt.Errorf("%s: %w", f.Name(), err)
		case tries == 1:
			o.Log.Warn("a job waits for the ledger", "job", a.job.id, "kind", string(a.job.spec.Kind), "error", err)
		}
		a.job.waiting()
		if err := a.runner.pause(a.ctx); err != nil {
			return out, err
		}
	}
}

// pause keeps a job from asking again and again without a rest while nothing answers.
func (r *Runner) pause(ctx context.Context) error {
	t := time.NewTimer(min(time.Second, r.options.Patience))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refusalsOf are a contract's refusals of lines; serials are what the file calls the lines.
func refusalsOf(refused []wire.Refusal, serials map[uint32]string) []intake.Refusal {
	out := make([]intake.Refusal, len(refused))
	for i := range refused {
		out[i] = refusalOf(&refused[i], serials[refused[i].Seq])
	}
	return out
}

// refusalOf is a contract's refusal of a line; serial is what the file calls the line.
func refusalOf(r *wire.Refusal, serial string) intake.Refusal {
	return intake.Refusal{FileLine: int(r.Seq), Serial: serial, Field: fieldOf[r.Code], Code: r.Code, Note: r.Note}
}

// fieldOf is the column that a contract's refusal is about.
var fieldOf = map[relief.LineCode]string{
	relief.LineRegionOutside: "region", relief.LineRegionEnded: "region", relief.LineAmountOverBound: "amount", relief.LineAmountUnderBound: "amount",
	relief.LineAmountDiffers: "amount", relief.LineTransferDiffers: "amount", relief.LinePersons: "persons", relief.LineClass: "class",
	relief.LineNotOnRoll: "id_number", relief.LineExited: "id_number", relief.LineBeforeEntry: "id_number",
	relief.LineNameDiffers: "name", relief.LineAccountDiffers: "account", relief.LinePersonsDiffers: "persons",
	relief.LineRegionDiffers: "region", relief.LineAmountNotGranted: "amount",
	relief.LineAlreadyOnRoll: "id_number", relief.LineUnanswered: "id_number", relief.LineOverlap: "id_number", relief.LineNotInBatch: "payment_id",
	relief.LineAlreadySettled: "result", relief.LineReversal: "result", relief.LineDateBounds: "date", relief.LineReason: "reason", relief.LineResult: "result",
}
