package agreement

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"relieftrail/chaincode/relief/screen"
)

const (
	screenedMonths = 4             // the months that were closed last, whose counties are screened as of the block of the close
	screenedAgain  = 6 * time.Hour // then a county is screened again: an index may have been changed
	screenTime     = 10 * time.Minute
)

// Screened is what an agency's alerts of a county come to, as of a block.
type Screened struct {
	screen.Question
	SHA256 string `json:"sha256"`
}

// kept is a digest, and when it was worked out; no digest where that has failed.
type kept struct {
	sha256 string
	at     time.Time
}

// fresh reports whether nothing is to be worked out again yet.
func (k kept) fresh() bool {
	if k.sha256 == "" {
		return time.Since(k.at) < keptFor
	}
	return time.Since(k.at) < screenedAgain
}

// AlertsDifference is a county and block of which another agency has other alerts.
type AlertsDifference struct {
	Agency string
	Ours   Screened
	Theirs string
}

// Sentence says the difference to an operator.
func (d *AlertsDifference) Sentence() string {
	return fmt.Sprintf("ALERT screening: %s 与本部门对 %s（区块 %d）的筛查结果不同 · finds other alerts in %s as of block %d than this agency: %s, not %s",
		d.Agency, d.Ours.Region, d.Ours.Block, d.Ours.Region, d.Ours.Block, d.Theirs, d.Ours.SHA256)
}

// runScreening screens the counties of the months that were closed last until ctx ends. It takes seconds, so nobody who asks waits for it.
func (a *Agreement) runScreening(ctx context.Context) {
	for ctx.Err() == nil {
		if err := a.screen(ctx); err != nil && ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "this agency's alerts cannot be worked out", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(a.Pause):
		}
	}
}

// screen works out what is not kept, or is kept for long.
func (a *Agreement) screen(ctx context.Context) error {
	months, err := a.Source.ClosedMonths(ctx, screenedMonths)
	if err != nil {
		return err
	}
	var wanted []screen.Question
	for _, m := range months {
		if q := (screen.Question{Region: m.Region, Block: m.Block}); !slices.Contains(wanted, q) {
			wanted = append(wanted, q)
		}
	}
	var failed []error
	for _, q := range wanted {
		a.mu.Lock()
		k := a.screened[q]
		a.mu.Unlock()
		if k.fresh() {
			continue
		}
		sha256, err := a.screenOne(ctx, q)
		if err != nil {
			failed = append(failed, fmt.Errorf("%s as of block %d: %w", q.Region, q.Block, err))
		}
		a.mu.Lock()
		a.screened[q] = kept{sha256, time.Now()}
		a.mu.Unlock()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for q := range a.screened {
		if !slices.Contains(wanted, q) {
			delete(a.screened, q)
		}
	}
	return errors.Join(failed...)
}

func (a *Agreement) screenOne(ctx context.Context, q screen.Question) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, screenTime)
	defer cancel()
	report, err := a.Source.Screen(ctx, q.Region, &q.Block)
	if err != nil {
		return "", err
	}
	return report.Digest(), nil
}

// ownScreened are the digests that were worked out, in one order.
func (a *Agreement) ownScreened() []Screened {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := []Screened{}
	for q, k := range a.screened {
		if k.sha256 != "" {
			list = append(list, Screened{q, k.sha256})
		}
	}
	slices.SortFunc(list, func(a, b Screened) int {
		return cmp.Or(cmp.Compare(a.Block, b.Block), cmp.Compare(a.Region, b.Region))
	})
	return list
}

// alertsDiffering are the counties and blocks of which another gateway has other alerts. What this agency has not worked out is not asked:
// nobody makes it work.
func (a *Agreement) alertsDiffering(agency string, theirs []Screened) (found []AlertsDifference) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range theirs[:min(len(theirs), screenedMonths)] {
		if k := a.screened[t.Question]; k.sha256 != "" && k.sha256 != t.SHA256 {
			found = append(found, AlertsDifference{agency, Screened{t.Question, k.sha256}, t.SHA256})
		}
	}
	return found
}
