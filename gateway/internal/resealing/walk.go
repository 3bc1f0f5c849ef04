package resealing

import (
	"context"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index"
)

// Index says which cases, open changes and links there are.
type Index interface {
	CatchUp(ctx context.Context) error // with the agency's peer
	Records(ctx context.Context, kind, cursor string, limit int, keep func(json.RawMessage) (bool, error)) (index.Page[json.RawMessage], error)
	Cases(ctx context.Context, q index.CaseQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
	Changes(ctx context.Context, q index.ChangeQuery, cursor string, limit int) (index.Page[json.RawMessage], error)
}

// Contracts asks the agency's own peer in somebody's name.
type Contracts struct {
	Status    func(api.RollInput) (api.RollFill, error)
	Names     func(api.SegmentDetailsInput) (api.SealedNames, error)
	Documents func(api.SealedInput) (api.SealedDocuments, error)
}

// atOnce is how many names of people are asked for at a time.
const atOnce = 200

// Walk visits all sealed documents of a county: of cases, of people on rolls and who were, and of open changes and links. A document
// that is written meanwhile may be missed; it is sealed with the key in use. visit gets some documents at a time, each once.
func Walk(ctx context.Context, ix Index, ask Contracts, county relief.Region, visit func([]api.SealedDocument) error) error {
	if err := ix.CatchUp(ctx); err != nil {
		return err
	}
	w := &walker{ctx: ctx, index: ix, ask: ask, county: county, visit: visit, named: map[string]bool{}}
	for _, part := range []func() error{w.cases, w.rolls, w.changes, w.links} {
		if err := part(); err != nil {
			return err
		}
	}
	return w.flush()
}

type walker struct {
	ctx    context.Context
	index  Index
	ask    Contracts
	county relief.Region
	visit  func([]api.SealedDocument) error

	names []string        // that are not asked for yet
	named map[string]bool // pages, changes and links: several people can name one
}

// add adds names, and visits the documents of those that are enough for a question.
func (w *walker) add(names ...string) error {
	for _, name := range names {
		k, err := relief.ParseSealedKey(name)
		if err != nil {
			return err
		}
		if k.Kind == relief.KindDetailPage || k.Kind == relief.KindChange || k.Kind == relief.KindLink {
			if w.named[name] {
				continue
			}
			w.named[name] = true
		}
		if w.names = append(w.names, name); len(w.names) == reseal.MaxDocuments {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) flush() error {
	if len(w.names) == 0 {
		return w.ctx.Err()
	}
	held, err := w.ask.Documents(api.SealedInput{County: w.county, Names: w.names})
	w.names = w.names[:0]
	if err != nil || len(held.Items) == 0 {
		return err
	}
	return w.visit(held.Items)
}

// pages calls do for each record of a list that comes page by page.
func pages[T any](list func(cursor string) (index.Page[json.RawMessage], error), do func(*T) error) error {
	for cursor := ""; ; {
		page, err := list(cursor)
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			var record T
			if err := json.Unmarshal(item, &record); err != nil {
				return err
			}
			if err := do(&record); err != nil {
				return err
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

func (w *walker) cases() error {
	return pages(func(cursor string) (index.Page[json.RawMessage], error) {
		return w.index.Cases(w.ctx, index.CaseQuery{Region: w.county}, cursor, index.MaxPage)
	}, func(c *casework.Case) error {
		if err := w.add(relief.CaseDetailsKey(c.ID).Name()); err != nil {
			return err
		}
		for _, v := range c.FactsVersions() {
			if err := w.add(relief.FactsKey(c.ID, v.Act).Name()); err != nil {
				return err
			}
		}
		return nil
	})
}

// rolls visits the documents of the people on the county's rolls.
func (w *walker) rolls() error {
	var programmes []relief.ProgrammeID
	err := pages(func(cursor string) (index.Page[json.RawMessage], error) {
		return w.index.Records(w.ctx, relief.KindProgramme, cursor, index.MaxPage, nil)
	}, func(p *struct{ ID relief.ProgrammeID }) error {
		programmes = append(programmes, p.ID)
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(programmes)
	for _, id := range programmes {
		status, err := w.ask.Status(api.RollInput{Programme: id, County: w.county})
		if err != nil {
			return err
		}
		for _, s := range status.Segments {
			if err := w.segment(api.SegmentDetailsInput{Programme: id, County: w.county, Segment: s.Segment, Limit: atOnce}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) segment(in api.SegmentDetailsInput) error {
	for {
		out, err := w.ask.Names(in)
		if err != nil {
			return err
		}
		if err := w.add(out.Names...); err != nil {
			return err
		}
		if in.From = out.Next; out.Next == 0 {
			return nil
		}
	}
}

// changes visits what came with changes that are not decided.
func (w *walker) changes() error {
	return pages(func(cursor string) (index.Page[json.RawMessage], error) {
		return w.index.Changes(w.ctx, index.ChangeQuery{Region: w.county, State: roll.ChangeProposed}, cursor, index.MaxPage)
	}, func(c *roll.Change) error {
		if !c.Kind.BringsDetails() {
			return nil
		}
		return w.add(relief.ChangeKey(c.ID).Name())
	})
}

// links visits what came with links that are not decided.
func (w *walker) links() error {
	return pages(func(cursor string) (index.Page[json.RawMessage], error) {
		return w.index.Records(w.ctx, relief.KindLink, cursor, index.MaxPage, nil)
	}, func(l *roll.Link) error {
		if l.State != roll.LinkProposed || !w.county.Covers(l.Region) {
			return nil
		}
		for _, d := range l.Details {
			if err := w.add(relief.LinkDetailsKey(l.From, d.Programme).Name()); err != nil {
				return err
			}
		}
		return nil
	})
}
