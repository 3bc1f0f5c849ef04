// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
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
	Details json.RawMessage   `json:"details"`
}

func (ctx *Context) persons(in personsInput, place place, seg relief.RollSegment) (*personsPage, error) {
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
func (ctx *Context) details(programme relief.ProgrammeID, refs []relief.SubjectRef) ([]json.RawMessage, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	keys := make([]string, len(refs))
	for i, ref := range refs {
		var err error
		if keys[i], err = ctx.key(relief.SubjectKey(ref, programme)); err != nil {
			return nil, err
		}
	}
	values, err := ctx.GetStub().GetMultiplePrivateData(relief.PersonsCollection, keys...)
	if err != nil {
		return nil, relief.Errorf(relief.CodeForbidden, "this peer has no access to the person's details")
	}
	out := make([]json.RawMessage, len(values))
	for i, b := range values {
		if b != nil && json.Valid(b) {
			out[i] = b
		}
	}
	return out, nil
}
