package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/benchclient"
	"relieftrail/network/testbed/restclient"
)

// rollChunk is a chunk of an import, ready to be sent.
type rollChunk struct {
	importID  relief.ImportID
	segments  []int
	named     roll.ImportChunk
	transient map[string][]byte
}

// enrol puts more people on the roll, past the gateway. Their roll numbers are their indexes in p.people. Proposing and
// confirming the imports is not part of the load.
func (p *programme) enrol(ctx context.Context, segments, inFlight int) (load, error) {
	l, err := p.net.ledger("civil")
	if err != nil {
		return load{}, err
	}
	first := p.segmentsEnrolled
	people := make([]relief.SubjectRef, segments*p.size)
	for i := range people {
		people[i][0] = 1
		_, _ = rand.Read(people[i][1:]) // never fails
	}
	slices.SortFunc(people, relief.SubjectRef.Compare) // as a gateway does
	p.people, p.segmentsEnrolled = append(p.people, people...), first+segments
	numbers := make([]int, segments)
	for i := range numbers {
		numbers[i] = first + i
	}
	var chunks []rollChunk
	for bundle := range slices.Chunk(numbers, wire.MaxChunkSegments) {
		chunks = append(chunks, p.rollChunk(bundle))
	}
	for some := range slices.Chunk(chunks, roll.MaxImportChunks) {
		if err := p.agree(ctx, l, some); err != nil {
			return load{}, err
		}
	}
	return p.net.send(ctx, l, inFlight, len(chunks), func(i int) benchclient.Call {
		c := &chunks[i]
		return p.call(officials[p.county].approver, api.RollImport.Name(),
			map[string]any{"import": c.importID, "segments": c.segments, "range": first == 0}, c.transient)
	}, func(i int, result []byte) error { return accepted(result, chunks[i].named.Count) })
}

// importRoll imports a roll's file through REST.
func (p *programme) importRoll(ctx context.Context, file io.Reader) error {
	preparer, err := p.net.as(officials[p.county].preparer)
	if err != nil {
		return err
	}
	approver, err := p.net.as(officials[p.county].approver)
	if err != nil {
		return err
	}
	_, err = restclient.ImportRoll(ctx, preparer, approver, "/v1/programmes/"+p.id+"/roll", p.net.name("upload-"), file, nil)
	return err
}

// rollChunk has the people of some segments.
func (p *programme) rollChunk(segments []int) rollChunk {
	inputs := make([]roll.Input, len(segments)*p.size)
	details := make([][]byte, len(inputs))
	for k := range inputs {
		ref := p.people[segments[0]*p.size+k]
		inputs[k] = roll.Input{
			Seq: uint32(k + 2), Ref: ref, Region: relief.Region(p.county + "001"), Persons: 2, Class: 'B', Amount: 62_000,
			Payee: payeeOf(ref),
		}
		details[k] = make([]byte, detailsBytes)
		_, _ = rand.Read(details[k]) // never fails
	}
	lines, persons := roll.AppendRoll(nil, inputs), roll.AppendDetails(nil, details)
	return rollChunk{
		segments: segments, named: roll.ChunkOf(inputs, lines, persons),
		transient: map[string][]byte{wire.TransientRoll: lines, wire.TransientPersons: persons},
	}
}

// agree proposes an import of some chunks and confirms it.
func (p *programme) agree(ctx context.Context, l *benchclient.Ledger, chunks []rollChunk) error {
	from, err := relief.ParsePeriod("2000-01")
	if err != nil {
		return err
	}
	terms := roll.ImportTerms{
		ID: relief.ImportID(p.net.name("i")), Programme: relief.ProgrammeID(p.id), County: relief.Region(p.county), From: from,
	}
	for i := range chunks {
		chunks[i].importID = terms.ID
		terms.Chunks = append(terms.Chunks, chunks[i].named)
		terms.New += chunks[i].named.New
	}
	confirm := api.ConfirmImportInput{ID: terms.ID, ImportDecision: roll.ImportDecision{Digest: terms.Digest(), Agree: true}}
	for _, call := range []benchclient.Call{
		p.call(officials[p.county].preparer, api.RollProposeImport.Name(), terms, nil),
		p.call(officials[p.county].approver, api.RollConfirmImport.Name(), confirm, nil),
	} {
		if _, err := l.Submit(ctx, call); err != nil {
			return fmt.Errorf("%s: %w", call.Function, err)
		}
		if err := p.net.indexed(ctx); err != nil { // a peer that is behind would refuse the next act
			return err
		}
	}
	return nil
}
