package index

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
)

// PaymentTrail lists what happened to a payment: to its programme, tranche, roll entry and batches, and in every attempt to
// pay this person for this period. It is empty for a payment that was never listed.
func (ix *Index) PaymentTrail(ctx context.Context, id relief.PaymentID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		roll, err := r.roll(id.Programme, id.County)
		if err != nil || roll == 0 {
			return err
		}
		low := spanLow(roll, id.Period)
		lines, batches, err := r.lineSteps(rollName{id.Programme, id.County}, id.Number, low, low)
		if err != nil || len(lines) == 0 {
			return err
		}
		context, err := r.contextSteps(id, roll, batches)
		steps = append(lines, context...)
		return err
	})
	return inOrder(steps), err
}

// contextSteps are the steps of the records that a payment depends on: the programme, the roll entry, the batches and
// their tranches.
func (r *reader) contextSteps(id relief.PaymentID, roll int64, batches []int64) ([]Step, error) {
	steps, err := r.recordSteps(relief.KindProgramme, string(id.Programme), "")
	if err != nil {
		return nil, err
	}
	more, err := r.entrySteps(rollName{id.Programme, id.County}, entryNumber(roll, id.Number))
	if err != nil {
		return nil, err
	}
	steps = append(steps, more...)
	for _, n := range batches {
		if more, err = r.batchSteps(n); err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

// batchSteps are the steps of a batch, and those acts on its tranches that moved a tranche's money as a whole.
func (r *reader) batchSteps(n int64) ([]Step, error) {
	var batch, tranche string
	if _, err := r.one("SELECT id, tranche FROM batches WHERE n = $1", []any{n}, &batch, &tranche); err != nil {
		return nil, err
	}
	steps, err := r.recordSteps(relief.KindBatch, batch, "")
	if err != nil {
		return nil, err
	}
	tranches, err := r.tranches(n, tranche)
	if err != nil {
		return nil, err
	}
	for _, id := range tranches {
		more, err := r.recordSteps(relief.KindTranche, id, "fund:")
		if err != nil {
			return nil, err
		}
		steps = append(steps, more...)
	}
	return steps, nil
}

// SubjectTrail lists what happened to a person in all programmes: the roll entries and all payments. within leaves out the
// entries of other regions; "" leaves out none.
func (ix *Index) SubjectTrail(ctx context.Context, ref relief.SubjectRef, within relief.Region) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		holdings, err := r.rollHoldings(ref)
		if err != nil {
			return err
		}
		holdings = slices.DeleteFunc(holdings, func(h rollHolding) bool { return within != "" && !within.Covers(h.Region) })
		if within != "" && len(holdings) == 0 {
			return nil
		}
		refs, err := r.linked(ref)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			for _, kind := range []string{relief.KindErasure, relief.KindLink} {
				more, err := r.recordSteps(kind, ref.String(), "")
				if err != nil {
					return err
				}
				steps = append(steps, more...)
			}
		}
		for _, h := range holdings {
			name := rollName{h.Programme, h.County}
			more, err := r.entrySteps(name, entryNumber(h.roll, h.Number))
			if err != nil {
				return err
			}
			steps = append(steps, more...)
			low, high := rollSpans(h.roll)
			if more, _, err = r.lineSteps(name, h.Number, low, high); err != nil {
				return err
			}
			steps = append(steps, more...)
		}
		return nil
	})
	return inOrder(steps), err
}

// BatchTrail lists what happened to a batch: its acts, and the transactions that listed its payments or recorded the bank's
// answers. It is empty when there is no such batch.
func (ix *Index) BatchTrail(ctx context.Context, id relief.BatchID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		if steps, err = r.recordSteps(relief.KindBatch, string(id), ""); err != nil || len(steps) == 0 {
			return err
		}
		more, err := r.chunkSteps(id)
		steps = append(steps, more...)
		return err
	})
	return inOrder(steps), err
}

// TrancheTrail lists what happened to a tranche. Each step has the balances after it.
func (ix *Index) TrancheTrail(ctx context.Context, id relief.TrancheID) (steps []Step, err error) {
	err = ix.view(ctx, func(r *reader) error {
		steps, err = r.recordSteps(relief.KindTranche, string(id), "")
		return err
	})
	return inOrder(steps), err
}

// recordSteps are a record's versions, each a step. Versions by functions without the prefix are left out.
func (r *reader) recordSteps(kind, name, functionPrefix string) ([]Step, error) {
	versions, err := r.versions(kind, name)
	if err != nil {
		return nil, err
	}
	var steps []Step
	for i := range versions {
		v := &versions[i]
		if !strings.HasPrefix(v.tx.Function, functionPrefix) {
			continue
		}
		s := newStep(&v.tx, kind+"/"+name)
		if v.deleted == versionUnreadable {
			s.Detail = map[string]string{"unreadable": "true"}
			steps = append(steps, s)
			continue
		}
		s.Detail = recordDetail(kind, v.value)
		if zh, en := api.ActWords(relief.Act(s.Detail["act"])); v.tx.Function == api.CaseFile.Name() && zh != "" {
			s.Act, s.Title = s.Detail["act"], zh+" · "+en // what was done to this case, not how it was sent
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// lineSteps are the versions of a person's payments in the spans from low to high, with the batches that listed them.
func (r *reader) lineSteps(name rollName, number uint32, low, high int64) (steps []Step, batches []int64, err error) {
	first, last := attemptsOf(0, number)
	if err := r.require(func(p *passedOver) bool { return p.hasLines(number, low, high) }); err != nil {
		return nil, nil, err
	}
	versions, err := r.lineVersions(first, last, low, high)
	if err != nil {
		return nil, nil, err
	}
	listed := map[int64]bool{}
	var sourced []int64 // those of the batches that draw on several tranches
	for i := range versions {
		n := versions[i].batch
		if listed[n] {
			continue
		}
		listed[n], batches = true, append(batches, n)
		if versions[i].sourced {
			sourced = append(sourced, n)
		}
	}
	shares, err := r.sharesOf(sourced)
	if err != nil {
		return nil, nil, err
	}
	places := make([]int64, len(versions))
	for i := range versions {
		places[i] = versions[i].txPos
	}
	transactions, err := r.transactionsAt(places)
	if err != nil {
		return nil, nil, err
	}
	steps = make([]Step, 0, len(versions))
	for i := range versions {
		v := &versions[i]
		tx := transactions[v.txPos]
		_, period, _, attempt := paymentParts(v.payment)
		id := relief.PaymentID{Programme: name.programme, County: name.county, Number: number, Period: period, Attempt: attempt}
		s := newStep(tx, "payment/"+id.String())
		if title := outcomeTitles[lineStates[v.state]]; title != "" {
			s.Title = title
		}
		s.Detail = v.detail()
		text, err := shares.text(v, id)
		if err != nil {
			return nil, nil, err
		}
		if text != "" {
			s.Detail["shares"] = text
		}
		steps = append(steps, s)
	}
	return steps, batches, nil
}

// entrySteps are the versions of one person's entry on a roll, and those of its changes and of what it was paid too much.
func (r *reader) entrySteps(name rollName, n int64) ([]Step, error) {
	if err := r.requireEntry(n); err != nil {
		return nil, err
	}
	var subject []byte
	var found []txRow
	var values [][]byte
	err := r.each("SELECT "+transactionColumns+", e.subject, v.value FROM entries e CROSS JOIN "+
		"(SELECT place, value FROM entries WHERE n = $1 UNION ALL SELECT place, value FROM entry_versions WHERE entry = $1) v "+
		"CROSS JOIN transactions t WHERE e.n = $1 AND t.place = v.place ORDER BY v.place", func(rows *sql.Rows) error {
		var s txRow
		var value []byte
		err := rows.Scan(append(s.columns(), &subject, &value)...)
		found, values = append(found, s), append(values, value)
		return err
	}, n)
	if err != nil {
		return nil, err
	}
	_, number := entryParts(n)
	var steps []Step
	for i := range found {
		e, err := entry(relief.SubjectRef(subject), values[i], name, number)
		if err != nil {
			return nil, err
		}
		tx, err := r.transaction(&found[i])
		if err != nil {
			return nil, err
		}
		s := newStep(&tx, "roll/"+string(name.programme)+"/"+e.Subject.String())
		s.Detail = map[string]string{"state": string(e.State), "from": e.From.String(), "class": e.Class, "amount": e.Amount.String()}
		if !e.Until.IsZero() {
			s.Detail["until"], s.Detail["reason"] = e.Until.String(), string(e.ExitReason)
		}
		steps = append(steps, s)
	}
	changes, err := r.changeSteps(name, number)
	if err != nil {
		return nil, err
	}
	over, err := r.recordSteps(relief.KindOverpayment, string(relief.NewOverpaymentID(name.programme, name.county, number)), "")
	return append(append(steps, changes...), over...), err
}

// chunkSteps are the transactions that changed payments of a batch.
func (r *reader) chunkSteps(id relief.BatchID) (steps []Step, err error) {
	var found []txRow
	var details []map[string]string
	err = r.each("SELECT "+transactionColumns+", c.lines, c.sum "+
		"FROM batches b JOIN chunks c ON c.batch = b.n JOIN transactions t ON t.place = c.place "+
		"WHERE b.id = $1 ORDER BY c.place", func(rows *sql.Rows) error {
		var s txRow
		var lines, sum int64
		err := rows.Scan(append(s.columns(), &lines, &sum)...)
		found = append(found, s)
		details = append(details, map[string]string{"lines": strconv.FormatInt(lines, 10), "sum": relief.Fen(sum).String()})
		return err
	}, string(id))
	if err != nil {
		return nil, err
	}
	for i := range found {
		tx, err := r.transaction(&found[i])
		if err != nil {
			return nil, err
		}
		s := newStep(&tx, "lines/"+string(id))
		s.Detail = details[i]
		steps = append(steps, s)
	}
	return steps, nil
}
