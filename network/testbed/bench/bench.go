package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// part is one measurement, which can be run alone. To add a part, add a file with its function and a line in parts.
type part struct {
	name, about string
	run         func(ctx context.Context, b *bench) error
}

// parts lists the parts in the order in which they run. A part makes what it needs (b.network, b.county), so it also
// runs alone.
var parts = []part{
	{"county", "a county's roll, list and bank answers through REST, from the first byte to the last line committed", measureCounty},
	{"terms", "a county's standards raised from a past month, its top-ups, and an import that changes every household", measureTerms},
	{"bank", "a county's payment file, and a statement (camt.053) of 30,000 entries that answers it", measureBank},
	{"sustained", "many lists of a county through REST, several at a time", measureSustained},
	{"roll", "people put on rolls, past the gateway", measureRoll},
	{"settlements", "payments and the bank's answers to them, past the gateway", measureSettlements},
	{"floors", "the same network with a chaincode that does less: ours, bytes only, a key for each line, one transaction a payment", measureFloors},
	{"cases", "10,000 applications in force: files of applications, evidence, matches, notices and grants", measureCases},
	{"single", "one payment after another through REST, beside a chaincode function that does nothing", measureSingle},
	{"lone", "many clients that each send one payment, or one of the bank's answers, at a time through REST", measureLone},
	{"cost", "the cost model: processor ms of a transaction of n payments = a + m·n", measureCost},
	{"sweep", "segment size, lines a transaction, transactions in flight", measureSweep},
	{"memory", "the gateway's memory while files of 26,600 and 1,000,000 lines are taken in", measureMemory},
	{"public", "what anybody may ask: hashes and receipts checked, while a county's month is written", measurePublic},
	{"growth", "the cost of a payment on a new ledger and on one with 3 million", measureGrowth},
}

// bench is one run of the program.
type bench struct {
	out      io.Writer
	began    time.Time
	quick    bool
	keep     bool
	runs     int
	data     string
	state    string
	profiles string

	part   string
	report report
	net    *net
}

// say prints what the bench is doing.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.out, "%6.1fs  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, args...))
}

// pick gives the first number for a full run and the second for a quick one.
func (b *bench) pick(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}

func (b *bench) close() error {
	if b.net == nil {
		return nil
	}
	return errors.Join(b.net.close(b.keep))
}

// repeat measures something several times. once gets the number of the run, from 0.
func (b *bench) repeat(ctx context.Context, f figure, once func(ctx context.Context, run int) (float64, error)) (float64, error) {
	for run := range b.runs {
		value, err := once(ctx, run)
		if err != nil {
			return 0, fmt.Errorf("%s, run %d: %w", f.Name, run+1, err)
		}
		f.Runs = append(f.Runs, value)
		b.say("  %s: %s %s", f.Name, number(value), f.Unit)
	}
	return b.record(f), nil
}

// record keeps a figure with its Runs and returns its median.
func (b *bench) record(f figure) float64 {
	f.Part = b.part
	f.Median = median(f.Runs)
	b.report.Figures = append(b.report.Figures, f)
	return f.Median
}

// ratio keeps the ratio of two medians.
func (b *bench) ratio(name string, ours, other float64) { b.ratioTo(name, ours, other, "") }

// ratioTo is ratio with a target.
func (b *bench) ratioTo(name string, ours, other float64, target string) {
	if other != 0 {
		b.record(figure{Name: name, Unit: "ratio", Runs: []float64{ours / other}, Target: target})
	}
}

func median(runs []float64) float64 {
	if len(runs) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(runs))
	n := len(sorted)
	return (sorted[n/2] + sorted[(n-1)/2]) / 2
}
