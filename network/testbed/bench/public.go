package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"relieftrail/network/testbed/restclient"
)

// measurePublic sends one gateway requests that need no principal: alone and while a county's month is written, as fast
// as the responses come and at a steady rate. A separate process sends them. The figure is requests for each second of
// the gateway's processor time, which is the capacity of one core; it includes the indexing and cosigning of that time.
func measurePublic(ctx context.Context, b *bench) error {
	roll, list := b.countyFiles()
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	b.say("a county's month, for the log to have leaves")
	if err := (&countyMonth{net: n, roll: roll, list: list}).run(ctx); err != nil {
		return err
	}
	checks, err := n.publicChecks(ctx, b.pick(2000, 200))
	if err != nil {
		return err
	}
	for _, c := range checks {
		quiet := func(ctx context.Context) error { return pause(ctx, 5*time.Second) }
		busy := func(ctx context.Context) error { return (&countyMonth{net: n, roll: roll, list: list}).run(ctx) }
		for _, m := range []struct {
			how    string
			rate   int
			during func(context.Context) error
			target string
		}{
			{"alone, as fast as it answers", 0, quiet, ""},
			{"while a county's month is written, as fast as it answers", 0, busy, ""},
			{"while a county's month is written, 500 a second", 500, busy, ""},
			{"while a county's month is written, 5,000 a second", 5000, busy, ""},
			{"while a county's month is written, 5,000 a second, the gateway on a core of its own", 5000, func(ctx context.Context) error {
				return n.apart(ctx, busy)
			}, "under 20 ms"},
		} {
			if err := n.ask(ctx, c, m.how, m.rate, m.during, m.target); err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// publicCheck is one kind of request, with many requests to choose from.
type publicCheck struct {
	name     string
	requests [][]byte
}

// publicChecks makes requests that check hashes of the log and receipts of payments.
func (n *net) publicChecks(ctx context.Context, count int) ([]publicCheck, error) {
	finance, err := n.as("finance-preparer")
	if err != nil {
		return nil, err
	}
	var payments struct{ Items []struct{ ID string } }
	if err := finance.Get(ctx, "/v1/payments?state=credited&limit=1000", &payments); err != nil {
		return nil, err
	}
	host := strings.TrimPrefix(n.gatewayURL("audit"), "http://")
	hashes := publicCheck{name: "hash check (GET /public/v1/receipts/HASH)"}
	for tile := range 50 {
		row, err := get(ctx, fmt.Sprintf("%s/log/tile/0/%03d", n.gatewayURL("audit"), tile))
		if err != nil {
			return nil, err
		}
		for ; len(row) >= 32; row = row[32:] {
			hashes.requests = append(hashes.requests, fmt.Appendf(nil, "GET /public/v1/receipts/%s HTTP/1.1\r\nHost: %s\r\n\r\n", hex.EncodeToString(row[:32]), host))
		}
	}
	receipts := publicCheck{name: "receipt check (POST /public/v1/verify)"}
	for i := range min(count, len(payments.Items)) {
		a, err := finance.Do(ctx, restclient.Request{Method: http.MethodGet, Path: "/v1/payments/" + payments.Items[i].ID + "/receipt"})
		var wait *restclient.Problem
		if errors.As(err, &wait) && wait.Status == http.StatusConflict {
			if err := pause(ctx, time.Second); err != nil {
				return nil, err
			}
			a, err = finance.Do(ctx, restclient.Request{Method: http.MethodGet, Path: "/v1/payments/" + payments.Items[i].ID + "/receipt"})
		}
		if err != nil {
			return nil, err
		}
		receipts.requests = append(receipts.requests, fmt.Appendf(nil,
			"POST /public/v1/verify HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", host, len(a.Body), a.Body))
	}
	return []publicCheck{hashes, receipts}, nil
}

func get(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %s", address, response.Status)
	}
	return io.ReadAll(response.Body)
}

// ask sends requests of one kind while during runs, and records the figures.
func (n *net) ask(ctx context.Context, c publicCheck, how string, rate int, during func(context.Context) error, target string) error {
	pid, err := n.gatewayPID("audit")
	if err != nil {
		return err
	}
	before, err := processorTicks(pid)
	if err != nil {
		return err
	}
	began := time.Now()
	child, err := c.start(ctx, n.gatewayURL("audit"), rate)
	if err != nil {
		return err
	}
	err = during(ctx)
	all, fault := child.stop()
	seconds := time.Since(began).Seconds()
	after, errTicks := processorTicks(pid)
	if err := errors.Join(err, fault, errTicks); err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("no request was answered")
	}
	slices.Sort(all)
	name := c.name + ", " + how
	core := float64(after-before) / ticksPerSecond
	if rate == 0 {
		n.b.record(figure{Name: name, Unit: "requests/s", Runs: []float64{float64(len(all)) / seconds}})
		n.b.record(figure{Name: name + ", for each second of the gateway's processor time", Unit: "requests/CPU s",
			Runs: []float64{float64(len(all)) / core}, Target: "5,000 or more"})
	}
	p99 := all[len(all)*99/100]
	n.b.record(figure{Name: name + ", p99", Unit: "ms", Runs: []float64{float64(p99.Microseconds()) / 1000}, Target: target})
	n.b.say("  %s: %.0f requests/s, %.0f for each second of processor time, p50 %s, p99 %s", name, float64(len(all))/seconds,
		float64(len(all))/core, all[len(all)/2].Round(time.Microsecond), p99.Round(time.Microsecond))
	return nil
}

// gatewayPID is the process id of an agency's gateway.
func (n *net) gatewayPID(agency string) (int, error) {
	processes, err := n.processes()
	if err != nil {
		return 0, err
	}
	for _, p := range processes {
		if p.Name == agencies[agency].folder+"/gateway" {
			return p.PID, nil
		}
	}
	return 0, fmt.Errorf("the gateway of %s does not run", agency)
}
