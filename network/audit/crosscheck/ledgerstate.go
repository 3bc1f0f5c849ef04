package crosscheck

import (
	"encoding/json"
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// ledgerState is what the values on the ledger say about money, together with the sums that follow from them. It is
// built by applying every change of every value in the order of the ledger.
type ledgerState struct {
	Tranches map[relief.TrancheID]*fund.Tranche
	Batches  map[relief.BatchID]*payment.Batch
	// Counted is what the slots of a batch add up to, independent of the totals in the batch record.
	Counted  map[relief.BatchID]*payment.Totals
	Sizes    map[relief.ProgrammeID]uint32 // of segments
	Segments map[string][]byte             // rolls, payees and lines, packed, and declarations of shared accounts, by key
	Leaves   [][32]byte                    // of the log, in its order
	Keys     []registry.CosigningKey       // the agencies' keys for the log
	// Officials are the officials' entries by key; Founded reports whether the registry is founded.
	Officials map[string]*registry.OfficialEntry
	Founded   bool
	Answered  uint64
}

func newLedgerState() *ledgerState {
	return &ledgerState{
		Tranches: map[relief.TrancheID]*fund.Tranche{}, Batches: map[relief.BatchID]*payment.Batch{},
		Counted: map[relief.BatchID]*payment.Totals{}, Sizes: map[relief.ProgrammeID]uint32{}, Segments: map[string][]byte{},
		Officials: map[string]*registry.OfficialEntry{},
	}
}

// record is a value that a transaction wrote under a key of the ledger's layout; nil when it is gone.
type record struct {
	key   relief.Key
	name  string
	value []byte
}

// txChanges collects what one transaction changed: who sent it, which tranches it touched and what is wrong with it.
type txChanges struct {
	*ledgerState
	tx       *transaction
	creator  relief.Official // agency, name and, once the registry is founded, staff number
	founded  bool            // the registry, before this transaction
	found    []problem
	tranches map[relief.TrancheID]bool
}

func (e *txChanges) report(kind Kind, form string, args ...any) {
	e.found = append(e.found, problem{kind, fmt.Sprintf(form, args...)})
}

// apply takes in what a valid transaction wrote and checks the rules that must hold after each transaction.
func (b *ledgerState) apply(tx *transaction, records []record) []problem {
	e := &txChanges{ledgerState: b, tx: tx, tranches: map[relief.TrancheID]bool{}}
	e.founded = b.Founded
	var serial string
	e.creator, serial = creatorOf(tx)
	e.admit(serial)
	// Slots come first, then the batches that count them, then the tranches that add the batches up.
	byKind := map[string]func(record){
		relief.KindAgencies: e.founding, relief.KindOfficial: e.official,
		relief.KindProgramme: e.programme, relief.KindCosigning: e.cosigning, relief.KindRoll: e.segment,
		relief.KindPayees: e.payees, relief.KindLines: e.lines, relief.KindBatch: e.batch, relief.KindTranche: e.tranche,
		relief.KindAccount: e.account, relief.KindDeclared: e.declared, relief.KindChange: e.change,
	}
	records = e.readable(records)
	for _, kind := range []string{
		relief.KindAgencies, relief.KindOfficial, relief.KindProgramme, relief.KindCosigning, relief.KindRoll, relief.KindPayees, relief.KindLines, relief.KindAccount,
		relief.KindDeclared, relief.KindBatch, relief.KindTranche, relief.KindChange,
	} {
		for _, r := range records {
			if r.key.Kind != kind {
				continue
			}
			if r.value == nil && kind != relief.KindDeclared { // a declaration may end
				e.report(BadRecord, "%s is deleted", keyName(r.name))
				continue
			}
			byKind[kind](r)
		}
	}
	e.wholeSegments(records)
	for _, id := range sorted(e.tranches) {
		e.balance(id)
	}
	return e.found
}

// readable reports values that cannot be read and leaves them out: everything else is checked as before, and what hangs on such a
// record is held against its last version that could be read.
func (e *txChanges) readable(records []record) []record {
	kept := make([]record, 0, len(records))
	for _, r := range records {
		if r.value != nil {
			err := stored.Check(r.key, r.value)
			if err == nil && e.isSegment(r.key.Kind) {
				err = e.fits(r)
			}
			if err != nil {
				e.report(BadRecord, "%s cannot be read: %v", keyName(r.name), err)
				continue
			}
		}
		kept = append(kept, r)
	}
	return kept
}

func (e *txChanges) isSegment(kind string) bool {
	return kind == relief.KindRoll || kind == relief.KindPayees || kind == relief.KindLines
}

// fits returns an error for a segment with more slots than the programme's segments have. A programme that is not known yet is
// written by the same transaction, if at all.
func (e *txChanges) fits(r record) error {
	at, err := stored.SegmentOf(r.key)
	if err != nil {
		return err
	}
	if size := e.Sizes[at.Programme]; size > 0 {
		return stored.Fits(r.key, r.value, size)
	}
	return nil
}

func sorted[K ~string](m map[K]bool) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// creatorOf returns agency and name of the sender of a transaction, whose certificate was verified before, and the
// certificate's serial number. A name that no official can have stays as it is.
func creatorOf(tx *transaction) (by relief.Official, serial string) {
	id, err := parseIdentity(tx.creator)
	if err != nil {
		return by, ""
	}
	name, err := relief.FoldOfficialName(id.cert.Subject.CommonName)
	if err != nil {
		name = printable(id.cert.Subject.CommonName)
	}
	return relief.Official{Agency: id.mspID, Name: name}, id.cert.SerialNumber.Text(16)
}

func unpack[T any](e *txChanges, r record) (*T, bool) {
	v := new(T)
	if err := json.Unmarshal(r.value, v); err != nil {
		e.report(BadRecord, "%s cannot be read", keyName(r.name))
		return nil, false
	}
	return v, true
}

func (e *txChanges) programme(r record) {
	if p, ok := unpack[programme.Programme](e, r); ok && len(p.Versions) > 0 {
		e.Sizes[p.Versions[0].ID] = uint32(p.Versions[0].SegmentSize) //nolint:gosec // 1 to 1000
	}
}

func (e *txChanges) cosigning(r record) {
	keys, ok := unpack[[]registry.CosigningKey](e, r)
	if !ok {
		return
	}
	e.Keys = *keys
}

func (e *txChanges) segment(r record) {
	seg, err := roll.ParseSegment(r.value)
	if err != nil {
		e.report(BadRecord, "%s: %v", keyName(r.name), err)
		return
	}
	before, err := roll.ParseSegment(e.Segments[r.name])
	if err != nil || before.Len() > seg.Len() {
		e.report(BadRecord, "%s has lost entries", keyName(r.name))
	}
	for i := range min(before.Len(), seg.Len()) {
		if before.Ref(i) != seg.Ref(i) {
			e.report(BadRecord, "%s has another person in slot %d than before", keyName(r.name), i)
		}
	}
	e.Segments[r.name] = r.value
}

// lines checks that each payment of a segment went from its state to one that the life cycle allows next.
func (e *txChanges) lines(r record) {
	after, err := payment.ParseLineSegment(r.value)
	if err != nil {
		e.report(BadRecord, "%s: %v", keyName(r.name), err)
		return
	}
	before, err := payment.ParseLineSegment(e.Segments[r.name])
	if err != nil {
		return // reported when it was written
	}
	for _, c := range before.Changes(&after) {
		if c.Before.Attempt == 0 {
			e.lost(r, &c.After)
		}
	}
	highest := map[int]payment.Line{}
	for _, c := range before.Changes(&payment.LineSegment{}) {
		highest[c.After.Position] = c.After // old attempts come first
	}
	for _, c := range after.Changes(&before) {
		e.line(r, c, highest[c.After.Position])
	}
	e.Segments[r.name] = r.value
	e.leaves(r, &before, &after)
}

// lost checks that a payment which a segment holds no more was taken out of an open batch, or was listed in a cancelled one.
func (e *txChanges) lost(r record, l *payment.Line) {
	b := e.Batches[l.Batch]
	if b == nil || b.State != payment.BatchOpen && b.State != payment.BatchCancelled || l.State != payment.LineListed {
		e.report(BadRecord, "%s has lost the payment in slot %d, attempt %d", keyName(r.name), l.Position, l.Attempt)
	}
	e.count(l, -1)
}

func (e *txChanges) line(r record, c payment.LineChange, earlier payment.Line) {
	from, to := c.Before, c.After
	e.count(&from, -1)
	e.count(&to, +1)
	if to.Answered() {
		e.Answered++
	}
	batch := e.Batches[to.Batch]
	if batch == nil {
		e.report(BadRecord, "%s slot %d belongs to batch %s, which does not exist", keyName(r.name), to.Position, to.Batch)
		return
	}
	if why := e.wrong(&from, &to, &earlier, batch); why != "" {
		e.report(PaidTwice, "%s slot %d attempt %d: %s", keyName(r.name), to.Position, to.Attempt, why)
	}
}

// wrong says why a payment may not have changed as it did; empty when it may. earlier is what the slot held before.
func (e *txChanges) wrong(from, to, earlier *payment.Line, batch *payment.Batch) string {
	switch {
	case from.Attempt == 0:
		return listed(to, earlier)
	case from.State == payment.LineListed && to.State == payment.LineListed:
		if holder := e.Batches[from.Batch]; from.Batch == to.Batch || holder == nil || holder.State != payment.BatchCancelled {
			return "taken by another batch while batch " + string(from.Batch) + " is not cancelled"
		}
		return ""
	case from.State == payment.LineListed && (to.State == payment.LineCredited || to.State == payment.LineReturned),
		from.State == payment.LineCredited && to.State == payment.LineReversed:
		if from.Batch != to.Batch || from.Amount != to.Amount {
			return "answered for another batch or amount than listed"
		}
		if batch.State != payment.BatchInstructed && batch.State != payment.BatchClosed {
			return "answered although the bank was not instructed to pay"
		}
		return ""
	}
	return fmt.Sprintf("it went from %s to %s", from.State, to.State)
}

// listed says why a new payment is wrong; a new payment is the first in its slot or the next attempt after a return.
func listed(to, earlier *payment.Line) string {
	switch {
	case to.State != payment.LineListed:
		return fmt.Sprintf("it begins as %s", to.State)
	case earlier.Attempt == 0 && to.Attempt != 1:
		return "its first attempt does not have the number 1"
	case earlier.Attempt != 0 && (to.Attempt != earlier.Attempt+1 || earlier.State != payment.LineReturned && earlier.State != payment.LineReversed):
		return fmt.Sprintf("paid again although attempt %d is %s", earlier.Attempt, earlier.State)
	}
	return ""
}

// count adds a payment to the sums of its batch (sign 1) or takes it away (sign -1).
func (e *txChanges) count(l *payment.Line, sign int) {
	if l.Attempt == 0 {
		return
	}
	t := e.Counted[l.Batch]
	if t == nil {
		t = &payment.Totals{}
		e.Counted[l.Batch] = t
	}
	amount := l.Amount * relief.Fen(sign)
	t.Listed += sign
	t.ListedSum += amount
	switch l.State {
	case payment.LineCredited:
		t.Credited += sign
		t.CreditedSum += amount
	case payment.LineReturned, payment.LineReversed:
		t.Returned += sign
		t.ReturnedSum += amount
	default:
		t.Pending += sign
		t.PendingSum += amount
	}
}

// leaves appends the leaves that a transaction adds to the log.
func (e *txChanges) leaves(r record, before, after *payment.LineSegment) {
	a := r.key.Attrs
	if len(a) != 4 {
		e.report(BadRecord, "%s is not a key of payments", keyName(r.name))
		return
	}
	id, county := relief.ProgrammeID(a[0]), relief.Region(a[1])
	period, err1 := relief.ParsePeriod(a[2])
	segment, err2 := relief.ParseSegment(a[3])
	rollSegment, err3 := roll.ParseSegment(e.Segments[relief.RollKey(id, county, segment).String()])
	if err1 != nil || err2 != nil || err3 != nil {
		e.report(BadRecord, "%s is not a key of payments", keyName(r.name))
		return
	}
	place := roll.SegmentAddr{Programme: id, County: county, Segment: segment, Size: e.Sizes[id]}
	for _, c := range payment.NewCredits(after, before, place, period, rollSegment) {
		e.Leaves = append(e.Leaves, c.Hash)
	}
}
