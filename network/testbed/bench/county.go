package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// measureCounty runs a county's month through REST, with a new programme in each run.
func measureCounty(ctx context.Context, b *bench) error {
	roll, list := b.countyFiles()
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	steps := []struct {
		name, unit, target string
		rate               bool
	}{
		{"roll, first byte to proposed", "s", "", false},
		{"roll, confirmed to last line committed", "s", "", false},
		{"roll import, confirmed to committed", "lines/s", "10,000 or more", true},
		{"list, first byte to last line committed", "s", "2 s; stretch 1 s", false},
		{"list", "payments/s", "", true},
		{"seal", "s", "", false},
		{"bank's answers, first byte to tally committed", "s", "", false},
		{"bank's answers", "settlements/s", "", true},
	}
	figures := make([]figure, len(steps))
	for run := range b.runs {
		m := countyMonth{net: n, roll: roll, list: list}
		if err := m.run(ctx); err != nil {
			return fmt.Errorf("run %d: %w", run+1, err)
		}
		values := []float64{
			m.proposeTime, m.rollTime, float64(m.count) / m.rollTime, m.listTime, float64(m.count) / m.listTime, m.sealTime,
			m.settleTime, float64(m.count) / m.settleTime,
		}
		for i, v := range values {
			figures[i].Runs = append(figures[i].Runs, v)
		}
		b.say("  run %d, %d households: roll %.2f and %.2f s, list %.2f s, seal %.2f s, answers %.2f s", run+1, m.count, m.proposeTime, m.rollTime, m.listTime, m.sealTime, m.settleTime)
		b.say("    list: %s", m.listCPU.per(m.count, "payment"))
		b.say("    roll: %s", m.rollCPU.per(m.count, "person"))
	}
	for i, s := range steps {
		f := figures[i]
		f.Name, f.Unit, f.Target = s.name, s.unit, s.target
		b.record(f)
	}
	return nil
}

// countyMonth is one month of one county.
type countyMonth struct {
	net        *net
	roll, list []byte
	from       string // the roll's first period; empty for the one that the gateway takes
	count      int

	proposeTime, rollTime, listTime, sealTime, settleTime float64 // seconds
	rollCPU, listCPU                                      usage
}

// listed puts the county on a new roll and its list into a batch.
func (m *countyMonth) listed(ctx context.Context) (*programme, string, error) {
	count, sum, err := controlTotals(m.list)
	if err != nil {
		return nil, "", err
	}
	m.count = count
	p, err := m.net.newProgramme(ctx, otherCounty, 1000)
	if err != nil {
		return nil, "", err
	}
	preparer := officials[otherCounty].preparer
	err = m.net.b.profile(ctx, "county-roll", 3*time.Second, func() (err error) {
		return m.importRoll(ctx, p)
	})
	if err != nil {
		return nil, "", fmt.Errorf("roll: %w", err)
	}
	batch, err := p.open(ctx, "2026-11", count, sum)
	if err != nil {
		return nil, "", err
	}
	err = m.net.b.profile(ctx, "county-list", time.Second, func() (err error) {
		m.listTime, m.listCPU, err = m.upload(ctx, preparer, http.MethodPut, "/v1/batches/"+batch+"/lines", m.list)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list: %w", err)
	}
	return p, batch, nil
}

func (m *countyMonth) run(ctx context.Context) error {
	p, batch, err := m.listed(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := m.net.act(ctx, officials[otherCounty].preparer, "/v1/batches/"+batch+"/seal", nil); err != nil {
		return err
	}
	m.sealTime = time.Since(began).Seconds()
	if _, err := p.tellBank(ctx, batch); err != nil { // it seals the batch again, which changes nothing
		return err
	}
	answers, err := m.answers(ctx, batch)
	if err != nil {
		return err
	}
	err = m.net.b.profile(ctx, "county-answers", time.Second, func() (err error) {
		m.settleTime, _, err = m.upload(ctx, "finance-preparer", http.MethodPost, "/v1/batches/"+batch+"/settlements", answers)
		return err
	})
	if err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	return nil
}

// importRoll proposes the county's roll, confirms it and waits until it is on the ledger. The proposal is timed from the
// first byte of the file to its end, the import from the confirmation to the last line committed.
func (m *countyMonth) importRoll(ctx context.Context, p *programme) error {
	preparer, err := m.net.as(officials[p.county].preparer)
	if err != nil {
		return err
	}
	approver, err := m.net.as(officials[p.county].approver)
	if err != nil {
		return err
	}
	before, err := m.net.cpu()
	if err != nil {
		return err
	}
	key := m.net.name("upload")
	began := time.Now()
	path := "/v1/programmes/" + p.id + "/roll"
	if m.from != "" {
		path += "?from=" + m.from
	}
	proposed, err := preparer.Upload(ctx, http.MethodPost, path, key, bytes.NewReader(m.roll), nil)
	if err != nil {
		return err
	}
	m.proposeTime = time.Since(began).Seconds()
	began = time.Now()
	job, err := restclient.ConfirmImport(ctx, approver, proposed, key, nil)
	if err != nil {
		return err
	}
	m.rollTime = time.Since(began).Seconds()
	if err := m.taken(job); err != nil {
		return err
	}
	after, err := m.net.cpu()
	m.rollCPU = after.since(before)
	return err
}

// upload sends a file and waits for the end of its job. It returns the seconds from the first byte to the last line
// committed.
func (m *countyMonth) upload(ctx context.Context, by, method, path string, body []byte) (float64, usage, error) {
	c, err := m.net.as(by)
	if err != nil {
		return 0, nil, err
	}
	before, err := m.net.cpu()
	if err != nil {
		return 0, nil, err
	}
	began := time.Now()
	job, err := c.Upload(ctx, method, path, m.net.name("upload"), bytes.NewReader(body), nil)
	if err != nil {
		return 0, nil, err
	}
	took := time.Since(began).Seconds()
	if err := m.taken(job); err != nil {
		return 0, nil, err
	}
	after, err := m.net.cpu()
	return took, after.since(before), err
}

// taken is nil when a job accepted every household's line.
func (m *countyMonth) taken(job restclient.Job) error {
	if job.Result.Accepted == m.count {
		return nil
	}
	var first restclient.Refusal
	if len(job.Result.Refusals) > 0 {
		first = job.Result.Refusals[0]
	}
	return fmt.Errorf("%d lines of %d were accepted, %d refused, the first as %s %s",
		job.Result.Accepted, m.count, job.Result.Refused, first.Code, first.Note)
}

// answers makes the bank's file: every payment of the batch is credited.
func (m *countyMonth) answers(ctx context.Context, batch string) ([]byte, error) {
	c, err := m.net.as("finance-preparer")
	if err != nil {
		return nil, err
	}
	a, err := c.Do(ctx, restclient.Request{Method: http.MethodGet, Path: "/v1/batches/" + batch + "/lines", Accept: "application/x-ndjson"})
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	fmt.Fprintln(&file, "支付编号,金额,结果,原因代码,日期,银行流水号")
	today := paybank.Today()
	lines := bufio.NewScanner(bytes.NewReader(a.Body))
	for n := 0; lines.Scan(); n++ {
		var payment struct{ ID, Amount string }
		if err := json.Unmarshal(lines.Bytes(), &payment); err != nil {
			return nil, err
		}
		fmt.Fprintf(&file, "%s,%s,credited,,%s,NX%010d\n", payment.ID, payment.Amount, today, n)
	}
	return file.Bytes(), lines.Err()
}
