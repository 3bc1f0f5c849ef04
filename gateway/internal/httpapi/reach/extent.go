package reach

import (
	"encoding/json"

	"relieftrail/chaincode/relief"
)

// extent says what a kind of record concerns.
type extent int

const (
	unknown extent = iota // not in the list: read by nobody
	general               // what has no region: for every reader
	sums                  // a region as a whole: for who covers it or lies inside it
	people                // people of a region: for who covers it
)

// extents has every kind of record that a handler reads by its id or lists.
var extents = map[string]extent{
	relief.KindProposal:  general,
	relief.KindProgramme: general,
	relief.KindRate:      general,
	relief.KindErasure:   people,
	relief.KindReseal:    people,
	relief.KindHold:      people,
	relief.KindLink:      people,
	relief.KindOfficial:  general,
	relief.KindTranche:   sums,
	relief.KindYearEnd:   people, // it names overpayments
	relief.KindBatch:     sums,
	relief.KindImport:    sums,
	relief.KindRerate:    sums,
	relief.KindAccount:   sums,
	relief.KindCase:      people,

	relief.KindOverpayment: people,
	relief.KindStatement:   sums,
	relief.KindMonth:       sums,
	relief.KindPublication: sums,
	relief.KindReversal:    people,
	relief.KindPlan:        sums,
	relief.KindDrawn:       people,
	relief.KindVisit:       people,

	relief.KindChange: people,
	relief.KindNeed:   people,
}

// regionOf is the region of a record: the field region, or else county.
func regionOf(record json.RawMessage) (relief.Region, error) {
	var r struct {
		Region relief.Region `json:"region"`
		County relief.Region `json:"county"`
	}
	if err := json.Unmarshal(record, &r); err != nil {
		return "", err
	}
	if r.Region != "" {
		return r.Region, nil
	}
	return r.County, nil
}

// require refuses a record of a kind that the caller may not read.
func (c *Caller) require(kind string, record json.RawMessage) error {
	e := extents[kind]
	if e == general {
		return nil
	}
	region, err := regionOf(record)
	if err != nil {
		return err
	}
	switch e {
	case sums:
		return c.RequireMeets(region)
	case people:
		return c.RequireCovers(region)
	default:
		return relief.Errorf(relief.CodeForbidden, "records of the kind %s are not read", kind)
	}
}

// reads reports whether the caller may read a record of a kind: a list leaves out the others.
func (c *Caller) reads(kind string, record json.RawMessage) (bool, error) {
	if c.Everywhere {
		return extents[kind] != unknown, nil
	}
	region, err := regionOf(record)
	if err != nil {
		return false, err
	}
	return extents[kind] == sums && c.Meets(region) || extents[kind] == people && c.Covers(region), nil
}
