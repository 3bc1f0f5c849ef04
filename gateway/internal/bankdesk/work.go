package bankdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/boltstore"
	"relieftrail/gateway/internal/jobs"
)

// retryAfter is how long the desk waits when the ledger or the disk did not answer.
const retryAfter = 2 * time.Second

func (d *Desk) wakeUp() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// work brings messages to their end, one after the other in order of arrival, since a later message may repeat an
// earlier one.
func (d *Desk) work() {
	for d.ctx.Err() == nil {
		worked, err := d.workOne()
		switch {
		case err != nil:
			d.waitToRetry(err)
		case !worked:
			d.waitForMessage()
		}
	}
}

// workOne brings the oldest pending message to its end, and reports whether there was one.
func (d *Desk) workOne() (worked bool, err error) {
	next, err := d.next()
	if err != nil || next == nil {
		return false, err
	}
	return true, d.process(d.ctx, next)
}

func (d *Desk) waitForMessage() {
	select {
	case <-d.ctx.Done():
	case <-d.wake:
	}
}

func (d *Desk) waitToRetry(err error) {
	if d.ctx.Err() != nil {
		return
	}
	d.options.Log.Warn("a bank's message waits", "error", logged(err), "wait", retryAfter)
	timer := time.NewTimer(retryAfter)
	defer timer.Stop()
	select {
	case <-d.ctx.Done():
	case <-timer.C:
	case <-d.wake:
	}
}

// logged is an error as the log may have it: a contract's refusal is safe, and so are the desk's own.
func logged(err error) error {
	var refused *relief.Error
	if errors.As(err, &refused) {
		return refused
	}
	return err
}

// next is the oldest message that is not worked through; nil when there is none.
func (d *Desk) next() (found *Message, err error) {
	err = d.store.View(func(tx *boltstore.Tx) error {
		c := bucketPending.All(tx)
		if !c.Next() {
			return nil
		}
		m, ok, err := bucketMessages.Get(tx, c.Key())
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("message %s is gone", c.Key())
		}
		found = &m
		return nil
	})
	return found, err
}

// process brings one message to its end. An error means that it is to be tried again. What will not change fails the
// message.
func (d *Desk) process(ctx context.Context, m *Message) error {
	entries, err := d.entries(m.ID)
	if err != nil {
		return err
	}
	decisions, err := d.record(ctx, m, entries)
	var refused *relief.Error
	var failed *jobFailed
	if ctx.Err() == nil && (errors.As(err, &refused) || errors.As(err, &failed)) {
		m.State, m.Error, m.FinishedAt = Failed, failureText(err), d.options.Now().UTC()
		return d.saveMessage(m)
	}
	if err != nil {
		return err
	}
	return d.finish(ctx, m, decisions)
}

// record decides on a message's entries and has the ledger record what it does not know yet.
func (d *Desk) record(ctx context.Context, m *Message, entries []entry) ([]decision, error) {
	decisions, err := d.match(ctx, m, entries)
	if err != nil {
		return nil, err
	}
	if err := d.remember(m, decisions); err != nil {
		return nil, err
	}
	return decisions, d.settle(ctx, m, decisions)
}

// entries reads the entries of a message that is not worked through.
func (d *Desk) entries(message string) (entries []entry, err error) {
	err = d.store.View(func(tx *boltstore.Tx) error {
		var found bool
		if entries, found, err = bucketEntries.Get(tx, message); err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("the entries of message %s are gone", message)
		}
		return nil
	})
	return entries, err
}

// remember puts on disk what the message says before any of it is sent. A message that a restart interrupts is then
// not taken for its own duplicate.
func (d *Desk) remember(m *Message, decisions []decision) error {
	return d.store.Update(func(tx *boltstore.Tx) error {
		for i := range decisions {
			v := &decisions[i]
			if v.batch == "" || v.reason != "" {
				continue
			}
			if err := bucketMentions.Put(tx, mentionKey(m.Kind, v), mention{m.ID, v.entry.N, v.send, v.entry.Statement + 1}); err != nil {
				return err
			}
		}
		return nil
	})
}

// jobFailed says that a settlement job ended without having read its file.
type jobFailed struct{ text string }

func (e *jobFailed) Error() string { return e.text }

func failedJob(job *jobs.Job) string {
	why := bilingual.Both("任务失败", job.Error)
	return bilingual.Text{Zh: "任务 " + job.ID + "：" + why.Zh, En: "job " + job.ID + ": " + why.En}.String()
}

// failureText is why a message failed, in both languages.
func failureText(err error) string {
	var refused *relief.Error
	if errors.As(err, &refused) {
		return bilingual.Coded(refused)
	}
	return err.Error() // of a job, which has both
}

// settle sends what is to be recorded, a job for each batch, and takes what the contract refused for the list.
func (d *Desk) settle(ctx context.Context, m *Message, decisions []decision) error {
	byBatch := map[relief.BatchID][]*decision{}
	for i := range decisions {
		if v := &decisions[i]; v.send {
			byBatch[v.batch] = append(byBatch[v.batch], v)
		}
	}
	batches := make([]relief.BatchID, 0, len(byBatch))
	for b, lines := range byBatch {
		batches = append(batches, b)
		// Credits first: when a payment's return comes, its job sends the credit ahead in a chunk of its own.
		slices.SortStableFunc(lines, func(a, b *decision) int { return int(a.entry.Outcome) - int(b.entry.Outcome) })
	}
	slices.Sort(batches)
	m.Jobs = nil
	for _, b := range batches {
		id := hexSum([]byte("relieftrail/bank-job/v1\x00" + m.ID + "\x00" + string(b)))[:32]
		m.Jobs = append(m.Jobs, id)
		spec := jobs.JobSpec{ID: id, Kind: jobs.KindSettlements, Target: string(b), Principal: m.Principal}
		job, err := d.run(ctx, spec, byBatch[b])
		if err != nil {
			return err
		}
		if err := d.refusals(job.ID, byBatch[b]); err != nil {
			return err
		}
	}
	return nil
}

// run carries out a settlement job and waits for its end. A job that an earlier process started goes on.
func (d *Desk) run(ctx context.Context, spec jobs.JobSpec, lines []*decision) (jobs.Job, error) {
	if err := d.start(ctx, spec, lines); err != nil {
		return jobs.Job{}, err
	}
	updates, err := d.options.Jobs.Watch(ctx, spec.ID)
	if err != nil {
		return jobs.Job{}, err
	}
	var job jobs.Job
	for job = range updates {
	}
	switch {
	case !job.Done() && ctx.Err() != nil:
		return job, ctx.Err()
	case !job.Done():
		return job, errors.New("a settlement job was stopped")
	case job.State == jobs.StateFailed:
		return job, &jobFailed{failedJob(&job)}
	}
	return job, nil
}

// start starts a settlement job unless it is under way or done. A failed one is started again.
func (d *Desk) start(ctx context.Context, spec jobs.JobSpec, lines []*decision) error {
	job, err := d.options.Jobs.Get(spec.ID)
	switch {
	case errors.Is(err, jobs.ErrNoJob):
	case err != nil:
		return err
	case job.State != jobs.StateFailed:
		return nil
	}
	answers := make([]payment.AnswerInput, len(lines))
	for i, v := range lines {
		answers[i] = answerOf(v)
	}
	spec.ContentType = jobs.AnswersType
	if spec.SpoolFile, err = jobs.WriteAnswers(d.options.Dir, spec.ID, answers); err != nil {
		return err
	}
	_, err = d.options.Jobs.Start(ctx, spec)
	return err
}

// answerOf is what a settlement job records of an entry. It says nothing of a person.
func answerOf(v *decision) payment.AnswerInput {
	e := v.entry
	a := payment.AnswerInput{
		Number: v.id.Number, Attempt: v.id.Attempt, Outcome: payment.OutcomeCredited, Amount: e.Amount, Day: e.Day,
		BankRef: relief.HashBankRef([]byte(strings.TrimSpace(reference(e.Ref)))),
	}
	if v.whole {
		a.Attempt = 0 // of the transfer; the job adds what its payments need
	}
	if e.Outcome == bankfile.Returned {
		a.Outcome = payment.OutcomeReturned
	}
	copy(a.Reason[:], e.Reason)
	return a
}

func dateOf(day uint32) string { return time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly) }

// reference is a bank's reference as files of settlements take it: at most 64 printable characters of ASCII. Of
// another one it is the hash, so that the same answer has the same hash on the ledger, whether it comes in a message
// or in a file.
func reference(s string) string {
	if len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return s
	}
	return hexSum([]byte(s))
}

// refusals marks what the contract refused: a line of the job's file is its place among the lines, from 1.
func (d *Desk) refusals(job string, lines []*decision) error {
	refused, err := d.options.Jobs.RefusedLines(job)
	if err != nil {
		return err
	}
	for i := range refused {
		if n := refused[i].Line - 1; n >= 0 && n < len(lines) {
			v := lines[n]
			v.send, v.reason = false, ofCode(refused[i].Code)
			if refused[i].Code == relief.LineReversal {
				v.reverses = after(v.entry.Outcome)
			}
		}
	}
	return nil
}

// finish puts a message's end on disk, with what goes on the list, in one transaction.
func (d *Desk) finish(ctx context.Context, m *Message, decisions []decision) error {
	counts := Counts{Entries: m.Counts.Entries, Exceptions: conflicts(m)}
	posted := map[statedBatch]*BatchTotals{}
	var listed []Exception
	x := matcher{message: m}
	for i := range decisions {
		v := &decisions[i]
		n := x.counter(v, &counts)
		*n++
		switch n {
		case &counts.Exceptions, &counts.Classified:
			listed = append(listed, exceptionOf(m, v, d.options.Now().UTC()))
		case &counts.Settled, &counts.Confirmed:
			of := statedBatch{v.batch, v.entry.Statement + 1}
			if posted[of] == nil {
				posted[of] = &BatchTotals{Kind: m.Kind}
			}
			posted[of].add(v.entry.Outcome, v.entry.Amount)
		}
	}
	m.Counts, m.State, m.FinishedAt = counts, Done, d.options.Now().UTC()
	details := m.Details
	if counts.Exceptions == 0 {
		m.Details = ""
	}
	err := d.store.Update(func(tx *boltstore.Tx) error {
		for i := range listed {
			if err := putException(tx, &listed[i]); err != nil {
				return err
			}
		}
		for of, p := range posted {
			if err := addTotals(tx, of.batch, m.ID, of.place, p); err != nil {
				return err
			}
		}
		return errors.Join(forget(tx, m, decisions), putMessage(tx, m), bucketEntries.Delete(tx, m.ID))
	})
	if err != nil {
		return err
	}
	if m.Details == "" && details != "" {
		_ = d.options.Objects.Delete(ctx, details) // no longer needed; if it stays, it is encrypted
	}
	d.options.Log.Info("a bank's message is worked through", "kind", string(m.Kind), "count", counts.Entries,
		"accepted", counts.Settled, "unchanged", counts.Confirmed, "refused", counts.Exceptions)
	return nil
}

// counter is the count in which a decision goes.
func (x *matcher) counter(v *decision, c *Counts) *int {
	switch {
	case x.aside(v.entry):
		return &c.Aside
	case x.skipped(v.entry):
		return &c.Skipped
	case v.reason != "" && v.entry.Kind != "":
		return &c.Classified
	case v.reason != "":
		return &c.Exceptions
	case v.entry.Outcome == bankfile.None:
		return &c.Interim
	case v.send:
		return &c.Settled
	}
	return &c.Confirmed
}

// forget deletes the mentions of what the contract then refused.
func forget(tx *boltstore.Tx, m *Message, decisions []decision) error {
	for i := range decisions {
		v := &decisions[i]
		if v.reason == "" || v.batch == "" {
			continue
		}
		key := mentionKey(m.Kind, v)
		s, ok, err := bucketMentions.Get(tx, key)
		if err != nil {
			return err
		}
		if !ok || s.Message != m.ID || s.N != v.entry.N {
			continue
		}
		if err := bucketMentions.Delete(tx, key); err != nil {
			return err
		}
	}
	return nil
}

func conflicts(m *Message) (n int) {
	for i := range m.Statements {
		if m.Statements[i].Conflict {
			n++
		}
	}
	return n
}
