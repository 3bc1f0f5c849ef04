package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// part is what falls to one tranche of a batch's money, by what became of the payments.
type part struct{ pending, credited, returned relief.Fen }

// parts are those of the batch's tranches by its last tally, in the order of its sources.
func (b *Batch) parts() []part {
	if len(b.Sources) == 0 {
		return []part{b.Totals.part()}
	}
	parts := make([]part, len(b.Sources))
	for i := range b.Sources {
		s := &b.Sources[i]
		parts[i] = part{s.Reserved, s.Paid, s.Share - s.Reserved - s.Paid}
	}
	return parts
}

func (t *Totals) part() part { return part{t.PendingSum, t.CreditedSum, t.ReturnedSum} }

// partsOf are those of a batch's tranches by the lines that were counted.
func (c *BatchCount) partsOf() []part {
	if c.divided == nil {
		return []part{c.total.part()}
	}
	return c.divided
}

// divide adds a payment, which is the last one counted, to the parts of the batch's sources.
func (c *BatchCount) divide(sources []BatchSource, slot *lineSlot) error {
	if c.total.ListedSum > relief.MaxFen {
		return relief.Errorf(relief.CodeTotals, "the batch's sum is above %s", relief.MaxFen)
	}
	if c.divided == nil {
		c.divided, c.division = make([]part, len(sources)), divisionOf(sources)
	}
	amount := slot.transferred()
	shares := c.division.shares(c.total.ListedSum-amount, amount)
	for i := range c.divided {
		switch p := &c.divided[i]; slot.state {
		case slotCredited:
			p.credited += shares[i]
		case slotReturned, slotReversed:
			p.returned += shares[i]
		default:
			p.pending += shares[i]
		}
	}
	return nil
}

// Sources are the sources of a batch with their shares by the lines that were counted, all that was returned being in
// return; none for a batch of one tranche. The auditor's tool compares them with the batch's.
func (c *BatchCount) Sources(b *Batch) []BatchSource {
	if c.divided == nil {
		return nil
	}
	sources := slices.Clone(b.Sources)
	for i, p := range c.divided {
		s := &sources[i]
		s.Share, s.Reserved, s.Paid, s.InReturn = p.pending+p.credited+p.returned, p.pending, p.credited, p.returned
	}
	return sources
}

// SegmentSums are what the segments of a batch with several sources add up to, packed; nil for a batch of one tranche.
func (c *BatchCount) SegmentSums() []byte {
	if c.divided == nil {
		return nil
	}
	return packSums(c.sums)
}

// reserve has each tranche reserve its share of a batch that is sealed with the lines counted.
func (b *Batch) reserve(tranches []fund.Tranche, c *BatchCount, act relief.Act, actor relief.Actor) ([]fund.Tranche, error) {
	shares := []relief.Fen{b.Control.Sum}
	if len(b.Sources) > 0 {
		b.Sources, b.SegmentSums = c.Sources(b), c.SegmentSums()
		shares = b.shares()
		if short := b.Control.Sum - sum(shares); short > 0 {
			return nil, relief.Errorf(relief.CodeFunds, "the caps of the sources are %s less than the control sum %s", short, b.Control.Sum)
		}
	}
	return move(tranches, shares, act, actor, (*fund.Balances).AvailableBalance, (*fund.Balances).ReservedBalance)
}

// release makes what is reserved for the batch available again: no payment of it has an answer.
func (b *Batch) release(tranches []fund.Tranche, act relief.Act, actor relief.Actor) ([]fund.Tranche, error) {
	tranches, err := move(tranches, b.shares(), act, actor, (*fund.Balances).ReservedBalance, (*fund.Balances).AvailableBalance)
	if err != nil {
		return nil, err
	}
	terms := b.terms()
	b.Sources, b.SegmentSums = terms.batchSources(), nil
	return tranches, nil
}

func sum(amounts []relief.Fen) (sum relief.Fen) {
	for _, a := range amounts {
		sum += a
	}
	return sum
}

// shares are what the batch's tranches have of its sum.
func (b *Batch) shares() []relief.Fen {
	if len(b.Sources) == 0 {
		return []relief.Fen{b.Control.Sum}
	}
	shares := make([]relief.Fen, len(b.Sources))
	for i := range b.Sources {
		shares[i] = b.Sources[i].Share
	}
	return shares
}

// move shifts a share in each tranche. A tranche that has none in the batch is left as it is: it may be closed.
func move(
	tranches []fund.Tranche, shares []relief.Fen, act relief.Act, actor relief.Actor, from, to func(*fund.Balances) *relief.Fen,
) ([]fund.Tranche, error) {
	tranches = slices.Clone(tranches)
	for i, share := range shares {
		if share == 0 {
			continue
		}
		var err error
		if tranches[i], err = tranches[i].Move(act, actor, share, from, to); err != nil {
			return nil, err
		}
	}
	return tranches, nil
}

// fold moves batch and tranches from their old totals to the totals just counted. It leaves a tranche as it is that has no
// share in the batch, or in which a tally changes nothing.
func (b *Batch) fold(tranches []fund.Tranche, c *BatchCount, act relief.Act, actor relief.Actor) ([]fund.Tranche, error) {
	now := c.totals()
	if now.ListedSum != b.Control.Sum || now.Listed != b.Control.Count {
		return nil, relief.Errorf(relief.CodeCorrupt, "batch %s counts %d lines of %s, not its control totals", b.ID, now.Listed, now.ListedSum)
	}
	tranches, b.Sources = slices.Clone(tranches), slices.Clone(b.Sources)
	before, after := b.parts(), c.partsOf()
	for i := range tranches {
		if after[i] == (part{}) || act != relief.ActPaymentClose && after[i] == before[i] {
			continue
		}
		if err := b.foldPart(i, &tranches[i], before[i], after[i], act); err != nil {
			return nil, err
		}
		tranches[i].Acts = append(slices.Clone(tranches[i].Acts), actor.Entry(act))
	}
	b.Totals = now
	return tranches, nil
}

// foldPart is fold for the tranche of the ith source. At the close of the batch, what is in return is available again.
func (b *Batch) foldPart(i int, t *fund.Tranche, before, after part, act relief.Act) error {
	if _, err := relief.Next(fund.Transitions, t.State, act); err != nil {
		return err
	}
	var inReturn relief.Fen
	t.Balances.Reserved += after.pending - before.pending
	t.Balances.Paid += after.credited - before.credited
	back := after.returned - before.returned
	if freed := t.State == fund.TrancheClosed || b.State == BatchClosed; freed && t.Balances.Available < -back {
		return usedSince(t, -back)
	}
	switch {
	case t.State == fund.TrancheClosed:
		t.Balances.Available += back // fund.PassOn gives it to the tranche's heir in the same transaction
	case b.State == BatchClosed:
		t.Balances.Available += back // a closed batch has no money in return
	case act == relief.ActPaymentClose:
		t.Balances.InReturn -= before.returned
		t.Balances.Available += after.returned
	default:
		t.Balances.InReturn += back
		inReturn = after.returned
	}
	if len(b.Sources) > 0 {
		s := &b.Sources[i]
		s.Reserved, s.Paid, s.InReturn = after.pending, after.credited, inReturn
	}
	return t.Balances.Check()
}

// usedSince refuses to take money from a tranche that has it no more: it came back, and was used since.
func usedSince(t *fund.Tranche, amount relief.Fen) error {
	if t.State == fund.TrancheClosed {
		return relief.Errorf(relief.CodeFunds, "资金 %s 已关闭，退回的 %s 元已转出：该分录按错账（mistake）分类，待资金追回 · tranche %s is closed and has given away "+
			"the %s that came back: classify the entry as a mistake until the money is claimed back", t.ID, amount, t.ID, amount)
	}
	return relief.Errorf(relief.CodeFunds, "资金 %s 可用 %s 元，不足 %s 元：请先追加资金或取消未发批次 · tranche %s has %s available, less than the %s that came back: "+
		"top it up, or cancel a batch that is not paid yet", t.ID, t.Balances.Available, amount, t.ID, t.Balances.Available, amount)
}
