package matching

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"golang.org/x/time/rate"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/index"
)

// schedule makes rounds of questions until ctx ends: each department with a period is asked about all live cases in the region
// of the principal As, once a period and at a bounded rate. A finding is recorded if it differs from the department's last
// one, so that years of rounds do not fill a case. When the gateway starts, a round begins.
func (d *Desk) schedule(ctx context.Context) {
	next := map[relief.DepartmentID]time.Time{}
	tick := time.NewTicker(d.Poll)
	defer tick.Stop()
	for {
		for _, s := range d.Sources {
			if s.Every == 0 || d.Now().Before(next[s.Source()]) {
				continue
			}
			next[s.Source()] = d.Now().Add(s.Every)
			asked, err := d.round(ctx, s.Source())
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				delete(next, s.Source()) // begin the round again
				d.Log.Warn("a round of questions to a department failed and will begin again",
					"source", string(s.Source()), "count", asked, "error", err)
				continue
			}
			d.Log.Info("asked a department about all live cases", "source", string(s.Source()), "count", asked)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// round asks one department about every live case and returns how many it asked about. A case that cannot be asked about does
// not stop the round.
func (d *Desk) round(ctx context.Context, source relief.DepartmentID) (asked int, err error) {
	if err := d.catchUp(ctx); err != nil {
		return 0, err
	}
	identity, _ := d.Ledger.Identity(d.As)
	pace := rate.NewLimiter(rate.Limit(d.Rate), 1)
	q := index.CaseQuery{List: index.AllCases, Region: identity.Official().Region}
	for cursor := ""; ; {
		page, err := d.Index.Cases(ctx, q, cursor, index.MaxPage)
		if err != nil {
			return asked, err
		}
		for _, item := range page.Items {
			var c struct {
				ID    relief.CaseID      `json:"id"`
				State casework.CaseState `json:"state"`
			}
			if err := json.Unmarshal(item, &c); err != nil {
				return asked, errors.New("a case in the index cannot be decoded")
			}
			if _, err := relief.Next(casework.CaseTransitions, c.State, relief.ActCaseMatch); err != nil {
				continue
			}
			if err := pace.Wait(ctx); err != nil {
				return asked, err
			}
			if err := d.askAgain(ctx, c.ID, source); err != nil {
				return asked, err
			}
			asked++
		}
		if cursor = page.Next; cursor == "" {
			return asked, nil
		}
	}
}

func (d *Desk) askAgain(ctx context.Context, id relief.CaseID, source relief.DepartmentID) error {
	_, err := d.Query(ctx, Query{
		Signer: d.As, Key: "round/" + rand.Text(), Case: id, Sources: []relief.DepartmentID{source}, Again: true, Changes: true,
	})
	var refused *relief.Error
	if errors.Is(err, errFacts) || errors.As(err, &refused) && refused.Code != relief.CodeForbidden {
		d.Log.Warn("a department was not asked about a case", "source", string(source), "error", err)
		return nil
	}
	return err
}

// sameFinding reports whether a statement says the same as its department's last statement about the person.
func sameFinding(c *casework.Case, st *registry.MatchStatement) bool {
	var last *registry.MatchStatement
	for i := range c.Matches {
		m := &c.Matches[i].MatchStatement
		if m.Source == st.Source && m.Subject == st.Subject && (last == nil || m.QueriedAt.After(last.QueriedAt)) {
			last = m
		}
	}
	return last != nil && last.Code == st.Code && last.Adverse == st.Adverse
}
