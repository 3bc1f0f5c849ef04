// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// caseContract holds the cases and the rolls.
type caseContract struct {
	contractapi.Contract
	peerMSP func(shim.ChaincodeStubInterface) string
}

type subjectInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	Subject   relief.SubjectRef  `json:"subject"`
}

type importInput struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Segments  []uint32           `json:"segments"` // 1 to relief.MaxChunkSegments; new people fill them in this order
	From      relief.Period      `json:"from"`
	// Range has the ledger asked once for all who stand between the first and the last of the chunk's people, in the order of
	// SubjectRef.Compare, and not for each of them. Then nobody else may come in between before the transaction commits.
	Range bool `json:"range,omitempty"`
}

// ImportRoll puts a chunk of people on the roll. Whoever sends a roll in several chunks plans their segments: whether
// those before are full is not looked at, since two chunks in flight would then meet in its key.
func (c *caseContract) ImportRoll(ctx *Context, input string) (string, error) {
	in, err := begin[importInput](ctx, relief.ActCaseImport, input)
	if err != nil {
		return "", err
	}
	entries, persons, err := ctx.rollChunk()
	if err != nil {
		return "", err
	}
	places, err := ctx.importPlaces(in)
	if err != nil {
		return "", err
	}
	before, standing, err := ctx.rollAndStanding(in.Range, places, entries)
	if err != nil {
		return "", err
	}
	after, enrolled, result, err := roll.Import(before, in.From, entries, standing)
	if err != nil || len(enrolled) == 0 {
		return encode(result, err)
	}
	return encode(result, ctx.enrol(before, after, enrolled, persons))
}

// RollStatus tells how far a roll is filled.
func (c *caseContract) RollStatus(ctx *Context, input string) (string, error) {
	type roll struct {
		Programme relief.ProgrammeID `json:"programme"`
		County    relief.Region      `json:"county"`
	}
	in, err := begin[roll](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	size, err := ctx.segmentSize(in.Programme)
	if err != nil {
		return "", err
	}
	return encode(ctx.rollStatus(relief.Key{Kind: relief.KindRoll, Attrs: []string{string(in.Programme), string(in.County)}}, size))
}

// RollSegment gives the people of one segment.
func (c *caseContract) RollSegment(ctx *Context, input string) (string, error) {
	type segment struct {
		Programme relief.ProgrammeID `json:"programme"`
		County    relief.Region      `json:"county"`
		Segment   uint32             `json:"segment"`
	}
	in, err := begin[segment](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	place, err := ctx.place(in.Programme, in.County, in.Segment)
	if err != nil {
		return "", err
	}
	seg, err := ctx.roll(place)
	if err != nil {
		return "", err
	}
	entries := make([]roll.Entry, seg.Len())
	for i := range entries {
		entries[i] = seg.Entry(i, place.SegmentAddr)
	}
	return encode(map[string][]roll.Entry{"entries": entries}, nil)
}

// RollRefs gives who the people of one segment are, without more: RollSegment in a tenth of the bytes, for whoever lists
// payments of a whole county.
func (c *caseContract) RollRefs(ctx *Context, input string) (string, error) {
	type segment struct {
		Programme relief.ProgrammeID `json:"programme"`
		County    relief.Region      `json:"county"`
		Segment   uint32             `json:"segment"`
	}
	type refs struct {
		First uint32 `json:"first"` // the number of the first
		Refs  []byte `json:"refs"`  // 17 bytes each, in base64
	}
	in, err := begin[segment](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	place, err := ctx.place(in.Programme, in.County, in.Segment)
	if err != nil {
		return "", err
	}
	seg, err := ctx.roll(place)
	if err != nil {
		return "", err
	}
	out := refs{First: place.Segment * place.Size, Refs: make([]byte, 0, seg.Len()*len(relief.SubjectRef{}))}
	for i := range seg.Len() {
		ref := seg.Ref(i)
		out.Refs = append(out.Refs, ref[:]...)
	}
	return encode(out, nil)
}

// Get gives a person's entry on a programme's roll.
func (c *caseContract) Get(ctx *Context, input string) (string, error) {
	in, err := begin[subjectInput](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	at, err := ctx.standingAt(in)
	if err != nil {
		return "", err
	}
	return encode(at.entry(), nil)
}

// Subject gives a person's entries on all rolls.
func (c *caseContract) Subject(ctx *Context, input string) (string, error) {
	type subject struct {
		Subject relief.SubjectRef `json:"subject"`
	}
	in, err := begin[subject](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	entries := []roll.Entry{}
	err = ctx.standings(in.Subject, func(at *standing) error {
		entries = append(entries, at.entry())
		return nil
	})
	return encode(map[string][]roll.Entry{"entries": entries}, err)
}

// Person gives the private details, only to members of the collection, and only from their own organisation's peer: a
// peer answers its own organisation, not whoever finds its port.
func (c *caseContract) Person(ctx *Context, input string) (string, error) {
	in, err := begin[subjectInput](ctx, relief.ActReadPerson, input)
	if err != nil {
		return "", err
	}
	if err := c.ownPeer(ctx); err != nil {
		return "", err
	}
	at, err := ctx.standingAt(in)
	if err != nil {
		return "", err
	}
	if err := relief.RequireRegion(ctx.stamp.By, at.entry().Region); err != nil {
		return "", err
	}
	details, err := ctx.details(in.Programme, []relief.SubjectRef{in.Subject})
	if err != nil {
		return "", err
	}
	if details[0] == nil {
		return "", ctx.noDetails(in.Subject)
	}
	return encode(&personDetails{at.record.Number, in.Subject, details[0]}, nil)
}

// Persons gives the private details of a segment's people from a number on, a page at a time, to whom Person gives them
// one by one; the caller's region covers the county. Details that are not kept any more are left out.
func (c *caseContract) Persons(ctx *Context, input string) (string, error) {
	in, err := begin[personsInput](ctx, relief.ActReadPerson, input)
	if err != nil {
		return "", err
	}
	if err := c.ownPeer(ctx); err != nil {
		return "", err
	}
	place, err := ctx.place(in.Programme, in.County, in.Segment)
	if err != nil {
		return "", err
	}
	if err := relief.RequireRegion(ctx.stamp.By, in.County); err != nil {
		return "", err
	}
	seg, err := ctx.roll(place)
	if err != nil {
		return "", err
	}
	return encode(ctx.persons(in, place, seg))
}

func (c *caseContract) ownPeer(ctx *Context) error {
	if msp := c.peerMSP(ctx.GetStub()); msp == "" || msp != ctx.stamp.By.Agency {
		return relief.Errorf(relief.CodeForbidden, "personal details are read from the peer of the caller's own agency")
	}
	return nil
}
