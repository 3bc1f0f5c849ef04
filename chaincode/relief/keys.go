package relief

import (
	"fmt"
	"strconv"
	"strings"
)

// Key is the name of a value on the ledger: a kind and what tells it from its like. All keys are made in this
// file, and nowhere else. They are composite keys of Fabric, but for admissions, which are simple ones: only of those can
// any range be read.
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
	KindProposal    = "proposal"
	KindProgramme   = "programme"
	KindTranche     = "tranche"
	KindRoll        = "roll"
	KindRollIndex   = "admission"
	KindBatch       = "batch"
	KindLines       = "lines"
	KindCase        = "case"
	KindMember      = "member"
	KindFacts       = "facts"
	KindNeed        = "need"
	KindDepartments = "sources"
	KindCalendar    = "calendar"
	KindParameters  = "parameters"
	KindErasure     = "erasure"
	KindDetailPage  = "page"
)

// DetailsCollection is the private data collection of civil affairs and finance that says who a person is.
const DetailsCollection = "persons"

// AgenciesKey holds the agencies.
func AgenciesKey() Key { return Key{KindAgencies, nil} }

// CosigningKeysKey holds the keys with which the agencies cosign the transparency log.
func CosigningKeysKey() Key { return Key{KindCosigning, nil} }

// ThresholdsKey holds the screening thresholds.
func ThresholdsKey() Key { return Key{KindThresholds, nil} }

// DepartmentsKey holds the departments whose statements count in cross-matching.
func DepartmentsKey() Key { return Key{KindDepartments, nil} }

// CalendarKey holds the working days.
func CalendarKey() Key { return Key{KindCalendar, nil} }

// ParametersKey holds what the founding fixed for good.
func ParametersKey() Key { return Key{KindParameters, nil} }

// CaseKey holds an application and the case that comes of it.
func CaseKey(id CaseID) Key { return Key{KindCase, []string{string(id)}} }

// MemberKey holds the cases that a person is in, as the head of a household or one of its members.
func MemberKey(ref SubjectRef) Key { return Key{KindMember, []string{ref.String()}} }

// FactsKey names the private facts of an application, in the collection only; a person's next application to the
// programme takes their place.
func FactsKey(head SubjectRef, p ProgrammeID) Key {
	return Key{KindFacts, []string{head.String(), string(p)}}
}

// NeedKey holds a newly found need.
func NeedKey(id NeedID) Key { return Key{KindNeed, []string{string(id)}} }

// DutyKey holds who may do one act.
func DutyKey(act string) Key { return Key{KindDuty, []string{act}} }

// RegionKey holds one region of the register.
func RegionKey(r Region) Key { return Key{KindRegion, []string{string(r)}} }

// ProposalKey holds a proposed change of the registry.
func ProposalKey(id ProposalID) Key { return Key{KindProposal, []string{string(id)}} }

// ProgrammeKey holds a programme with all of its versions.
func ProgrammeKey(id ProgrammeID) Key { return Key{KindProgramme, []string{string(id)}} }

// TrancheKey holds a tranche and its balances.
func TrancheKey(id TrancheID) Key { return Key{KindTranche, []string{string(id)}} }

// RollKey holds one segment of the roll of a programme and county.
func RollKey(p ProgrammeID, county Region, segment uint32) Key {
	return Key{KindRoll, []string{string(p), string(county), segmentText(segment)}}
}

// RollIndexKey says where a person stands on a programme's roll. Also the key of private details that are a person's own. The
// programme comes first: references lie anywhere, and who is looked up in a small roll is not looked for among all people; and so
// people of one programme are a range, in the order of SubjectRef.Compare.
func RollIndexKey(ref SubjectRef, p ProgrammeID) Key {
	return Key{KindRollIndex, []string{string(p), ref.String()}}
}

// DetailPageKey says which generation of a page of private details holds; PageValueKey is that generation, in the collection only.
func DetailPageKey(p ProgrammeID, id DetailPageID) Key {
	return Key{KindDetailPage, []string{string(p), id.String()}}
}

// DetailPageValueKey names one generation of a page.
func DetailPageValueKey(p ProgrammeID, id DetailPageID, generation uint32) Key {
	return Key{KindDetailPage, []string{string(p), id.String(), strconv.FormatUint(uint64(generation), 10)}}
}

// ErasureKey records that a person's private details were erased.
func ErasureKey(ref SubjectRef) Key { return Key{KindErasure, []string{ref.String()}} }

// BatchKey holds a batch of payments.
func BatchKey(id BatchID) Key { return Key{KindBatch, []string{string(id)}} }

// LinesKey holds one segment's payment lines of one period.
func LinesKey(p ProgrammeID, county Region, period Period, segment uint32) Key {
	return Key{KindLines, []string{string(p), string(county), period.String(), segmentText(segment)}}
}

func segmentText(n uint32) string { return fmt.Sprintf("%07d", n) }

// ParseSegment reads the last attribute of a roll or lines key.
func ParseSegment(s string) (uint32, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || len(s) != 7 {
		return 0, Errorf(CodeCorrupt, "no such segment in a key")
	}
	return uint32(n), nil
}

// String is the key as Fabric writes it: U+0000, the kind, and each part followed by U+0000. A simple key has no U+0000 in front.
func (k Key) String() string {
	var b strings.Builder
	if !k.Simple() {
		b.WriteByte(0)
	}
	b.WriteString(k.Kind + "\x00")
	for _, a := range k.Attrs {
		b.WriteString(a + "\x00")
	}
	return b.String()
}

// Simple reports whether the ledger has the key as it is, and not as a composite one.
func (k Key) Simple() bool { return k.Kind == KindRollIndex }

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
