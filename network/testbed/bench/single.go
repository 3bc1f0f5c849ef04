package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"relieftrail/gateway/benchclient"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/restclient"
)

// measureSingle pays one person after another: a list of one line through REST, from the first byte of the request to
// the end of its job. Beside each payment it calls the empty function past the gateway.
func measureSingle(ctx context.Context, b *bench) error {
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	payments := b.pick(30, 15)
	p, err := n.newProgramme(ctx, otherCounty, 1000)
	if err != nil {
		return err
	}
	var roll bytes.Buffer
	invent.Roll(&roll, payments)
	c, err := n.as(officials[otherCounty].preparer)
	if err != nil {
		return err
	}
	if err := p.importRoll(ctx, &roll); err != nil {
		return err
	}
	l, err := n.ledger("civil")
	if err != nil {
		return err
	}
	s := single{bench: b, programme: p, client: c, ledger: l, payments: payments}
	ours := figure{Name: "one payment at a time through REST, median latency", Unit: "ms"}
	empty := figure{Name: "an empty chaincode function, median latency", Unit: "ms"}
	for run := range b.runs {
		rest, nothing, err := s.run(ctx, run)
		if err != nil {
			return fmt.Errorf("run %d: %w", run+1, err)
		}
		ours.Runs, empty.Runs = append(ours.Runs, rest), append(empty.Runs, nothing)
		b.say("  a payment %s ms, nothing %s ms", number(rest), number(nothing))
	}
	b.ratioTo("one payment: ours to empty", b.record(ours), b.record(empty), "1.15 or less")
	return nil
}

type single struct {
	bench     *bench
	programme *programme
	client    *restclient.Client
	ledger    *benchclient.Ledger
	payments  int
}

// run measures both by turns, so that other work of the machine affects both alike.
func (s *single) run(ctx context.Context, run int) (rest, empty float64, err error) {
	period := month(run)
	batch, err := s.programme.open(ctx, period, s.payments, payAmount)
	if err != nil {
		return 0, 0, err
	}
	var ours, nothing []time.Duration
	for i := range s.payments {
		list := oneLine(i, period)
		began := time.Now()
		job, err := s.client.Upload(ctx, http.MethodPut, "/v1/batches/"+batch+"/lines", s.programme.net.name("upload-"), bytes.NewReader(list), nil)
		if err != nil {
			return 0, 0, err
		}
		ours = append(ours, time.Since(began))
		if job.Result.Accepted != 1 {
			return 0, 0, fmt.Errorf("line %d was not accepted: %v", i, job.Result.Refusals)
		}
		began = time.Now()
		if _, err := s.ledger.Submit(ctx, benchclient.Call{Signer: officials[otherCounty].preparer, Function: "floor:Empty"}); err != nil {
			return 0, 0, err
		}
		nothing = append(nothing, time.Since(began))
	}
	slices.Sort(ours)
	slices.Sort(nothing)
	return milliseconds(ours[len(ours)/2]), milliseconds(nothing[len(nothing)/2]), nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// oneLine is a list with the n-th invented household only.
func oneLine(n int, period string) []byte {
	h := invent.Household(n)
	return fmt.Appendf(nil, "序号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,发放金额,发放期,备注\n1,%s,某甲,%s,%s,农村信用社,%d,%s,%s,\n",
		h.Region(), h.ID(), h.Account(), 1+n%5, h.Amount(), period)
}
