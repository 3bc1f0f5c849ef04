package year

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/reckoning"
	"relieftrail/network/testbed/restclient"
)

// batch is a batch of payments from its opening to its end.
type batch struct {
	id, programme      string
	preparer, approver string // of civil affairs
	county             string
	period             string          // its accounting period
	month              reckoning.Month // of the period
	terms              obj             // those that are not the usual ones
	sources            []reckoning.Source
	payments           []reckoning.Payment
	lines              int             // payments on the ledger; 0 for as many as the reckoning has, which counts the months of a quarter
	back               []reckoning.Who // whose transfer the bank sends back
	file               *paybank.File
}

// newBatch is a batch of a programme for the month that is lived, from the programme's tranche.
func (c *County) newBatch(programme, name string, payments ...reckoning.Payment) *batch {
	b := &batch{
		id: c.id(name), programme: programme, preparer: c.preparer(programme), approver: c.approver(programme), county: c.county(programme),
		payments: payments, sources: []reckoning.Source{{Tranche: c.payFrom[programme], Weight: 1}},
	}
	b.in(c, c.month)
	return b
}

// in makes a month, or its quarter, the batch's accounting period.
func (b *batch) in(c *County, month reckoning.Month) {
	b.month, b.period = month, c.period(b.programme, month)
}

// path is the batch's path, with what is done to it.
func (b *batch) path(act string) string { return "/v1/batches/" + b.id + act }

// total is what the batch pays: amounts, and what the bank is told of them.
func (b *batch) total() (amount, transferred reckoning.Fen) {
	for _, p := range b.payments {
		amount += p.Amount
		transferred += p.Amount - p.Deducted
	}
	return amount, transferred
}

// count is how many payments the batch has on the ledger.
func (b *batch) count() int {
	if b.lines > 0 {
		return b.lines
	}
	return len(b.payments)
}

// body is what opens the batch.
func (b *batch) body() obj {
	_, sum := b.total()
	in := obj{
		"id": b.id, "programme": b.programme, "region": b.county, "period": b.period, "count": b.count(), "sum": sum.String(),
	}
	if len(b.sources) == 1 {
		in["tranche"] = b.sources[0].Tranche
	} else {
		var sources []obj
		for _, s := range b.sources {
			sources = append(sources, obj{"tranche": s.Tranche, "weight": s.Weight})
		}
		in["sources"] = sources
	}
	maps.Copy(in, b.terms)
	return in
}

func (c *County) open(ctx context.Context, b *batch) error {
	return c.post(ctx, b.preparer, "/v1/batches", b.body(), nil)
}

// listFile is the batch's list as the county sends it.
func (c *County) listFile(b *batch) []byte {
	var lines []listed
	for _, p := range b.payments {
		lines = append(lines, listed{c.people[p.Who], p.Amount})
	}
	return listFile(b.period, lines)
}

// upload sends a list to a batch.
func (c *County) upload(ctx context.Context, by string, b *batch, list []byte) (restclient.Job, error) {
	client, err := c.client(by)
	if err != nil {
		return restclient.Job{}, err
	}
	return client.Upload(ctx, http.MethodPut, b.path("/lines"), c.key(), bytes.NewReader(list),
		func(j restclient.Job) { c.out.Progress("清单 lines", j.Progress.LinesRead, len(b.payments)) })
}

// list opens a batch and sends its list, every line of which has to be taken.
func (c *County) list(ctx context.Context, b *batch) error {
	if err := c.open(ctx, b); err != nil {
		return err
	}
	job, err := c.upload(ctx, b.preparer, b, c.listFile(b))
	if err != nil {
		return err
	}
	if job.Result.Accepted != len(b.payments) {
		return fmt.Errorf("%s: %d of %d lines taken: %+v", b.id, job.Result.Accepted, len(b.payments), job.Result.Refusals)
	}
	return nil
}

// approve seals a batch and has civil affairs approve it.
func (c *County) approve(ctx context.Context, b *batch) error {
	if err := c.post(ctx, b.preparer, b.path("/seal"), nil, nil); err != nil {
		return err
	}
	return c.post(ctx, b.approver, b.path("/approve"), nil, nil)
}

// send has finance make, approve and send the payment file, and holds the file against what the county wants to pay.
func (c *County) send(ctx context.Context, b *batch) error {
	if err := c.instruct(ctx, b); err != nil {
		return err
	}
	c.enter(reckoning.Order{Batch: b.id, Programme: b.programme, Sources: b.sources, Payments: b.payments})
	return c.checkFile(b)
}

// instruct has finance make, approve and send the payment file, and reads the file.
func (c *County) instruct(ctx context.Context, b *batch) error {
	var made struct {
		FileSHA256 string `json:"file_sha256"`
	}
	if err := c.post(ctx, "finance-preparer", b.path("/payment-file"), nil, &made); err != nil {
		return err
	}
	if err := c.post(ctx, "finance-approver", b.path("/approve"), made, nil); err != nil {
		return err
	}
	if err := c.post(ctx, "finance-preparer", b.path("/instruct"), nil, nil); err != nil {
		return err
	}
	client, err := c.client("finance-preparer")
	if err != nil {
		return err
	}
	answer, err := client.Do(ctx, restclient.Request{Method: http.MethodGet, Path: b.path("/payment-file")})
	if err != nil {
		return err
	}
	b.file, err = paybank.Read(answer.Body)
	return err
}

// checkFile holds a payment file against what the county wants to pay: one transfer for each household, of all it gets.
func (c *County) checkFile(b *batch) error {
	want, inFile := map[reckoning.Who]reckoning.Fen{}, map[reckoning.Who]reckoning.Fen{}
	for _, p := range b.payments {
		want[p.Who] += p.Amount - p.Deducted
	}
	for _, transfer := range b.file.Payments {
		who, err := c.paidBy(b.programme, transfer)
		if err != nil {
			return err
		}
		if _, twice := inFile[who]; twice {
			return fmt.Errorf("the payment file of %s has two transfers for household %s", b.id, who)
		}
		inFile[who] = reckoning.Fen(transfer.Amount)
		c.sent[whoMonth{who, b.month}] += inFile[who]
	}
	maps.DeleteFunc(want, func(_ reckoning.Who, fen reckoning.Fen) bool { return fen == 0 })
	for who, fen := range want {
		if inFile[who] != fen {
			return fmt.Errorf("the payment file of %s pays household %s %s, it should get %s", b.id, who, inFile[who], fen)
		}
	}
	return expect(b.id+": transfers in the payment file", len(inFile), len(want))
}

// settle has the bank pay a batch.
func (c *County) settle(ctx context.Context, b *batch) error { return c.settleAll(ctx, b) }

// settleAll has the bank pay batches of one account in one statement, and send back the transfers that the batches name.
func (c *County) settleAll(ctx context.Context, batches ...*batch) error {
	s := c.bankOf(batches[0].file.Account).statement()
	for _, b := range batches {
		for _, transfer := range b.file.Payments {
			s.Pay(transfer.EndToEndID, transfer.Amount)
		}
	}
	for _, b := range batches {
		for _, transfer := range b.file.Payments {
			who, err := c.paidBy(b.programme, transfer)
			if err != nil {
				return err
			}
			if slices.Contains(b.back, who) {
				s.Return(transfer.EndToEndID, transfer.Amount, "AC04")
			}
		}
		c.enter(reckoning.Answer{Batch: b.id, Back: b.back})
	}
	exceptions, err := c.book(ctx, s)
	return errors.Join(err, expect("exceptions of the statement", exceptions, 0))
}

// close closes a batch.
func (c *County) close(ctx context.Context, b *batch) error {
	if err := c.post(ctx, "finance-preparer", b.path("/close"), nil, nil); err != nil {
		return err
	}
	c.enter(reckoning.Close{Batch: b.id})
	c.touch(b)
	return nil
}

// through takes a batch through steps, and ends with the first that fails.
func through(ctx context.Context, b *batch, steps ...func(context.Context, *batch) error) error {
	for _, step := range steps {
		if err := step(ctx, b); err != nil {
			return err
		}
	}
	return nil
}

// pay lists, approves, sends, settles and closes a batch.
func (c *County) pay(ctx context.Context, b *batch) error {
	return through(ctx, b, c.list, c.payListed)
}

// payListed brings a batch with all its lines to its end.
func (c *County) payListed(ctx context.Context, b *batch) error {
	return through(ctx, b, c.approve, c.payApproved)
}

// payApproved brings a batch that civil affairs approved to its end.
func (c *County) payApproved(ctx context.Context, b *batch) error {
	return through(ctx, b, c.send, c.settle, c.close)
}

// payAsListed pays a batch whose payees share an account: the numbers of its lines lead to the households.
func (c *County) payAsListed(ctx context.Context, b *batch) error {
	return through(ctx, b, c.list, c.learnNumbers, c.payListed)
}

// learnNumbers notes under which number each household of a list is.
func (c *County) learnNumbers(ctx context.Context, b *batch) error {
	var page struct {
		Items []struct {
			Number   uint32
			FileLine int `json:"file_line"`
		}
	}
	if err := c.get(ctx, "finance-preparer", b.path("/lines?limit=200"), &page); err != nil {
		return err
	}
	for _, l := range page.Items {
		c.numbers[rollNumber{b.programme, l.Number}] = b.payments[l.FileLine-2].Who // the header is line 1
	}
	return nil
}
