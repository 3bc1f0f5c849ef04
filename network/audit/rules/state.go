package rules

import (
	"fmt"
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/indicator"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// State is what the values on the ledger say about money, together with the sums that follow from them. It is
// built by applying every change of every value in the order of the ledger.
type State struct {
	Tranches map[relief.TrancheID]*fund.Tranche
	Batches  map[relief.BatchID]*payment.Batch
	// Counted is what the slots of a batch add up to, independent of the totals in the batch record.
	Counted  map[relief.BatchID]*payment.Totals
	Sizes    map[relief.ProgrammeID]uint32 // of segments
	Segments map[string][]byte             // rolls, payees, payments, programmes, months, draws, members' claims and declarations of shared accounts as the ledger has them, by key
	Leaves   [][32]byte                    // of the log of payments, in its order
	// Statements are the leaves of the log of statements, in its order.
	Statements [][32]byte
	Keys       []registry.CosigningKey // the agencies' keys for the log
	// Officials are the officials' entries by key; Founded reports whether the registry is founded.
	Officials map[string]*registry.OfficialEntry
	Founded   bool
	Answered  uint64
	LastMonth int // of the periods for which anybody was listed

	Overpayments map[relief.OverpaymentID]*overpayment.Overpayment
	Recovered    map[relief.TrancheID]relief.Fen // what came back to each tranche
	YearEnds     map[relief.YearEndID]*fund.YearEnd

	Cycles     map[relief.ProgrammeID]programme.PayCycle
	Takes      map[relief.ProgrammeID][]relief.ProgrammeID // whose rolls a programme takes its people from
	Excluded   map[relief.ProgrammeID][]relief.ProgrammeID // by a group of programmes
	Cases      map[relief.CaseID]*CaseState
	Households map[relief.SubjectRef][]relief.CaseID // the cases on a roll that a person is in
	Bills      map[relief.Tag]relief.CaseID          // that were granted

	// Facts are what the records give for indicators, by the record's key; Days the days that the ledger has reached.
	Facts map[string][]indicator.Fact
	Days  []LedgerDay

	numbers map[relief.SubjectRef][]rollNumber // follows from Segments
	rolls   map[rollName][]uint32              // likewise: the segments of each roll
}

// NewState is a ledger with nothing on it.
func NewState() *State {
	return &State{
		Tranches: map[relief.TrancheID]*fund.Tranche{}, Batches: map[relief.BatchID]*payment.Batch{},
		Counted: map[relief.BatchID]*payment.Totals{}, Sizes: map[relief.ProgrammeID]uint32{}, Segments: map[string][]byte{},
		Officials: map[string]*registry.OfficialEntry{}, Overpayments: map[relief.OverpaymentID]*overpayment.Overpayment{},
		Recovered: map[relief.TrancheID]relief.Fen{}, YearEnds: map[relief.YearEndID]*fund.YearEnd{}, Cycles: map[relief.ProgrammeID]programme.PayCycle{},
		Excluded: map[relief.ProgrammeID][]relief.ProgrammeID{}, Takes: map[relief.ProgrammeID][]relief.ProgrammeID{}, Cases: map[relief.CaseID]*CaseState{},
		Households: map[relief.SubjectRef][]relief.CaseID{}, Bills: map[relief.Tag]relief.CaseID{},
		Facts: map[string][]indicator.Fact{},
	}
}

// Record is a value that a transaction wrote under a key of the ledger's layout; nil when it is gone.
type Record struct {
	Key   relief.Key
	Name  string // the key as it is written
	Value []byte
}

// Tx is the transaction that wrote records: its id, block and time, and who signed it.
type Tx struct {
	ID      string
	Block   uint64
	At      time.Time
	Creator relief.Official // agency and name
	Serial  string          // of the certificate
}

// By is a transaction of somebody whose certificate was verified before. A name that no official can have stays as it is.
func By(id, agency, name, serial string) *Tx {
	folded, err := relief.FoldOfficialName(name)
	if err != nil {
		folded = printable(name)
	}
	return &Tx{ID: id, Creator: relief.Official{Agency: agency, Name: folded}, Serial: serial}
}

// txChanges collects what one transaction changed: who sent it, which tranches it touched and what is wrong with it.
type txChanges struct {
	*State
	tx       *Tx
	creator  relief.Official // agency, name and, once the registry is founded, staff number
	founded  bool            // the registry, before this transaction
	found    []Problem
	tranches map[relief.TrancheID]bool
	touched  []touched // payments that it listed, or of which it has the bank's answer
	deducts  []touched // payments that it listed with a deduction

	reversed  []reversedLine       // payments of which it changed the bank's recorded answer
	reversals []*reversal.Reversal // that it confirmed

	entries   []changedEntry
	confirmed []*roll.Change // changes that it confirmed
	joined    []*roll.Link   // links that it confirmed
	imported  []*roll.ImportProposal
	rerated   []carriedOut
	cases     []*casework.Case
	grants    []grantedPayment

	draws map[relief.PlanID]bool // of which it wrote a frame or units, until the act is seen
}

func (e *txChanges) report(kind Kind, form string, args ...any) {
	e.found = append(e.found, Problem{kind, fmt.Sprintf(form, args...)})
}

// Apply takes in what a valid transaction wrote and checks the rules that must hold after each transaction.
func (b *State) Apply(tx *Tx, records []Record) []Problem {
	e := &txChanges{State: b, tx: tx, tranches: map[relief.TrancheID]bool{}, draws: map[relief.PlanID]bool{}}
	e.founded = b.Founded
	e.creator = tx.Creator
	e.admit(tx.Serial)
	// Slots come first, then the batches that count them, then the tranches that add the batches up.
	byKind := map[string]func(Record){
		relief.KindAgencies: e.founding, relief.KindOfficial: e.official,
		relief.KindProgramme: e.programme, relief.KindCosigning: e.cosigning, relief.KindRoll: e.segment,
		relief.KindPayees: e.payees, relief.KindLines: e.payments, relief.KindFurther: e.payments, relief.KindBatch: e.batch, relief.KindTranche: e.tranche,
		relief.KindAccount: e.account, relief.KindDeclared: e.declared, relief.KindChange: e.change,
		relief.KindOverpayment: e.overpayment, relief.KindRecovered: e.recoveredEntry, relief.KindStatement: e.statement,
		relief.KindReversal: e.reversal, relief.KindReversed: e.reversedEntry,
		relief.KindLink: e.link, relief.KindLinked: e.linked, relief.KindExclusion: e.group,
		relief.KindImport: e.keep, relief.KindImportChunk: e.importChunk, relief.KindRerate: e.keep, relief.KindRerateSegment: e.rerateSegment,
		relief.KindCase: e.caseRecord, relief.KindYearEnd: e.yearEnd,
		relief.KindAccounting: e.accounting, relief.KindMonth: e.month, relief.KindPublication: e.publication, relief.KindCalendar: e.keep,
		relief.KindMember: e.keep, relief.KindFrame: e.frame, relief.KindDrawn: e.drawn, relief.KindPlan: e.plan, relief.KindVisit: e.visit,
	}
	records = e.readable(records)
	for _, kind := range []string{
		relief.KindAgencies, relief.KindOfficial, relief.KindProgramme, relief.KindExclusion, relief.KindCosigning, relief.KindImport,
		relief.KindRerate, relief.KindRoll, relief.KindPayees,
		relief.KindFurther, relief.KindLines, // as a transaction writes them: so do leaves come into the log
		relief.KindAccount, relief.KindDeclared, relief.KindBatch, relief.KindTranche, relief.KindChange,
		relief.KindOverpayment, relief.KindRecovered, relief.KindLink, relief.KindLinked, relief.KindImportChunk, relief.KindRerateSegment,
		relief.KindCase, relief.KindStatement, relief.KindReversed, relief.KindReversal, relief.KindYearEnd,
		relief.KindAccounting, relief.KindMonth, relief.KindPublication, relief.KindCalendar,
		relief.KindMember, relief.KindFrame, relief.KindDrawn, relief.KindPlan, relief.KindVisit,
	} {
		for _, r := range records {
			if r.Key.Kind != kind {
				continue
			}
			if r.Value == nil && kind != relief.KindDeclared { // a declaration may end
				e.report(BadRecord, "%s is deleted", KeyName(r.Name))
				continue
			}
			byKind[kind](r)
		}
	}
	e.unasked()
	e.facts(records)
	e.wholeSegments(records)
	e.entitlements()
	e.residences()
	e.owed()
	e.decisions()
	e.deductions()
	e.transfers()
	e.reversedLines()
	for _, id := range sorted(e.tranches) {
		e.balance(id)
	}
	return e.found
}

// readable reports values that cannot be read and leaves them out: everything else is checked as before, and what hangs on such a
// record is held against its last version that could be read.
func (e *txChanges) readable(records []Record) []Record {
	kept := make([]Record, 0, len(records))
	for _, r := range records {
		if r.Value != nil {
			err := stored.Check(r.Key, r.Value)
			if err == nil && e.isSegment(r.Key.Kind) {
				err = e.fits(r)
			}
			if err != nil {
				e.report(BadRecord, "%s cannot be read: %v", KeyName(r.Name), err)
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
func (e *txChanges) fits(r Record) error {
	at, err := stored.SegmentOf(r.Key)
	if err != nil {
		return err
	}
	if size := e.Sizes[at.Programme]; size > 0 {
		return stored.Fits(r.Key, r.Value, size)
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

func unpack[T any](e *txChanges, r Record) (*T, bool) {
	v, err := stored.Read[T](r.Value)
	if err != nil {
		e.report(BadRecord, "%s cannot be read", KeyName(r.Name))
		return nil, false
	}
	return v, true
}

func (e *txChanges) programme(r Record) {
	if p, ok := unpack[programme.Programme](e, r); ok && len(p.Versions) > 0 {
		e.Sizes[p.Versions[0].ID] = uint32(p.Versions[0].SegmentSize) //nolint:gosec // 1 to 1000
		e.Cycles[p.Versions[0].ID] = p.Versions[0].Cycle
		e.Segments[r.Name] = r.Value
		if v := p.LastInForce(); v != nil && v.FromRolls() {
			e.Takes[v.ID] = v.FromProgrammes
		}
	}
}

func (e *txChanges) cosigning(r Record) {
	keys, ok := unpack[[]registry.CosigningKey](e, r)
	if !ok {
		return
	}
	e.Keys = *keys
}

func (e *txChanges) segment(r Record) {
	seg, err := roll.ParseSegment(r.Value)
	if err != nil {
		e.report(BadRecord, "%s: %v", KeyName(r.Name), err)
		return
	}
	before, err := roll.ParseSegment(e.Segments[r.Name])
	if err != nil || before.Len() > seg.Len() {
		e.report(BadRecord, "%s has lost entries", KeyName(r.Name))
	}
	for i := range min(before.Len(), seg.Len()) {
		if before.Ref(i) != seg.Ref(i) {
			e.report(BadRecord, "%s has another person in slot %d than before", KeyName(r.Name), i)
		}
	}
	e.Segments[r.Name] = r.Value
	e.noteSegment(r.Key)
	e.changedEntries(r, before, seg)
}
