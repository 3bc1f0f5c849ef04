package web

import (
	"net/http"

	"relieftrail/chaincode/relief/draw"
	"relieftrail/gateway/internal/bilingual"
)

// DrawsPage is what the page of all draws shows.
type DrawsPage struct {
	Draws        []DrawHead
	Region, Next string
	Verifier     bool // whether pages can check; set here, as in the others
}

// DrawHead is what a draw is, in words.
type DrawHead struct {
	ID, Path, Place string
	Purpose, State  bilingual.Text
	Size            int
	CloseAt         string // in Beijing's time
}

// DrawPage shows a draw: what it has as yet.
type DrawPage struct {
	DrawHead
	Least, Reserves, RevealHours int
	Months                       []DrawMonth
	Nonces                       []DrawNonce
	Frame                        *DrawFrame
	Seal                         *DrawSeal // of a sealed draw
	Visited                      *DrawVisited
	Seed                         string
	Drawn                        []DrawRow // of what is drawn, reserves among them
	Units, Stand                 int       // of those: drawn, and reserves
	Statement                    string    // canonical JSON
	Verifier                     bool
}

// DrawMonth is a month that is drawn from.
type DrawMonth struct {
	Programme bilingual.Text
	Period    string
	Version   int    // 0 before the frame is fixed
	Statement string // of the month, canonical JSON; "" before
}

// DrawNonce is what an agency adds to the seed.
type DrawNonce struct {
	Agency            string // MSP id
	Name              bilingual.Text
	Commitment, Nonce string // "" for none
	Withheld          bool
}

// DrawFrame is what is drawn from.
type DrawFrame struct {
	Size           int
	Root, RevealBy string
	Strata         []DrawStratum
}

// DrawSeal says who alone knows what is drawn, and until when.
type DrawSeal struct {
	Keeper   string // MSP id
	OpenDays int
	OpenBy   string // "" before the frame is fixed
}

// DrawVisited is what became of the units of a draw that is finished.
type DrawVisited draw.Visited

// DrawStratum is a stratum of a frame.
type DrawStratum struct {
	N                          int // from 1
	Place, Region, Class, Root string
	Together                   bool // villages with few households, of all townships
	Units, Take, Reserves      int
}

// DrawRow is a unit that was drawn.
type DrawRow struct {
	Stratum, Rank int
	Reserve       bool
	Leaf          string
}

// Draws serves the page of all draws.
func (p *Pages) Draws(w http.ResponseWriter, r *http.Request, page DrawsPage) error {
	page.Verifier = p.verifier
	return p.live.write(w, r, "draws.html", page)
}

// Draw serves the page of a draw.
func (p *Pages) Draw(w http.ResponseWriter, r *http.Request, page DrawPage) error {
	page.Verifier = p.verifier
	return p.live.write(w, r, "draw.html", page)
}
