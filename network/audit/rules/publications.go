package rules

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/stored"
)

// publication checks a published list: what is shown is the month's last version, and another official agreed with it than the one who
// proposed it.
func (e *txChanges) publication(r Record) {
	p, ok := unpack[oversight.Publication](e, r)
	if !ok {
		return
	}
	name := KeyName(r.Name)
	var before oversight.Publication
	if b := e.Segments[r.Name]; b != nil && json.Unmarshal(b, &before) != nil {
		return // reported when it was written
	}
	e.Segments[r.Name] = r.Value
	e.state(r)
	e.newActs(name, before.Acts, p.Acts)
	if !p.Digests() {
		e.report(BadRecord, "%s is not what its digest says", name)
	}
	decided := e.listDecided(name, &before, p)
	if sameShown(before.Shown, p.Shown) {
		return
	}
	if !decided || p.Shown != nil && !e.lastVersion(&before, p) {
		e.report(BadRecord, "%s shows other rows than those of the month's last version that was proposed", name)
	}
}

// listDecided reports whether the last act on a list decides about what another official proposed.
func (e *txChanges) listDecided(name string, before, p *oversight.Publication) bool {
	if len(p.Acts) == 0 || p.Acts[len(p.Acts)-1].Act != relief.ActOversightDecideList {
		return false
	}
	n := len(before.Acts)
	if before.Proposed == nil || n == 0 || relief.SameOfficial(before.Acts[n-1].By, p.Acts[len(p.Acts)-1].By) {
		e.report(BadRecord, "%s is decided, which no other official proposed", name)
		return false
	}
	return true
}

func sameShown[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// lastVersion reports whether a list shows the month's last version, which was proposed.
func (e *txChanges) lastVersion(before, p *oversight.Publication) bool {
	m, err := stored.Read[oversight.Month](e.Segments[relief.MonthKey(p.Programme, p.County, p.Period).String()])
	return err == nil && m.Version == p.Shown.Month && before.Proposed.Month == m.Version
}

// LateList is a list that nobody has published in time: what was credited is to be published by a day, whether or not the month was
// closed.
type LateList struct {
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	Period    relief.Period      `json:"period"`
	Due       relief.Day         `json:"due"`
	// PublishedOn is the day on which it was published all the same; "" for a list that is missing.
	PublishedOn relief.Day `json:"published_on,omitempty"`
}

// LateLists are the lists that were not published in time, as of a day.
func (b *State) LateLists(today relief.Day) (late []LateList) {
	days := relief.DefaultCalendar
	if text := b.Segments[relief.CalendarKey().String()]; text != nil {
		_ = json.Unmarshal(text, &days) // reported when it was written
	}
	fixed := b.parameters()
	seen := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(b.Batches)) {
		batch := b.Batches[id]
		key := relief.PublicationKey(batch.Programme, batch.Region.County(), batch.Period)
		if seen[key.String()] || b.Counted[id] == nil || b.Counted[id].Credited == 0 {
			continue
		}
		seen[key.String()] = true
		l, err := b.lateList(&days, fixed, LateList{Programme: batch.Programme, County: batch.Region.County(), Period: batch.Period})
		if err == nil && l.Due < today && (l.PublishedOn == "" || l.PublishedOn > l.Due) {
			late = append(late, l)
		}
	}
	slices.SortFunc(late, func(a, b LateList) int { return a.Period.FirstMonth() - b.Period.FirstMonth() })
	return late
}

// parameters are those of the founding.
func (b *State) parameters() programme.Parameters {
	fixed := programme.DefaultParameters
	if text := b.Segments[relief.ParametersKey().String()]; text != nil {
		_ = json.Unmarshal(text, &fixed) // reported when it was written
	}
	return fixed
}

func (b *State) lateList(days *relief.Calendar, fixed programme.Parameters, l LateList) (LateList, error) {
	p, err := stored.Read[programme.Programme](b.Segments[relief.ProgrammeKey(l.Programme).String()])
	if err != nil {
		return l, fmt.Errorf("the programme: %w", err)
	}
	if l.Due, err = oversight.ListDue(p, fixed, l.Period, days); err != nil {
		return l, err
	}
	list, err := stored.Read[oversight.Publication](b.Segments[relief.PublicationKey(l.Programme, l.County, l.Period).String()])
	if err == nil {
		l.PublishedOn = list.First
	}
	return l, nil
}
