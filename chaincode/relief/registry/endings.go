package registry

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
)

// MaxSuccessors bounds the regions among which an ended one is divided.
const MaxSuccessors = 20

// EndedRegion is a region that has ended, or is to end, as another region has to know of it.
type EndedRegion struct {
	Code       relief.Region   `json:"code"`
	LastDay    relief.Day      `json:"last_day"` // the last day on which it, or the successor through which it comes, is valid
	Successors []relief.Region `json:"successors,omitempty"`
}

// Endings is what one region has to know of regions that end. It follows from the registry's regions and is kept beside them, so
// that an act reads one small value and not all regions.
type Endings struct {
	// Inherited are regions outside this one of which a successor lies inside it, or is it: what was owed under them is paid by
	// officials, batches and money of this region.
	Inherited []EndedRegion `json:"inherited,omitempty"`
	// Inside are, of a county, itself and the regions inside it that end: no terms begin there afterwards.
	Inside []EndedRegion `json:"inside,omitempty"`
}

// InheritedOn are the regions that are inherited on a day.
func (e *Endings) InheritedOn(day relief.Day) []relief.Region {
	if e == nil {
		return nil
	}
	var codes []relief.Region
	for i := range e.Inherited {
		if day > e.Inherited[i].LastDay {
			codes = append(codes, e.Inherited[i].Code)
		}
	}
	return codes
}

// EndedBefore finds the region around r in which nothing begins in a period any more, because it has ended before; nil for none.
func (e *Endings) EndedBefore(r relief.Region, p relief.Period) *EndedRegion {
	if e == nil {
		return nil
	}
	for i := range e.Inside {
		if in := &e.Inside[i]; in.Code.Covers(r) && in.LastDay.Month() < p.FirstMonth() {
			return in
		}
	}
	return nil
}

// RequireBegin refuses, with INVALID, terms that begin in a period for somebody in a region that has ended before.
func (e *Endings) RequireBegin(r relief.Region, p relief.Period) error {
	if in := e.EndedBefore(r, p); in != nil {
		return in.refuse()
	}
	return nil
}

// refuse says that nothing new begins in the region, and where it does instead.
func (in *EndedRegion) refuse() error {
	into := in.Into()
	if into != "" {
		into = "; its successors are " + into
	}
	return relief.FieldErrorf("region", "region %s ended on %s: nothing new begins there%s", in.Code, in.LastDay, into)
}

// Into names the successors, "" for none.
func (in *EndedRegion) Into() string {
	texts := make([]string, len(in.Successors))
	for i, r := range in.Successors {
		texts[i] = string(r)
	}
	return strings.Join(texts, ", ")
}

// RegionEndings are the endings of one region.
type RegionEndings struct {
	Region relief.Region
	Endings
}

// EndingsOf works out the endings of every region that has any, in the order of their codes. A region inherits directly, and what its
// predecessors inherited.
func EndingsOf(regions []RegionEntry) []RegionEndings {
	d := derivation{entries: map[relief.Region]*RegionEntry{}, out: map[relief.Region]*Endings{}}
	for i := range regions {
		d.entries[regions[i].Code] = &regions[i]
	}
	for i := range regions {
		e := &regions[i]
		if e.ValidTo == "" {
			continue
		}
		ended := EndedRegion{e.Code, relief.Day(e.ValidTo), e.Successors}
		if county := e.Code.County(); county != "" {
			of := d.of(county)
			of.Inside = append(of.Inside, ended)
		}
		d.inherit(ended, e, map[relief.Region]bool{})
	}
	list := make([]RegionEndings, 0, len(d.out))
	for region, e := range d.out { // sorted below
		byCode := func(a, b EndedRegion) int {
			return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.LastDay, b.LastDay))
		}
		slices.SortFunc(e.Inside, byCode)
		slices.SortFunc(e.Inherited, byCode)
		e.Inherited = slices.CompactFunc(e.Inherited, func(a, b EndedRegion) bool { return a.Code == b.Code })
		list = append(list, RegionEndings{region, *e})
	}
	slices.SortFunc(list, func(a, b RegionEndings) int { return cmp.Compare(a.Region, b.Region) })
	return list
}

// derivation works endings out.
type derivation struct {
	entries map[relief.Region]*RegionEntry
	out     map[relief.Region]*Endings
}

func (d *derivation) of(r relief.Region) *Endings {
	if d.out[r] == nil {
		d.out[r] = &Endings{}
	}
	return d.out[r]
}

// inherit has the successors of a region inherit an ended one, and theirs after them. seen are the successors that were visited: checkRegions
// sees to it that a successor outlives its predecessor, so no region comes after itself.
func (d *derivation) inherit(ended EndedRegion, through *RegionEntry, seen map[relief.Region]bool) {
	ended.LastDay = relief.Day(through.ValidTo)
	for _, s := range through.Successors {
		if seen[s] {
			continue
		}
		seen[s] = true
		for _, digits := range []int{2, 4, 6, 9, 12} {
			if digits > len(s) {
				break
			}
			if around := s[:digits]; !around.Covers(ended.Code) {
				of := d.of(around)
				of.Inherited = append(of.Inherited, ended)
			}
		}
		if next := d.entries[s]; next != nil && next.ValidTo != "" {
			d.inherit(ended, next, seen)
		}
	}
}

// Inherited are the regions that a region inherits on a day, by the registry.
func (r *Registry) Inherited(region relief.Region, day relief.Day) []relief.Region {
	all := EndingsOf(r.Regions)
	i, found := slices.BinarySearchFunc(all, region, func(e RegionEndings, code relief.Region) int { return cmp.Compare(e.Region, code) })
	if !found {
		return nil
	}
	return all[i].InheritedOn(day)
}

// checkSuccessors refuses successors of a region that does not end, and those that do not outlive it.
func (r *Registry) checkSuccessors(e *RegionEntry) error {
	if len(e.Successors) == 0 {
		return nil
	}
	if e.ValidTo == "" || len(e.Successors) > MaxSuccessors {
		return relief.FieldErrorf("regions", "region %s names 1 to %d successors, and with them its last day valid_to", e.Code, MaxSuccessors)
	}
	last, err := time.Parse(time.DateOnly, e.ValidTo)
	if err != nil {
		return relief.FieldErrorf("regions", "valid_to of region %s must be a date", e.Code)
	}
	for i, s := range e.Successors {
		if s == e.Code || len(s) != len(e.Code) || slices.Contains(e.Successors[:i], s) {
			return relief.FieldErrorf("regions", "a successor of region %s is another region with as many digits, named once", e.Code)
		}
		if RegionValid(r.Regions, s, last.AddDate(0, 0, 1)) != nil {
			return relief.FieldErrorf("regions", "%s, a successor of region %s, is not registered or not valid on the day after its end", s, e.Code)
		}
	}
	return nil
}
