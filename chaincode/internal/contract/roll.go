// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// rollContract holds the rolls and the private details of the people on them.
type rollContract struct{ contractapi.Contract }

// Status says how far a roll is filled.
func (*rollContract) Status(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollStatus, rollStatus)
}

// Segment gives the people of one segment.
func (*rollContract) Segment(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollSegment, rollSegment)
}

// Refs gives the references of the people of one segment.
func (*rollContract) Refs(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollRefs, rollRefs)
}

// Entry gives a person's entry on a programme's roll.
func (*rollContract) Entry(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollEntry, rollEntry)
}

// Entries gives a person's entries on all rolls, under all references of theirs.
func (*rollContract) Entries(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollEntriesOf, rollEntries)
}

// Details gives a person's private details.
func (*rollContract) Details(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollDetails, personDetails)
}

// SegmentDetails gives a page of the private details of a segment's people.
func (*rollContract) SegmentDetails(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollSegmentDetails, segmentDetails)
}

// DetailPages gives the detail pages that a person is on.
func (*rollContract) DetailPages(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.RollDetailPages, detailPages)
}

// exitRoll has an exit written on the roll; by says how the household leaves.
func (w *work) exitRoll(p *rollPlace, by roll.Leaving) (err error) {
	_, _, changed, err := roll.Exit(p.segment, p.at, p.index.Number, by)
	if err != nil || !changed {
		return err
	}
	earlier, err := w.exitEarlier(p, by.Last)
	if err != nil {
		return err
	}
	before, err := w.segment(p.at) // which may have an earlier number, too
	if err != nil {
		return err
	}
	seg, _, _, err := roll.Exit(before, p.at, p.index.Number, by)
	if err != nil {
		return err
	}
	if err := w.entryLowered(p.at, before, seg, p.slot()); err != nil {
		return err
	}
	if by.PaidTill, err = w.paidTill(p, by.Last); err != nil { // what was withdrawn is not listed any more
		return err
	}
	if by.PaidTill.Before(earlier) {
		by.PaidTill = earlier
	}
	seg, index, _, err := roll.Exit(before, p.at, p.index.Number, by)
	if err != nil {
		return err
	}
	index = index.WithDetailsOf(&p.index)
	index.Case = p.index.Case
	p.segment = seg
	if err := w.putSegment(p.at, seg); err != nil {
		return err
	}
	subject := seg.Ref(p.slot())
	if index.Case == "" {
		if err := w.releaseHousehold(p.at.Programme, subject); err != nil {
			return err
		}
	}
	return w.Put(relief.RollIndexKey(subject, p.at.Programme), index)
}

// paidTill is the last month after an exit's that was paid or is listed already: a later entry must not overlap it. What is in
// open batches is taken out of them.
func (w *work) paidTill(p *rollPlace, last relief.Period) (relief.Period, error) {
	return w.listedTill(p, last, (*payment.OfPeriod).Taken, w.notOpen)
}

// listedTill is the last month after another one for which holds is true of a person's payment; state is that of a batch.
func (w *work) listedTill(
	p *rollPlace, last relief.Period, holds func(*payment.OfPeriod, int, payment.BatchLookup) (bool, error),
	state payment.BatchLookup,
) (relief.Period, error) {
	var found relief.Period
	if last.IsZero() || last.Quarterly() {
		return found, nil // the domain refuses it
	}
	cycle, err := w.cycle(p.at.Programme)
	if err != nil {
		return found, err
	}
	periods := cycle.PeriodsUntil(last.Next(), w.Actor.At)
	payments, err := w.paymentsIn(p.at, periods)
	if err != nil {
		return found, err
	}
	for i := range payments {
		is, err := holds(&payments[i], p.slot(), state)
		if err != nil {
			return found, err
		}
		if is {
			found = periods[i].End()
		}
	}
	return found, nil
}

func rollStatus(w *work, in api.RollInput) (api.RollFill, error) {
	size, err := w.segmentSize(in.Programme)
	if err != nil {
		return api.RollFill{}, err
	}
	fill := api.RollFill{SegmentSize: int(size), Segments: []api.SegmentFill{}}
	dense := true // no free number was met yet
	prefix := relief.Key{Kind: relief.KindRoll, Attrs: []string{string(in.Programme), string(in.County)}}
	err = w.Walk(prefix, func(attrs []string, value []byte) error {
		n, err := relief.ParseSegment(attrs[len(attrs)-1])
		if err != nil {
			return err
		}
		seg, err := roll.ParseSegment(value)
		if err != nil {
			return err
		}
		fill.Segments = append(fill.Segments, api.SegmentFill{Segment: n, Count: seg.Len()})
		dense = dense && fill.Next == n*size
		if dense {
			fill.Next += uint32(seg.Len()) //nolint:gosec // 1 to 1000
			dense = seg.Len() == int(size)
		}
		return nil
	})
	return fill, err
}

func rollSegment(w *work, in api.SegmentInput) (api.RollEntries, error) {
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return api.RollEntries{}, err
	}
	seg, err := w.segment(at)
	if err != nil {
		return api.RollEntries{}, err
	}
	entries := make([]roll.Entry, seg.Len())
	for i := range entries {
		entries[i] = seg.Entry(i, at)
	}
	return api.RollEntries{Entries: entries}, nil
}

func rollRefs(w *work, in api.SegmentInput) (api.SegmentRefs, error) {
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return api.SegmentRefs{}, err
	}
	seg, err := w.segment(at)
	if err != nil {
		return api.SegmentRefs{}, err
	}
	out := api.SegmentRefs{First: at.First(), Refs: make([]byte, 0, seg.Len()*len(relief.SubjectRef{}))}
	for i := range seg.Len() {
		ref := seg.Ref(i)
		out.Refs = append(out.Refs, ref[:]...)
		if before, ok := seg.Predecessor(i); ok && before.County == at.County {
			out.Continued = append(out.Continued, api.ContinuedNumber{Number: at.First() + uint32(i), Before: before.Number, Until: before.Until})
		}
	}
	return out, nil
}

func rollEntry(w *work, in api.EntryInput) (roll.Entry, error) {
	place, err := w.rollPlace(in.Programme, in.Subject)
	if err != nil {
		return roll.Entry{}, err
	}
	return place.entry(), nil
}

func rollEntries(w *work, in api.SubjectInput) (api.RollEntries, error) {
	out := api.RollEntries{Entries: []roll.Entry{}}
	refs, err := w.linked(in.Subject)
	if err != nil {
		return out, err
	}
	for _, ref := range refs {
		places, err := w.rollPlaces(ref)
		if err != nil {
			return out, err
		}
		for _, p := range places {
			out.Entries = append(out.Entries, p.entry())
		}
	}
	return out, nil
}

// rollPlaces are where a person is or was on each programme's roll, in the order of the programmes.
func (w *work) rollPlaces(subject relief.SubjectRef) ([]*rollPlace, error) {
	programmes, err := w.programmes()
	if err != nil {
		return nil, err
	}
	keys := make([]relief.Key, len(programmes))
	for i, p := range programmes {
		keys[i] = relief.RollIndexKey(subject, p.id)
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	var places []*rollPlace
	for i, p := range programmes {
		if values[i] == nil {
			continue
		}
		place, err := w.rollPlace(p.id, subject)
		if err != nil {
			return nil, err
		}
		places = append(places, place)
	}
	return places, nil
}

// programmeRegion is a programme's id and region, which all of its versions share.
type programmeRegion struct {
	id     relief.ProgrammeID
	region relief.Region
}

// programmes reads all programmes as a closed range.
func (w *work) programmes() ([]programmeRegion, error) {
	var list []programmeRegion
	err := w.Scan(relief.Key{Kind: relief.KindProgramme}, func(attrs []string, value []byte) error {
		p, err := uow.Parse[programme.Programme](relief.KindProgramme, value)
		if err != nil {
			return err
		}
		if len(attrs) != 1 || len(p.Versions) == 0 {
			return relief.Errorf(relief.CodeCorrupt, "a programme of the ledger cannot be read")
		}
		list = append(list, programmeRegion{relief.ProgrammeID(attrs[0]), p.Versions[0].Region})
		return nil
	})
	return list, err
}
