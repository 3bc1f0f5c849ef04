package main

import (
	"context"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/benchclient"
)

// measureGrowth measures payments on an empty ledger and again when it holds millions: two counties, many months.
func measureGrowth(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	g := growth{bench: b, net: n, segments: 26}
	if g.ledger, err = n.ledger("civil"); err != nil {
		return err
	}
	for _, county := range []string{"530181", otherCounty} {
		p, err := n.newProgramme(ctx, county, 1000)
		if err != nil {
			return err
		}
		if _, err := p.enrol(ctx, g.segments, inFlight); err != nil {
			return err
		}
		g.programmes = append(g.programmes, p)
	}
	empty, emptyCPU, err := g.measure(ctx, "payments on a new ledger")
	if err != nil {
		return err
	}
	target := b.pick(3_000_000, 400_000)
	for g.paid < target {
		if _, err := g.months(ctx, 4); err != nil {
			return err
		}
		b.say("  %d payments on the ledger", g.paid)
	}
	full, fullCPU, err := g.measure(ctx, "payments on a ledger of "+number(float64(g.paid)/1e6)+" million")
	if err != nil {
		return err
	}
	b.ratio("payments a second, full to new", full, empty)
	b.ratio("processor a payment, full to new", fullCPU, emptyCPU)
	return nil
}

type growth struct {
	bench      *bench
	net        *net
	ledger     *benchclient.Ledger
	programmes []*programme
	segments   int
	period     int
	paid       int
}

func (g *growth) measure(ctx context.Context, name string) (rate, cpu float64, err error) {
	cost := figure{Name: name + ", processor", Unit: "µs/payment"}
	rate, err = g.bench.repeat(ctx, figure{Name: name, Unit: "payments/s"}, func(ctx context.Context, _ int) (float64, error) {
		before := g.paid
		l, err := g.months(ctx, g.bench.pick(4, 2))
		if err != nil {
			return 0, err
		}
		payments := float64(g.paid - before)
		cost.Runs = append(cost.Runs, float64(l.cpu.total().Microseconds())/payments)
		return payments / l.seconds, nil
	})
	if err != nil {
		return 0, 0, err
	}
	return rate, g.bench.record(cost), nil
}

// months lists the payments of some months, of all counties at once.
func (g *growth) months(ctx context.Context, months int) (load, error) {
	var chunks []chunk
	people := g.segments * 1000
	lists := 0
	for range months {
		for _, p := range g.programmes {
			batch, err := p.open(ctx, month(g.period), people, relief.Fen(people)*payAmount)
			if err != nil {
				return load{}, err
			}
			chunks = append(chunks, p.chunks([]string{batch}, g.segments)...)
			lists++
		}
		g.period++
	}
	l, err := g.net.sendChunks(ctx, g.ledger, inFlight, chunks, chunk.lines)
	if err != nil {
		return l, err
	}
	g.paid += lists * people
	return l, nil
}
