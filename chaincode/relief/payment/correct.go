package payment

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// SentBack is one time that a batch was sent back to be corrected (退回修改).
type SentBack struct {
	Reason      string `json:"reason"`
	LinesSHA256 string `json:"lines_sha256"` // of the list that was sent back
	Act         int    `json:"act"`          // the place in the batch's acts, from 0, that says who did it when
}

// RemoveLines takes the payments of some positions out of an open batch. removed are the positions that had one. A slot is
// then as it was before: free, or with the attempt that was to be paid again.
func RemoveLines(b *Batch, seg LineSegment, positions []int) (out LineSegment, removed []int) {
	out = seg.clone()
	index := slices.Index(out.batches, b.ID)
	for _, position := range positions {
		if index < 0 || position >= len(out.slots) {
			continue
		}
		if slot := &out.slots[position]; slot.state == slotListed && int(slot.batch) == index {
			out.free(position)
			removed = append(removed, position)
		}
	}
	if len(removed) == 0 {
		return seg, nil
	}
	return out, removed
}

// free takes the listed payment out of a position's slot. It reverses archive when there was an attempt before.
func (s *LineSegment) free(position int) {
	s.slots[position] = lineSlot{}
	for i := len(s.old) - 1; i >= 0; i-- { // the last one is the one before
		if o := &s.old[i]; int(o.position) == position {
			if s.answers == nil {
				s.answers = make([]lineAnswer, len(s.slots))
			}
			s.slots[position], s.answers[position] = o.lineSlot, o.lineAnswer
			s.old = slices.Delete(s.old, i, i+1)
			return
		}
	}
}

// MayRemove returns an error unless the caller may take lines out: the batch is open, and the caller prepares it.
func (b *Batch) MayRemove(actor relief.Actor) error {
	return b.mayChange(relief.ActPaymentRemove, actor)
}

// SetControl corrects the control totals of an open batch. Whether the tranches have the sum is seen when it is sealed.
func SetControl(b Batch, control Control, actor relief.Actor) (Batch, bool, error) {
	if err := control.validate(); err != nil {
		return b, false, err
	}
	next, _, err := b.step(relief.ActPaymentSetControl, actor)
	if err != nil {
		return b, false, err
	}
	if err := b.requirePreparer(actor); err != nil {
		return b, false, err
	}
	if b.Control == control {
		return b, false, nil
	}
	b.Control = control
	b.record(next, relief.ActPaymentSetControl, actor)
	return b, true, nil
}

func (c Control) validate() error {
	switch {
	case c.Count < 1 || c.Count > MaxBatchLines:
		return relief.FieldErrorf("count", "the control count must be 1 to %d", MaxBatchLines)
	case c.Sum <= 0 || c.Sum > relief.MaxFen:
		return relief.FieldErrorf("sum", "the control sum must be above zero")
	}
	return nil
}

// SendBackDuty is the act whose duty an official needs to send the batch back: the approval that the batch waits for, or
// the one that finance gave. An approver of civil affairs sends a sealed batch back, one of finance an approved one.
func (b *Batch) SendBackDuty() relief.Act {
	if b.State == BatchSealed {
		return relief.ActPaymentApprove
	}
	return relief.ActPaymentAuthorise
}

// SendBack opens a sealed batch again so that its preparer corrects it. Its money is available again; its lines stay in
// it. Approvals and payment file go; the acts stay, so that nobody who prepared or approved can do the other later.
func SendBack(b Batch, tranches []fund.Tranche, reason string, actor relief.Actor) (Batch, []fund.Tranche, bool, error) {
	if err := relief.CheckText("reason", reason, 1, 200); err != nil {
		return b, tranches, false, err
	}
	next, repeated, err := b.step(relief.ActPaymentSendBack, actor)
	if err != nil || repeated {
		return b, tranches, false, err
	}
	released, err := b.release(tranches, relief.ActPaymentSendBack, actor)
	if err != nil {
		return b, tranches, false, err
	}
	if b.File != nil { // nobody may take it for the batch's file again
		b.TakenBack = append(slices.Clone(b.TakenBack), TakenFile{SHA256: b.FileSHA256, File: *b.File, Reason: reason})
	}
	b.SentBack = append(slices.Clone(b.SentBack), SentBack{Reason: reason, LinesSHA256: b.LinesSHA256, Act: len(b.Acts)})
	b.Totals, b.Segments, b.Earlier, b.LinesSHA256, b.FileSHA256, b.File = Totals{}, nil, nil, "", "", nil
	b.record(next, relief.ActPaymentSendBack, actor)
	return b, released, true, nil
}

// HandOver makes another official of the same agency, the heir, the preparer of an open batch. The preparer hands it over, or an
// approver of it (approver), who does not become a preparer by that. SAME_PERSON for somebody who approved the batch.
func HandOver(b Batch, heir relief.Official, approver bool, actor relief.Actor) (Batch, bool, error) {
	next, _, err := b.step(relief.ActPaymentHandOver, actor)
	if err != nil {
		return b, false, err
	}
	now := b.Preparer()
	if actor.Repeats(b.Acts, relief.ActPaymentHandOver) && relief.SameOfficial(now, heir) {
		return b, false, nil
	}
	switch {
	case !relief.SameOfficial(now, actor.By) && (!approver || actor.By.Agency != now.Agency):
		return b, false, relief.Errorf(relief.CodeForbidden,
			"batch %s is prepared by %s: the preparer hands it over, or an approver of %s", b.ID, now.Name, now.Agency)
	case relief.SameOfficial(now, heir):
		return b, false, relief.FieldErrorf("to", "%s prepares batch %s already", heir.Name, b.ID)
	case b.everApproved(heir):
		return b, false, relief.Errorf(relief.CodeSamePerson, "%s approved batch %s before and may not prepare it", heir.Name, b.ID)
	}
	b.Preparers = append(slices.Clone(b.EverPrepared()), nameOf(heir))
	b.record(next, relief.ActPaymentHandOver, actor)
	return b, true, nil
}

// Preparer is the official who prepares the batch now: agency and name.
func (b *Batch) Preparer() relief.Official {
	all := b.EverPrepared()
	return all[len(all)-1]
}

// EverPrepared are all who ever prepared the batch, agency and name; the last one does now.
func (b *Batch) EverPrepared() []relief.Official {
	if len(b.Preparers) > 0 || len(b.Acts) == 0 {
		return b.Preparers
	}
	return []relief.Official{nameOf(b.Acts[0].By)}
}

func (b *Batch) everPrepared(p relief.Official) bool {
	return slices.ContainsFunc(b.EverPrepared(), func(q relief.Official) bool { return relief.SameOfficial(p, q) })
}

func (b *Batch) everApproved(p relief.Official) bool {
	return slices.ContainsFunc(b.Acts, func(h relief.HistoryEntry) bool {
		return (h.Act == relief.ActPaymentApprove || h.Act == relief.ActPaymentAuthorise) && relief.SameOfficial(h.By, p)
	})
}

// nameOf is an official without role and region, which a new certificate may change.
func nameOf(p relief.Official) relief.Official {
	return relief.Official{Agency: p.Agency, ID: p.ID, Name: p.Name}
}
