package rules

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// month works a closed month out again, from the values of the blocks alone, and compares. Its batches are those that say so
// themselves, whatever keys the contracts found them by.
func (e *txChanges) month(r Record) {
	m, ok := unpack[oversight.Month](e, r)
	if !ok {
		return
	}
	name := fmt.Sprintf("month %s of %s in %s", m.Period, m.Programme, m.County)
	packed := e.Segments[r.Name]
	e.Segments[r.Name] = r.Value
	e.state(r)
	var before oversight.Month
	want := ""
	if packed != nil {
		if before.UnmarshalBinary(packed) != nil {
			return // reported when it was written
		}
		sum := sha256.Sum256(packed)
		want = hex.EncodeToString(sum[:])
	}
	e.newActs(name, before.Acts, m.Acts)
	if m.Before != want || m.Version != before.Version+1 {
		e.report(BadRecord, "%s is not the version after %d", name, before.Version)
	}
	now, err := e.closed(m)
	if err != nil {
		e.report(Money, "%s cannot be worked out: %v", name, err)
		return
	}
	for _, difference := range differences(m, now) {
		e.report(Money, "%s: %s", name, difference)
	}
}

// state adds what the public log says of a version of a record.
func (e *txChanges) state(r Record) {
	content, err := stored.Statement(r.Key.Kind, r.Value)
	if err != nil {
		e.report(BadRecord, "%s has no statement: %v", KeyName(r.Name), err)
		return
	}
	e.Statements = append(e.Statements, sha256.Sum256(append([]byte{0}, content...)))
}

// accounting checks the key by which a month finds a batch.
func (e *txChanges) accounting(r Record) {
	b := e.Batches[relief.BatchID(r.Key.Attrs[3])]
	if b == nil || relief.AccountingKey(b.Programme, b.Region.County(), b.Period, b.ID).String() != r.Name {
		e.report(BadRecord, "%s is not of its batch", KeyName(r.Name))
	}
}

// closed works a month out.
func (e *txChanges) closed(m *oversight.Month) (*oversight.Month, error) {
	p, err := stored.Read[programme.Programme](e.Segments[relief.ProgrammeKey(m.Programme).String()])
	if err != nil {
		return nil, fmt.Errorf("its programme: %w", err)
	}
	values, err := e.monthValues(m)
	if err != nil {
		return nil, err
	}
	state := func(id relief.BatchID) (payment.BatchState, error) {
		if b := e.Batches[id]; b != nil {
			return b.State, nil
		}
		return "", relief.Errorf(relief.CodeCorrupt, "a payment's batch is not on the ledger")
	}
	closing, err := oversight.NewClosing(p, m.County, m.Period, values.holds, state)
	if err != nil {
		return nil, fmt.Errorf("its pay-by day: %w", err)
	}
	for i := range values.segments {
		s := &values.segments[i]
		if err := closing.Add(s.entries, s.payments); err != nil {
			return nil, fmt.Errorf("segment %d: %w", s.number, err)
		}
	}
	now := closing.Month()
	return &now, nil
}

// monthValues are what a month is worked out from: its batches, and the segments of the roll with what is paid in each.
type monthValues struct {
	batches  map[relief.BatchID]bool
	segments []monthSegment
}

type monthSegment struct {
	number   uint32
	entries  roll.Segment
	payments []payment.Value
}

func (v *monthValues) holds(id relief.BatchID) bool { return v.batches[id] }

func (e *txChanges) monthValues(m *oversight.Month) (*monthValues, error) {
	out := &monthValues{batches: map[relief.BatchID]bool{}}
	elsewhere := map[uint32][]payment.ValueAddr{}
	for _, id := range slices.Sorted(maps.Keys(e.Batches)) {
		b := e.Batches[id]
		if b.Programme != m.Programme || b.Region.County() != m.County || b.Period != m.Period {
			continue
		}
		out.batches[id] = true
		for _, v := range b.ValuesElsewhere() {
			elsewhere[v.Segment] = append(elsewhere[v.Segment], v)
		}
	}
	for _, n := range e.rollSegments(m.Programme, m.County) {
		entries, err := roll.ParseSegment(e.Segments[relief.RollKey(m.Programme, m.County, n).String()])
		if err != nil {
			return nil, fmt.Errorf("segment %d of the roll: %w", n, err)
		}
		addrs := append([]payment.ValueAddr{{Period: m.Period, Segment: n}, {Period: m.Period, Further: true, Segment: n}}, elsewhere[n]...)
		slices.SortFunc(addrs, payment.ValueAddr.Compare)
		of := monthSegment{number: n, entries: entries}
		for _, v := range slices.Compact(addrs) {
			payments, err := v.Parse(e.Segments[v.Key(m.Programme, m.County).String()])
			if err != nil {
				return nil, fmt.Errorf("payments of segment %d: %w", n, err)
			}
			of.payments = append(of.payments, payment.Value{ValueAddr: v, Payments: payments})
		}
		out.segments = append(out.segments, of)
	}
	return out, nil
}

// rollName names a roll.
type rollName struct {
	programme relief.ProgrammeID
	county    relief.Region
}

// rollSegments are the segments that a roll has, ascending.
func (b *State) rollSegments(programme relief.ProgrammeID, county relief.Region) []uint32 {
	if b.rolls == nil {
		b.rolls = map[rollName][]uint32{}
		for _, name := range slices.Sorted(maps.Keys(b.Segments)) {
			if k, _ := relief.ParseKey(name); k.Kind == relief.KindRoll {
				b.noteSegment(k)
			}
		}
	}
	return b.rolls[rollName{programme, county}]
}

// noteSegment notes a segment of a roll, unless nobody has asked for any yet.
func (b *State) noteSegment(k relief.Key) {
	at, err := stored.SegmentOf(k)
	if err != nil || b.rolls == nil {
		return
	}
	of := rollName{at.Programme, at.County}
	if i, known := slices.BinarySearch(b.rolls[of], at.Segment); !known {
		b.rolls[of] = slices.Insert(b.rolls[of], i, at.Segment)
	}
}

// differences says in what a month differs from the one that the blocks give.
func differences(has, want *oversight.Month) (found []string) {
	facts := func(m *oversight.Month) map[string]json.RawMessage {
		b, _ := json.Marshal(struct { // texts and numbers: nothing that cannot be written
			oversight.Facts
			ProgrammeVersion int        `json:"programme_version"`
			PayBy            relief.Day `json:"pay_by"`
		}{m.Facts, m.ProgrammeVersion, m.PayBy})
		var members map[string]json.RawMessage
		_ = json.Unmarshal(b, &members)
		return members
	}
	of, by := facts(has), facts(want)
	for _, name := range slices.Sorted(maps.Keys(by)) {
		if !bytes.Equal(of[name], by[name]) {
			found = append(found, fmt.Sprintf("%s is %s, the blocks give %s", name, of[name], by[name]))
		}
	}
	if !slices.Equal(has.Classes, want.Classes) {
		found = append(found, fmt.Sprintf("the classes are %v, the blocks give %v", has.Classes, want.Classes))
	}
	for i := range want.Villages {
		v := &want.Villages[i]
		if other, _ := has.Village(v.Code); other != *v {
			found = append(found, fmt.Sprintf("village %s has %d rows of %s with the root %s, the blocks give %d of %s with %s",
				v.Code, other.Rows, other.Sum, other.Root, v.Rows, v.Sum, v.Root))
		}
	}
	for i := range has.Villages {
		if v := &has.Villages[i]; !hasVillage(want, v.Code) {
			found = append(found, fmt.Sprintf("village %s has %d rows, by the blocks it has none", v.Code, v.Rows))
		}
	}
	return found
}

func hasVillage(m *oversight.Month, code relief.Region) bool { _, has := m.Village(code); return has }
