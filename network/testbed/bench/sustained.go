package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"relieftrail/network/testbed/restclient"
)

// uploadsAtOnce is the number of lists uploaded at a time. On the day before a holiday counties send several months at
// once.
const uploadsAtOnce = 4

// measureSustained uploads a county's lists of many months through REST, four at a time. The figure is payments a
// second, from the first byte of the first list to the last line of all committed.
func measureSustained(ctx context.Context, b *bench) error {
	roll, list := b.countyFiles()
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	p, err := n.newProgramme(ctx, otherCounty, 1000)
	if err != nil {
		return err
	}
	c, err := n.as(officials[otherCounty].preparer)
	if err != nil {
		return err
	}
	if err := p.importRoll(ctx, bytes.NewReader(roll)); err != nil {
		return err
	}
	s := sustained{bench: b, programme: p, client: c, list: list, months: b.pick(12, 4)}
	_, err = b.repeat(ctx, figure{
		Name: fmt.Sprintf("payments through REST, %d lists of a county, %d at a time", s.months, uploadsAtOnce), Unit: "payments/s", Target: "40,000; stretch 60,000",
	}, s.run)
	return err
}

type sustained struct {
	bench     *bench
	programme *programme
	client    *restclient.Client
	list      []byte
	months    int
}

func (s *sustained) run(ctx context.Context, run int) (float64, error) {
	count, sum, err := controlTotals(s.list)
	if err != nil {
		return 0, err
	}
	n := s.programme.net
	batches, lists := make([]string, s.months), make([][]byte, s.months)
	for i := range batches {
		period := month(run*s.months + i)
		lists[i] = bytes.ReplaceAll(s.list, []byte(",2026-11,"), []byte(","+period+","))
		if batches[i], err = s.programme.open(ctx, period, count, sum); err != nil {
			return 0, err
		}
	}
	before, err := n.cpu()
	if err != nil {
		return 0, err
	}
	keys := make([]string, s.months)
	for i := range keys {
		keys[i] = n.name("upload-")
	}
	var seconds float64
	err = s.bench.profile(ctx, "sustained", 5*time.Second, func() error {
		began := time.Now()
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(uploadsAtOnce)
		for i := range batches {
			group.Go(func() error {
				job, err := s.client.Upload(ctx, http.MethodPut, "/v1/batches/"+batches[i]+"/lines", keys[i], bytes.NewReader(lists[i]), nil)
				if err != nil {
					return err
				}
				if job.Result.Accepted != count {
					return fmt.Errorf("%d lines of %d were accepted", job.Result.Accepted, count)
				}
				return nil
			})
		}
		err := group.Wait()
		seconds = time.Since(began).Seconds()
		return err
	})
	if err != nil {
		return 0, err
	}
	after, err := n.cpu()
	payments := s.months * count
	s.bench.say("    %s", after.since(before).per(payments, "payment"))
	return float64(payments) / seconds, err
}
