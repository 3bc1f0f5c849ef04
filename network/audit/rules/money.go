package rules

import (
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
)

// batch checks a batch: its acts are in the name of the transaction's signer, its state follows from its acts, and its
// totals are what its slots add up to.
func (e *txChanges) batch(r Record) {
	b, ok := unpack[payment.Batch](e, r)
	if !ok {
		return
	}
	name := "batch " + string(b.ID)
	if relief.BatchKey(b.ID).String() != r.Name || len(b.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	before := e.Batches[b.ID]
	state, acts := payment.BatchState(""), []relief.HistoryEntry(nil)
	if before != nil {
		state, acts = before.State, before.Acts
		if !sameTerms(before, b) {
			e.report(BadRecord, "%s has other terms than when it was opened", name)
		}
	}
	added := e.newActs(name, acts, b.Acts)
	e.corrections(name, before, b, added)
	for _, act := range added {
		if state == "" && act == relief.ActPaymentOpen {
			state = payment.BatchOpen
			continue
		}
		e.sealed(name, b, act)
		e.sharedAccounts(name, b, act)
		next, err := relief.Next(payment.BatchTransitions, state, act)
		if err != nil {
			e.report(BadRecord, "%s: %v", name, err)
		}
		state = next
	}
	if state != b.State {
		e.report(BadRecord, "%s is %s, its acts lead to %s", name, b.State, state)
	}
	e.approvals(name, b.Acts, b.Preparers)
	e.file(name, before, b, added)
	e.totals(name, before, b)
	e.sources(name, before, b)
	e.Batches[b.ID] = b
	for _, id := range b.Tranches() {
		e.tranches[id] = true
	}
}

func sameTerms(a, b *payment.Batch) bool {
	return a.Tranche == b.Tranche && sameSources(a.Sources, b.Sources) && a.Programme == b.Programme && a.Period == b.Period &&
		a.EarlierFrom == b.EarlierFrom && a.Region == b.Region
}

// corrections checks that the control totals of a batch change only when they are corrected, and its preparers only when it is
// handed over.
func (e *txChanges) corrections(name string, before, b *payment.Batch, added []relief.Act) {
	if before == nil {
		return
	}
	if before.Control != b.Control && !slices.Contains(added, relief.ActPaymentSetControl) {
		e.report(BadRecord, "%s has other terms than when it was opened", name)
	}
	handedOver := slices.Contains(added, relief.ActPaymentHandOver)
	if n := len(before.Preparers); n > len(b.Preparers) || !slices.Equal(before.Preparers, b.Preparers[:n]) || n < len(b.Preparers) && !handedOver {
		e.report(BadRecord, "%s has other preparers, though nobody handed it over", name)
	}
}

// newActs checks that a record's history only grows, by acts in the name of the transaction's signer, and returns the
// new acts.
func (e *txChanges) newActs(name string, before, after []relief.HistoryEntry) (added []relief.Act) {
	if len(after) < len(before) || !slices.Equal(before, after[:len(before)]) {
		e.report(BadRecord, "the earlier history of %s is changed", name)
		return nil
	}
	for i := len(before); i < len(after); i++ {
		e.signed(name, &after[i])
		added = append(added, after[i].Act)
	}
	return added
}

// signed checks that an act is in the name of the transaction's signer.
func (e *txChanges) signed(name string, a *relief.HistoryEntry) {
	if a.Tx != e.tx.ID || a.By.Agency != e.creator.Agency || a.By.Name != e.creator.Name || e.founded && a.By.ID != e.creator.ID {
		e.report(BadRecord, "%s: the act %s is in the name of %s of %s, but signed by %s of %s",
			name, a.Act, a.By.Name, a.By.Agency, e.creator.Name, e.creator.Agency)
	}
}

// approvals checks that no official approves a batch who ever prepared it, or who approved it for the other agency before, or who made a payment file for
// it. Finance's approver may approve another file of the batch.
func (e *txChanges) approvals(name string, acts []relief.HistoryEntry, preparers []relief.Official) {
	for i, a := range acts {
		if a.Act != relief.ActPaymentApprove && a.Act != relief.ActPaymentAuthorise {
			continue
		}
		had := func(h relief.HistoryEntry) bool {
			return h.Act != a.Act && slices.Contains(handsIn, h.Act) && relief.SameOfficial(h.By, a.By)
		}
		prepared := func(p relief.Official) bool { return relief.SameOfficial(p, a.By) }
		if slices.ContainsFunc(acts[:i], had) || slices.ContainsFunc(preparers, prepared) {
			e.report(BadRecord, "%s: %s of %s approves a batch that the same official prepared or approved", name, a.By.Name, a.By.Agency)
		}
	}
}

// handsIn are the acts by which somebody has a hand in a batch and may not approve it.
var handsIn = []relief.Act{
	relief.ActPaymentOpen, relief.ActPaymentSeal, relief.ActPaymentMakeFile, relief.ActPaymentApprove, relief.ActPaymentAuthorise,
}

// file checks that a batch's payment file changes only when one is made or taken back, or the batch is sent back: what finance authorised is what the bank is sent. An
// earlier version of the chaincode had a hash alone, from the order to the bank.
func (e *txChanges) file(name string, before, b *payment.Batch, added []relief.Act) {
	changes := func(act relief.Act) bool {
		return act == relief.ActPaymentMakeFile || act == relief.ActPaymentConfirmTakeBack || act == relief.ActPaymentSendBack
	}
	if slices.Contains(added, relief.ActPaymentMakeFile) && b.File != nil {
		e.fileTotals(name, b)
	}
	if before == nil || slices.ContainsFunc(added, changes) || before.File == nil && b.File == nil {
		return
	}
	if before.File == nil || b.File == nil || *before.File != *b.File || before.FileSHA256 != b.FileSHA256 {
		e.report(BadRecord, "%s has another payment file, which nobody made", name)
	}
}

// fileTotals checks that a payment file has a transfer for each person to whom something is transferred, the sum of the person's
// payments.
func (e *txChanges) fileTotals(name string, b *payment.Batch) {
	values, ok := e.heldBy(b)
	if !ok {
		return
	}
	transfers := map[uint32]relief.Fen{}
	for i := range values {
		at := b.SegmentAddr(values[i].Segment)
		for position := range int(at.Size) {
			for _, l := range payment.LinesAt(values[i].Payments, b.ID, position) {
				transfers[at.First()+uint32(position)] += l.Amount - l.Deducted
			}
		}
	}
	count, sum := 0, relief.Fen(0)
	for _, amount := range transfers { // in any order: they are counted
		if sum += amount; amount > 0 {
			count++
		}
	}
	if b.File.Count != count || b.File.Sum != sum {
		e.report(Money, "%s: its payment file has %d transfers of %s, its payments are %d transfers of %s", name, b.File.Count, b.File.Sum, count, sum)
	}
}

// totals checks that a batch's new totals are what its slots add up to.
func (e *txChanges) totals(name string, before, b *payment.Batch) {
	var was payment.Totals
	if before != nil {
		was = before.Totals
	}
	counted := payment.Totals{}
	if c := e.Counted[b.ID]; c != nil {
		counted = *c
	}
	counted.Joined, counted.Netted = b.Totals.Joined, b.Totals.Netted // follow from the list that was sealed
	if b.State == payment.BatchCancelled {
		counted.Pending, counted.PendingSum = 0, 0 // its slots stay listed until others need them
	}
	sentBack := b.State == payment.BatchOpen && b.Totals == payment.Totals{}
	if b.Totals != was && b.Totals != counted && !sentBack {
		e.report(Money, "%s counts %s, its slots hold %s", name, total(b.Totals), total(counted))
	}
	if b.State != payment.BatchOpen && b.State != payment.BatchCancelled && (b.Totals.Listed != b.Control.Count || b.Totals.ListedSum != b.Control.Sum) {
		e.report(Money, "%s lists %d of %s, its control totals are %d and %s", name, b.Totals.Listed, b.Totals.ListedSum, b.Control.Count, b.Control.Sum)
	}
}

func total(t payment.Totals) string {
	return fmt.Sprintf("%d/%s listed, %d/%s credited, %d/%s returned, %d/%s pending",
		t.Listed, t.ListedSum, t.Credited, t.CreditedSum, t.Returned, t.ReturnedSum, t.Pending, t.PendingSum)
}

func (e *txChanges) tranche(r Record) {
	t, ok := unpack[fund.Tranche](e, r)
	if !ok {
		return
	}
	name := "tranche " + string(t.ID)
	if relief.TrancheKey(t.ID).String() != r.Name || len(t.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	before := e.Tranches[t.ID]
	var acts []relief.HistoryEntry
	if before != nil {
		acts = before.Acts
		if before.Amount != t.Amount || before.Balances.Issued != t.Balances.Issued || before.Parent != t.Parent {
			e.report(Money, "the issued amount or the parent of %s is changed", name)
		}
	}
	e.newActs(name, acts, t.Acts)
	e.adjusted(name, before, t)
	e.Tranches[t.ID] = t
	e.tranches[t.ID] = true
	if t.Parent != "" {
		e.tranches[t.Parent] = true
	}
}

// balance works out a tranche's balances from its batches and the tranches below it and compares them with the record.
func (e *txChanges) balance(id relief.TrancheID) {
	t := e.Tranches[id]
	if t == nil {
		e.report(Money, "tranche %s is used but was never issued", id)
		return
	}
	e.bothEnds(t)
	b := t.Balances
	want := fund.Balances{Issued: t.Amount, Recovered: e.Recovered[id]}
	addMoves(&want, t)
	for _, child := range e.Tranches {
		if child.Parent == id {
			want.Allocated += child.Amount + fromAbove(child)
		}
	}
	for _, batch := range e.Batches {
		addSource(&want, batch, id)
		if batch.Tranche != id || !reserves(batch) {
			continue
		}
		want.Reserved += batch.Totals.PendingSum
		want.Paid += batch.Totals.CreditedSum
		if batch.State != payment.BatchClosed && t.State != fund.TrancheClosed {
			want.InReturn += batch.Totals.ReturnedSum
		}
	}
	want.Available = want.Issued + want.ToppedUp + want.Recovered - want.Allocated - want.Reserved - want.Paid - want.InReturn -
		want.Refunded - want.TakenBack - want.CarriedOver
	if b != want || want.Available < 0 || want.Allocated < 0 {
		e.report(Money, "tranche %s has %s, but by its batches and allocations %s", id, Balances(b), Balances(want))
	}
}

// Balances writes out what a tranche has.
func Balances(b fund.Balances) string {
	return fmt.Sprintf("issued %s + topped up %s + recovered %s = allocated %s + reserved %s + paid %s + in return %s + refunded %s + "+
		"taken back %s + carried over %s + available %s",
		b.Issued, b.ToppedUp, b.Recovered, b.Allocated, b.Reserved, b.Paid, b.InReturn, b.Refunded, b.TakenBack, b.CarriedOver, b.Available)
}
