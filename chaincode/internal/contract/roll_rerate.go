// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// RerateSegment says what a re-rate would do to a segment.
func (*rollContract) RerateSegment(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollRerateSegment, rerateSegment)
}

// ProposeRerate proposes the re-rate of a roll.
func (*rollContract) ProposeRerate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollProposeRerate, proposeRerate)
}

// ConfirmRerate agrees to a re-rate or refuses it.
func (*rollContract) ConfirmRerate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollConfirmRerate, confirmRerate)
}

// Rerate carries out segments of a confirmed re-rate.
func (*rollContract) Rerate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollRerate, rerate)
}

// WithdrawRerate ends a re-rate.
func (*rollContract) WithdrawRerate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollWithdrawRerate, withdrawRerate)
}

// GetRerate gives a re-rate with its segments.
func (*rollContract) GetRerate(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollGetRerate, getRerate)
}

// standards are those of a version of a programme from a month on.
func (w *work) standards(id relief.ProgrammeID, version int, from relief.Period) (*roll.Standards, error) {
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(id))
	if err != nil {
		return nil, err
	}
	return roll.StandardsOf(&p, version, from) //nolint:wrapcheck // of this module
}

func rerateSegment(w *work, in api.RerateSegmentInput) (api.RerateSegment, error) {
	var out api.RerateSegment
	s, err := w.standards(in.Programme, in.Version, in.From)
	if err != nil {
		return out, err
	}
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return out, err
	}
	seg, err := w.segment(at)
	if err != nil {
		return out, err
	}
	_, changed, behind := roll.Rerate(seg, s)
	out.RerateCount, out.First = roll.CountRerated(at, s, changed, behind), at.First()
	out.People = roll.AppendRerated(roll.AppendRerated([]byte{}, changed), behind)
	return out, nil
}

func proposeRerate(w *work, in roll.RerateTerms) (roll.RerateProposal, error) {
	var none roll.RerateProposal
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.Programme))
	if err != nil {
		return none, err
	}
	days, err := w.days()
	if err != nil {
		return none, err
	}
	existing, err := uow.Find[roll.RerateProposal](w.Work, relief.RerateKey(in.ID))
	if err != nil {
		return none, err
	}
	out, changed, err := roll.ProposeRerate(&in, &p, existing, days, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	for i := range in.Segments {
		r := roll.RerateSegmentRecord{RerateCount: in.Segments[i]}
		if err := w.Put(relief.RerateSegmentKey(in.ID, r.Segment), r); err != nil {
			return none, err
		}
	}
	return out, w.Put(relief.RerateKey(in.ID), out)
}

func confirmRerate(w *work, in api.ConfirmRerateInput) (roll.RerateProposal, error) {
	p, err := uow.Get[roll.RerateProposal](w.Work, relief.RerateKey(in.ID))
	if err != nil {
		return p, err
	}
	out, changed, err := roll.ConfirmRerate(p, in.RerateDecision, w.Actor)
	if err != nil {
		return p, err
	}
	return putIf(w, changed, relief.RerateKey(in.ID), out)
}

func withdrawRerate(w *work, in api.RerateIDInput) (roll.RerateProposal, error) {
	p, err := uow.Get[roll.RerateProposal](w.Work, relief.RerateKey(in.ID))
	if err != nil {
		return p, err
	}
	out, changed, err := roll.WithdrawRerate(p, w.Actor)
	if err != nil {
		return p, err
	}
	return putIf(w, changed, relief.RerateKey(in.ID), out)
}

// rerate carries out a few segments. It reads the proposal and writes only the segments and their records, so that others of the
// same re-rate can be carried out at the same time.
func rerate(w *work, in api.RerateInput) (api.RerateResult, error) {
	var result api.RerateResult
	if len(in.Segments) < 1 || len(in.Segments) > wire.MaxChunkSegments {
		return result, relief.FieldErrorf("segments", "1 to %d segments are re-rated at a time", wire.MaxChunkSegments)
	}
	p, err := uow.Get[roll.RerateProposal](w.Work, relief.RerateKey(in.ID))
	if err != nil {
		return result, err
	}
	s, err := w.standards(p.Programme, p.Version, p.From)
	if err != nil {
		return result, err
	}
	for i, segment := range in.Segments {
		if i > 0 && segment <= in.Segments[i-1] {
			return result, relief.FieldErrorf("segments", "the segments are named once, in the order of their numbers")
		}
		if err := w.rerateOne(&p, segment, s, &result); err != nil {
			return result, err
		}
	}
	return result, nil
}

// rerateOne carries out one segment of a re-rate and counts its people.
func (w *work) rerateOne(p *roll.RerateProposal, segment uint32, s *roll.Standards, result *api.RerateResult) error {
	at, err := w.segmentAt(p.Programme, p.County, segment)
	if err != nil {
		return err
	}
	key := relief.RerateSegmentKey(p.ID, segment)
	if err := w.Fetch(rollKey(at), key); err != nil {
		return err
	}
	record, err := uow.Get[roll.RerateSegmentRecord](w.Work, key)
	if err != nil {
		return err
	}
	seg, err := w.segment(at)
	if err != nil {
		return err
	}
	after, record, changed, err := roll.CarryRerate(p, record, seg, at, s, w.Actor)
	if err != nil {
		return err
	}
	if !changed {
		result.Unchanged += record.Changed
		return nil
	}
	result.Accepted, result.Behind = result.Accepted+record.Changed, result.Behind+record.Behind
	if record.Changed > 0 {
		if err := w.putSegment(at, after); err != nil {
			return err
		}
		if err := w.entriesLowered(at, seg, after); err != nil {
			return err
		}
	}
	return w.Put(key, record)
}

func getRerate(w *work, in api.RerateIDInput) (api.RerateDetails, error) {
	d := api.RerateDetails{Segments: []roll.RerateSegmentRecord{}}
	var err error
	if d.Rerate, err = uow.Get[roll.RerateProposal](w.Work, relief.RerateKey(in.ID)); err != nil {
		return d, err
	}
	prefix := relief.Key{Kind: relief.KindRerateSegment, Attrs: []string{string(in.ID)}}
	err = w.Walk(prefix, func(_ []string, value []byte) error {
		r, err := uow.Parse[roll.RerateSegmentRecord](relief.KindRerateSegment, value)
		if err != nil {
			return err
		}
		d.Segments = append(d.Segments, *r)
		return nil
	})
	return d, err
}
