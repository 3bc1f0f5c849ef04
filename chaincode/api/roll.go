// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// The functions of rolls.
var (
	RollStatus = define[RollInput, RollFill](Row{
		Name: "roll:Status", Act: relief.ActRead, Zh: "名册进度", En: "read how far a roll is filled", ReadOnly: true,
		Doc: "`next` is the first free number.",
	})
	RollSegment = define[SegmentInput, RollEntries](Row{
		Name: "roll:Segment", Act: relief.ActRead, Zh: "查询名册分段", En: "read a segment of a roll", ReadOnly: true,
	})
	RollRefs = define[SegmentInput, SegmentRefs](Row{
		Name: "roll:Refs", Act: relief.ActRead, Zh: "查询分段对象编号", En: "read the references of a segment", ReadOnly: true,
		Doc: "roll:Segment in a tenth of the bytes: the number of the segment's first person, and the 17 bytes of each reference.",
	})
	RollEntry = define[EntryInput, roll.Entry](Row{
		Name: "roll:Entry", Act: relief.ActRead, Zh: "查询在册记录", En: "read a person's entry on a roll", ReadOnly: true,
	})
	RollEntriesOf = define[SubjectInput, RollEntries](Row{
		Name: "roll:Entries", Act: relief.ActRead, Zh: "查询对象全部在册记录", En: "read a person's entries on all rolls", ReadOnly: true,
	})
	RollDetails = define[EntryInput, Details](Row{
		Name: "roll:Details", Act: relief.ActReadPerson, Zh: "查询个人信息", En: "read a person's private details", ReadOnly: true,
		Doc: "Only for members of the collection, and only from the peer of the caller's own agency. " +
			"NOT_FOUND with the day and the reason when the details were erased.",
	})
	RollSegmentDetails = define[SegmentDetailsInput, DetailsPage](Row{
		Name: "roll:SegmentDetails", Act: relief.ActReadPerson, Zh: "查询分段个人信息", En: "read the private details of a segment's people", ReadOnly: true,
		Doc: "From number `from` on, at most 500 a page, under the conditions of roll:Details; the caller's region covers the county. " +
			"Details that are not kept any more are left out.",
	})
	RollDetailPages = define[SubjectInput, DetailPages](Row{
		Name: "roll:DetailPages", Act: relief.ActPersonConfirmErasure, Zh: "查询个人信息页", En: "read the detail pages that a person is on", ReadOnly: true,
		Doc: "The pages that hold the person's details beside those of others, sealed as they are, for person:ConfirmErasure. " +
			"Only from the peer of the caller's own agency.",
	})
)

// RollInput names the roll of a programme and county.
type RollInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
}

// SegmentInput names a segment of a roll.
type SegmentInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Segment   uint32             `json:"segment"`
}

// EntryInput names a person on a programme's roll.
type EntryInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	Subject   relief.SubjectRef  `json:"subject"`
}

// SubjectInput names a person.
type SubjectInput struct {
	Subject relief.SubjectRef `json:"subject"`
}

// RollFill is how far a roll is filled; Next is its first free number.
type RollFill struct {
	SegmentSize int           `json:"segment_size"`
	Segments    []SegmentFill `json:"segments"`
	Next        uint32        `json:"next"`
}

// SegmentFill is how many people a segment has.
type SegmentFill struct {
	Segment uint32 `json:"segment"`
	Count   int    `json:"count"`
}

// RollEntries are entries of rolls.
type RollEntries struct {
	Entries []roll.Entry `json:"entries"`
}

// SegmentRefs are the references of a segment's people: 17 bytes each, in the order of the numbers, from First on.
type SegmentRefs struct {
	First uint32 `json:"first"`
	Refs  []byte `json:"refs"`
	// Continued are the numbers of the segment that continue another one of the county's roll.
	Continued []ContinuedNumber `json:"continued,omitempty"`
}

// ContinuedNumber is a number and the one before it, whose last month is Until.
type ContinuedNumber struct {
	Number uint32        `json:"number"`
	Before uint32        `json:"before"`
	Until  relief.Period `json:"until"`
}

// Details are one person's private details, sealed, and the payee whom they must name.
type Details struct {
	Number     uint32            `json:"number"` // on the roll
	Subject    relief.SubjectRef `json:"subject"`
	Details    []byte            `json:"details"`
	Version    uint16            `json:"version"` // how many times the person's details were given
	roll.Payee                   // by the tags on the ledger
}

// MaxDetailsPage bounds the people of one page of private details.
const MaxDetailsPage = 500

// SegmentDetailsInput asks for the private details of a segment's people.
type SegmentDetailsInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Segment   uint32             `json:"segment"`
	From      uint32             `json:"from,omitempty"`  // a number on the roll; those before it are left out
	Limit     int                `json:"limit,omitempty"` // at most MaxDetailsPage, which is the default
}

// Slots are the slots that the page is about, of a segment with so many whose first number is first.
func (in *SegmentDetailsInput) Slots(first uint32, slots int) (from, to int, err error) {
	limit := in.Limit
	if limit == 0 {
		limit = MaxDetailsPage
	}
	if limit < 1 || limit > MaxDetailsPage {
		return 0, 0, relief.FieldErrorf("limit", "a page has 1 to %d people", MaxDetailsPage)
	}
	if in.From > first {
		from = min(int(in.From-first), slots)
	}
	return from, min(from+limit, slots), nil
}

// DetailsPage is a page of private details; Next is the number that the next page begins with, 0 at the end.
type DetailsPage struct {
	Items []Details `json:"items"`
	Next  uint32    `json:"next,omitempty"`
}

// DetailPages are the pages of private details that a person is on, in the order of the programmes.
type DetailPages struct {
	Pages [][]byte `json:"pages"`
}
