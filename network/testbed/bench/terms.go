package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/restclient"
)

// What a person of each class gets a month, before and after the standards are raised.
var (
	standards = map[string]relief.Fen{"A": 62_000, "B": 48_000, "C": 33_000}
	raised    = map[string]relief.Fen{"A": 65_000, "B": 50_000, "C": 35_000}
)

// The months that a county is paid before its standards are raised from the first of them on.
const firstPaid, monthsPaid = "2026-06", 6

// The month from which an import changes every household.
const changedFrom = "2026-12"

// measureTerms raises a county's standards from a past month, imports the county again with every household changed, and
// lists the top-ups of the months that were paid.
func measureTerms(ctx context.Context, b *bench) error {
	file, _ := b.countyFiles()
	n, err := b.network(ctx)
	if err != nil {
		return err
	}
	steps := []string{
		"re-rate, POST to proposed", "re-rate, confirmed to last segment committed",
		"import with every household changed, first byte to proposed", "import with every household changed, confirmed to committed",
		fmt.Sprintf("top-ups of %d periods, POST to last payment committed", monthsPaid),
	}
	figures := make([]figure, len(steps))
	for run := range b.runs {
		t := terms{net: n}
		if err := t.run(ctx, file); err != nil {
			return fmt.Errorf("run %d: %w", run+1, err)
		}
		for i, took := range []float64{t.proposed, t.rerated, t.changesProposed, t.changed, t.toppedUp} {
			figures[i].Runs = append(figures[i].Runs, took)
		}
		b.say("  run %d, %d households: re-rate %.2f and %.2f s, changes %.2f and %.2f s, top-ups %.2f s",
			run+1, t.count, t.proposed, t.rerated, t.changesProposed, t.changed, t.toppedUp)
	}
	for i, name := range steps {
		f := figures[i]
		f.Name, f.Unit, f.Target = name, "s", "10 s"
		b.record(f)
	}
	return nil
}

// terms is a county whose terms change.
type terms struct {
	net   *net
	p     *programme
	count int        // households
	sum   relief.Fen // of a month before, then of a month after

	proposed, rerated, toppedUp, changesProposed, changed float64 // seconds
}

func (t *terms) run(ctx context.Context, file []byte) error {
	t.p = &programme{net: t.net, id: t.net.name("p"), county: otherCounty, size: 1000, issued: map[string]bool{}}
	err := t.p.enact(ctx, map[string]any{"version": 1, "starts": "2000-01", "class_amounts": standards})
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context, []byte) error
	}{{"enrol", t.enrol}, {"pay", t.pay}, {"rerate", t.rerate}, {"change", t.change}, {"topup", t.topUp}} {
		before, err := t.net.cpu()
		if err != nil {
			return err
		}
		err = t.net.b.profile(ctx, "terms-"+step.name, 5*time.Second, func() error { return step.do(ctx, file) })
		if err != nil {
			return err
		}
		after, err := t.net.cpu()
		if err != nil {
			return err
		}
		used := after.since(before)
		t.net.b.say("    %s: %.1f s of the processors; %s", step.name, used.total().Seconds(), used.per(t.count, "household"))
	}
	return nil
}

// enrol puts the county on the roll, each household at the standards of its class.
func (t *terms) enrol(ctx context.Context, file []byte) (err error) {
	file, t.count, t.sum, err = atStandards(file, standards, nil)
	if err != nil {
		return err
	}
	m := countyMonth{net: t.net, roll: file, from: firstPaid, count: t.count}
	return m.importRoll(ctx, t.p)
}

// pay pays the months before the standards are raised.
func (t *terms) pay(ctx context.Context, _ []byte) error {
	first, err := relief.ParsePeriod(firstPaid)
	if err != nil {
		return err
	}
	for i := range monthsPaid {
		period := relief.MonthPeriod(first.FirstMonth() + i).String()
		batch, err := t.p.open(ctx, period, t.count, t.sum)
		if err != nil {
			return err
		}
		if _, err := t.job(ctx, officials[otherCounty].preparer, "/v1/batches/"+batch+"/due", struct{}{}, t.count); err != nil {
			return err
		}
		if _, err := t.p.tellBank(ctx, batch); err != nil {
			return err
		}
		m := countyMonth{net: t.net, count: t.count}
		answers, err := m.answers(ctx, batch)
		if err != nil {
			return err
		}
		if _, _, err := m.upload(ctx, "finance-preparer", http.MethodPost, "/v1/batches/"+batch+"/settlements", answers); err != nil {
			return err
		}
	}
	return nil
}

// rerate raises the standards from the first month that was paid.
func (t *terms) rerate(ctx context.Context, _ []byte) error {
	err := t.p.enact(ctx, map[string]any{"version": 2, "starts": firstPaid, "class_amounts": raised})
	if err != nil {
		return err
	}
	id := t.net.name("rerate")
	path := fmt.Sprintf("/v1/rolls/%s/%s/rerates", t.p.id, otherCounty)
	proposal := map[string]any{"id": id, "version": 2, "from": firstPaid, "document": "云民发〔2026〕12号"}
	if t.proposed, err = t.job(ctx, officials[otherCounty].preparer, path, proposal, -1); err != nil {
		return err
	}
	approver, err := t.net.as(officials[otherCounty].approver)
	if err != nil {
		return err
	}
	var proposed struct {
		Digest          string
		Changed, Behind int
	}
	if err := approver.Get(ctx, "/v1/rerates/"+id, &proposed); err != nil {
		return err
	}
	if proposed.Changed != t.count {
		return fmt.Errorf("%d households of %d change", proposed.Changed, t.count)
	}
	t.rerated, err = t.job(ctx, officials[otherCounty].approver, "/v1/rerates/"+id+"/confirm",
		map[string]any{"digest": proposed.Digest, "agree": true}, -1)
	return err
}

// change imports the county again: every household has another card, every fourth one a person more.
func (t *terms) change(ctx context.Context, file []byte) error {
	changed, count, _, err := atStandards(file, raised, func(n int, household []string) error {
		household[rollAccount] = invent.Household(5_000_000 + n).Account()
		if n%4 != 0 {
			return nil
		}
		persons, err := strconv.Atoi(household[rollPersons])
		household[rollPersons] = strconv.Itoa(persons + 1)
		return err
	})
	if err != nil {
		return err
	}
	m := countyMonth{net: t.net, roll: changed, from: changedFrom, count: count}
	err = m.importRoll(ctx, t.p)
	t.changesProposed, t.changed = m.proposeTime, m.rollTime
	return err
}

// topUp lists what is owed now for the months that were paid.
func (t *terms) topUp(ctx context.Context, file []byte) error {
	_, _, sum, err := atStandards(file, raised, nil)
	if err != nil {
		return err
	}
	last, err := relief.ParsePeriod(firstPaid)
	if err != nil {
		return err
	}
	period := relief.MonthPeriod(last.FirstMonth() + monthsPaid - 1).String()
	batch, err := t.p.openWith(ctx, period, monthsPaid*t.count, monthsPaid*(sum-t.sum), map[string]any{"earlier_from": firstPaid})
	if err != nil {
		return err
	}
	t.toppedUp, err = t.job(ctx, officials[otherCounty].preparer, "/v1/batches/"+batch+"/due", struct{}{}, monthsPaid*t.count)
	return err
}

// job posts what begins a job and returns the seconds until its last transaction is committed. The job has to accept
// count entries, unless count is negative.
func (t *terms) job(ctx context.Context, by, path string, in any, count int) (float64, error) {
	c, err := t.net.as(by)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	answer, err := c.Post(ctx, path, t.net.name("job"), in, nil)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	var job restclient.Job
	if job, err = c.WaitJob(ctx, answer.Location, nil); err != nil {
		return 0, err
	}
	took := time.Since(began).Seconds()
	if count >= 0 && job.Result.Accepted != count {
		return 0, fmt.Errorf("%s: %d of %d were accepted, %d refused", path, job.Result.Accepted, count, job.Result.Refused)
	}
	return took, nil
}

// The columns of a roll's file.
const rollAccount, rollPersons, rollClass, rollAmount = 4, 6, 7, 9

// atStandards rewrites a roll's file so that each household gets what its persons get by its class. change may change a
// household first.
func atStandards(
	file []byte, standards map[string]relief.Fen, change func(n int, household []string) error,
) (out []byte, count int, sum relief.Fen, err error) {
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return nil, 0, 0, err
	}
	for n, row := range rows[1:] {
		if change != nil {
			if err := change(n, row); err != nil {
				return nil, 0, 0, err
			}
		}
		persons, err := strconv.Atoi(row[rollPersons])
		if err != nil {
			return nil, 0, 0, err
		}
		amount := relief.Fen(persons) * standards[row[rollClass]]
		row[rollAmount] = amount.String()
		sum += amount
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		return nil, 0, 0, err
	}
	return b.Bytes(), len(rows) - 1, sum, nil
}
