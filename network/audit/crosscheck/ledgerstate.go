package crosscheck

import (
	"encoding/json"
	"fmt"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/overpayment"
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
	Segments map[string][]byte             // rolls, payees, lines and further payments, packed, and declarations of shared accounts, by key
	Leaves   [][32]byte                    // of the log, in its order
	Keys     []registry.CosigningKey       // the agencies' keys for the log
	// Officials are the officials' entries by key; Founded reports whether the registry is founded.
	Officials map[string]*registry.OfficialEntry
	Founded   bool
	Answered  uint64

	Overpayments map[relief.OverpaymentID]*overpayment.Overpayment
	Recovered    map[relief.TrancheID]relief.Fen // what came back to each tranche
}

func newLedgerState() *ledgerState {
	return &ledgerState{
		Tranches: map[relief.TrancheID]*fund.Tranche{}, Batches: map[relief.BatchID]*payment.Batch{},
		Counted: map[relief.BatchID]*payment.Totals{}, Sizes: map[relief.ProgrammeID]uint32{}, Segments: map[string][]byte{},
		Officials: map[string]*registry.OfficialEntry{}, Overpayments: map[relief.OverpaymentID]*overpayment.Overpayment{},
		Recovered: map[relief.TrancheID]relief.Fen{},
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
	touched  []touched // payments that it listed, or of which it has the bank's answer
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
		relief.KindPayees: e.payees, relief.KindLines: e.payments, relief.KindFurther: e.payments, relief.KindBatch: e.batch, relief.KindTranche: e.tranche,
		relief.KindAccount: e.account, relief.KindDeclared: e.declared, relief.KindChange: e.change,
		relief.KindOverpayment: e.overpayment, relief.KindRecovered: e.recoveredEntry,
		relief.KindStatement: e.statement,
		relief.KindLink:      e.link, relief.KindLinked: e.linked,
	}
	records = e.readable(records)
	for _, kind := range []string{
		relief.KindAgencies, relief.KindOfficial, relief.KindProgramme, relief.KindCosigning, relief.KindRoll, relief.KindPayees,
		relief.KindFurther, relief.KindLines, // as a transaction writes them: so do leaves come into the log
		relief.KindAccount, relief.KindDeclared, relief.KindBatch, relief.KindTranche, relief.KindChange,
		relief.KindOverpayment, relief.KindRecovered, relief.KindLink, relief.KindLinked, relief.KindStatement,
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
	e.owed()
	e.transfers()
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
	return kind == relief.KindRoll || kind == relief.KindPayees || kind == relief.KindLines || kind == relief.KindFurther
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
