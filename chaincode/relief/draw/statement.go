package draw

import (
	"crypto/sha256"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
)

// StratumSchema names the form of a stratum's line.
const StratumSchema = "relieftrail/stratum/v1"

// PlanStatement is what the public log says of a draw after each of its acts, as canonical JSON. It names no official.
type PlanStatement struct {
	At          time.Time       `json:"at"`
	Kind        string          `json:"kind"`
	Schema      string          `json:"schema"`
	ID          relief.PlanID   `json:"id"`
	Purpose     Purpose         `json:"purpose"`
	County      relief.Region   `json:"county"`
	Months      []MonthName     `json:"months"`
	Size        int             `json:"size"`
	Least       int             `json:"min_per_stratum"`
	Reserves    int             `json:"reserves"`
	CloseAt     time.Time       `json:"close_at"`
	RevealHours int             `json:"reveal_hours"`
	State       State           `json:"state"`
	Nonces      []Nonce         `json:"nonces"`
	Frame       *FrameStatement `json:"frame,omitempty"`
	Seed        Hash            `json:"seed,omitzero"`
	Drawn       *Outcome        `json:"drawn,omitempty"`
	Visited     *Visited        `json:"visited,omitempty"`
	Keeper      string          `json:"keeper,omitempty"` // MSP id of the agency that seals the draw
	OpenDays    int             `json:"open_days,omitempty"`
	OpenBy      time.Time       `json:"open_by,omitzero"`
}

// FrameStatement is a frame with its strata by one root over a line each.
type FrameStatement struct {
	Size     int           `json:"size"`
	Root     Hash          `json:"root"`
	Months   []FramedMonth `json:"months"`
	Strata   StratumTree   `json:"strata"`
	RevealBy time.Time     `json:"reveal_by"`
}

// StratumTree is the RFC 6962 tree of the strata's lines, in their order.
type StratumTree struct {
	Count int  `json:"count"`
	Root  Hash `json:"root"`
}

// Statement is the draw as the public log has it.
func (p *Plan) Statement() ([]byte, error) {
	s := PlanStatement{
		At: p.Acts[len(p.Acts)-1].At, Kind: relief.KindPlan, Schema: oversight.StatementSchema, ID: p.ID, Purpose: p.Purpose, County: p.County,
		Months: p.Months, Size: p.Size, Least: p.Least, Reserves: p.Reserves, CloseAt: p.CloseAt, RevealHours: p.RevealHours, State: p.State,
		Nonces: p.Nonces, Seed: p.Seed, Drawn: p.Drawn, Visited: p.Visited, Keeper: p.Keeper, OpenDays: p.OpenDays,
	}
	if p.Sealed && p.Frame != nil {
		s.OpenBy = p.OpenBy()
	}
	if f := p.Frame; f != nil {
		lines := make([][32]byte, len(f.Strata))
		for i := range f.Strata {
			line, err := f.Strata[i].Line()
			if err != nil {
				return nil, err
			}
			lines[i] = sha256.Sum256(append([]byte{0}, line...))
		}
		s.Frame = &FrameStatement{f.Size, f.Root, f.Months, StratumTree{len(lines), oversight.RootOf(lines)}, f.RevealBy}
	}
	return oversight.Canonical(s) //nolint:wrapcheck // of this module
}

// Line is the stratum as canonical JSON: the entry of the tree of strata.
func (s *Stratum) Line() ([]byte, error) {
	return oversight.Canonical(struct { //nolint:wrapcheck // of this module
		Stratum
		Schema string `json:"schema"`
	}{*s, StratumSchema})
}
