package matching

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
)

// NeedRule says which of a department's findings about a person without a live case show a need (R13), and which programme and
// region the need is for.
type NeedRule struct {
	Codes     []string
	Programme relief.ProgrammeID // that may help
	Region    relief.Region      // used if the answer does not say where the person lives
}

// Run takes the files that departments leave in their folders, and makes the rounds of questions, until ctx ends. A file that
// cannot be taken now, because the ledger does not answer or the principal lacks a duty, stays and is taken later.
func (d *Desk) Run(ctx context.Context) error {
	var rounds sync.WaitGroup
	defer rounds.Wait()
	rounds.Go(func() { d.schedule(ctx) })
	tick := time.NewTicker(d.Poll)
	defer tick.Stop()
	for {
		for _, s := range d.Sources {
			if f, ok := s.Connector.(*Folder); ok {
				d.lookInto(ctx, s, f)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (d *Desk) lookInto(ctx context.Context, s Source, f *Folder) {
	n, err := f.Receive(ctx, func(ctx context.Context, lines []Line) error { return d.takeLines(ctx, s, lines) })
	if n > 0 {
		d.Log.Info("took files of a department", "source", string(s.Source()), "count", n)
	}
	if err = errors.Join(err, f.Sweep(d.Keep)); err != nil && ctx.Err() == nil {
		d.Log.Warn("a department's file could not be taken and is tried again", "source", string(s.Source()), "error", err)
	}
}

// takeLines records the statements of some lines in every live case of their people, and sets the Err of lines that cannot be
// taken. An error means that the result is unknown; the same lines may be given again and are not recorded twice.
func (d *Desk) takeLines(ctx context.Context, s Source, lines []Line) error {
	if err := d.catchUp(ctx); err != nil {
		return err
	}
	registry, err := d.Index.Registry(ctx)
	if err != nil {
		return err
	}
	w := lineActs{desk: d, source: s}
	for i := range lines {
		l := &lines[i]
		if l.Err == nil {
			l.Err = l.Statement.Verify(registry.Sources, d.Now())
		}
		if l.Err != nil {
			continue
		}
		claims, err := d.Index.Claims(ctx, l.Statement.Subject)
		if err != nil {
			return err
		}
		w.add(l, claims.Claims)
	}
	if err := w.send(ctx); err != nil {
		return err
	}
	for i := range lines {
		result := Recorded
		if lines[i].Err != nil {
			result = Refused
		}
		d.answers.WithLabelValues(string(s.Source()), string(result)).Inc()
	}
	return nil
}

// catchUp waits until the index has all blocks of the agency's own peer. A case that is not indexed yet would be overlooked.
func (d *Desk) catchUp(ctx context.Context) error {
	height, err := d.Ledger.Height(ctx)
	if err != nil || height == 0 {
		return err
	}
	return d.Index.WaitFor(ctx, height-1)
}

// lineActs are the acts that some lines lead to.
type lineActs struct {
	desk    *Desk
	source  Source
	matches []api.MatchInput
	needs   []casework.NeedTerms
	ofMatch []*Line // the line of each match
	ofNeed  []*Line // the line of each need
}

func (w *lineActs) add(l *Line, claims []casework.Claim) {
	for _, c := range claims {
		w.matches, w.ofMatch = append(w.matches, match(c.Case, l.Statement)), append(w.ofMatch, l)
	}
	if len(claims) > 0 {
		return
	}
	rule := &w.source.Needs
	if !slices.Contains(rule.Codes, l.Statement.Code) {
		l.Err = answerErrorf("该对象没有有效的案卷", "the person has no live case")
		return
	}
	need, err := rule.need(l.Statement, l.Region)
	if err != nil {
		l.Err = err
		return
	}
	w.needs, w.ofNeed = append(w.needs, need), append(w.ofNeed, l)
}

// need is the need that a finding shows. The findings of one department about one person in one month are one need.
func (r *NeedRule) need(st *registry.MatchStatement, region string) (casework.NeedTerms, error) {
	at := r.Region
	if region != "" {
		var err error
		if at, err = relief.ParseRegion(region); err != nil {
			return casework.NeedTerms{}, answerErrorf("区划不是有效的区划代码", "the region is not a region code")
		}
	}
	month := st.QueriedAt.UTC().Format("2006-01")
	sum := sha256.Sum256([]byte(string(st.Source) + "\x00" + st.Subject.String() + "\x00" + string(r.Programme) + "\x00" + month))
	return casework.NeedTerms{
		ID: relief.NeedID("found-" + hex.EncodeToString(sum[:12])), Subject: st.Subject, Region: at, Programme: r.Programme,
		Source: st.Source, SHA256: st.ResultSHA256,
	}, nil
}

// send records matches and needs in the name of the principal As.
func (w *lineActs) send(ctx context.Context) error {
	if err := sendAll(ctx, w.desk, w.source.Source(), api.CaseMatch, w.matches, w.ofMatch); err != nil {
		return err
	}
	return sendAll(ctx, w.desk, w.source.Source(), api.NeedFind, w.needs, w.ofNeed)
}

// sendAll sends acts of one function, perCall in a transaction, and sets the errors of the lines whose acts are refused.
func sendAll[In, Out any](
	ctx context.Context, d *Desk, source relief.DepartmentID, f api.Function[In, Out], acts []In, lines []*Line,
) error {
	for len(acts) > 0 {
		n := min(len(acts), perCall)
		// The key is new each time: a file that comes again, after the cause of a refusal was removed, must not get the old
		// answer. The contract leaves what it has recorded as it is.
		refusals, _, err := sendFile(ctx, d.Sender, d.As, "files/"+string(source)+"/"+rand.Text(), f, acts[:n])
		if err != nil {
			return err
		}
		for _, r := range refusals {
			if r.Code != relief.CodeConflict { // otherwise this month's need exists already
				lines[r.Seq].Err = errors.New(refusalText(&r))
			}
		}
		acts, lines = acts[n:], lines[n:]
	}
	return nil
}
