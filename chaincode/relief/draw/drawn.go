package draw

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
)

// DrawnUnits are the units that were drawn, stratum after stratum, in each by rank.
type DrawnUnits struct {
	Plan   relief.PlanID `json:"plan"`
	County relief.Region `json:"county"`
	Units  []DrawnUnit   `json:"units"`
}

// DrawnUnit is a unit that was drawn, or stands by when another cannot be visited.
type DrawnUnit struct {
	Stratum    int                `json:"stratum"` // its place in the frame's strata
	Rank       int                `json:"rank"`    // in the stratum, from 1 on; reserves come after those that are drawn
	Reserve    bool               `json:"reserve"`
	Leaf       Hash               `json:"leaf"`
	Programme  relief.ProgrammeID `json:"programme"`
	Period     relief.Period      `json:"period"` // the accounting period of the month
	Number     uint32             `json:"number"` // of the roll
	Inspectors []relief.Official  `json:"inspectors"`
}

// MayDraw refuses to draw before the seed is known, or again.
func (p *Plan) MayDraw() error {
	_, err := relief.Next(Transitions, p.State, relief.ActOversightDraw)
	return err //nolint:wrapcheck // of this module
}

// Draw draws units and reserves of each stratum from what the frame has. Inspectors are drawn for each afterwards.
func Draw(p *Plan, strata []Units) DrawnUnits {
	out, seed := DrawnUnits{Plan: p.ID, County: p.County, Units: []DrawnUnit{}}, Seed(p.Seed)
	for i := range p.Frame.Strata {
		s := &p.Frame.Strata[i]
		for n, u := range seed.Draw(strata[i], s.Take+s.Reserves) {
			month := &p.Months[u.Month]
			out.Units = append(out.Units, DrawnUnit{
				Stratum: i, Rank: n + 1, Reserve: n >= s.Take, Leaf: u.Leaf, Programme: month.Programme, Period: month.Period, Number: u.Number,
				Inspectors: []relief.Official{},
			})
		}
	}
	return out
}

// NoteDrawn notes what was drawn.
func NoteDrawn(p Plan, d *DrawnUnits, actor relief.Actor) (Plan, error) {
	if err := p.MayDraw(); err != nil {
		return p, err
	}
	p.Drawn = d.outcome()
	p, _, err := p.changed(relief.ActOversightDraw, relief.ActOversightDraw, actor)
	return p, err
}

func (d *DrawnUnits) outcome() *Outcome {
	out := &Outcome{}
	entries := make([][32]byte, len(d.Units))
	for i := range d.Units {
		if entries[i] = entryHash(d.Units[i].Leaf); d.Units[i].Reserve {
			out.Reserves++
		} else {
			out.Units++
		}
	}
	out.Root = oversight.RootOf(entries)
	return out
}

// Household is what keeps an official from inspecting a unit: its village, and who did an act in the cases of whoever was paid.
type Household struct {
	Village relief.Region
	Acted   []relief.Official
}

// inspectors is how many are drawn for a unit.
const inspectors = 2

// Inspect draws the inspectors of each unit from officials who are in office; households are the units', in their order.
func (d *DrawnUnits) Inspect(seed Seed, pool []Inspector, households []Household) {
	for i := range d.Units {
		d.Units[i].Inspectors = seed.inspectors(d.Units[i].Leaf, pool, &households[i]) //nolint:gosec // as many as units
	}
}

// inspectors are the two officials with the smallest tickets who serve another village and did no act in the household's cases. There
// are fewer when no others are left.
func (s *Seed) inspectors(leaf Hash, pool []Inspector, of *Household) []relief.Official {
	type drawn struct {
		ticket Hash
		by     relief.Official
	}
	all := make([]drawn, 0, len(pool))
	for i := range pool {
		by := relief.Official{Agency: pool[i].Agency, ID: pool[i].ID, Name: pool[i].Name}
		acted := slices.ContainsFunc(of.Acted, func(o relief.Official) bool { return relief.SameOfficial(o, by) })
		if !acted && !pool[i].Serves.Covers(of.Village) {
			all = append(all, drawn{s.inspectorTicket(leaf, by), by})
		}
	}
	slices.SortFunc(all, func(a, b drawn) int { return bytes.Compare(a.ticket[:], b.ticket[:]) })
	out := []relief.Official{}
	for i := range min(inspectors, len(all)) {
		out = append(out, all[i].by)
	}
	return out
}

// inspectorTicket is SHA-256 over the domain, the seed, the leaf's hash, the agency's MSP id, a zero byte, and the staff number.
func (s *Seed) inspectorTicket(leaf Hash, by relief.Official) Hash {
	return sha256.Sum256(slices.Concat([]byte(inspectorDomain), s[:], leaf[:], []byte(by.Agency), []byte{0}, []byte(by.ID)))
}
