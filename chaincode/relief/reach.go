package relief

// The duties of reading beyond a record: they belong to no function of the contracts.
const (
	ActReadAll      Act = "read.all"       // read in all regions, not only in one's own
	ActPersonLookUp Act = "person.look_up" // turn an identity number into the reference that stands for the person
	ActReadingList  Act = "reading.list"   // list who read personal data
)

// Reach is how far an official may read: in the region of their certificate, or in all regions.
type Reach struct {
	Region     Region
	Everywhere bool
	Inherited  *Inherited // ended regions of which Region is a successor, or has one
}

// ReachOf is an official's reach by the duties on the ledger.
func ReachOf(duties []Duty, p Official) Reach {
	return Reach{p.Region, Allowed(duties, ActReadAll, p) == nil, p.Inherited}
}

// Covers reports whether what concerns people of a region may be read: the region lies inside the reach.
func (r Reach) Covers(region Region) bool {
	return r.Everywhere || r.Region.Covers(region) || r.Inherited.Cover(region)
}

// Meets reports whether what concerns a region as a whole may be read, such as its money and its totals: the region lies
// inside the reach or around it, for the money of a county comes from the tranche of its province.
func (r Reach) Meets(region Region) bool {
	return r.Covers(region) || r.Region != "" && region.Covers(r.Region)
}

// RequireCovers refuses, with REGION, a record about people of a region that the reach does not cover.
func (r Reach) RequireCovers(region Region) error {
	if r.Covers(region) {
		return nil
	}
	return Errorf(CodeRegion, "region %s does not cover %s", r.Region, region)
}

// RequireMeets refuses, with REGION, a record about a region that lies neither inside the reach nor around it.
func (r Reach) RequireMeets(region Region) error {
	if r.Meets(region) {
		return nil
	}
	return Errorf(CodeRegion, "region %s lies neither in %s nor around it", region, r.Region)
}

// Narrow is the region that a list is limited to: the one that was asked for, or else the reach's; "" for no limit. It
// refuses, with REGION, to list a region that the reach does not cover.
func (r Reach) Narrow(asked Region) (Region, error) {
	if asked != "" {
		return asked, r.RequireCovers(asked)
	}
	if r.Everywhere {
		return "", nil
	}
	if r.Region == "" {
		return "", Errorf(CodeRegion, "the caller's certificate has no region")
	}
	return r.Region, nil
}
