package draw

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"relieftrail/chaincode/relief"
)

// The domains of the hashes. docs/adr/0116 says what each is over.
const (
	commitDomain    = "relieftrail/draw-commit/v1\x00"
	seedDomain      = "relieftrail/draw-seed/v1\x00"
	ticketDomain    = "relieftrail/draw-ticket/v1\x00"
	inspectorDomain = "relieftrail/draw-inspector/v1\x00"
)

// Hash is a SHA-256 hash, or the 32 random bytes of a nonce. As text it has 64 hexadecimal digits in small letters.
type Hash [sha256.Size]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// IsZero reports whether there is none.
func (h Hash) IsZero() bool { return h == Hash{} }

// MarshalText writes the 64 digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText writes, and nothing else.
func (h *Hash) UnmarshalText(b []byte) error {
	read, err := hex.DecodeString(string(b))
	if err != nil || len(read) != len(h) || hex.EncodeToString(read) != string(b) {
		return relief.Errorf(relief.CodeInvalid, "须为 64 位小写十六进制 · it must have 64 hexadecimal digits in small letters")
	}
	copy(h[:], read)
	return nil
}

// Commitment is what an agency says of its nonce before it tells it: SHA-256 over the domain, the agency's MSP id, a zero byte, the plan's
// id, a zero byte, and the nonce.
func Commitment(agency string, plan relief.PlanID, nonce Hash) Hash {
	return sha256.Sum256(slices.Concat([]byte(commitDomain), []byte(agency), []byte{0}, []byte(plan), []byte{0}, nonce[:]))
}

// Seed decides what is drawn.
type Seed Hash

// NewSeed is SHA-256 over the domain, the plan's id, a zero byte, the number of units in the frame as eight bytes (the highest first), the
// frame's root, and the nonces in the order of their agencies' MSP ids.
func NewSeed(plan relief.PlanID, size int, root Hash, nonces []Hash) Seed {
	b := slices.Concat([]byte(seedDomain), []byte(plan), []byte{0})
	b = binary.BigEndian.AppendUint64(b, uint64(size)) //nolint:gosec // a count
	b = append(b, root[:]...)
	for i := range nonces {
		b = append(b, nonces[i][:]...)
	}
	return sha256.Sum256(b)
}

// Ticket is a unit's ticket: SHA-256 over the domain, the seed and the leaf's hash. The smallest are drawn.
func (s *Seed) Ticket(leaf Hash) Hash {
	var b [len(ticketDomain) + 2*sha256.Size]byte
	copy(b[:], ticketDomain)
	copy(b[len(ticketDomain):], s[:])
	copy(b[len(ticketDomain)+sha256.Size:], leaf[:])
	return sha256.Sum256(b[:])
}

// Draw gives the n units with the smallest tickets, in the order of the tickets; all of them when there are no more. More units have all
// of fewer, and a unit that is not there moves no other one's ticket (Rivest's consistent sampling).
func (s *Seed) Draw(units Units, n int) Units {
	type drawn struct {
		ticket Hash
		unit   Unit
	}
	all := make([]drawn, len(units))
	for i := range units {
		all[i] = drawn{s.Ticket(units[i].Leaf), units[i]}
	}
	slices.SortFunc(all, func(a, b drawn) int { return bytes.Compare(a.ticket[:], b.ticket[:]) })
	out := make(Units, min(n, len(all)))
	for i := range out {
		out[i] = all[i].unit
	}
	return out
}

// apportion says how many units are drawn from each stratum, by the number of units that each has: size by largest remainder, the first
// stratum where remainders are equal, and at least so many of each, or all that it has. So more than size may be drawn.
func apportion(size, least int, strata []int) []int {
	all := 0
	for _, n := range strata {
		all += n
	}
	size = min(size, all)
	take, left := make([]int, len(strata)), size
	order := make([]int, len(strata))
	for i, n := range strata {
		take[i], order[i] = size*n/all, i
		left -= take[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return size*strata[b]%all - size*strata[a]%all })
	for _, i := range order[:left] {
		take[i]++
	}
	for i, n := range strata {
		take[i] = max(take[i], min(least, n))
	}
	return take
}
