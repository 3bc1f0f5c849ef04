package bankdesk

import (
	"context"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/statement"
	"relieftrail/gateway/internal/boltstore"
)

// What resolves exceptions beside what callers send.
const (
	ActionClassify  = "classify"
	ActionReverse   = "reverse"
	ActionWithdrawn = "withdrawn"
)

// reclassified reports whether a resolution that recorded nothing on the ledger gives way to another classification.
func (x *Exception) reclassified(r *Resolve) bool {
	was := x.Resolution
	return r.Action == ActionClassify && was.Job == "" && was.Action != ActionWithdrawn && was.Action != ActionReverse &&
		(was.Action != ActionClassify || was.As != r.As || was.Rule != "")
}

// mayBe refuses a kind that the entry cannot be of.
func (x *Exception) mayBe(kind statement.Kind) error {
	switch {
	case x.Booked == nil:
		return relief.FieldErrorf("as", "该异常不是对账单中的收支，无法分类 · the exception is no booking of a statement: it has no kind")
	case !slices.Contains(statement.Kinds, kind):
		return relief.FieldErrorf("as", "款项类别须为 %v 之一 · the kind must be one of %v", statement.Kinds, statement.Kinds)
	case kind == statement.Recovery && (*x.Booked < 0 || x.Ref == ""):
		return relief.FieldErrorf("as", "追回款须为收入，并有银行流水号 · a recovery is money that came in, with the bank's reference")
	}
	return nil
}

// MaxResolved is how many exceptions are resolved at once.
const MaxResolved = 1000

// Resolved is what became of one of many exceptions.
type Resolved struct {
	ID    string `json:"id"`
	Error error  `json:"-"` // nil: it is resolved
}

// ResolveMany ends all exceptions that a filter keeps, or those that are named, in the same way; at most MaxResolved, and more reports
// whether others are left. Nothing is recorded on the ledger.
func (d *Desk) ResolveMany(ctx context.Context, f Filter, ids []string, r Resolve) (all []Resolved, more bool, err error) {
	for cursor := ""; len(ids) == 0; {
		page, next, err := d.Exceptions(f, cursor, MaxResolved+1-len(all))
		if err != nil {
			return nil, false, err
		}
		for i := range page {
			all = append(all, Resolved{ID: page[i].ID})
		}
		if cursor = next; next == "" || len(all) > MaxResolved {
			break
		}
	}
	for _, id := range ids {
		all = append(all, Resolved{ID: id})
	}
	if more = len(all) > MaxResolved; more {
		all = all[:MaxResolved]
	}
	d.resolving.Lock()
	defer d.resolving.Unlock()
	messages := map[string]bool{}
	err = d.store.Update(func(tx *boltstore.Tx) error {
		for i := range all {
			x, found, err := bucketExceptions.Get(tx, all[i].ID)
			if err != nil {
				return err
			}
			if all[i].Error = ErrNotFound; !found {
				continue
			}
			if all[i].Error = d.resolveOne(tx, &x, &r); all[i].Error == nil {
				messages[x.Message] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	return all, more, d.dropUnused(ctx, messages)
}

// resolveOne resolves one of many exceptions.
func (d *Desk) resolveOne(tx *boltstore.Tx, x *Exception, r *Resolve) error {
	if x.State == StateResolved && !x.reclassified(r) {
		if was := x.Resolution; was.Action == r.Action && was.As == r.As && was.Note == r.Note && was.By == r.By {
			return nil // sent again
		}
		return ErrResolved
	}
	if r.Action == ActionClassify {
		if err := x.mayBe(statement.Kind(r.As)); err != nil {
			return err
		}
	}
	x.State = StateResolved
	x.Resolution = &Resolution{Action: r.Action, As: r.As, Note: r.Note, By: r.By, At: d.options.Now().UTC()}
	return putException(tx, x)
}

// dropUnused deletes what was kept of people for messages of which no exception is open any more.
func (d *Desk) dropUnused(ctx context.Context, messages map[string]bool) error {
	for id := range messages {
		m, err := d.Message(id)
		if err != nil {
			return err
		}
		open := false
		err = d.store.View(func(tx *boltstore.Tx) error {
			for c := bucketOpen.Prefix(tx, id+"-"); c.Next(); {
				open = true
			}
			return nil
		})
		if err != nil {
			return err
		}
		if open || m.Details == "" {
			continue
		}
		if err := d.dropDetails(ctx, &m); err != nil {
			return err
		}
	}
	return nil
}
