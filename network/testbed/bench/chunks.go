package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/benchclient"
)

// chunk is a part of a batch: people of a programme's roll, from the roll number first on.
type chunk struct {
	programme    *programme
	batch        string
	first, count int
}

// chunks splits batches over some segments as a gateway does: whole segments, as many as a transaction may have.
func (p *programme) chunks(batches []string, segments int) []chunk {
	return p.chunksOf(batches, segments*p.size, min(wire.MaxChunkSegments*p.size, wire.MaxChunkLines))
}

// chunksOf splits batches into chunks of a number of people.
func (p *programme) chunksOf(batches []string, people, atOne int) (chunks []chunk) {
	for _, batch := range batches {
		for first := 0; first < people; first += atOne {
			chunks = append(chunks, chunk{p, batch, first, min(atOne, people-first)})
		}
	}
	return chunks
}

// inEach makes one chunk for each segment, from a slot on.
func (p *programme) inEach(batches []string, segments, at, count int) (chunks []chunk) {
	for _, batch := range batches {
		for segment := range segments {
			chunks = append(chunks, chunk{p, batch, segment*p.size + at, count})
		}
	}
	return chunks
}

// lines is the call that lists the people of the chunk.
func (c chunk) lines() benchclient.Call {
	p, inputs := c.programme, make([]payment.LineInput, c.count)
	for k := range inputs {
		number := c.first + k
		payee := payeeOf(p.people[number])
		inputs[k] = payment.LineInput{
			Seq: uint32(number + 2), Number: uint32(number), Ref: p.people[number], //nolint:gosec // millions at most
			Region: relief.Region(p.county + "001"), Amount: payAmount, Payee: payee.Check(),
		}
	}
	return p.call(officials[p.county].preparer, "payment:AddLines", map[string]string{"batch": c.batch},
		map[string][]byte{wire.TransientLines: payment.AppendLines(nil, inputs)})
}

// settlements is the call that credits their payments.
func (c chunk) settlements() benchclient.Call {
	p, inputs := c.programme, make([]payment.AnswerInput, c.count)
	for k := range inputs {
		number := c.first + k
		inputs[k] = payment.AnswerInput{
			Seq: uint32(number + 2), Number: uint32(number), Attempt: 1, Outcome: payment.OutcomeCredited, Amount: payAmount, Day: payDay, //nolint:gosec // millions at most
		}
		_, _ = rand.Read(inputs[k].BankRef[:]) // never fails
		_, _ = rand.Read(inputs[k].Salt[:])
	}
	return p.call("finance-preparer", "payment:Settle", map[string]string{"batch": c.batch},
		map[string][]byte{wire.TransientSettlements: payment.AppendAnswers(nil, inputs)})
}

// sendChunks submits a call for each chunk and checks that every line was accepted.
func (n *net) sendChunks(ctx context.Context, l *benchclient.Ledger, inFlight int, chunks []chunk, call func(chunk) benchclient.Call) (load, error) {
	return n.send(ctx, l, inFlight, len(chunks), func(i int) benchclient.Call { return call(chunks[i]) },
		func(i int, result []byte) error { return accepted(result, chunks[i].count) })
}

// accepted checks that every line of a chunk was accepted.
func accepted(result []byte, lines int) error {
	var said wire.ChunkResult
	if err := json.Unmarshal(result, &said); err != nil {
		return err
	}
	if said.Accepted != lines {
		return fmt.Errorf("%d lines of %d were accepted", said.Accepted, lines)
	}
	return nil
}
