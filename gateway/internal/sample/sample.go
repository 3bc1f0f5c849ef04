package sample

import (
	"bytes"
	"container/heap"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"

	"relieftrail/chaincode/relief"
)

// MaxSeed bounds a seed's characters.
const MaxSeed = 200

// The domains of the hashes. A ticket is that of the draws of published lists, so that there is one rule: there the unit is a leaf's
// hash, here an id.
const (
	seedDomain   = "relieftrail/sample-seed/v1\x00"
	ticketDomain = "relieftrail/draw-ticket/v1\x00"
)

// Seed is the seed of a draw, made of a text that was chosen or thrown before.
type Seed [sha256.Size]byte

// NewSeed makes a seed of a text.
func NewSeed(text string) (Seed, error) {
	if len(text) == 0 || len(text) > MaxSeed {
		return Seed{}, relief.FieldErrorf("seed", "the seed has 1 to %d bytes", MaxSeed)
	}
	return sha256.Sum256([]byte(seedDomain + text)), nil
}

// Ticket decides whether a unit is drawn: those with the smallest tickets are.
type Ticket [sha256.Size]byte

func (t Ticket) String() string { return hex.EncodeToString(t[:]) }

// Ticket is the ticket of a unit.
func (s *Seed) Ticket(unit []byte) (t Ticket) {
	h := sha256.New()
	h.Write([]byte(ticketDomain))
	h.Write(s[:])
	h.Write(unit)
	h.Sum(t[:0])
	return t
}

// Draw draws from units that are offered one after the other, in the order of their ids by bytes. A larger sample of the same seed
// has all units of a smaller one.
type Draw struct {
	seed  Seed
	size  int
	frame hash.Hash
	count int
	drawn tickets
}

// NewDraw begins a draw of a number of units.
func NewDraw(seed Seed, size int) *Draw {
	return &Draw{seed: seed, size: size, frame: sha256.New()}
}

// Offer adds a unit to what is drawn from. n finds the unit again.
func (d *Draw) Offer(id []byte, n int64) {
	d.count++
	d.frame.Write(id)
	d.frame.Write([]byte{'\n'})
	t := Unit{d.seed.Ticket(id), n}
	switch {
	case len(d.drawn) < d.size:
		heap.Push(&d.drawn, t)
	case d.size > 0 && d.drawn[0].compare(&t) > 0:
		d.drawn[0] = t
		heap.Fix(&d.drawn, 0)
	}
}

// Frame is what is drawn from: how many units, and the SHA-256 of their ids, each with a line feed behind it, in order.
type Frame struct {
	Count  int    `json:"count"`
	SHA256 string `json:"sha256"`
}

// Frame is what was offered so far.
func (d *Draw) Frame() Frame {
	return Frame{d.count, hex.EncodeToString(d.frame.Sum(nil))}
}

// Unit is a unit that is drawn.
type Unit struct {
	Ticket Ticket
	N      int64
}

func (u *Unit) compare(o *Unit) int { return bytes.Compare(u.Ticket[:], o.Ticket[:]) }

// Drawn are the units that are drawn, the smallest ticket first.
func (d *Draw) Drawn() []Unit {
	out := slices.Clone(d.drawn)
	slices.SortFunc(out, func(a, b Unit) int { return a.compare(&b) })
	return out
}

// tickets is a heap with the largest ticket on top.
type tickets []Unit

func (t tickets) Len() int           { return len(t) }
func (t tickets) Less(i, k int) bool { return t[i].compare(&t[k]) > 0 }
func (t tickets) Swap(i, k int)      { t[i], t[k] = t[k], t[i] }
func (t *tickets) Push(unit any)     { *t = append(*t, unit.(Unit)) }
func (t *tickets) Pop() any {
	last := len(*t) - 1
	unit := (*t)[last]
	*t = (*t)[:last]
	return unit
}
