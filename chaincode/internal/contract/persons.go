// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// maxPersonsPage bounds the people of one page of private details.
const maxPersonsPage = 500

type personsInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Segment   uint32             `json:"segment"`
	From      uint32             `json:"from"`  // a number on the roll; those before it are left out
	Limit     int                `json:"limit"` // at most maxPersonsPage, which is the default
}

// personsPage is a page of private details; next is the number that the next page begins with, 0 at the end.
type personsPage struct {
	Items []personDetails `json:"items"`
	Next  uint32          `json:"next,omitempty"`
}

type personDetails struct {
	Number  uint32            `json:"number"`
	Subject relief.SubjectRef `json:"subject"`
	Details []byte            `json:"details"` // sealed, in base64
}

func (ctx *Context) persons(in personsInput, place place, seg roll.Segment) (*personsPage, error) {
	limit := in.Limit
	if limit == 0 {
		limit = maxPersonsPage
	}
	if limit < 1 || limit > maxPersonsPage {
		return nil, relief.FieldErrorf("limit", "a page has 1 to %d people", maxPersonsPage)
	}
	first := place.Segment * place.Size
	from := 0
	if in.From > first {
		from = min(int(in.From-first), seg.Len())
	}
	to := min(from+limit, seg.Len())
	page := &personsPage{Items: []personDetails{}}
	if to < seg.Len() {
		page.Next = first + uint32(to) //nolint:gosec // at most a segment's size
	}
	refs := make([]relief.SubjectRef, to-from)
	for i := range refs {
		refs[i] = seg.Ref(from + i)
	}
	details, err := ctx.details(in.Programme, refs)
	if err != nil {
		return nil, err
	}
	for i, b := range details {
		if b != nil {
			page.Items = append(page.Items, personDetails{first + uint32(from+i), refs[i], b})
		}
	}
	return page, nil
}

// details is the one place that reads private details: sealed documents in the order of the people, nil for whom none is kept
// any more.
func (ctx *Context) details(programme relief.ProgrammeID, refs []relief.SubjectRef) ([][]byte, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	records, err := ctx.records(programme, refs)
	if err != nil {
		return nil, err
	}
	var keys []relief.Key
	var own []int // whose own key keys begins with
	var pages []relief.DetailPageID
	for i, ref := range refs {
		switch r := records[i]; {
		case !r.OnPage():
			keys, own = append(keys, relief.RollIndexKey(ref, programme)), append(own, i)
		case !slices.Contains(pages, r.Page): // few, and neighbours share one
			pages = append(pages, r.Page)
		}
	}
	pageKeys, err := ctx.pageKeys(programme, pages)
	if err != nil {
		return nil, err
	}
	values, err := ctx.getPrivate(append(keys, pageKeys...))
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(refs))
	for i, at := range own {
		out[at] = values[i]
	}
	onPages := make(map[relief.SubjectRef][]byte, len(refs))
	for _, b := range values[len(own):] {
		if b == nil {
			continue
		}
		people, err := roll.ParseDetailPage(b)
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			onPages[p.Ref] = p.Details
		}
	}
	for i, ref := range refs {
		if records[i].OnPage() {
			out[i] = onPages[ref]
		}
	}
	return out, nil
}

// records are where people stand on a programme's roll; the zero record for who stands nowhere.
func (ctx *Context) records(programme relief.ProgrammeID, refs []relief.SubjectRef) ([]roll.IndexEntry, error) {
	keys := make([]relief.Key, len(refs))
	for i, ref := range refs {
		keys[i] = relief.RollIndexKey(ref, programme)
	}
	values, err := ctx.getAll(keys)
	if err != nil {
		return nil, err
	}
	records := make([]roll.IndexEntry, len(refs))
	for i, b := range values {
		if b == nil {
			continue
		}
		r, err := parseRecord[roll.IndexEntry](relief.KindRollIndex, b)
		if err != nil {
			return nil, err
		}
		records[i] = *r
	}
	return records, nil
}

// getPrivate reads values of the collection in the order of the keys, nil where there is none.
func (ctx *Context) getPrivate(keys []relief.Key) ([][]byte, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		var err error
		if names[i], err = ctx.key(k); err != nil {
			return nil, err
		}
	}
	values, err := ctx.GetStub().GetMultiplePrivateData(relief.DetailsCollection, names...)
	if err != nil {
		return nil, relief.Errorf(relief.CodeForbidden, "this peer has no access to the person's details")
	}
	return values, nil
}
