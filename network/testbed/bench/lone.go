package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/restclient"
)

// measureLone has many clients each send one payment of one batch at a time through REST, and afterwards one of the bank's
// answers at a time: a client sends the next when it knows the end of the last. All clients act as the same official. Beside
// it, each payment is a transaction of its own, past the gateway and without any rule.
func measureLone(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	l := lone{bench: b, net: n, lasts: time.Duration(b.pick(15, 5)) * time.Second}
	if err := l.oneEach(ctx); err != nil {
		return err
	}
	if err := l.people(ctx, 1000); err != nil {
		return err
	}
	if err := l.lines(ctx, 64, "one segment"); err != nil {
		return err
	}
	people := b.pick(20_000, 5_000)
	if err := l.people(ctx, people); err != nil {
		return err
	}
	of := fmt.Sprintf("%d segments", people/1000)
	for _, clients := range []int{64, 1000} {
		if err := l.lines(ctx, clients, of); err != nil {
			return err
		}
	}
	for _, clients := range []int{64, 1000} {
		if err := l.answers(ctx, clients, of); err != nil {
			return err
		}
	}
	return nil
}

// lone is payments that come one at a time.
type lone struct {
	bench     *bench
	net       *net
	lasts     time.Duration // a run, at most
	programme *programme
	count     int // people on its roll
	months    int // that had a batch
}

// oneEach sends a transaction a payment, 64 at a time, to a function that only writes a key.
func (l *lone) oneEach(ctx context.Context) error {
	direct, err := l.net.ledger("civil")
	if err != nil {
		return err
	}
	f := floors{bench: l.bench, net: l.net, ledger: direct, programme: &programme{people: []relief.SubjectRef{{1}}}}
	_, err = l.bench.repeat(ctx, figure{Name: "one transaction a payment, without rules, 64 at a time", Unit: "payments/s"}, f.one)
	return err
}

// people makes a programme with so many people on its roll.
func (l *lone) people(ctx context.Context, count int) (err error) {
	if l.programme, err = l.net.newProgramme(ctx, otherCounty, 1000); err != nil {
		return err
	}
	var roll bytes.Buffer
	invent.Roll(&roll, count)
	l.count, l.months = count, 0
	return l.programme.importRoll(ctx, &roll)
}

// batch opens the next month's batch of all people.
func (l *lone) batch(ctx context.Context) (id, period string, err error) {
	var sum relief.Fen
	for i := range l.count {
		sum += invent.Household(i).Amount()
	}
	period = month(12*20 + l.months)
	l.months++
	id, err = l.programme.open(ctx, period, l.count, sum)
	return id, period, err
}

// lines has clients list payments. When a batch has everybody, its run is over.
func (l *lone) lines(ctx context.Context, clients int, of string) error {
	return l.repeat(ctx, figure{Name: fmt.Sprintf("lines one at a time, %d clients, %s", clients, of), Unit: "payments/s"}, clients,
		func(ctx context.Context) (sender, error) {
			batch, period, err := l.batch(ctx)
			if err != nil {
				return sender{}, err
			}
			return sender{
				by: officials[otherCounty].preparer, method: http.MethodPut, path: "/v1/batches/" + batch + "/lines",
				count: l.count, body: func(i int) []byte { return oneLine(i, period) },
			}, nil
		})
}

// answers has clients record the bank's answers.
func (l *lone) answers(ctx context.Context, clients int, of string) error {
	return l.repeat(ctx, figure{Name: fmt.Sprintf("answers one at a time, %d clients, %s", clients, of), Unit: "settlements/s"}, clients,
		func(ctx context.Context) (sender, error) {
			batch, period, err := l.batch(ctx)
			if err != nil {
				return sender{}, err
			}
			var list bytes.Buffer
			invent.List(&list, l.count, period)
			m := countyMonth{net: l.net, count: l.count}
			if _, _, err := m.upload(ctx, officials[otherCounty].preparer, http.MethodPut, "/v1/batches/"+batch+"/lines", list.Bytes()); err != nil {
				return sender{}, err
			}
			if _, err := l.programme.tellBank(ctx, batch); err != nil {
				return sender{}, err
			}
			file, err := m.answers(ctx, batch)
			if err != nil {
				return sender{}, err
			}
			lines := bytes.SplitAfter(bytes.TrimSpace(file), []byte("\n"))
			return sender{
				by: "finance-preparer", method: http.MethodPost, path: "/v1/batches/" + batch + "/settlements",
				count: len(lines) - 1, body: func(i int) []byte { return slices.Concat(lines[0], lines[1+i]) },
			}, nil
		})
}

// repeat measures a rate several times and records it with the latencies of all runs.
func (l *lone) repeat(ctx context.Context, f figure, clients int, prepare func(context.Context) (sender, error)) error {
	var all []time.Duration
	_, err := l.bench.repeat(ctx, f, func(ctx context.Context, _ int) (float64, error) {
		s, err := prepare(ctx)
		if err != nil {
			return 0, err
		}
		var took load
		err = l.bench.profile(ctx, strings.ReplaceAll(f.Name, " ", "-"), l.lasts/2, func() (err error) {
			took, err = l.send(ctx, clients, &s)
			return err
		})
		if err != nil {
			return 0, err
		}
		all = append(all, took.latencies...)
		l.bench.say("    %s; median %s ms, p99 %s ms", took.cpu.per(len(took.latencies), "payment"),
			number(milliseconds(quantile(took.latencies, 0.5))), number(milliseconds(quantile(took.latencies, 0.99))))
		return float64(len(took.latencies)) / took.seconds, nil
	})
	if err != nil {
		return err
	}
	slices.Sort(all)
	l.bench.record(figure{Name: f.Name + ", median", Unit: "ms", Runs: []float64{milliseconds(quantile(all, 0.5))}})
	l.bench.record(figure{Name: f.Name + ", p99", Unit: "ms", Runs: []float64{milliseconds(quantile(all, 0.99))}})
	return nil
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[int(q*float64(len(sorted)-1))]
}

// sender is what clients send: files of one line, each once.
type sender struct {
	by, method, path string
	count            int
	body             func(i int) []byte
}

// send has clients send one file after another until the time is over or all are sent.
func (l *lone) send(ctx context.Context, clients int, s *sender) (load, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c, err := l.net.as(s.by)
	if err != nil {
		return load{}, err
	}
	c.HTTP = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer c.HTTP.CloseIdleConnections()
	before, err := l.net.cpu()
	if err != nil {
		return load{}, err
	}
	key := l.net.name("lone")
	latencies := make([][]time.Duration, clients)
	var next atomic.Int64
	var tasks sync.WaitGroup
	began := time.Now()
	for k := range latencies {
		tasks.Go(func() {
			for time.Since(began) < l.lasts && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= s.count {
					return
				}
				start := time.Now()
				if err := l.one(ctx, c, s, fmt.Sprintf("%s-%d", key, i), s.body(i)); err != nil {
					cancel(err)
					return
				}
				latencies[k] = append(latencies[k], time.Since(start))
			}
		})
	}
	tasks.Wait()
	if err := context.Cause(ctx); err != nil {
		return load{}, err
	}
	seconds := time.Since(began).Seconds()
	after, err := l.net.cpu()
	all := slices.Concat(latencies...)
	slices.Sort(all)
	return load{seconds, all, after.since(before)}, err
}

// one sends a file of one line, which must be accepted.
func (l *lone) one(ctx context.Context, c *restclient.Client, s *sender, key string, body []byte) error {
	job, err := c.Upload(ctx, s.method, s.path, key, bytes.NewReader(body), nil)
	if err != nil {
		return err
	}
	if job.Result.Accepted != 1 {
		return fmt.Errorf("a line was not accepted: %v", job.Result.Refusals)
	}
	return nil
}
