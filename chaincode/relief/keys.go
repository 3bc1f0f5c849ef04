package relief

import (
	"strconv"
	"strings"
)

// Key is the name of a value on the ledger: its kind, and the attributes that set it apart from others of the kind. All
// keys are made in this file. They are composite keys of Fabric, except those of roll index entries, of claims and of linked
// references, which are simple keys, because Fabric reads ranges with any bounds only of simple keys.
type Key struct {
	Kind  string
	Attrs []string
}

// The kinds of keys.
const (
	KindAgencies    = "agencies"
	KindDuty        = "duty"
	KindRegion      = "region"
	KindCosigning   = "cosigning"
	KindThresholds  = "thresholds"
	KindRevisions   = "revisions"
	KindProposal    = "proposal"
	KindOfficial    = "official"
	KindProgramme   = "programme"
	KindTranche     = "tranche"
	KindYearEnd     = "year_end"
	KindRoll        = "roll"
	KindPayees      = "payees"
	KindRollIndex   = "admission"
	KindBatch       = "batch"
	KindLines       = "lines"
	KindFurther     = "further"
	KindCase        = "case"
	KindMember      = "member"
	KindFacts       = "facts"
	KindCaseDetails = "details"
	KindNeed        = "need"
	KindDepartments = "sources"
	KindCalendar    = "calendar"
	KindContacts    = "contacts"
	KindParameters  = "parameters"
	KindReference   = "reference_key"
	KindErasure     = "erasure"
	KindHold        = "hold"
	KindReseal      = "reseal"
	KindSealing     = "sealing"
	KindDetailPage  = "page"
	KindChange      = "change"
	KindLastChange  = "lastchange"
	KindImport      = "import"
	KindImportChunk = "import_chunk"
	KindHousehold   = "household"
	KindClaim       = "claim"
	KindExclusion   = "exclusion_group"
	KindAccount     = "account"
	KindDeclared    = "declared"
	KindLink        = "link"
	KindLinked      = "linked"

	KindRate = "rate"

	KindRerate        = "rerate"
	KindRerateSegment = "rerate_segment"

	KindOverpayment = "overpayment"
	KindRecovered   = "recovered"
	KindDeductions  = "deductions"
	KindStatement   = "statement"
	KindReversal    = "reversal"
	KindReversed    = "reversed_entry"
	KindGrants      = "grants"
	KindBill        = "bill"

	KindAccounting = "accounting"
	KindMonth      = "month"

	KindPublication = "publication"
	KindPlan        = "plan"
	KindFrame       = "frame"
	KindDrawn       = "drawn"
	KindVisit       = "visit"

	KindPendingClaims = "pending_claims"
	KindReadings      = "readings"
	KindEndings       = "endings"
)

// DetailsCollection is the private data collection, shared by civil affairs and finance, that holds private details.
const DetailsCollection = "persons"

// AgenciesKey holds the agencies.
func AgenciesKey() Key { return Key{KindAgencies, nil} }

// CosigningKeysKey holds the agencies' public keys for the transparency log.
func CosigningKeysKey() Key { return Key{KindCosigning, nil} }

// ThresholdsKey holds the screening thresholds.
func ThresholdsKey() Key { return Key{KindThresholds, nil} }

// RevisionsKey says which proposal replaced each section of the registry last.
func RevisionsKey() Key { return Key{KindRevisions, nil} }

// DepartmentsKey holds the departments whose statements count in cross-matching.
func DepartmentsKey() Key { return Key{KindDepartments, nil} }

// CalendarKey holds the working days.
func CalendarKey() Key { return Key{KindCalendar, nil} }

// ContactsKey holds where people ask and complain.
func ContactsKey() Key { return Key{KindContacts, nil} }

// ParametersKey holds the parameters that the founding fixed and no act can change.
func ParametersKey() Key { return Key{KindParameters, nil} }

// ReferenceKeyKey says with the key of which epoch references of new people are made.
func ReferenceKeyKey() Key { return Key{KindReference, nil} }

// EndingsKey holds what a region has to know of regions that end.
func EndingsKey(r Region) Key { return Key{KindEndings, []string{string(r)}} }

// CaseKey holds a case, from its application on.
func CaseKey(id CaseID) Key { return Key{KindCase, []string{string(id)}} }

// MemberKey holds the cases that a person is in, as the head of a household or one of its members.
func MemberKey(ref SubjectRef) Key { return Key{KindMember, []string{ref.String()}} }

// FactsKey names the sealed facts of a case's household that an act of the case brought: 0 is the application, a later one
// a review. It is a key of the collection only. Another application of the same household has facts of its own.
func FactsKey(id CaseID, act int) Key {
	attrs := []string{string(id)}
	if act > 0 {
		attrs = append(attrs, strconv.Itoa(act))
	}
	return Key{KindFacts, attrs}
}

// CaseDetailsKey names the sealed private details of the head of a case's household. It is a key of the collection only.
// They count for the roll once a decision has put the case's household on it: the roll index entry then names the case.
func CaseDetailsKey(id CaseID) Key { return Key{KindCaseDetails, []string{string(id)}} }

// NeedKey holds a need.
func NeedKey(id NeedID) Key { return Key{KindNeed, []string{string(id)}} }

// AccountKey holds the declaration of a shared account, in whatever state.
func AccountKey(id AccountID) Key { return Key{KindAccount, []string{string(id)}} }

// DeclaredKey holds what the declaration in force says of an account. It is deleted with the declaration's end.
func DeclaredKey(account Tag) Key { return Key{KindDeclared, []string{account.String()}} }

// PendingClaimsKey counts the people of other counties whom an official has claimed on a day.
func PendingClaimsKey(by Official, on Day) Key {
	return Key{KindPendingClaims, []string{by.Agency, by.ID, string(on)}}
}

// DutyKey holds the duty for one act: who may do it.
func DutyKey(act string) Key { return Key{KindDuty, []string{act}} }

// RegionKey holds one region of the register.
func RegionKey(r Region) Key { return Key{KindRegion, []string{string(r)}} }

// ProposalKey holds a proposed change of the registry.
func ProposalKey(id ProposalID) Key { return Key{KindProposal, []string{string(id)}} }

// OfficialKey holds an official's entry. The name is as FoldOfficialName spells it.
func OfficialKey(agency, name string) Key { return Key{KindOfficial, []string{agency, name}} }

// ProgrammeKey holds a programme with all of its versions.
func ProgrammeKey(id ProgrammeID) Key { return Key{KindProgramme, []string{string(id)}} }

// RateKey holds the rate of a period of a programme that takes its people from other rolls.
func RateKey(id ProgrammeID, period Period) Key {
	return Key{KindRate, []string{string(id), period.String()}}
}

// TrancheKey holds a tranche and its balances.
func TrancheKey(id TrancheID) Key { return Key{KindTranche, []string{string(id)}} }

// YearEndKey holds the list of a year's end as the agencies have signed it.
func YearEndKey(id YearEndID) Key { return Key{KindYearEnd, []string{string(id)}} }

// RollKey holds one segment of the roll of a programme and county.
func RollKey(p ProgrammeID, county Region, segment uint32) Key {
	return Key{KindRoll, []string{string(p), string(county), segmentText(segment)}}
}

// PayeesKey holds the payees of one segment of the roll: whom the money of its people is paid to.
func PayeesKey(p ProgrammeID, county Region, segment uint32) Key {
	return Key{KindPayees, []string{string(p), string(county), segmentText(segment)}}
}

// RollIndexKey holds a person's roll index entry in a programme. In the collection the same key holds private details
// under the person's own key. The programme comes first, so that the people of one programme are a range of
// neighbouring keys, in the order of SubjectRef.Compare, and a look-up in a small roll does not search among all
// people.
func RollIndexKey(ref SubjectRef, p ProgrammeID) Key {
	return Key{KindRollIndex, []string{string(p), ref.String()}}
}

// ImportKey holds the proposed import of a roll.
func ImportKey(id ImportID) Key { return Key{KindImport, []string{string(id)}} }

// ImportChunkKey holds one chunk of an import, named by its SHA-256, and its result once the chunk was carried out. Chunks
// have keys of their own, so that those of one import can be carried out at the same time.
func ImportChunkKey(id ImportID, sha256 string) Key {
	return Key{KindImportChunk, []string{string(id), sha256}}
}

// RerateKey holds the proposed re-rate of a roll.
func RerateKey(id RerateID) Key { return Key{KindRerate, []string{string(id)}} }

// RerateSegmentKey holds what a re-rate does to one segment, and once it was done, to whom. Segments have keys of their own, so
// that those of one re-rate can be carried out at the same time.
func RerateSegmentKey(id RerateID, segment uint32) Key {
	return Key{KindRerateSegment, []string{string(id), segmentText(segment)}}
}

// HouseholdKey holds the members of an imported household, by its head.
func HouseholdKey(p ProgrammeID, head SubjectRef) Key {
	return Key{KindHousehold, []string{string(p), head.String()}}
}

// ClaimKey says that a person has or had a claim in a programme as a member of a household; MemberKey says which. It is a
// simple key as RollIndexKey is: an import reads those of a chunk's people as one range.
func ClaimKey(ref SubjectRef, p ProgrammeID) Key {
	return Key{KindClaim, []string{string(p), ref.String()}}
}

// GrantsKey holds the grants that a person has had from a programme of single grants.
func GrantsKey(ref SubjectRef, p ProgrammeID) Key {
	return Key{KindGrants, []string{string(p), ref.String()}}
}

// BillKey says which case was granted a bill.
func BillKey(bill Tag) Key { return Key{KindBill, []string{bill.String()}} }

// ExclusionKey lists the programmes of an exclusion group.
func ExclusionKey(group string) Key { return Key{KindExclusion, []string{group}} }

// DetailPageKey holds the generation of a detail page that is valid. DetailPageValueKey names the page of that
// generation.
func DetailPageKey(p ProgrammeID, id DetailPageID) Key {
	return Key{KindDetailPage, []string{string(p), id.String()}}
}

// DetailPageValueKey names one generation of a detail page. It is a key of the collection only.
func DetailPageValueKey(p ProgrammeID, id DetailPageID, generation uint32) Key {
	return Key{KindDetailPage, []string{string(p), id.String(), strconv.FormatUint(uint64(generation), 10)}}
}

// ChangeKey holds a change of a roll entry. In the collection the same key holds the sealed details of a new payee, from
// the proposal on: once the change is confirmed, they are the person's details.
func ChangeKey(id ChangeID) Key { return Key{KindChange, []string{string(id)}} }

// LastChangeKey names a person's last change in a programme.
func LastChangeKey(ref SubjectRef, p ProgrammeID) Key {
	return Key{KindLastChange, []string{string(p), ref.String()}}
}

// ErasureKey holds the erasure of a person's private details, from the proposal on.
func ErasureKey(ref SubjectRef) Key { return Key{KindErasure, []string{ref.String()}} }

// ResealKey holds a resealing, from the proposal on.
func ResealKey(id ResealID) Key { return Key{KindReseal, []string{string(id)}} }

// SealingKey says how often a value of the collection was sealed again since it came; nothing for one that never was. Detail pages
// have DetailPageKey for that.
func SealingKey(of Key) Key { return Key{KindSealing, append([]string{of.Kind}, of.Attrs...)} }

// ReadingsKey holds the head of an agency's record of who read personal data.
func ReadingsKey(agency string) Key { return Key{KindReadings, []string{agency}} }

// LinkKey holds the link of a reference to another one of the same human being, from the proposal on.
func LinkKey(from SubjectRef) Key { return Key{KindLink, []string{from.String()}} }

// LinkDetailsKey names the sealed private details that came with the link of a reference, of one programme. It is a key of the
// collection only.
func LinkDetailsKey(from SubjectRef, p ProgrammeID) Key {
	return Key{KindLink, []string{from.String(), string(p)}}
}

// LinkedKey lists all references of the human being whom a reference stands for. Nobody with a single reference has one. It is
// a simple key as RollIndexKey is: an import reads those of a chunk's people as one range.
func LinkedKey(ref SubjectRef) Key { return Key{KindLinked, []string{ref.String()}} }

// HoldKey holds a legal hold on a person's or a case's private details.
func HoldKey(id HoldID) Key { return Key{KindHold, []string{string(id)}} }

// BatchKey holds a batch of payments.
func BatchKey(id BatchID) Key { return Key{KindBatch, []string{string(id)}} }

// AccountingKey says that a batch is of an accounting period. The batches of one period of a programme in a county are a range of
// neighbouring keys, so that a month is closed over all of them.
func AccountingKey(p ProgrammeID, county Region, period Period, id BatchID) Key {
	return Key{KindAccounting, []string{string(p), string(county), period.String(), string(id)}}
}

// PublicationKey holds the published list of an accounting period.
func PublicationKey(p ProgrammeID, county Region, period Period) Key {
	return Key{KindPublication, []string{string(p), string(county), period.String()}}
}

// PlanKey holds a draw, from its plan on.
func PlanKey(id PlanID) Key { return Key{KindPlan, []string{string(id)}} }

// FrameKey holds the units of one stratum that a draw is made from.
func FrameKey(id PlanID, stratum int) Key {
	return Key{KindFrame, []string{string(id), segmentText(uint32(stratum))}} //nolint:gosec // a place in a list
}

// DrawnKey holds the units that were drawn.
func DrawnKey(id PlanID) Key { return Key{KindDrawn, []string{string(id)}} }

// VisitKey holds the visit of a unit that was drawn, by its place among them.
func VisitKey(id PlanID, unit int) Key {
	return Key{KindVisit, []string{string(id), segmentText(uint32(unit))}} //nolint:gosec // a place in a list
}

// MonthKey holds the last close of an accounting period.
func MonthKey(p ProgrammeID, county Region, period Period) Key {
	return Key{KindMonth, []string{string(p), string(county), period.String()}}
}

// LinesKey holds one segment's payment lines of one period.
func LinesKey(p ProgrammeID, county Region, period Period, segment uint32) Key {
	return Key{KindLines, []string{string(p), string(county), period.String(), segmentText(segment)}}
}

// OverpaymentKey holds what a roll entry was paid too much, and how that is settled.
func OverpaymentKey(id OverpaymentID) Key { return Key{KindOverpayment, []string{string(id)}} }

// RecoveredKey says which overpayments were recovered by a statement's entry. It is named by the hash of the bank's reference.
func RecoveredKey(ref string) Key { return Key{KindRecovered, []string{ref}} }

// StatementKey holds a bank's statement of a dedicated account.
func StatementKey(id StatementID) Key { return Key{KindStatement, []string{string(id)}} }

// ReversalKey holds a reversal, from the proposal on.
func ReversalKey(id ReversalID) Key { return Key{KindReversal, []string{string(id)}} }

// ReversedKey says by which reversal an entry of a statement was used.
func ReversedKey(s StatementID, entry string) Key {
	return Key{KindReversed, []string{string(s), entry}}
}

// DeductionsKey holds the plans by which the payments of one roll segment's people are reduced.
func DeductionsKey(p ProgrammeID, county Region, segment uint32) Key {
	return Key{KindDeductions, []string{string(p), string(county), segmentText(segment)}}
}

// FurtherKey holds what the people of one segment are paid for one period beside their regular payments: top-ups and grants.
func FurtherKey(p ProgrammeID, county Region, period Period, segment uint32) Key {
	return Key{KindFurther, []string{string(p), string(county), period.String(), segmentText(segment)}}
}

func segmentText(n uint32) string {
	digits := strconv.FormatUint(uint64(n), 10)
	return "0000000"[min(len(digits), 7):] + digits
}

// ParseSegment reads the last attribute of a key of a segment: of a roll, payees, lines or further payments.
func ParseSegment(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || len(s) != 7 {
		return 0, Errorf(CodeCorrupt, "no such segment in a key")
	}
	return uint32(n), nil
}

// String is the key as Fabric writes it: U+0000, then the kind and each attribute followed by U+0000. A simple key has
// no U+0000 in front.
func (k Key) String() string {
	size := 2 + len(k.Kind)
	for _, a := range k.Attrs {
		size += len(a) + 1
	}
	var b strings.Builder
	b.Grow(size)
	if !k.Simple() {
		b.WriteByte(0)
	}
	b.WriteString(k.Kind)
	b.WriteByte(0)
	for _, a := range k.Attrs {
		b.WriteString(a)
		b.WriteByte(0)
	}
	return b.String()
}

// Name names the key for people: its kind and attributes, such as roll/dibao/530181/0000012.
func (k Key) Name() string { return strings.Join(append([]string{k.Kind}, k.Attrs...), "/") }

// Simple reports whether the key is a simple key of Fabric and not a composite one.
func (k Key) Simple() bool {
	return k.Kind == KindRollIndex || k.Kind == KindClaim || k.Kind == KindLinked
}

// ParseKey reads what String writes; ok is false for any other key.
func ParseKey(s string) (k Key, ok bool) {
	if len(s) < 3 || s[len(s)-1] != 0 {
		return Key{}, false
	}
	text, composite := strings.CutPrefix(s[:len(s)-1], "\x00")
	parts := strings.Split(text, "\x00")
	k = Key{Kind: parts[0], Attrs: parts[1:]}
	if composite == k.Simple() {
		return Key{}, false
	}
	return k, true
}
