package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/benchclient"
)

// The number of transactions in flight unless a part says otherwise: a gateway's defaults for chunks and for acts.
const (
	inFlight     = 32
	actsInFlight = 64
)

// measureSettlements sends payments and the bank's answers to them to the ledger directly, without the gateway.
func measureSettlements(ctx context.Context, b *bench) error {
	_, _, _, err := b.newFloors(ctx)
	return err
}

// measureFloors sends the same payments directly to the ledger, to the product's contracts and to the simpler functions that
// they are compared with, the floors.
func measureFloors(ctx context.Context, b *bench) error {
	f, ours, settle, err := b.newFloors(ctx)
	if err != nil {
		return err
	}
	store, err := b.repeat(ctx, figure{Name: "floor: chaincode that only stores the bytes", Unit: "payments/s"}, f.store)
	if err != nil {
		return err
	}
	naive, err := b.repeat(ctx, figure{Name: "floor: a key for each payment, JSON", Unit: "payments/s"}, f.naive)
	if err != nil {
		return err
	}
	one, err := b.repeat(ctx, figure{Name: "floor: one transaction a payment", Unit: "payments/s"}, f.one)
	if err != nil {
		return err
	}
	b.ratio("payments: ours to bytes only", ours, store)
	b.ratio("payments: ours to a key for each", ours, naive)
	b.ratio("payments: ours to one transaction each", ours, one)
	b.ratio("settlements to payments", settle, ours)
	return nil
}

// newFloors makes the programme and its people, and measures our contracts: payments, and the settlement of the same
// payments.
func (b *bench) newFloors(ctx context.Context) (f *floors, ours, settle float64, err error) {
	n, err := b.network(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	f = &floors{bench: b, net: n, segments: b.pick(25, 8), months: b.pick(8, 4)}
	if f.ledger, err = n.ledger("civil"); err != nil {
		return nil, 0, 0, err
	}
	if f.finance, err = n.ledger("finance"); err != nil {
		return nil, 0, 0, err
	}
	if f.programme, err = n.newProgramme(ctx, "530181", 1000); err != nil {
		return nil, 0, 0, err
	}
	if _, err = f.programme.enrol(ctx, f.segments, inFlight); err != nil {
		return nil, 0, 0, err
	}
	ours, err = b.repeat(ctx, figure{Name: "payments, all rules, three endorsements", Unit: "payments/s", Target: "40,000; stretch 60,000"}, f.lines)
	if err != nil {
		return nil, 0, 0, err
	}
	settle, err = b.repeat(ctx, figure{Name: "settlements, three endorsements", Unit: "settlements/s", Target: "40,000, as payments"}, f.settle)
	b.record(figure{Name: "the same, until all three indexes have them", Unit: "settlements/s", Runs: f.findable})
	return f, ours, settle, err
}

type floors struct {
	bench            *bench
	net              *net
	ledger, finance  *benchclient.Ledger
	programme        *programme
	segments, months int
	batches          [][]string // the batches of each run of lines, by month, which settle answers
	findable         []float64  // settlements a second until they are indexed, for each run
}

// lines adds the payment lines of a number of months, with the same people in each.
func (f *floors) lines(ctx context.Context, run int) (float64, error) {
	p := f.programme
	batches := make([]string, f.months)
	for i := range batches {
		var err error
		count := f.segments * p.size
		if batches[i], err = p.open(ctx, month(run*f.months+i), count, relief.Fen(count)*payAmount); err != nil {
			return 0, err
		}
	}
	f.batches = append(f.batches, batches)
	var l load
	err := f.bench.profile(ctx, "payments", 3*time.Second, func() (err error) {
		l, err = f.net.sendChunks(ctx, f.ledger, inFlight, p.chunks(batches, f.segments), chunk.lines)
		return err
	})
	return f.rate(l, f.months*f.segments*p.size, "payment"), err
}

// settle sends the bank's answers to the payments that the same run of lines has listed.
func (f *floors) settle(ctx context.Context, run int) (float64, error) {
	p := f.programme
	for _, batch := range f.batches[run] {
		count := f.segments * p.size
		if err := p.instructPast(ctx, f.finance, batch, count, relief.Fen(count)*payAmount); err != nil {
			return 0, err
		}
	}
	if err := f.net.indexed(ctx); err != nil {
		return 0, err
	}
	var l load
	began := time.Now()
	err := f.bench.profile(ctx, "settlements", 3*time.Second, func() (err error) {
		l, err = f.net.sendChunks(ctx, f.finance, inFlight, p.chunks(f.batches[run], f.segments), chunk.settlements)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := f.net.indexed(ctx); err != nil {
		return 0, err
	}
	count := f.months * f.segments * p.size
	f.findable = append(f.findable, float64(count)/time.Since(began).Seconds())
	return f.rate(l, count, "settlement"), nil
}

// store writes as many bytes as chunks of listed payments write.
func (f *floors) store(ctx context.Context, run int) (float64, error) {
	const slot = 5 // docs/ledger-layout.md
	value := make([]byte, wire.MaxChunkLines*slot)
	transactions := f.months * f.segments / wire.MaxChunkSegments
	l, err := f.net.send(ctx, f.ledger, inFlight, transactions, func(i int) benchclient.Call {
		return benchclient.Call{
			Signer: "civil-preparer", Function: "floor:Store", Argument: []byte("store-" + strconv.Itoa(i)), Transient: map[string][]byte{"bytes": value},
		}
	}, nil)
	return f.rate(l, transactions*wire.MaxChunkLines, "payment"), err
}

// naiveLine is a line as chaincode/testnet/bench reads it.
type naiveLine struct {
	Key    string `json:"key"`
	Ref    string `json:"subject"`
	Region string `json:"region"`
	Amount string `json:"amount"`
	Batch  string `json:"batch"`
	Line   int    `json:"file_line"`
	State  string `json:"state"`
}

func (f *floors) naiveCall(name string, lines int) benchclient.Call {
	all := make([]naiveLine, lines)
	for i := range all {
		all[i] = naiveLine{
			Key: fmt.Sprintf("naive-%s-%d", name, i), Ref: f.programme.people[i].String(), Region: "530181001001",
			Amount: payAmount.String(), Batch: "dibao-530181-2026-11", Line: i + 2, State: "listed",
		}
	}
	document, _ := json.Marshal(all) // cannot fail: texts and numbers
	return benchclient.Call{Signer: "civil-preparer", Function: "floor:Naive", Transient: map[string][]byte{"lines": document}}
}

func (f *floors) naive(ctx context.Context, _ int) (float64, error) {
	name, transactions := f.net.name("n"), f.bench.pick(50, 10)
	l, err := f.net.send(ctx, f.ledger, inFlight, transactions, func(i int) benchclient.Call {
		return f.naiveCall(name+"-"+strconv.Itoa(i), 1000)
	}, nil)
	return f.rate(l, transactions*1000, "payment"), err
}

func (f *floors) one(ctx context.Context, _ int) (float64, error) {
	name, transactions := f.net.name("o"), f.bench.pick(1500, 300)
	l, err := f.net.send(ctx, f.ledger, actsInFlight, transactions, func(i int) benchclient.Call {
		return f.naiveCall(name+"-"+strconv.Itoa(i), 1)
	}, nil)
	return f.rate(l, transactions, "payment"), err
}

func (f *floors) rate(l load, n int, unit string) float64 {
	if l.seconds == 0 {
		return 0
	}
	f.bench.say("    %s; all %.0f %% of the time on %d cores", l.cpu.per(n, unit), 100*l.cpu.total().Seconds()/l.seconds/float64(f.bench.report.Machine.Cores), f.bench.report.Machine.Cores)
	return float64(n) / l.seconds
}
