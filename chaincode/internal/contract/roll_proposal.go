// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// ProposeImport states what is to be imported.
func (*rollContract) ProposeImport(ctx *Context, input string) (string, error) {
	return action[roll.ImportTerms, roll.ImportProposal]{
		f: api.RollProposeImport,
		reads: func(_ *work, in roll.ImportTerms) []relief.Key {
			return []relief.Key{relief.ImportKey(in.ID), relief.ProgrammeKey(in.Programme)}
		},
		handle: proposeImport,
	}.one(ctx, input)
}

func proposeImport(w *work, in roll.ImportTerms) (roll.ImportProposal, error) {
	var none roll.ImportProposal
	v, err := w.version(in.Programme, 0)
	if err != nil {
		return none, err
	}
	existing, err := uow.Find[roll.ImportProposal](w.Work, relief.ImportKey(in.ID))
	if err != nil {
		return none, err
	}
	if _, err := w.importRate(v, in.From, in.Rate); existing == nil && err != nil {
		return none, err
	}
	p, changed, err := roll.ProposeImport(in, v, existing, w.Actor)
	if err != nil || !changed {
		return p, err
	}
	if err := w.registered(in.County); err != nil {
		return none, err
	}
	for i := range in.Chunks {
		c := roll.ImportChunkRecord{ImportChunk: in.Chunks[i]}
		if err := w.Put(relief.ImportChunkKey(in.ID, c.SHA256), c); err != nil {
			return none, err
		}
	}
	return p, w.Put(relief.ImportKey(in.ID), p)
}

// ConfirmImport agrees to an import or refuses it.
func (*rollContract) ConfirmImport(ctx *Context, input string) (string, error) {
	return action[api.ConfirmImportInput, roll.ImportProposal]{
		f: api.RollConfirmImport,
		reads: func(_ *work, in api.ConfirmImportInput) []relief.Key {
			return []relief.Key{relief.ImportKey(in.ID)}
		},
		handle: confirmImport,
	}.one(ctx, input)
}

func confirmImport(w *work, in api.ConfirmImportInput) (roll.ImportProposal, error) {
	p, err := uow.Get[roll.ImportProposal](w.Work, relief.ImportKey(in.ID))
	if err != nil {
		return p, err
	}
	v, err := w.version(p.Programme, 0)
	if err != nil {
		return p, err
	}
	out, changed, err := roll.ConfirmImport(p, v, in.ImportDecision, w.Actor)
	if err != nil {
		return p, err
	}
	if changed && in.Agree {
		if err := w.fixRate(v, &out); err != nil {
			return p, err
		}
	}
	return putIf(w, changed, relief.ImportKey(in.ID), out)
}

// importRate is the rate by which a programme that takes its people from other rolls pays a month, nil for any other programme. CONFLICT
// unless an import names it by its digest.
func (w *work) importRate(v *programme.Version, month relief.Period, digest string) (*programme.Rate, error) {
	if !v.FromRolls() {
		if digest != "" {
			return nil, relief.FieldErrorf("rate", "only a programme that takes its people from other rolls has rates")
		}
		return nil, nil //nolint:nilnil // no rate
	}
	rate, err := w.rateInForce(v.ID, month)
	if err != nil {
		return nil, err
	}
	if rate.Digest != digest {
		return nil, &relief.Error{Code: relief.CodeConflict, Field: "rate",
			Detail: "the rate of " + month.String() + " is another one than the import was made by: propose the import again"}
	}
	return rate, nil
}

// fixRate has the rate of a month not change any more: a confirmed import puts people on the roll by it.
func (w *work) fixRate(v *programme.Version, p *roll.ImportProposal) error {
	rate, err := w.importRate(v, p.From, p.Rate)
	if err != nil || rate == nil || rate.UsedBy != "" {
		return err
	}
	rate.UsedBy = p.ID
	return w.Put(relief.RateKey(v.ID, p.From), rate)
}

// WithdrawImport ends an import.
func (*rollContract) WithdrawImport(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollWithdrawImport, withdrawImport)
}

func withdrawImport(w *work, in api.ImportIDInput) (roll.ImportProposal, error) {
	p, err := uow.Get[roll.ImportProposal](w.Work, relief.ImportKey(in.ID))
	if err != nil {
		return p, err
	}
	out, changed, err := roll.WithdrawImport(p, w.Actor)
	if err != nil {
		return p, err
	}
	return putIf(w, changed, relief.ImportKey(in.ID), out)
}

// GetImport gives an import with its chunks.
func (*rollContract) GetImport(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollGetImport, getImport)
}

func getImport(w *work, in api.ImportIDInput) (api.ImportDetails, error) {
	d := api.ImportDetails{Chunks: []roll.ImportChunkRecord{}}
	var err error
	if d.Import, err = uow.Get[roll.ImportProposal](w.Work, relief.ImportKey(in.ID)); err != nil {
		return d, err
	}
	prefix := relief.Key{Kind: relief.KindImportChunk, Attrs: []string{string(in.ID)}}
	err = w.Walk(prefix, func(_ []string, value []byte) error {
		c, err := uow.Parse[roll.ImportChunkRecord](relief.KindImportChunk, value)
		if err != nil {
			return err
		}
		d.Chunks = append(d.Chunks, *c)
		return nil
	})
	return d, err
}

// TakeSegment says whom a programme takes from a segment of another roll.
func (*rollContract) TakeSegment(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollTakeSegment, takeSegment)
}

// ListImports gives a page of imports.
func (*rollContract) ListImports(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollListImports, func(w *work, in api.PageInput) (api.Page[roll.ImportProposal], error) {
		return uow.List(w.Work, relief.KindImport, in, relief.ParseImportID, all[roll.ImportProposal])
	})
}

// Standing gives a segment of a roll as an import compares it.
func (*rollContract) Standing(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollStanding, standing)
}

func standing(w *work, in api.SegmentInput) (api.SegmentStanding, error) {
	out := api.SegmentStanding{People: []api.PersonStanding{}}
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return out, err
	}
	part, err := w.part(at)
	if err != nil {
		return out, err
	}
	out.Size, out.Segment, out.Payees = at.Size, part.Segment.Bytes(), part.Payees.Bytes()
	n := part.Segment.Len()
	keys := make([]relief.Key, 0, 2*n)
	for i := range n {
		keys = append(keys, relief.RollIndexKey(part.Segment.Ref(i), in.Programme), relief.HouseholdKey(in.Programme, part.Segment.Ref(i)))
	}
	if err := w.Fetch(keys...); err != nil {
		return out, err
	}
	for i := range n {
		index, err := uow.Get[roll.IndexEntry](w.Work, keys[2*i])
		if err != nil {
			return out, err
		}
		household, err := uow.Find[roll.Household](w.Work, keys[2*i+1])
		if err != nil {
			return out, err
		}
		p := api.PersonStanding{Number: at.First() + uint32(i), Case: index.Case}
		if household != nil {
			p.Members = household.Members
		}
		if p.Case != "" || p.Members != nil {
			out.People = append(out.People, p)
		}
	}
	return out, nil
}
