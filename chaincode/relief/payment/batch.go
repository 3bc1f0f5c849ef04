package payment

import (
	"slices"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
)

// Purpose says whether a batch holds a period's payments or pays returned payments again.
type Purpose string

// The purposes.
const (
	PurposeRegular  Purpose = "regular"
	PurposePayAgain Purpose = "pay_again"
)

// MaxBatchLines is the largest number of lines in a batch.
const MaxBatchLines = 10_000_000

// BatchTerms are the terms that opening a batch fixes.
type BatchTerms struct {
	ID        relief.BatchID     `json:"id"`
	Programme relief.ProgrammeID `json:"programme"`
	Region    relief.Region      `json:"region"`
	Period    relief.Period      `json:"period"` // the accounting period
	// EarlierFrom lets the batch hold payments of the periods from this one on.
	EarlierFrom relief.Period    `json:"earlier_from,omitzero"`
	Tranche     relief.TrancheID `json:"tranche,omitempty"` // or several sources
	Sources     []Source         `json:"sources,omitempty"`
	Count       int              `json:"count"`
	Sum         relief.Fen       `json:"sum"`
	Purpose     Purpose          `json:"purpose,omitempty"`
}

// Control holds the control totals: the number and the sum of the payments that a batch must have when it is sealed.
type Control struct {
	Count int        `json:"count"`
	Sum   relief.Fen `json:"sum"`
}

// Totals counts a batch's payments by state. None is pending when the batch is cancelled. Returned includes payments that were reversed after the credit. Sums are of what
// is transferred: without what is deducted.
type Totals struct {
	Listed      int        `json:"listed"`
	ListedSum   relief.Fen `json:"listed_sum"`
	Credited    int        `json:"credited"`
	CreditedSum relief.Fen `json:"credited_sum"`
	Returned    int        `json:"returned"`
	ReturnedSum relief.Fen `json:"returned_sum"`
	Pending     int        `json:"pending"`
	PendingSum  relief.Fen `json:"pending_sum"`
	DeductedSum relief.Fen `json:"deducted_sum,omitempty"`
	Joined      int        `json:"joined,omitempty"` // payments that go in the transfer of another payment of the same person
	Netted      int        `json:"netted,omitempty"` // people to whom nothing is transferred, because all is deducted
}

// Transfers is how many transfers the bank is told to make.
func (t *Totals) Transfers() int { return t.Listed - t.Joined - t.Netted }

// Batch is a list of payments of one period (发放批次). Its lines are in segments: recording a line never writes the
// batch.
type Batch struct {
	ID               relief.BatchID        `json:"id"`
	Programme        relief.ProgrammeID    `json:"programme"`
	ProgrammeVersion int                   `json:"programme_version"`
	Region           relief.Region         `json:"region"`
	Inherited        relief.Inherited      `json:"inherited,omitempty"`   // ended regions that Region had inherited when the batch was opened
	Period           relief.Period         `json:"period"`                // the accounting period
	EarlierFrom      relief.Period         `json:"earlier_from,omitzero"` // it may hold payments of the periods from this one on
	Tranche          relief.TrancheID      `json:"tranche,omitempty"`     // "" when there are several sources
	Sources          []BatchSource         `json:"sources,omitempty"`     // none when there is one tranche
	Purpose          Purpose               `json:"purpose"`
	Control          Control               `json:"control"`
	MinAmount        relief.Fen            `json:"min_amount"` // copied from the programme's version, which a chunk then need not read
	MaxAmount        relief.Fen            `json:"max_amount"`
	SegmentSize      uint32                `json:"segment_size"`
	State            BatchState            `json:"state"`
	Segments         []uint32              `json:"segments,omitempty"`     // after seal: of the lines of its own period
	Earlier          []PeriodSegments      `json:"earlier,omitempty"`      // after seal: what else it holds, in the order of periods
	SegmentSums      []byte                `json:"segment_sums,omitempty"` // after seal, with several sources: what each segment adds up to, packed
	Totals           Totals                `json:"totals"`
	LinesSHA256      string                `json:"lines_sha256,omitempty"`     // after seal
	FileSHA256       string                `json:"file_sha256,omitempty"`      // of the payment file, once it is made
	File             *File                 `json:"file,omitempty"`             // likewise
	TakeBackReason   string                `json:"take_back_reason,omitempty"` // while taking the file back is not confirmed
	TakenBack        []TakenFile           `json:"taken_back,omitempty"`
	CancelReason     string                `json:"cancel_reason,omitempty"`
	SentBack         []SentBack            `json:"sent_back,omitempty"`
	Preparers        []relief.Official     `json:"preparers,omitempty"` // after it was handed over: agency and name of everybody who ever prepared it
	Acts             []relief.HistoryEntry `json:"acts"`
}

// Covers reports whether people of a region may be paid by the batch: the region lies inside the batch's, or inside one that ended and
// that the batch's has succeeded.
func (b *Batch) Covers(r relief.Region) bool { return b.Region.Covers(r) || b.Inherited.Cover(r) }

// InstructedAt is when finance first instructed the bank; the zero time before.
func (b *Batch) InstructedAt() time.Time {
	for _, a := range b.Acts {
		if a.Act == relief.ActPaymentInstruct {
			return a.At
		}
	}
	return time.Time{}
}

// SegmentAddr is the address of a segment of the batch's lines, which is also the address of the roll segment with the same
// people.
func (b *Batch) SegmentAddr(segment uint32) roll.SegmentAddr {
	return roll.SegmentAddr{Programme: b.Programme, County: b.Region.County(), Segment: segment, Size: b.SegmentSize}
}

// OpenBatch opens a batch. tranches are those of the terms, in their order; existing is the record that already has the
// batch's id, nil for none. No money is reserved yet.
func OpenBatch(terms BatchTerms, p programme.Programme, tranches []fund.Tranche, existing *Batch, actor relief.Actor) (Batch, bool, error) {
	if terms.Purpose == "" {
		terms.Purpose = PurposeRegular
	}
	if err := terms.validate(); err != nil {
		return Batch{}, false, err
	}
	if existing != nil {
		if known := existing.terms(); known.equal(&terms) && relief.SameOfficial(existing.Acts[0].By, actor.By) {
			return *existing, false, nil
		}
		return Batch{}, false, relief.Errorf(relief.CodeConflict, "batch %s exists with other content", terms.ID)
	}
	v, err := p.Current()
	if err != nil {
		return Batch{}, false, err
	}
	if err := terms.fit(&v.Version, tranches, actor); err != nil {
		return Batch{}, false, err
	}
	return Batch{
		ID: terms.ID, Programme: terms.Programme, ProgrammeVersion: v.Version.Version, Region: terms.Region,
		Period: terms.Period, EarlierFrom: terms.EarlierFrom, Tranche: terms.Tranche, Sources: terms.batchSources(), Purpose: terms.Purpose,
		Control:   Control{terms.Count, terms.Sum},
		MinAmount: v.MinAmount, MaxAmount: v.MaxAmount, SegmentSize: uint32(v.SegmentSize), //nolint:gosec // 1 to 1000
		State: BatchOpen, Acts: []relief.HistoryEntry{actor.Entry(relief.ActPaymentOpen)},
	}, true, nil
}

func (t *BatchTerms) validate() error {
	if _, err := relief.ParseBatchID(string(t.ID)); err != nil {
		return err
	}
	switch {
	case t.Region.County() == "":
		return relief.FieldErrorf("region", "a batch's region must be a county or lie inside one: six digits or more")
	case t.Period.IsZero():
		return relief.FieldErrorf("period", "the period is missing")
	case t.Purpose != PurposeRegular && t.Purpose != PurposePayAgain:
		return relief.FieldErrorf("purpose", "the purpose must be regular or pay_again")
	}
	if err := t.checkEarlier(); err != nil {
		return err
	}
	if err := (Control{t.Count, t.Sum}).validate(); err != nil {
		return err
	}
	return t.CheckSources()
}

// fit refuses terms that the programme, a tranche or the caller's region does not allow.
func (t *BatchTerms) fit(v *programme.Version, tranches []fund.Tranche, actor relief.Actor) error {
	if !v.Region.Covers(t.Region) {
		return &relief.Error{Code: relief.CodeRegion, Field: "region", Detail: "the batch lies outside the programme's region " + string(v.Region)}
	}
	for i := range tranches {
		if err := t.fitTranche(&tranches[i]); err != nil {
			return err
		}
	}
	if err := t.fitSources(tranches, v.MinAmount); err != nil {
		return err
	}
	switch {
	case t.Period.Quarterly() != (v.Cycle == programme.CycleQuarterly):
		return relief.FieldErrorf("period", "programme %s pays %s", v.ID, v.Cycle)
	case t.Period.Before(v.Starts):
		return relief.FieldErrorf("period", "programme %s starts with %s", v.ID, v.Starts)
	}
	return relief.RequireRegion(actor.By, t.Region)
}

func (t *BatchTerms) fitTranche(tranche *fund.Tranche) error {
	field := "tranche"
	if len(t.Sources) > 0 {
		field = "sources"
	}
	switch {
	case !tranche.Covers(t.Region):
		return &relief.Error{
			Code: relief.CodeRegion, Field: "region",
			Detail: "the batch lies outside the region " + string(tranche.Region) + " of tranche " + string(tranche.ID),
		}
	case !tranche.PaysFor(t.Programme):
		return relief.FieldErrorf(field, "tranche %s is for programme %s", tranche.ID, tranche.PoolText())
	case tranche.State != fund.TrancheIssued:
		return relief.Errorf(relief.CodeWrongState, "tranche %s is %s", tranche.ID, tranche.State)
	}
	return nil
}

func (b *Batch) terms() BatchTerms {
	return BatchTerms{
		ID: b.ID, Programme: b.Programme, Region: b.Region, Period: b.Period, EarlierFrom: b.EarlierFrom, Tranche: b.Tranche,
		Sources: sourcesOf(b.Sources),
		Count:   b.Control.Count, Sum: b.Control.Sum, Purpose: b.Purpose,
	}
}

// step does what every act on a batch needs first: it checks state, region and time. repeated is true when the same
// official has done the act already; then nothing changes.
func (b *Batch) step(act relief.Act, actor relief.Actor) (next BatchState, repeated bool, err error) {
	if err := relief.RequireRegion(actor.By, b.Region); err != nil {
		return "", false, err
	}
	if actor.Repeats(b.Acts, act) && !slices.Contains(mayDiffer, act) {
		return b.State, true, nil
	}
	if next, err = relief.Next(BatchTransitions, b.State, act); err != nil {
		return "", false, err
	}
	return next, false, actor.Follows(b.Acts)
}

// mayDiffer are the acts that the same official may do twice in a row, with another content.
var mayDiffer = []relief.Act{
	relief.ActPaymentTally, relief.ActPaymentMakeFile, relief.ActPaymentTakeBack, relief.ActPaymentSetControl, relief.ActPaymentHandOver,
	relief.ActReversalConfirm,
}

func (b *Batch) record(next BatchState, act relief.Act, actor relief.Actor) {
	b.State = next
	b.Acts = append(slices.Clone(b.Acts), actor.Entry(act))
}

// MayAdd returns an error unless the caller may add lines: the batch is open, and the caller prepares it.
func (b *Batch) MayAdd(actor relief.Actor) error {
	return b.mayChange(relief.ActPaymentAdd, actor)
}

// mayChange returns an error unless the caller may do an act on the batch's lines.
func (b *Batch) mayChange(act relief.Act, actor relief.Actor) error {
	if err := relief.RequireRegion(actor.By, b.Region); err != nil {
		return err
	}
	if _, err := relief.Next(BatchTransitions, b.State, act); err != nil {
		return err
	}
	return b.requirePreparer(actor)
}

func (b *Batch) requirePreparer(actor relief.Actor) error {
	if preparer := b.Preparer(); !relief.SameOfficial(preparer, actor.By) {
		return relief.Errorf(relief.CodeForbidden, "batch %s is prepared by %s: only the preparer may change and seal it", b.ID, preparer.Name)
	}
	return nil
}

// SealBatch closes the list and reserves its sum in the batch's tranches, each its share. TOTALS unless the counted lines
// equal the control totals.
func SealBatch(b Batch, tranches []fund.Tranche, c BatchCount, actor relief.Actor) (Batch, []fund.Tranche, bool, error) {
	next, repeated, err := b.step(relief.ActPaymentSeal, actor)
	if err != nil || repeated {
		return b, tranches, false, err
	}
	if err := b.requirePreparer(actor); err != nil {
		return b, tranches, false, err
	}
	totals := c.totals()
	if totals.Listed != b.Control.Count || totals.ListedSum != b.Control.Sum {
		return b, tranches, false, relief.Errorf(relief.CodeTotals, "%d lines of %s are listed; the control totals are %d and %s",
			totals.Listed, totals.ListedSum, b.Control.Count, b.Control.Sum)
	}
	reserved, err := b.reserve(tranches, &c, relief.ActPaymentSeal, actor)
	if err != nil {
		return b, tranches, false, err
	}
	b.Totals, b.LinesSHA256 = totals, c.Digest()
	b.setValues(c.values)
	b.record(next, relief.ActPaymentSeal, actor)
	return b, reserved, true, nil
}

// ApproveBatch records the approval of civil affairs. Nobody who ever prepared the batch may approve it.
func ApproveBatch(b Batch, actor relief.Actor) (Batch, bool, error) {
	return b.sign(relief.ActPaymentApprove, actor, relief.ActPaymentOpen, relief.ActPaymentSeal)
}

// AuthoriseBatch records the approval of finance: of the payment file with this SHA-256 and no other. An official who
// ever prepared or approved the batch, or made a file for it, may not authorise it.
func AuthoriseBatch(b Batch, fileSHA256 string, actor relief.Actor) (Batch, bool, error) {
	if err := checkFileSHA256(fileSHA256); err != nil {
		return b, false, err
	}
	out, changed, err := b.sign(relief.ActPaymentAuthorise, actor,
		relief.ActPaymentOpen, relief.ActPaymentSeal, relief.ActPaymentApprove, relief.ActPaymentMakeFile)
	if err != nil {
		return b, false, err
	}
	if err := b.requireFile(fileSHA256); err != nil {
		return b, false, err
	}
	return out, changed, nil
}

func (b Batch) sign(act relief.Act, actor relief.Actor, earlier ...relief.Act) (Batch, bool, error) {
	next, repeated, err := b.step(act, actor)
	if err != nil || repeated {
		return b, false, err
	}
	if b.everPrepared(actor.By) {
		return b, false, relief.Errorf(relief.CodeSamePerson, "%s prepared batch %s and may not do %s: the preparer does not approve",
			actor.By.Name, b.ID, act)
	}
	for _, h := range b.Acts {
		if slices.Contains(earlier, h.Act) && relief.SameOfficial(h.By, actor.By) {
			return b, false, relief.Errorf(relief.CodeSamePerson, "%s did %s and may not do %s: the preparer does not approve", h.By.Name, h.Act, act)
		}
	}
	b.record(next, act, actor)
	return b, true, nil
}

// InstructBatch records that the bank was told to pay by the file that finance authorised. LATE when the file's execution
// day is past.
func InstructBatch(b Batch, cal *relief.Calendar, actor relief.Actor) (Batch, bool, error) {
	next, repeated, err := b.step(relief.ActPaymentInstruct, actor)
	if err != nil || repeated {
		return b, false, err
	}
	if err := b.requireFile(b.FileSHA256); err != nil { // an earlier version authorised batches without a file
		return b, false, err
	}
	if cal.Day(actor.At) > b.File.ExecuteOn {
		return b, false, relief.Errorf(relief.CodeLate, "the execution day %s of the payment file is past: make another file", b.File.ExecuteOn)
	}
	b.record(next, relief.ActPaymentInstruct, actor)
	return b, true, nil
}

// CancelBatch ends a batch before the bank is told to pay. Its reserved money and its lines' slots are free again.
func CancelBatch(b Batch, tranches []fund.Tranche, reason string, actor relief.Actor) (Batch, []fund.Tranche, bool, error) {
	if err := relief.CheckText("reason", reason, 1, 200); err != nil {
		return b, tranches, false, err
	}
	next, repeated, err := b.step(relief.ActPaymentCancel, actor)
	if err != nil || repeated {
		return b, tranches, false, err
	}
	if err := b.requireNothingCredited(); err != nil {
		return b, tranches, false, err
	}
	released := tranches
	if b.State != BatchOpen {
		if released, err = b.release(tranches, relief.ActPaymentCancel, actor); err != nil {
			return b, tranches, false, err
		}
	}
	b.Totals.Pending, b.Totals.PendingSum = 0, 0 // the bank answers none of them any more
	b.CancelReason = reason
	b.record(next, relief.ActPaymentCancel, actor)
	return b, released, true, nil
}

// requireNothingCredited refuses a batch in which payments were credited when finance authorised it, because all of them was
// deducted: what was deducted stays.
func (b *Batch) requireNothingCredited() error {
	if n := b.Totals.Credited; n > 0 {
		return relief.Errorf(relief.CodeWrongState, "%d payments of batch %s were credited when finance authorised it: the rest goes to the bank, or comes back from it", n, b.ID)
	}
	return nil
}

// CountCredited brings a batch's totals up to date after CreditNetted.
func (b *Batch) CountCredited(c *BatchCount) { b.Totals = c.totals() }

// TallyBatch brings the batch's totals and its tranches up to date with the bank's answers. It moves only what has
// changed since the last tally, so sending it again is harmless.
func TallyBatch(b Batch, tranches []fund.Tranche, c BatchCount, actor relief.Actor) (Batch, []fund.Tranche, bool, error) {
	next, _, err := b.step(relief.ActPaymentTally, actor)
	if err != nil {
		return b, tranches, false, err
	}
	if c.totals() == b.Totals {
		return b, tranches, false, nil
	}
	folded, err := b.fold(tranches, &c, relief.ActPaymentTally, actor)
	if err != nil {
		return b, tranches, false, err
	}
	b.record(next, relief.ActPaymentTally, actor)
	return b, folded, true, nil
}

// CloseBatch ends a batch. Its returned money is available again. PENDING while a line has no answer of the bank.
func CloseBatch(b Batch, tranches []fund.Tranche, c BatchCount, actor relief.Actor) (Batch, []fund.Tranche, bool, error) {
	next, repeated, err := b.step(relief.ActPaymentClose, actor)
	if err != nil || repeated {
		return b, tranches, false, err
	}
	if totals := c.totals(); totals.Pending > 0 {
		return b, tranches, false, relief.Errorf(relief.CodePending, "%d payments of %s have no answer of the bank yet", totals.Pending, totals.PendingSum)
	}
	folded, err := b.fold(tranches, &c, relief.ActPaymentClose, actor)
	if err != nil {
		return b, tranches, false, err
	}
	b.record(next, relief.ActPaymentClose, actor)
	return b, folded, true, nil
}
