package main

import (
	"context"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/benchclient"
)

// measureSweep varies the segment size, the lines of a transaction and the transactions in flight, one at a time.
func measureSweep(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	people, runs := b.pick(20_000, 5_000), b.runs
	b.runs = min(b.runs, b.pick(3, 1))
	defer func() { b.runs = runs }()
	for _, size := range []int{1000, 500, 250, 100} {
		w := sweep{bench: b, net: n}
		if w.ledger, err = n.ledger("civil"); err != nil {
			return err
		}
		if w.programme, err = n.newProgramme(ctx, "530181", size); err != nil {
			return err
		}
		if _, err := w.programme.enrol(ctx, people/size, inFlight); err != nil {
			return err
		}
		whole := wire.MaxChunkSegments * size
		if err := w.lines(ctx, whole, inFlight, fmt.Sprintf("%d segments of %d a transaction, %d in flight", wire.MaxChunkSegments, size, inFlight)); err != nil {
			return err
		}
		if size != 1000 {
			continue
		}
		for _, lines := range []int{2000, 1000, 500, 250, 100} {
			if err := w.lines(ctx, lines, inFlight, fmt.Sprintf("segments of 1000, %d lines a transaction, %d in flight", lines, inFlight)); err != nil {
				return err
			}
		}
		for _, flying := range []int{1, 4, 8, 16, 32, 128} {
			if err := w.lines(ctx, whole, flying, fmt.Sprintf("%d segments of 1000 a transaction, %d in flight", wire.MaxChunkSegments, flying)); err != nil {
				return err
			}
		}
	}
	return nil
}

type sweep struct {
	bench     *bench
	net       *net
	ledger    *benchclient.Ledger
	programme *programme
	period    int
}

// lines lists every person's payments of some months. The chunks of a segment are sent far apart, so that no two
// transactions in flight write the same segment.
func (w *sweep) lines(ctx context.Context, lines, flying int, name string) error {
	p := w.programme
	segments := p.segmentsEnrolled
	months := max(1, 2*flying*max(1, lines/p.size)/segments+1)
	_, err := w.bench.repeat(ctx, figure{Name: name, Unit: "payments/s"}, func(ctx context.Context, _ int) (float64, error) {
		batches := make([]string, months)
		for i := range batches {
			var err error
			count := segments * p.size
			if batches[i], err = p.open(ctx, month(w.period), count, relief.Fen(count)*payAmount); err != nil {
				return 0, err
			}
			w.period++
		}
		total := 0.0
		cpu := usage{}
		for at := 0; at < p.size; at += lines {
			chunks := p.inEach(batches, segments, at, lines)
			if lines > p.size {
				chunks = p.chunksOf(batches, segments*p.size, lines)
			}
			l, err := w.net.sendChunks(ctx, w.ledger, flying, chunks, chunk.lines)
			if err != nil {
				return 0, err
			}
			total += l.seconds
			for kind, t := range l.cpu {
				cpu[kind] += t
			}
		}
		payments := months * segments * p.size
		w.bench.say("    %s", cpu.per(payments, "payment"))
		return float64(payments) / total, nil
	})
	return err
}
