package bankdesk

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/bankfile"
	"relieftrail/gateway/internal/boltstore"
)

// decision is what becomes of an entry.
type decision struct {
	entry  *entry
	id     relief.PaymentID
	batch  relief.BatchID // whose payment it is
	send   bool           // to be recorded on the ledger
	whole  bool           // the answer is for the person's transfer, whatever payments it carries
	reason Reason         // why it goes on the list; "" when it does not
	// reverses is what the entry makes of the payment when two officials have confirmed it: the opposite of the recorded answer.
	reverses payment.LineState
}

// segmentKey is a segment of a county's payments of one period.
type segmentKey struct {
	programme relief.ProgrammeID
	county    relief.Region
	period    relief.Period
	segment   uint32
}

// matcher holds a message's entries against the ledger.
type matcher struct {
	*Desk
	message *Message
	sizes   map[relief.ProgrammeID]uint32 // of segments; 0 when there is no such programme
	slots   map[relief.PaymentID]payment.Slot
	batches map[relief.BatchID]*payment.Batch
	back    map[relief.PaymentID]bool // payments that the message reports as returned
	file    relief.BatchID            // whose payment file the message answers
	credits map[relief.PaymentID]relief.Day
	whole   map[relief.PaymentID]bool // payments of which the message reports that all of it came back
}

// match decides on every entry. Nothing is written.
func (d *Desk) match(ctx context.Context, m *Message, entries []entry) ([]decision, error) {
	x := &matcher{
		Desk: d, message: m, sizes: map[relief.ProgrammeID]uint32{}, slots: map[relief.PaymentID]payment.Slot{},
		batches: map[relief.BatchID]*payment.Batch{}, back: map[relief.PaymentID]bool{},
		credits: map[relief.PaymentID]relief.Day{}, whole: map[relief.PaymentID]bool{},
	}
	err := d.store.View(func(tx *boltstore.Tx) error {
		batch, _, err := bucketFiles.Get(tx, m.Original)
		x.file = relief.BatchID(batch)
		return err
	})
	if err != nil {
		return nil, err
	}
	decisions := make([]decision, len(entries))
	for i := range entries {
		decisions[i] = decision{entry: &entries[i]}
		if entries[i].ID != "" {
			if decisions[i].id, err = relief.ParsePaymentID(entries[i].ID); err != nil {
				return nil, err
			}
		}
	}
	if err := x.load(ctx, decisions); err != nil {
		return nil, err
	}
	x.takeBookingDays(decisions)
	x.noteCredits(decisions)
	x.noteReturns(decisions)
	err = d.store.View(func(tx *boltstore.Tx) error {
		own := map[string]int{} // what this message said before
		for i := range decisions {
			if err := x.decide(tx, &decisions[i], own); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	differs, err := x.acknowledged(ctx)
	if differs != nil {
		decisions = append(decisions, *differs)
	}
	return decisions, err
}

// wanted reports whether an entry speaks of a payment, in a statement that is new.
func (x *matcher) wanted(v *decision) bool {
	e := v.entry
	final := e.Outcome == bankfile.Paid || e.Outcome == bankfile.Returned
	return final && e.Problem == bankfile.NoProblem && !x.skipped(e)
}

func (x *matcher) skipped(e *entry) bool {
	if e.Statement < 0 || e.Statement >= len(x.message.Statements) {
		return false
	}
	s := &x.message.Statements[e.Statement]
	return s.Repeated || s.Conflict || s.Aside != NotAside
}

func (x *matcher) aside(e *entry) bool {
	return e.Statement >= 0 && e.Statement < len(x.message.Statements) && x.message.Statements[e.Statement].Aside != NotAside
}

// load reads from the ledger what the message speaks of.
func (x *matcher) load(ctx context.Context, decisions []decision) error {
	segments := map[segmentKey]bool{}
	for i := range decisions {
		v := &decisions[i]
		if !x.wanted(v) {
			continue
		}
		if v.entry.Outcome == bankfile.Returned {
			x.back[v.id] = true
		}
		size, err := x.segmentSize(ctx, v.id.Programme)
		if err != nil {
			return err
		}
		if size > 0 {
			segment, _ := v.id.SlotAt(size)
			segments[segmentKey{v.id.Programme, v.id.County, v.id.Period, segment}] = true
		}
	}
	if err := x.loadSlots(ctx, segments); err != nil {
		return err
	}
	for _, s := range x.slots {
		if x.batches[s.Batch] == nil {
			b, err := x.batch(ctx, x.message.Principal, s.Batch)
			if err != nil {
				return err
			}
			x.batches[s.Batch] = b
		}
	}
	return x.loadTransfers(ctx, decisions)
}

func (x *matcher) segmentSize(ctx context.Context, id relief.ProgrammeID) (uint32, error) {
	if size, ok := x.sizes[id]; ok {
		return size, nil
	}
	programme, err := ask(ctx, x.Desk, x.message.Principal, api.ProgrammeGet, api.ProgrammeInput{ID: id})
	var refused *relief.Error
	switch {
	case errors.As(err, &refused) && refused.Code == relief.CodeNotFound, err == nil && len(programme.Versions) == 0:
		x.sizes[id] = 0
	case err != nil:
		return 0, err
	default:
		x.sizes[id] = uint32(programme.Versions[0].SegmentSize) //nolint:gosec // 1 to 1,000, the same in all versions
	}
	return x.sizes[id], nil
}

// segmentsAtOnce is how many segments are read from the ledger at a time.
const segmentsAtOnce = 4

func (x *matcher) loadSlots(ctx context.Context, segments map[segmentKey]bool) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(segmentsAtOnce)
	answers := make(chan map[relief.PaymentID]payment.Slot, len(segments))
	for p := range segments {
		group.Go(func() error {
			answer, err := ask(ctx, x.Desk, x.message.Principal, api.PaymentSlots, api.SlotsInput{
				Programme: p.programme, County: p.county, Period: p.period, Segment: p.segment,
			})
			slots := make(map[relief.PaymentID]payment.Slot, len(answer.Slots))
			for _, s := range answer.Slots {
				s.Amount -= s.Deducted // what the bank was told
				slots[relief.PaymentID{
					Programme: p.programme, County: p.county, Number: s.Number, Period: p.period, Attempt: s.Attempt,
				}] = s
			}
			answers <- slots
			var refused *relief.Error
			if errors.As(err, &refused) && refused.Code == relief.CodeInvalid {
				return nil // a number beyond any roll: there is no such payment
			}
			return err
		})
	}
	err := group.Wait()
	close(answers)
	for slots := range answers {
		for id, s := range slots {
			x.slots[id] = s
		}
	}
	return err
}

// decide settles one entry.
func (x *matcher) decide(tx *boltstore.Tx, v *decision, own map[string]int) error {
	e := v.entry
	switch {
	case x.skipped(e), e.Outcome == bankfile.None:
		return nil
	case e.Problem != bankfile.NoProblem:
		v.reason = Reason(e.Problem)
		if e.ID == "" {
			return x.ofFile(tx, v)
		}
		if s, ok := x.slots[v.id]; ok {
			v.batch = s.Batch
		}
		return nil
	}
	slot, ok := x.slots[v.id]
	if !ok {
		v.reason = UnknownPayment
		return nil
	}
	v.batch = slot.Batch
	v.whole = x.batches[slot.Batch] != nil && x.batches[slot.Batch].HoldsMore()
	if v.reason = x.fits(e, &slot); v.reason != "" {
		return nil
	}
	if !x.possible(v, &slot) {
		v.reason = DateBounds
		return nil
	}
	seen, again, err := x.mentionedBefore(tx, v, own)
	switch {
	case err != nil:
		return err
	case again:
		v.reason = Duplicate
		if _, reason := x.moves(v, slot.State); reason != "" {
			v.reason = reason
		}
		return nil
	case seen.Message == x.message.ID: // begun before the gateway was stopped
		v.send = seen.Sent
		return nil
	}
	v.send, v.reason = x.moves(v, slot.State)
	if v.send {
		slot.State = after(e.Outcome)
		x.slots[v.id] = slot
	}
	return nil
}

// ofFile finds the batch of an entry that names no payment: of a status, or of a booking in one sum, the payment file is known.
func (x *matcher) ofFile(tx *boltstore.Tx, v *decision) error {
	if v.batch = x.file; v.entry.File == "" {
		return nil
	}
	batch, _, err := bucketFiles.Get(tx, v.entry.File)
	v.batch = relief.BatchID(batch)
	return err
}

// fits holds amount and batch against the payment's.
func (x *matcher) fits(e *entry, slot *payment.Slot) Reason {
	if x.message.Batch != "" && slot.Batch != x.message.Batch {
		return OtherBatch
	}
	if e.NoAmount { // pain.002 may leave it out; then it must answer the file that this payment was in
		if x.file != slot.Batch {
			return NoAmount
		}
		e.Amount, e.NoAmount = slot.Amount, false
	}
	if e.Amount != slot.Amount {
		return AmountDiffers
	}
	if b := x.batches[slot.Batch]; b == nil || b.State != payment.BatchInstructed && b.State != payment.BatchClosed {
		return WrongState
	}
	return ""
}

// moves reports whether an entry gives a payment its answer. What the ledger knows already is only confirmed; the opposite is
// for two officials.
func (x *matcher) moves(v *decision, state payment.LineState) (send bool, reason Reason) {
	o := v.entry.Outcome
	switch {
	case state == payment.LineListed:
		return o == bankfile.Returned || !x.whole[v.id], "" // what went out and came back in one message came back
	case (o == bankfile.Paid) == (state == payment.LineCredited):
		return false, ""
	case o == bankfile.Paid && x.back[v.id]: // it went out and came back, which the ledger has heard of elsewhere
		return false, ""
	}
	v.reverses = after(o)
	return false, WrongState
}

func after(o bankfile.Outcome) payment.LineState {
	if o == bankfile.Paid {
		return payment.LineCredited
	}
	return payment.LineReturned
}

// mention is which entry said what of a payment.
type mention struct {
	Message string `json:"m"`
	N       int    `json:"n"`
	Sent    bool   `json:"s,omitempty"`
	Place   int    `json:"p,omitempty"` // of its statement in the message, from 1
}

// mentionKey names what one kind of message says once: a notification, a statement and a report may each say the same. Statements of any form
// are one kind.
func mentionKey(kind bankfile.Kind, v *decision) string {
	if kind.Statement() {
		kind = bankfile.Camt053
	}
	return fmt.Sprintf("%s\x00%s\x00%d", kind, v.id, v.entry.Outcome)
}

// mentionedBefore reports whether another entry of the same kind of message has said the same of the payment.
func (x *matcher) mentionedBefore(
	tx *boltstore.Tx, v *decision, own map[string]int,
) (s mention, again bool, err error) {
	key := mentionKey(x.message.Kind, v)
	if _, ok := own[key]; ok {
		return s, true, nil
	}
	s, ok, err := bucketMentions.Get(tx, key)
	if err != nil {
		return s, false, err
	}
	if ok && withdrawnStatement(tx, s.Message, s.Place) {
		s, ok = mention{}, false
	}
	if ok && (s.Message != x.message.ID || s.N != v.entry.N) {
		return s, true, nil
	}
	own[key] = v.entry.N
	return s, false, nil
}
