package main

import (
	"context"
	"fmt"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
)

// measureCost fits the cost model: processor milliseconds of a transaction of n payments = a + m·n, by least squares
// over transactions of several sizes, for all processes together and for each kind.
func measureCost(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	l, err := n.ledger("civil")
	if err != nil {
		return err
	}
	p, err := n.newProgramme(ctx, "530181", 1000)
	if err != nil {
		return err
	}
	segments := b.pick(25, 8)
	if _, err := p.enrol(ctx, segments, inFlight); err != nil {
		return err
	}
	points := map[string][]point{}
	for i, lines := range []int{1, 50, 250, 500, 1000, 2000, wire.MaxChunkLines} {
		months := b.pick(16, 4)
		batches := make([]string, months)
		for k := range batches {
			if batches[k], err = p.open(ctx, month(i*months+k), segments*lines, relief.Fen(segments*lines)*payAmount); err != nil {
				return err
			}
		}
		chunks := p.chunksOf(batches, segments*p.size/lines*lines, lines) // whole ones
		if lines < p.size {
			chunks = p.inEach(batches, segments, 0, lines)
		}
		took, err := n.sendChunks(ctx, l, inFlight, chunks, chunk.lines)
		if err != nil {
			return err
		}
		transactions := float64(len(chunks))
		for kind, t := range took.cpu {
			points[kind] = append(points[kind], point{float64(lines), milliseconds(t) / transactions})
		}
		points["all"] = append(points["all"], point{float64(lines), milliseconds(took.cpu.total()) / transactions})
		b.say("  %d lines a transaction: %s ms of processor each", lines, number(milliseconds(took.cpu.total())/transactions))
	}
	for _, kind := range []string{"all", "peer", "orderer", "chaincode", "gateway", "bench"} {
		a, m := fit(points[kind])
		b.record(figure{Name: fmt.Sprintf("a of a transaction, %s", kind), Unit: "ms", Runs: []float64{a}})
		b.record(figure{Name: fmt.Sprintf("m of a payment, %s", kind), Unit: "µs", Runs: []float64{1000 * m}})
	}
	return nil
}

type point struct{ x, y float64 }

// fit is the line y = a + m·x of least squares.
func fit(points []point) (a, m float64) {
	var n, sx, sy, sxx, sxy float64
	for _, p := range points {
		n, sx, sy, sxx, sxy = n+1, sx+p.x, sy+p.y, sxx+p.x*p.x, sxy+p.x*p.y
	}
	d := n*sxx - sx*sx
	if d == 0 {
		return 0, 0
	}
	m = (n*sxy - sx*sy) / d
	return (sy - m*sx) / n, m
}
