package retention

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/outbox"
)

// Ledger is the part of the ledger port that is used.
type Ledger interface {
	ledger.Evaluator
	Identity(signer string) (ledger.Identity, bool)
}

// Sender does an act exactly once for each key.
type Sender interface {
	Do(ctx context.Context, key outbox.Key, request [32]byte, call ledger.Call) (outbox.Answer, error)
}

// Index lists who has left.
type Index interface {
	Leavers(ctx context.Context, cursor string, limit int) (index.Page[relief.SubjectRef], error)
}

// Options say what a proposer needs.
type Options struct {
	Ledger Ledger
	Sender Sender
	Index  Index
	As     string        // the principal who proposes
	Every  time.Duration // the pause between two rounds
	Pause  time.Duration // between two pages of a round; 100 ms when 0
	Log    *slog.Logger
	Where  *time.Location // where the agency is; UTC when nil
}

// Proposer proposes what is due.
type Proposer struct{ options Options }

// New makes a proposer.
func New(o Options) *Proposer {
	if o.Pause == 0 {
		o.Pause = 100 * time.Millisecond
	}
	if o.Where == nil {
		o.Where = time.UTC
	}
	return &Proposer{o}
}

// Run makes a round at once and then one every period, until ctx ends or a round fails.
func (p *Proposer) Run(ctx context.Context) error {
	for {
		r, err := p.round(ctx)
		if err != nil {
			return fmt.Errorf("proposing erasures after %d people: %w", r.looked, err)
		}
		p.options.Log.InfoContext(ctx, "erasures that are due were proposed", "count", r.looked, "accepted", r.proposed, "refused", r.refused)
		if err := wait(ctx, p.options.Every); err != nil {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// counts is what a round came to.
type counts struct{ looked, proposed, refused int }

// round looks at everybody who has left, a page at a time.
func (p *Proposer) round(ctx context.Context) (c counts, err error) {
	for cursor := ""; ; {
		page, err := p.options.Index.Leavers(ctx, cursor, api.MaxDue)
		if err != nil {
			return c, err
		}
		c.looked += len(page.Items)
		due, err := p.due(ctx, page.Items)
		if err != nil {
			return c, err
		}
		if err := p.propose(ctx, due, &c); err != nil {
			return c, err
		}
		if cursor = page.Next; cursor == "" {
			return c, nil
		}
		if err := wait(ctx, p.options.Pause); err != nil {
			return c, err
		}
	}
}

// due are those people of the principal's region whose retention is over and whose details nothing else needs. What an official
// has refused or withdrawn is left to officials.
func (p *Proposer) due(ctx context.Context, people []relief.SubjectRef) ([]roll.ErasureTerms, error) {
	if len(people) == 0 {
		return nil, nil
	}
	answer, err := contracts.Ask(ctx, p.options.Ledger, p.options.As, api.PersonDue, api.SubjectsInput{Subjects: people})
	if err != nil {
		return nil, err
	}
	identity, _ := p.options.Ledger.Identity(p.options.As)
	region, today := identity.Official().Region, relief.Day(p.today())
	var due []roll.ErasureTerms
	for _, d := range answer.Items {
		open := d.State == "" || d.State == roll.ErasureDone
		if open && d.Due != "" && d.Due <= today && d.Wait == "" && region.Covers(d.Region) {
			due = append(due, roll.ErasureTerms{Subject: d.Subject, Reason: roll.ErasureRetention})
		}
	}
	return due, nil
}

// propose proposes erasures in one transaction. One that is refused keeps nobody else back.
func (p *Proposer) propose(ctx context.Context, due []roll.ErasureTerms, c *counts) error {
	if len(due) == 0 {
		return nil
	}
	file := api.FileInput{Act: relief.ActPersonProposeErasure, Items: make([]json.RawMessage, len(due))}
	for i := range due {
		var err error
		if file.Items[i], err = json.Marshal(due[i]); err != nil {
			return err
		}
	}
	call, err := contracts.Call(p.options.As, api.CaseFile, file, nil)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(call.Argument)
	key := outbox.Key{Principal: p.options.As, IdempotencyKey: "retention/" + p.today() + "/" + hex.EncodeToString(hash[:16])}
	done, err := p.options.Sender.Do(ctx, key, hash, call)
	if err != nil {
		return err
	}
	result, err := contracts.Answer(api.CaseFile, done.Result)
	c.proposed += result.Accepted
	c.refused += len(result.Refused)
	return err
}

func (p *Proposer) today() string { return time.Now().In(p.options.Where).Format(time.DateOnly) }
