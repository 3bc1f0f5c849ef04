// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"
	"time"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// personDetails gives a person's private details to a member of the collection, from the peer of the caller's own agency.
func personDetails(w *work, in api.EntryInput) (api.Details, error) {
	if err := w.ownPeer(); err != nil {
		return api.Details{}, err
	}
	place, err := w.rollPlace(in.Programme, in.Subject)
	if err != nil {
		return api.Details{}, err
	}
	if err := relief.RequireRegion(w.Actor.By, place.entry().Region); err != nil {
		return api.Details{}, err
	}
	details, err := w.details(in.Programme, []relief.SubjectRef{in.Subject})
	if err != nil {
		return api.Details{}, err
	}
	if details[0] == nil {
		return api.Details{}, w.noDetails(in.Subject)
	}
	payees, err := w.payeesOf(place.at)
	if err != nil {
		return api.Details{}, err
	}
	return detailsAt(place.at, place.slot(), in.Subject, details[0], payees), nil
}

// detailsAt are the details of the person in a slot of a segment, with the payee whom they must name.
func detailsAt(at roll.SegmentAddr, slot int, subject relief.SubjectRef, details []byte, payees roll.Payees) api.Details {
	return api.Details{
		Number: at.First() + uint32(slot), Subject: subject, Details: details, //nolint:gosec // at most a segment's size
		Version: payees.Version(slot), Payee: payees.Payee(slot),
	}
}

// noDetails is the error for a person whose details are not there.
func (w *work) noDetails(subject relief.SubjectRef) error {
	e, err := uow.Find[roll.Erasure](w.Work, relief.ErasureKey(subject))
	if err != nil {
		return err
	}
	if e != nil && e.Erased != nil {
		return relief.Errorf(relief.CodeNotFound, "the person's details were erased on %s (%s)", e.Erased.At.Format(time.DateOnly), e.Erased.Reason)
	}
	return relief.Errorf(relief.CodeNotFound, "the person's details are not kept any more")
}

// segmentDetails gives the private details of a segment's people from a number on, a page at a time, under the conditions
// of personDetails; the caller's region covers the county. Details that are not kept any more are left out.
func segmentDetails(w *work, in api.SegmentDetailsInput) (api.DetailsPage, error) {
	page := api.DetailsPage{Items: []api.Details{}}
	if err := w.ownPeer(); err != nil {
		return page, err
	}
	at, err := w.segmentAt(in.Programme, in.County, in.Segment)
	if err != nil {
		return page, err
	}
	if err := relief.RequireRegion(w.Actor.By, in.County); err != nil {
		return page, err
	}
	seg, err := w.segment(at)
	if err != nil {
		return page, err
	}
	from, to, err := in.Slots(at.First(), seg.Len())
	if err != nil {
		return page, err
	}
	if to < seg.Len() {
		page.Next = at.First() + uint32(to) //nolint:gosec // at most a segment's size
	}
	refs := make([]relief.SubjectRef, to-from)
	for i := range refs {
		refs[i] = seg.Ref(from + i)
	}
	details, err := w.details(in.Programme, refs)
	if err != nil {
		return page, err
	}
	payees, err := w.payeesOf(at)
	if err != nil {
		return page, err
	}
	for i, b := range details {
		if b != nil {
			page.Items = append(page.Items, detailsAt(at, from+i, refs[i], b, payees))
		}
	}
	return page, nil
}

// details is the one place that reads private details: sealed documents in the order of the people, nil for those of whom
// none is kept any more.
func (w *work) details(programme relief.ProgrammeID, refs []relief.SubjectRef) ([][]byte, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	index, err := w.indexEntries(programme, refs)
	if err != nil {
		return nil, err
	}
	var keys []relief.Key
	var own []int // the people for whom keys has a key of their own, in its order
	var pages []relief.DetailPageID
	for i, ref := range refs {
		switch r := index[i]; {
		case !r.OnPage():
			keys, own = append(keys, r.DetailsKey(ref, programme)), append(own, i)
		case !slices.Contains(pages, r.Page): // few, and neighbours share one
			pages = append(pages, r.Page)
		}
	}
	pageKeys, err := w.detailPageKeys(programme, pages)
	if err != nil {
		return nil, err
	}
	values, err := w.PrivateValues(append(keys, pageKeys...)...)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(refs))
	for i, person := range own {
		out[person] = values[i]
	}
	type place struct { // a person can be on several pages, of which one is the current one
		page relief.DetailPageID
		ref  relief.SubjectRef
	}
	onPages := make(map[place][]byte, len(refs))
	for i, b := range values[len(own):] {
		if b == nil {
			continue
		}
		people, err := roll.ParseDetailPage(b)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			onPages[place{pages[i], p.Ref}] = p.Details
		}
	}
	for i, ref := range refs {
		if index[i].OnPage() {
			out[i] = onPages[place{index[i].Page, ref}]
		}
	}
	return out, nil
}

// indexEntries are people's roll index entries in a programme; the zero entry for a person who is on no roll of it.
func (w *work) indexEntries(programme relief.ProgrammeID, refs []relief.SubjectRef) ([]roll.IndexEntry, error) {
	keys := make([]relief.Key, len(refs))
	for i, ref := range refs {
		keys[i] = relief.RollIndexKey(ref, programme)
	}
	values, err := w.Values(keys...)
	if err != nil {
		return nil, err
	}
	entries := make([]roll.IndexEntry, len(refs))
	for i, b := range values {
		if b == nil {
			continue
		}
		e, err := uow.Parse[roll.IndexEntry](relief.KindRollIndex, b)
		if err != nil {
			return nil, err
		}
		entries[i] = *e
	}
	return entries, nil
}

// detailPageKeys are the keys of the generations in force of detail pages.
func (w *work) detailPageKeys(programme relief.ProgrammeID, pages []relief.DetailPageID) ([]relief.Key, error) {
	keys := make([]relief.Key, len(pages))
	for i, id := range pages {
		keys[i] = relief.DetailPageKey(programme, id)
	}
	if err := w.Fetch(keys...); err != nil {
		return nil, err
	}
	for i, id := range pages {
		page, err := w.detailPage(programme, id)
		if err != nil {
			return nil, err
		}
		keys[i] = relief.DetailPageValueKey(programme, id, page.Generation)
	}
	return keys, nil
}

// detailPage says which generation of a detail page is in force: the first, while nobody on the page was erased.
func (w *work) detailPage(programme relief.ProgrammeID, id relief.DetailPageID) (roll.DetailPageRecord, error) {
	page, err := uow.Find[roll.DetailPageRecord](w.Work, relief.DetailPageKey(programme, id))
	if err != nil || page == nil {
		return roll.DetailPageRecord{}, err
	}
	return *page, nil
}

// detailPages gives the pages that a person is on, sealed as they are, for the erasure of the person.
func detailPages(w *work, in api.SubjectInput) (api.DetailPages, error) {
	if err := w.ownPeer(); err != nil {
		return api.DetailPages{}, err
	}
	t, err := w.traces(in.Subject)
	if err != nil {
		return api.DetailPages{}, err
	}
	var keys []relief.Key
	for _, p := range t.places {
		if err := relief.RequireRegion(w.Actor.By, p.entry().Region); err != nil {
			return api.DetailPages{}, err
		}
		key, err := w.detailPageKeys(p.at.Programme, p.index.Pages())
		if err != nil {
			return api.DetailPages{}, err
		}
		keys = append(keys, key...)
	}
	values, err := w.PrivateValues(keys...)
	if err != nil {
		return api.DetailPages{}, err
	}
	return api.DetailPages{Pages: append([][]byte{}, values...)}, nil
}
