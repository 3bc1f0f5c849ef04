package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// measureBank measures the paying bank's files on the whole system: the payment file of a county's list (pain.001), and
// a statement of 30,000 entries: a credit for each payment, and returns.
func measureBank(ctx context.Context, b *bench) error {
	roll, list := b.countyFiles()
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	file := figure{Name: "payment file made, kept and on the ledger", Unit: "s"}
	statement := figure{Name: "statement of 30,000 entries, first byte to last answer on the ledger", Unit: "s", Target: "15 s"}
	for run := range b.runs {
		m := countyMonth{net: n, roll: roll, list: list}
		made, taken, err := m.bank(ctx)
		if err != nil {
			return fmt.Errorf("run %d: %w", run+1, err)
		}
		b.say("  run %d: payment file %.2f s, statement %.2f s", run+1, made, taken)
		file.Runs, statement.Runs = append(file.Runs, made), append(statement.Runs, taken)
	}
	b.record(file)
	b.record(statement)
	return nil
}

// bank runs a month up to the bank's statement and returns how long the payment file and the statement took.
func (m *countyMonth) bank(ctx context.Context) (made, taken float64, err error) {
	p, batch, err := m.listed(ctx)
	if err != nil {
		return 0, 0, err
	}
	made, err = p.tellBank(ctx, batch)
	if err != nil {
		return 0, 0, err
	}
	c, err := m.net.as("finance-preparer")
	if err != nil {
		return 0, 0, err
	}
	a, err := c.Do(ctx, restclient.Request{Method: http.MethodGet, Path: "/v1/batches/" + batch + "/payment-file"})
	if err != nil {
		return 0, 0, err
	}
	file, err := paybank.Read(a.Body)
	if err != nil {
		return 0, 0, err
	}
	s := paybank.New(batch, 1, file.Account, paybank.Today(), 40_000_000_00)
	for _, x := range file.Payments {
		s.Pay(x.EndToEndID, x.Amount)
	}
	const entries = 30_000
	for _, x := range file.Payments[:max(0, entries-len(file.Payments))] {
		s.Return(x.EndToEndID, x.Amount, "AC04")
	}
	document := s.Document()
	began := time.Now()
	answer, err := c.SendBankFile(ctx, "/v1/statements", m.net.name("statement"), document)
	if err != nil {
		return 0, 0, err
	}
	taken = time.Since(began).Seconds()
	if answer.Counts.Exceptions > 0 {
		return 0, 0, fmt.Errorf("%d entries became exceptions", answer.Counts.Exceptions)
	}
	return made, taken, nil
}
