package payment

import (
	"encoding/binary"
	"math"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
)

// The bounds of the sources of a batch.
const (
	MaxSources = 10
	MaxWeight  = 10_000
)

// Source is one of several tranches that a batch draws on (来源). Either all sources of a batch have weights, or they are in
// an order: each pays up to its cap before the next one pays, and the last one may have no cap.
type Source struct {
	Tranche relief.TrancheID `json:"tranche"`
	Weight  int              `json:"weight,omitempty"`
	Cap     relief.Fen       `json:"cap,omitempty"`
}

// BatchSource is a source of a batch with its share of the batch's sum (份额): share = reserved + paid + what was returned. What
// was returned is in return until the batch is closed; of a closed tranche it is refunded at once. All are zero while no
// money is reserved.
type BatchSource struct {
	Source
	Share    relief.Fen `json:"share"`
	Reserved relief.Fen `json:"reserved"`
	Paid     relief.Fen `json:"paid"`
	InReturn relief.Fen `json:"in_return"`
}

// Share is what a source pays of a payment.
type Share struct {
	Tranche relief.TrancheID `json:"tranche"`
	Amount  relief.Fen       `json:"amount"`
}

// Tranches are the tranches that the batch is to draw on.
func (t *BatchTerms) Tranches() []relief.TrancheID {
	if len(t.Sources) == 0 {
		return []relief.TrancheID{t.Tranche}
	}
	ids := make([]relief.TrancheID, len(t.Sources))
	for i := range t.Sources {
		ids[i] = t.Sources[i].Tranche
	}
	return ids
}

// Tranches are the tranches that the batch draws on, in the order of its sources.
func (b *Batch) Tranches() []relief.TrancheID {
	terms := b.terms()
	return terms.Tranches()
}

func (t *BatchTerms) batchSources() []BatchSource {
	var sources []BatchSource
	for _, s := range t.Sources {
		sources = append(sources, BatchSource{Source: s})
	}
	return sources
}

func sourcesOf(sources []BatchSource) []Source {
	var terms []Source
	for i := range sources {
		terms = append(terms, sources[i].Source)
	}
	return terms
}

func (t *BatchTerms) equal(o *BatchTerms) bool {
	return t.ID == o.ID && t.Programme == o.Programme && t.Region == o.Region && t.Period == o.Period && t.EarlierFrom == o.EarlierFrom &&
		t.Tranche == o.Tranche && t.Count == o.Count && t.Sum == o.Sum && t.Purpose == o.Purpose && slices.Equal(t.Sources, o.Sources)
}

// CheckSources refuses terms with no tranche, with too many or with the same one twice, and weights or caps that do not
// divide the whole sum. It needs no tranche from the ledger.
func (t *BatchTerms) CheckSources() error {
	n := len(t.Sources)
	switch {
	case n == 0 && t.Tranche == "":
		return relief.FieldErrorf("tranche", "the batch needs a tranche, or several sources")
	case n == 0:
		return nil
	case t.Tranche != "":
		return relief.FieldErrorf("sources", "a batch has either one tranche or several sources")
	case n == 1 || n > MaxSources:
		return relief.FieldErrorf("sources", "a batch of several sources has 2 to %d", MaxSources)
	}
	for i := range t.Sources {
		s := &t.Sources[i]
		if s.Tranche == "" {
			return relief.FieldErrorf("sources", "source %d names no tranche", i+1)
		}
		if slices.ContainsFunc(t.Sources[:i], func(o Source) bool { return o.Tranche == s.Tranche }) {
			return relief.FieldErrorf("sources", "tranche %s is named twice", s.Tranche)
		}
	}
	if slices.ContainsFunc(t.Sources, func(s Source) bool { return s.Weight != 0 }) {
		return t.checkWeights()
	}
	return t.checkCaps()
}

func (t *BatchTerms) checkWeights() error {
	for _, s := range t.Sources {
		if s.Weight < 1 || s.Weight > MaxWeight || s.Cap != 0 {
			return relief.FieldErrorf("sources", "tranche %s: every source has a weight of 1 to %d and no cap, or none has a weight", s.Tranche, MaxWeight)
		}
	}
	return nil
}

func (t *BatchTerms) checkCaps() error {
	var sum relief.Fen
	for i, s := range t.Sources {
		if s.Cap == 0 && i == len(t.Sources)-1 {
			return nil
		}
		if s.Cap <= 0 || s.Cap > relief.MaxFen {
			return relief.FieldErrorf("sources", "tranche %s: every source of an order but the last needs a cap above zero", s.Tranche)
		}
		sum += s.Cap // at most MaxSources × MaxFen
	}
	if sum < t.Sum {
		return relief.FieldErrorf("sources", "the caps add up to %s, less than the control sum %s", sum, t.Sum)
	}
	return nil
}

// fitSources refuses sources from different accounts, and a weight so small that a payment could have a negative share.
//
// The sources up to the jth have C × w₁..ⱼ / w of the first C fen, rounded. A share is the difference of two such
// sums over a payment, so the four roundings can take less than two fen from it. The first and the last source have two
// roundings, which take less than one. So a source between two others needs one fen of the smallest payment.
func (t *BatchTerms) fitSources(tranches []fund.Tranche, smallest relief.Fen) error {
	weights := 0
	for i := range t.Sources {
		if tranches[i].Account != tranches[0].Account {
			return relief.FieldErrorf("sources", "tranches %s and %s have different dedicated accounts: a batch is paid from one", tranches[0].ID, tranches[i].ID)
		}
		weights += t.Sources[i].Weight
	}
	for i := 1; i < len(t.Sources)-1; i++ {
		s := &t.Sources[i]
		if s.Weight > 0 && relief.Fen(s.Weight)*smallest < relief.Fen(weights) { // at most MaxWeight × MaxFen
			return relief.FieldErrorf("sources", "tranche %s has less than 0.01 of the programme's smallest amount %s: give it a larger weight, or put it first or last",
				s.Tranche, smallest)
		}
	}
	return nil
}

// division is how the money of a batch is divided among its sources.
type division struct {
	n     int
	total uint64             // of the weights; 0 for an order
	upTo  [MaxSources]uint64 // the weights, or the caps, of a source and those before it
}

// The product of a sum and the weights fits into 64 bits: 10^14 × 10^5 < 2^64.
const _ = uint64(relief.MaxFen)*MaxSources*MaxWeight + MaxSources*MaxWeight

func divisionOf(sources []BatchSource) (d division) {
	d.n = len(sources)
	var sum uint64
	for i := range sources {
		switch s := &sources[i]; {
		case s.Weight > 0:
			sum += uint64(s.Weight) // 1 to MaxWeight
			d.total = sum
		case s.Cap > 0:
			sum += uint64(s.Cap) // 1 to MaxFen
		default:
			sum = math.MaxInt64 // the last of an order, without a cap
		}
		d.upTo[i] = sum
	}
	return d
}

// first gives what each source and those before it have of the first c fen of a batch, 0 to relief.MaxFen: by weights
// rounded half up, in an order up to the caps.
func (d *division) first(c relief.Fen) (sums [MaxSources]relief.Fen) {
	for i := range d.n {
		if d.total == 0 {
			sums[i] = min(c, relief.Fen(d.upTo[i])) //nolint:gosec // at most math.MaxInt64
		} else {
			sums[i] = relief.Fen((uint64(c)*d.upTo[i] + d.total/2) / d.total) //nolint:gosec // 0 to c
		}
	}
	return sums
}

// shares gives what each source has of the amount that follows the first c fen of a batch.
func (d *division) shares(c, amount relief.Fen) (shares [MaxSources]relief.Fen) {
	before, after := d.first(c), d.first(c+amount)
	var others relief.Fen
	for i := range d.n {
		shares[i] = after[i] - before[i] - others
		others += shares[i]
	}
	return shares
}

// Divider divides the payments of a sealed batch among its sources, as they come in the order of Batch.Values.
type Divider struct {
	division division
	sum      relief.Fen // of the payments so far
}

// NewDivider begins with a batch's first payment. One tranche pays everything.
func NewDivider(b *Batch) *Divider {
	if len(b.Sources) == 0 {
		return &Divider{division: divisionOf([]BatchSource{{Source: Source{Tranche: b.Tranche, Weight: 1}}})}
	}
	return &Divider{division: divisionOf(b.Sources)}
}

// Next is what each source pays of the next payment.
func (d *Divider) Next(transferred relief.Fen) []relief.Fen {
	shares := d.division.shares(d.sum, transferred)
	d.sum += transferred
	return shares[:d.division.n]
}

// packSums packs what the values of a sealed batch add up to: a varint each, in the order of Batch.Values.
func packSums(sums []relief.Fen) []byte {
	var packed []byte
	for _, sum := range sums {
		packed = binary.AppendUvarint(packed, uint64(sum)) //nolint:gosec // never negative
	}
	return packed
}

// sumBefore adds up the payments of a sealed batch in the values before a value.
func (b *Batch) sumBefore(of ValueAddr) (relief.Fen, error) {
	var sum relief.Fen
	packed := b.SegmentSums
	for _, v := range b.Values() {
		if v == of {
			return sum, nil
		}
		next, size := binary.Uvarint(packed)
		if size <= 0 || next > uint64(relief.MaxFen) || sum > relief.MaxFen {
			break
		}
		sum += relief.Fen(next)
		packed = packed[size:]
	}
	return 0, relief.Errorf(relief.CodeCorrupt, "batch %s does not say what its values before segment %d add up to", b.ID, of.Segment)
}

// Shares says what each source of a batch pays of a payment of a value, without those that pay nothing of it. A batch that has
// one tranche, or has no money reserved, gives none.
func Shares(b *Batch, v *Value, id relief.PaymentID) ([]Share, error) {
	if len(b.SegmentSums) == 0 {
		return nil, nil
	}
	_, at := id.SlotAt(b.SegmentSize)
	sum, err := b.sumBefore(v.ValueAddr)
	if err != nil {
		return nil, err
	}
	var shares []Share
	d := divisionOf(b.Sources)
	found := false
	v.Payments.each(b.ID, func(position int, slot *lineSlot, _ *lineAnswer) {
		if found = found || position == at && slot.attempt == id.Attempt; !found {
			sum += slot.transferred()
		}
		if position != at || slot.attempt != id.Attempt {
			return
		}
		for i, amount := range d.shares(sum, slot.transferred()) {
			if amount != 0 {
				shares = append(shares, Share{b.Sources[i].Tranche, amount})
			}
		}
	})
	return shares, nil
}
