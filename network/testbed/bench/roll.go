package main

import (
	"context"
	"time"
)

// measureRoll puts people on rolls directly on the ledger, with private details as long as real ones.
func measureRoll(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	segments := b.pick(50, 20)
	_, err = b.repeat(ctx, figure{Name: "roll entries with private details, past the gateway", Unit: "people/s", Target: "10,000 or more"},
		func(ctx context.Context, _ int) (float64, error) {
			p, err := n.newProgramme(ctx, "530181", 1000)
			if err != nil {
				return 0, err
			}
			var l load
			err = b.profile(ctx, "roll", 6*time.Second, func() (err error) {
				l, err = p.enrol(ctx, segments, inFlight)
				return err
			})
			if err != nil {
				return 0, err
			}
			people := segments * p.size
			b.say("    %s", l.cpu.per(people, "person"))
			return float64(people) / l.seconds, nil
		})
	return err
}
