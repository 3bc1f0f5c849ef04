package stored

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/overpayment"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/reversal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/statement"
)

// Check returns CORRUPT for a value that cannot be read under its key: it is not written as values of the kind are, it is
// another record's, or the key is none of the ledger's layout.
func Check(k relief.Key, value []byte) error {
	read, known := readers[k.Kind]
	if !known {
		return relief.Errorf(relief.CodeCorrupt, "values of kind %q are not known", k.Kind)
	}
	if err := read(k, value); err != nil {
		return relief.Errorf(relief.CodeCorrupt, "a stored %s cannot be read: %s", k.Kind, reason(err))
	}
	return nil
}

// reason is what an error says, without the code of a refusal. It never repeats a part of the value: an error of the package
// json may.
func reason(err error) string {
	if refusal, ok := err.(*relief.Error); ok { //nolint:errorlint // readers return them bare
		return refusal.Detail
	}
	return "it is not written as records of its kind are"
}

// reader reads a value of one kind and compares it with its key.
type reader func(k relief.Key, value []byte) error

// readers has every kind of relief.Key that public state has.
var readers = map[string]reader{
	relief.KindAgencies:    record(agencies),
	relief.KindCosigning:   record(named[[]registry.CosigningKey](relief.CosigningKeysKey())),
	relief.KindReference:   record(named[registry.ReferenceKey](relief.ReferenceKeyKey())),
	relief.KindThresholds:  record(named[map[string]int64](relief.ThresholdsKey())),
	relief.KindRevisions:   record(named[registry.Revisions](relief.RevisionsKey())),
	relief.KindDepartments: record(named[[]registry.Department](relief.DepartmentsKey())),
	relief.KindCalendar:    record(named[relief.Calendar](relief.CalendarKey())),
	relief.KindContacts:    record(named[[]registry.Contact](relief.ContactsKey())),
	relief.KindParameters:  record(named[programme.Parameters](relief.ParametersKey())),

	relief.KindDuty:    record(duties),
	relief.KindEndings: record(keptAs[registry.Endings](relief.KindEndings, regionCode)),
	relief.KindRegion:  record(ofRegion),
	relief.KindProposal: record(acted(func(p *registry.Proposal) (relief.Key, []relief.HistoryEntry) {
		return relief.ProposalKey(p.ID), p.Acts
	})),
	relief.KindOfficial: record(acted(func(o *registry.OfficialEntry) (relief.Key, []relief.HistoryEntry) {
		return relief.OfficialKey(o.Agency, o.Name), o.Acts
	})),
	relief.KindReadings: record(acted(func(a *registry.ReadingAnchor) (relief.Key, []relief.HistoryEntry) {
		return relief.ReadingsKey(a.Agency), a.Acts
	})),
	relief.KindProgramme: record(ofProgramme),
	relief.KindExclusion: record(keptAs[programme.ExclusionGroup](relief.KindExclusion, text)),
	relief.KindRate: record(acted(func(r *programme.Rate) (relief.Key, []relief.HistoryEntry) {
		return relief.RateKey(r.Programme, r.Period), r.Acts
	})),
	relief.KindTranche: record(acted(func(t *fund.Tranche) (relief.Key, []relief.HistoryEntry) { return relief.TrancheKey(t.ID), t.Acts })),
	relief.KindYearEnd: record(acted(func(y *fund.YearEnd) (relief.Key, []relief.HistoryEntry) { return relief.YearEndKey(y.ID), y.Acts })),
	relief.KindBatch:   record(ofBatch),

	relief.KindCase:          record(ofCase),
	relief.KindMember:        record(keptAs[casework.MemberRecord](relief.KindMember, subject)),
	relief.KindNeed:          record(acted(func(n *casework.Need) (relief.Key, []relief.HistoryEntry) { return relief.NeedKey(n.ID), n.Acts })),
	relief.KindErasure:       record(acted(func(e *roll.Erasure) (relief.Key, []relief.HistoryEntry) { return relief.ErasureKey(e.Subject), e.Acts })),
	relief.KindHold:          record(acted(func(h *roll.Hold) (relief.Key, []relief.HistoryEntry) { return relief.HoldKey(h.ID), h.Acts })),
	relief.KindReseal:        record(acted(func(r *reseal.Reseal) (relief.Key, []relief.HistoryEntry) { return relief.ResealKey(r.ID), r.Acts })),
	relief.KindSealing:       record(ofSealing),
	relief.KindPendingClaims: record(keptAs[casework.PendingCount](relief.KindPendingClaims, text, text, text)),
	relief.KindDetailPage:    record(keptAs[roll.DetailPageRecord](relief.KindDetailPage, programmeID, text)),
	relief.KindChange:        record(acted(func(c *roll.Change) (relief.Key, []relief.HistoryEntry) { return relief.ChangeKey(c.ID), c.Acts })),
	relief.KindLastChange:    record(keptAs[roll.LastChange](relief.KindLastChange, programmeID, subject)),
	relief.KindImport: record(acted(func(p *roll.ImportProposal) (relief.Key, []relief.HistoryEntry) {
		return relief.ImportKey(p.ID), p.Acts
	})),
	relief.KindImportChunk: record(func(c *roll.ImportChunkRecord, attrs []string) relief.Key {
		return relief.ImportChunkKey(relief.ImportID(first(attrs)), c.SHA256)
	}),
	relief.KindRerate: record(acted(func(p *roll.RerateProposal) (relief.Key, []relief.HistoryEntry) {
		return relief.RerateKey(p.ID), p.Acts
	})),
	relief.KindRerateSegment: record(func(s *roll.RerateSegmentRecord, attrs []string) relief.Key {
		return relief.RerateSegmentKey(relief.RerateID(first(attrs)), s.Segment)
	}),
	relief.KindHousehold: record(keptAs[roll.Household](relief.KindHousehold, programmeID, subject)),
	relief.KindAccount: record(acted(func(a *roll.SharedAccount) (relief.Key, []relief.HistoryEntry) {
		return relief.AccountKey(a.ID), a.Acts
	})),
	relief.KindDeclared: record(ofDeclared),
	relief.KindLink: record(acted(func(l *roll.Link) (relief.Key, []relief.HistoryEntry) {
		return relief.LinkKey(l.From), l.Acts
	})),
	relief.KindLinked: record(ofLinked),

	relief.KindOverpayment: record(acted(func(o *overpayment.Overpayment) (relief.Key, []relief.HistoryEntry) {
		return relief.OverpaymentKey(relief.NewOverpaymentID(o.Programme, o.County, o.Number)), o.Acts
	})),
	relief.KindStatement: record(acted(func(s *statement.Statement) (relief.Key, []relief.HistoryEntry) {
		return relief.StatementKey(s.ID), s.Acts
	})),
	relief.KindReversal: record(acted(func(r *reversal.Reversal) (relief.Key, []relief.HistoryEntry) {
		return relief.ReversalKey(r.ID), r.Acts
	})),
	relief.KindReversed:   record(keptAs[reversal.Use](relief.KindReversed, text, text)),
	relief.KindRecovered:  record(ofEntry),
	relief.KindDeductions: record(ofDeductions),
	relief.KindGrants:     record(keptAs[casework.GrantRecord](relief.KindGrants, programmeID, subject)),
	relief.KindBill:       record(keptAs[casework.Bill](relief.KindBill, billTag)),

	relief.KindMonth: record(acted(func(m *oversight.Month) (relief.Key, []relief.HistoryEntry) {
		return relief.MonthKey(m.Programme, m.County, m.Period), m.Acts
	})),
	relief.KindPublication: record(acted(func(p *oversight.Publication) (relief.Key, []relief.HistoryEntry) {
		return relief.PublicationKey(p.Programme, p.County, p.Period), p.Acts
	})),

	relief.KindPlan:  record(ofPlan),
	relief.KindFrame: record(ofFrame),
	relief.KindVisit: record(ofVisit),
	relief.KindDrawn: record(func(d *draw.DrawnUnits, _ []string) relief.Key { return relief.DrawnKey(d.Plan) }),

	relief.KindAccounting: accounting,

	relief.KindClaim:     claim,
	relief.KindRollIndex: rollIndex,
	relief.KindRoll:      rollSegment,
	relief.KindPayees:    payees,
	relief.KindLines:     lines,
	relief.KindFurther:   further,
}

// record reads a record. key is the key that the record belongs under; attrs are those of the key that it has, for records
// that do not say whose they are. A key of no kind says that the record lacks a part without which nobody can use it.
func record[T any](key func(v *T, attrs []string) relief.Key) reader {
	return func(k relief.Key, value []byte) error {
		v, err := Read[T](value)
		if err != nil {
			return err
		}
		switch of := key(v, k.Attrs); {
		case of.Kind == "":
			return errIncomplete
		case of.String() != k.String():
			return relief.Errorf(relief.CodeCorrupt, "it is another record's than its key says")
		}
		return nil
	}
}

var errIncomplete = relief.Errorf(relief.CodeCorrupt, "it lacks what every record of its kind has")

// named is for a record of which there is one.
func named[T any](k relief.Key) func(*T, []string) relief.Key {
	return func(*T, []string) relief.Key { return k }
}

// keptAs is for a record that does not say whose it is: the attributes of its key are looked at one by one.
func keptAs[T any](kind string, attrs ...func(string) bool) func(*T, []string) relief.Key {
	return func(_ *T, has []string) relief.Key {
		if len(has) != len(attrs) {
			return relief.Key{}
		}
		for i, valid := range attrs {
			if !valid(has[i]) {
				return relief.Key{}
			}
		}
		return relief.Key{Kind: kind, Attrs: has}
	}
}

// ofSealing is for what a key of the collection was sealed again: the key's attributes are that key.
func ofSealing(s *reseal.Sealing, attrs []string) relief.Key {
	k, err := relief.ParseSealedKey(strings.Join(attrs, "/"))
	if err != nil || k.Kind == relief.KindDetailPage || s.Times == 0 {
		return relief.Key{}
	}
	return relief.SealingKey(k)
}

func text(s string) bool { return s != "" }

func regionCode(s string) bool {
	r, err := relief.ParseRegion(s)
	return err == nil && string(r) == s
}

func subject(s string) bool {
	_, err := relief.ParseSubjectRef(s)
	return err == nil
}

func billTag(s string) bool {
	_, err := relief.ParseTag(s)
	return err == nil
}

func programmeID(s string) bool {
	_, err := relief.ParseProgrammeID(s)
	return err == nil
}

func first(attrs []string) string {
	if len(attrs) == 0 {
		return ""
	}
	return attrs[0]
}

// acted is for a record with a history. Its first entry made the record, and rules look at whose act that was.
func acted[T any](of func(*T) (relief.Key, []relief.HistoryEntry)) func(*T, []string) relief.Key {
	return func(v *T, _ []string) relief.Key {
		k, acts := of(v)
		if len(acts) == 0 {
			return relief.Key{}
		}
		return k
	}
}

// agencies is the list of those who agree to every change: without one of them nobody could.
func agencies(list *[]registry.Agency, _ []string) relief.Key {
	if (&registry.Registry{Agencies: *list}).CheckAgencies() != nil {
		return relief.Key{}
	}
	return relief.AgenciesKey()
}

func duties(list *[]relief.Duty, attrs []string) relief.Key {
	for i := range *list {
		d := &(*list)[i]
		if string(d.Act) != first(attrs) || d.Agency == "" || len(d.Roles) == 0 {
			return relief.Key{}
		}
	}
	if len(*list) == 0 {
		return relief.Key{}
	}
	return relief.DutyKey(first(attrs))
}

func ofRegion(r *registry.RegionEntry, _ []string) relief.Key {
	if r.Code == "" {
		return relief.Key{}
	}
	return relief.RegionKey(r.Code)
}

func ofDeclared(d *roll.DeclaredAccount, _ []string) relief.Key {
	if !d.Account.Valid() {
		return relief.Key{}
	}
	return relief.DeclaredKey(d.Account)
}

func ofEntry(e *overpayment.RecoveredEntry, _ []string) relief.Key {
	if e.Ref == "" || len(e.Recoveries) == 0 {
		return relief.Key{}
	}
	return relief.RecoveredKey(e.Ref)
}

func ofDeductions(d *overpayment.Deductions, attrs []string) relief.Key {
	at, err := SegmentOf(relief.Key{Kind: relief.KindDeductions, Attrs: attrs})
	if err != nil || !d.Valid() {
		return relief.Key{}
	}
	return relief.DeductionsKey(at.Programme, at.County, at.Segment)
}

func ofLinked(l *roll.Linked, attrs []string) relief.Key {
	for _, ref := range l.Subjects {
		if ref.String() == first(attrs) {
			return relief.LinkedKey(ref)
		}
	}
	return relief.Key{}
}

func ofProgramme(p *programme.Programme, _ []string) relief.Key {
	if len(p.Versions) == 0 || p.InForce < 0 || p.InForce > len(p.Versions) || len(p.Acts) == 0 {
		return relief.Key{}
	}
	for i := range p.Versions {
		if size := p.Versions[i].SegmentSize; size < 1 || size > programme.DefaultSegmentSize || len(p.Versions[i].Acts) == 0 {
			return relief.Key{}
		}
	}
	return relief.ProgrammeKey(p.ID)
}

func ofBatch(b *payment.Batch, _ []string) relief.Key {
	if b.SegmentSize < 1 || b.SegmentSize > programme.DefaultSegmentSize || len(b.Acts) == 0 || b.Region.County() == "" || b.Period.IsZero() {
		return relief.Key{}
	}
	return relief.BatchKey(b.ID)
}

func ofCase(c *casework.Case, _ []string) relief.Key {
	if len(c.Members) == 0 || len(c.Acts) == 0 {
		return relief.Key{}
	}
	return relief.CaseKey(c.ID)
}

func rollIndex(k relief.Key, value []byte) error {
	if len(k.Attrs) != 2 || !programmeID(k.Attrs[0]) || !subject(k.Attrs[1]) {
		return errKey
	}
	var entry roll.IndexEntry
	if err := entry.UnmarshalBinary(value); err != nil {
		return err //nolint:wrapcheck // Check words it
	}
	if entry.County.County() != entry.County || entry.Number > relief.MaxRollNumber {
		return relief.Errorf(relief.CodeCorrupt, "it names no place on a roll")
	}
	return nil
}

var errKey = relief.Errorf(relief.CodeCorrupt, "its key is malformed")

func rollSegment(k relief.Key, value []byte) error {
	at, err := SegmentOf(k)
	if err != nil {
		return err
	}
	seg, err := roll.ParseSegment(value)
	if err != nil {
		return err //nolint:wrapcheck // Check words it
	}
	var region relief.Region // of the entry before: neighbours mostly live in the same one
	for i := range seg.Len() {
		if region != "" && seg.InRegion(i, region) {
			continue
		}
		if region = seg.Region(i); !at.County.Covers(region) {
			return relief.Errorf(relief.CodeCorrupt, "entry %d lives in another county than the roll's", i)
		}
	}
	return nil
}

func payees(k relief.Key, value []byte) error {
	if _, err := SegmentOf(k); err != nil {
		return err
	}
	_, err := roll.ParsePayees(value)
	return err //nolint:wrapcheck // Check words it
}

func lines(k relief.Key, value []byte) error {
	if _, err := SegmentOf(k); err != nil {
		return err
	}
	_, err := payment.CheckLines(value)
	return err //nolint:wrapcheck // Check words it
}

func further(k relief.Key, value []byte) error {
	if _, err := SegmentOf(k); err != nil {
		return err
	}
	_, err := payment.ParseFurther(value)
	return err //nolint:wrapcheck // Check words it
}

// SegmentOf is the address of the segment whose people a key of kind roll, payees, lines or further is about, without the size, which the
// programme says. CORRUPT for a malformed key.
func SegmentOf(k relief.Key) (roll.SegmentAddr, error) {
	n := 3
	if k.Kind == relief.KindLines || k.Kind == relief.KindFurther {
		n = 4
	}
	if len(k.Attrs) != n {
		return roll.SegmentAddr{}, errKey
	}
	county, err := relief.ParseRegion(k.Attrs[1])
	segment, err2 := relief.ParseSegment(k.Attrs[n-1])
	if !programmeID(k.Attrs[0]) || err != nil || err2 != nil || string(county) != k.Attrs[1] || county.County() != county {
		return roll.SegmentAddr{}, errKey
	}
	if n == 4 {
		if _, err := relief.ParsePeriod(k.Attrs[2]); err != nil {
			return roll.SegmentAddr{}, errKey
		}
	}
	return roll.SegmentAddr{Programme: relief.ProgrammeID(k.Attrs[0]), County: county, Segment: segment}, nil
}

// Fits returns CORRUPT for a segment with more slots than the programme's segments have, or with numbers that no roll has: its
// people would have the numbers of others. Its value can be read.
func Fits(k relief.Key, value []byte, size uint32) error {
	var slots int
	switch k.Kind {
	case relief.KindRoll:
		seg, err := roll.ParseSegment(value)
		if err != nil {
			return err //nolint:wrapcheck // the reader's own
		}
		slots = seg.Len()
	case relief.KindPayees:
		p, err := roll.ParsePayees(value)
		if err != nil {
			return err //nolint:wrapcheck // the reader's own
		}
		slots = p.Len()
	case relief.KindLines:
		n, err := payment.CheckLines(value)
		if err != nil {
			return err //nolint:wrapcheck // the reader's own
		}
		slots = n
	case relief.KindFurther:
		f, err := payment.ParseFurther(value)
		if err != nil {
			return err //nolint:wrapcheck // the reader's own
		}
		slots = f.Len()
	}
	return FitsSlots(k, slots, size)
}

// FitsSlots is Fits for a segment that was read and has so many slots.
func FitsSlots(k relief.Key, slots int, size uint32) error {
	at, err := SegmentOf(k)
	if err != nil {
		return err
	}
	if slots > int(size) || uint64(at.Segment)*uint64(size)+uint64(max(slots, 1)-1) > relief.MaxRollNumber {
		return relief.Errorf(relief.CodeCorrupt, "a stored %s cannot be read: it has %s slots, a segment of the programme %d",
			k.Kind, strconv.Itoa(slots), size)
	}
	return nil
}

// Kinds are the kinds of which public state has values, in the order of their names.
func Kinds() []string { return slices.Sorted(maps.Keys(readers)) }

// CheckPrivate returns CORRUPT for a value of the collection of private details that cannot be read under its key. The documents
// are sealed: nothing is looked at but whether there is one.
func CheckPrivate(k relief.Key, value []byte) error {
	if k.Kind == relief.KindDetailPage {
		_, err := roll.ParseDetailPage(value)
		return err //nolint:wrapcheck // the reader's own
	}
	if len(value) == 0 {
		return relief.Errorf(relief.CodeCorrupt, "a sealed document is empty")
	}
	return nil
}
