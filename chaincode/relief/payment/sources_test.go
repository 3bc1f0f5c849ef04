package payment

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/fund"
	"relieftrail/chaincode/relief/roll"
)

// weighted are sources t1, t2, … with weights.
func weighted(weights ...int) []Source {
	var sources []Source
	for i, w := range weights {
		sources = append(sources, Source{Tranche: sourceID(i), Weight: w})
	}
	return sources
}

// ordered are sources t1, t2, … with caps, 0 for none.
func ordered(caps ...relief.Fen) []Source {
	var sources []Source
	for i, c := range caps {
		sources = append(sources, Source{Tranche: sourceID(i), Cap: c})
	}
	return sources
}

func sourceID(i int) relief.TrancheID { return relief.TrancheID(fmt.Sprintf("t%d", i+1)) }

func divided(sources []Source) division {
	terms := BatchTerms{Sources: sources}
	return divisionOf(terms.batchSources())
}

func TestSourcesDivideASum(t *testing.T) {
	for _, test := range []struct {
		sources   []Source
		c, amount relief.Fen
		want      []relief.Fen
	}{
		{weighted(60, 25, 15), 0, 100001, []relief.Fen{60001, 25000, 15000}},
		{weighted(1, 1), 0, 1, []relief.Fen{1, 0}}, // half up
		{weighted(1, 1), 1, 1, []relief.Fen{0, 1}},
		{weighted(1, 1, 1), 0, 100, []relief.Fen{33, 34, 33}},
		{weighted(10_000, 1), 0, relief.MaxFen, []relief.Fen{99990000999900, 9999000100}},
		{slices.Repeat(weighted(10_000), 10), 0, relief.MaxFen, slices.Repeat([]relief.Fen{relief.MaxFen / 10}, 10)},
		{ordered(500, 0), 0, 400, []relief.Fen{400, 0}},
		{ordered(500, 0), 400, 400, []relief.Fen{100, 300}},
		{ordered(500, 300), 400, 400, []relief.Fen{100, 300}},
		{ordered(relief.MaxFen, relief.MaxFen, 0), 0, relief.MaxFen, []relief.Fen{relief.MaxFen, 0, 0}},
	} {
		d := divided(test.sources)
		shares := d.shares(test.c, test.amount)
		require.Equal(t, test.want, shares[:len(test.want)], "%v", test)
	}
}

// randomSources are sources that a batch may have whose payments are smallest or more.
func randomSources(r *rand.Rand, smallest, sum relief.Fen) []Source {
	for {
		n := 2 + r.IntN(MaxSources-1)
		terms := BatchTerms{Sum: sum}
		accounts := make([]fund.Tranche, n)
		for i := range n {
			s := Source{Tranche: sourceID(i)}
			if r.IntN(2) == 0 || len(terms.Sources) > 0 && terms.Sources[0].Weight > 0 {
				s.Weight = 1 + r.IntN([]int{5, 100, MaxWeight}[r.IntN(3)])
			} else {
				s.Cap = 1 + relief.Fen(r.Int64N(int64(sum)))
			}
			terms.Sources = append(terms.Sources, s)
		}
		if r.IntN(2) == 0 {
			terms.Sources[n-1].Cap = 0
		}
		if terms.CheckSources() == nil && terms.fitSources(accounts, smallest) == nil {
			return terms.Sources
		}
	}
}

// However the sources are weighted or ordered: no share is negative, a payment's shares are its amount, a source's shares
// add up to its part of the whole, and that is within half a fen of its weight's.
func TestSharesAddUpAndAreNeverNegative(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for range 3000 {
		smallest := 1 + relief.Fen(r.IntN([]int{1, 3, 100, 33000}[r.IntN(4)]))
		amounts := make([]relief.Fen, 1+r.IntN(40))
		var sum relief.Fen
		for i := range amounts {
			amounts[i] = smallest
			if r.IntN(3) == 0 {
				amounts[i] += relief.Fen(r.IntN(100_000))
			}
			sum += amounts[i]
		}
		sources := randomSources(r, smallest, sum)
		d := divided(sources)
		var c relief.Fen
		var total [MaxSources]relief.Fen
		for _, amount := range amounts {
			shares := d.shares(c, amount)
			var all relief.Fen
			for i, share := range shares {
				require.GreaterOrEqual(t, share, relief.Fen(0), "%v, %s after %s", sources, amount, c)
				all += share
				total[i] += share
			}
			require.Equal(t, amount, all, "%v", sources)
			c += amount
		}
		require.Equal(t, d.shares(0, sum), total)
		var before, weights relief.Fen
		for i := range d.n {
			before += total[i]
			weights += relief.Fen(sources[i].Weight)
			if d.total > 0 {
				doubled := 2 * (before*relief.Fen(d.total) - sum*weights) // of the total weight
				require.Greater(t, doubled, -relief.Fen(d.total)-1)
				require.LessOrEqual(t, doubled, relief.Fen(d.total))
			}
		}
	}
}

// A source of too small a weight between two others is refused: some payment could have a negative share.
func TestASmallSourceComesFirstOrLast(t *testing.T) {
	d := divided(weighted(1, 1, 1))
	require.Contains(t, d.shares(1, 1), relief.Fen(-1))
	terms := BatchTerms{Sources: weighted(50, 1, 49)}
	accounts := make([]fund.Tranche, 3)
	require.NoError(t, terms.fitSources(accounts, 100))
	require.ErrorContains(t, terms.fitSources(accounts, 99), "tranche t2 has less than 0.01")
	terms.Sources = weighted(1, 50, 49)
	require.NoError(t, terms.fitSources(accounts, 2))
}

func TestRefusedSourcesSayWhy(t *testing.T) {
	m := newSources(t, 1, weighted(1, 1))
	for name, test := range map[string]struct {
		tranche relief.TrancheID
		sources []Source
		change  func(tranches []fund.Tranche)
		field   string
		detail  string
	}{
		"neither":               {"", nil, nil, "tranche", "needs a tranche"},
		"both":                  {"t1", weighted(1, 1), nil, "sources", "either one tranche or several"},
		"one":                   {"", weighted(1), nil, "sources", "2 to 10"},
		"eleven":                {"", weighted(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), nil, "sources", "2 to 10"},
		"no tranche":            {"", []Source{{Weight: 1}, {Tranche: "t2", Weight: 1}}, nil, "sources", "source 1 names no tranche"},
		"twice":                 {"", []Source{{Tranche: "t1", Weight: 1}, {Tranche: "t1", Weight: 2}}, nil, "sources", "t1 is named twice"},
		"a weight missing":      {"", weighted(1, 0), nil, "sources", "t2: every source has a weight"},
		"a weight of -1":        {"", weighted(1, -1), nil, "sources", "t2: every source has a weight"},
		"a weight of 10,001":    {"", weighted(10_001, 1), nil, "sources", "1 to 10000"},
		"weights and caps":      {"", []Source{{Tranche: "t1", Weight: 1}, {Tranche: "t2", Weight: 1, Cap: 5}}, nil, "sources", "and no cap"},
		"a cap missing":         {"", ordered(0, 100), nil, "sources", "t1: every source of an order but the last"},
		"caps below the sum":    {"", ordered(47000, 999), nil, "sources", "479.99, less than the control sum 480.00"},
		"another account":       {"", weighted(1, 1), func(tr []fund.Tranche) { tr[1].Account = "5301810100000099" }, "sources", "different dedicated accounts"},
		"another programme":     {"", weighted(1, 1), func(tr []fund.Tranche) { tr[1].Programme = "tekun" }, "sources", "t2 is for programme tekun"},
		"another region":        {"", weighted(1, 1), func(tr []fund.Tranche) { tr[1].Region = "530129" }, "region", "530129 of tranche t2"},
		"a closed tranche":      {"", weighted(1, 1), func(tr []fund.Tranche) { tr[0].State = fund.TrancheClosed }, "", "t1 is closed"},
		"too small in a middle": {"", []Source{{Tranche: "t1", Weight: 10_000}, {Tranche: "t2", Weight: 1}, {Tranche: "t3", Weight: 10_000}}, func(tr []fund.Tranche) { m.p.Versions[0].MinAmount = 20000 }, "sources", "t2 has less than 0.01"},
	} {
		t.Run(name, func(t *testing.T) {
			tranches := []fund.Tranche{m.tr[0], m.tr[1], m.tr[0]}[:max(2, min(len(test.sources), 3))]
			if test.change != nil {
				test.change(tranches)
			}
			terms := BatchTerms{
				ID: "b", Programme: "dibao", Region: "530181", Period: period(t, "2026-11"), Tranche: test.tranche, Sources: test.sources, Count: 1, Sum: 48000,
			}
			_, _, err := OpenBatch(terms, m.p, tranches, nil, by(preparer))
			refused := relief.ParseError(err.Error())
			require.NotNil(t, refused)
			require.Equal(t, test.field, refused.Field)
			require.ErrorContains(t, err, test.detail)
		})
	}
}

// newSources is a month with an open batch that draws on several tranches of 100,000.00 each.
func newSources(t *testing.T, people int, sources []Source) *month {
	m := newMonth(t, people)
	one := m.tr[0]
	m.tr = nil
	for i := range sources {
		tr := one
		tr.ID = sourceID(i)
		m.tr = append(m.tr, tr)
	}
	m.openFrom("b", "", sources, people)
	return m
}

// openFrom opens a batch of 480.00 a person.
func (m *month) openFrom(id relief.BatchID, purpose Purpose, sources []Source, people int) {
	terms := BatchTerms{
		ID: id, Programme: "dibao", Region: "530181", Period: period(m.t, "2026-11"), Sources: sources,
		Count: people, Sum: relief.Fen(people) * 48000, Purpose: purpose,
	}
	var err error
	m.b, _, err = OpenBatch(terms, m.p, m.tr, nil, by(preparer))
	require.NoError(m.t, err)
	again, changed, err := OpenBatch(terms, m.p, m.tr, &m.b, by(preparer))
	require.NoError(m.t, err)
	require.False(m.t, changed)
	require.Equal(m.t, m.b, again)
	terms.Sources = slices.Clone(sources)
	terms.Sources[0].Weight++
	_, _, err = OpenBatch(terms, m.p, m.tr, &m.b, by(preparer))
	require.Error(m.t, err)
}

// balances are the tranches' parts: reserved, paid, in return, refunded.
func (m *month) balances() (parts [][4]relief.Fen) {
	for i := range m.tr {
		b := m.tr[i].Balances
		require.NoError(m.t, b.Check())
		parts = append(parts, [4]relief.Fen{b.Reserved, b.Paid, b.InReturn, b.Refunded})
	}
	return parts
}

func TestAMonthFromSeveralSources(t *testing.T) {
	m := newSources(t, 3, weighted(60, 25, 15))
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000), line(4, 2, 48000))
	require.Empty(t, m.sharesOf(0, 1), "nothing is reserved yet")
	m.sealToInstruct()
	require.Equal(t, [][4]relief.Fen{{86400}, {36000}, {21600}}, m.balances())
	require.Equal(t, []Share{{"t1", 28800}, {"t2", 12000}, {"t3", 7200}}, m.sharesOf(1, 1))

	m.settle(credited(0, 1), returned(2, 1))
	require.Equal(t, [][4]relief.Fen{{28800, 28800, 28800}, {12000, 12000, 12000}, {7200, 7200, 7200}}, m.balances())
	require.Equal(t, BatchSource{Source{Tranche: "t2", Weight: 25}, 36000, 12000, 12000, 12000}, m.b.Sources[1])
	m.settle(credited(1, 1))
	require.NoError(t, m.reverse(returned(0, 1)))
	var err error
	m.b, m.tr, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.Equal(t, [][4]relief.Fen{{0, 28800}, {0, 12000}, {0, 7200}}, m.balances())
	require.Equal(t, BatchSource{Source{Tranche: "t2", Weight: 25}, 36000, 0, 12000, 0}, m.b.Sources[1])

	first := m.b
	m.openFrom("again", PurposePayAgain, []Source{{Tranche: "t1", Cap: 48000}, {Tranche: "t2", Cap: 47999}, {Tranche: "t3"}}, 2)
	require.Equal(t, 2, m.add(everything, line(2, 0, 48000), line(3, 2, 48000)).Accepted)
	m.sealToInstruct()
	require.Equal(t, []Share{{"t1", 48000}}, m.sharesOf(0, 2))
	require.Equal(t, []Share{{"t2", 47999}, {"t3", 1}}, m.sharesOf(2, 2))
	m.settle(credited(0, 2))
	require.Len(t, m.tr[1].Acts, 7, "the tally of a payment from another source")
	m.settle(returned(2, 2))
	second := m.b
	m.b = first
	require.Equal(t, []Share{{"t1", 28800}, {"t2", 12000}, {"t3", 7200}}, m.sharesOf(2, 1), "an earlier attempt")

	m.closeTranche(0)
	require.NoError(t, m.reverse(returned(1, 1)))
	require.Equal(t, relief.Fen(28800), m.tr[0].Balances.Available, "late, of a closed tranche: to be passed on")
	require.Equal(t, [4]relief.Fen{0, 0, 47999, 0}, m.balances()[1], "late, of a closed batch: available again")
	m.b = second
	require.Equal(t, relief.Fen(47999), m.b.Sources[1].InReturn)
	m.b, m.tr, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.Equal(t, [4]relief.Fen{}, m.balances()[1])
}

// closeTranche refunds what a tranche has and closes it.
func (m *month) closeTranche(i int) {
	m.t.Helper()
	t, _, err := fund.Propose(m.tr[i], fund.AdjustmentTerms{Kind: fund.Refunded, Amount: m.tr[i].Balances.Available, Reason: "结余"}, nil, by(cashier))
	require.NoError(m.t, err)
	t, _, _, err = fund.Decide(t, nil, fund.Decision{Adjustment: 1, SHA256: t.Adjustments[0].SHA256, Agree: true}, by(treasurer))
	require.NoError(m.t, err)
	m.tr[i], _, err = fund.Close(t, by(treasurer))
	require.NoError(m.t, err)
}

func (m *month) sharesOf(number uint32, attempt uint8) []Share {
	id := relief.PaymentID{Programme: "dibao", County: "530181", Number: number, Period: m.b.Period, Attempt: attempt}
	shares, err := Shares(&m.b, &Value{ValueAddr: ownLines(&m.b, 0), Payments: &m.lines}, id)
	require.NoError(m.t, err)
	return shares
}

func TestSealAndCancelOfSeveralSources(t *testing.T) {
	m := newSources(t, 1, ordered(47000, 900, 100))
	m.add(everything, line(2, 0, 48000))
	open := m.b
	poor := slices.Clone(m.tr)
	poor[1].Balances = fund.Balances{Issued: 899, Available: 899}
	_, tranches, _, err := SealBatch(m.b, poor, m.count(), by(preparer))
	require.ErrorContains(t, err, "tranche t2 has 8.99, less than 9.00")
	require.Equal(t, poor, tranches)
	require.Equal(t, open, m.b)

	sealed, tranches, _, err := SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.NoError(t, err)
	require.Equal(t, relief.Fen(900), tranches[1].Balances.Reserved)
	cancelled, tranches, _, err := CancelBatch(sealed, tranches, "清单有误", by(approver))
	require.NoError(t, err)
	require.Equal(t, open.Sources, cancelled.Sources)
	require.Nil(t, cancelled.SegmentSums)
	for i := range tranches {
		require.Equal(t, m.tr[i].Balances, tranches[i].Balances)
	}
	require.Equal(t, relief.Fen(900), sealed.Sources[1].Share, "the record before is not changed")
}

// The control totals may be corrected between opening and seal; the caps are held against them again.
func TestCapsAreHeldAgainstTheSealedSum(t *testing.T) {
	m := newSources(t, 2, ordered(48000, 48000))
	m.add(everything, line(2, 0, 48000), line(3, 1, 48000))
	m.b.Sources[1].Cap = 47999
	_, _, _, err := SealBatch(m.b, m.tr, m.count(), by(preparer))
	require.ErrorContains(t, err, "0.01 less than the control sum 960.00")
}

// A batch of one tranche has on the ledger what it had before there were several sources.
func TestABatchOfOneTrancheIsWrittenAsBefore(t *testing.T) {
	m := newMonth(t, 1)
	m.open("b", "", 1, 48000)
	written, err := json.Marshal(m.b)
	require.NoError(t, err)
	before := `{"id":"b","programme":"dibao","programme_version":1,"region":"530181","period":"2026-11","tranche":"t1","purpose":"regular",` +
		`"control":{"count":1,"sum":"480.00"},"min_amount":"330.00","max_amount":"6000.00","segment_size":1000,"state":"open",` +
		`"totals":{"listed":0,"listed_sum":"0.00","credited":0,"credited_sum":"0.00","returned":0,"returned_sum":"0.00","pending":0,"pending_sum":"0.00"},` +
		`"acts":[{"act":"payment.open","by":{"agency":"CivilAffairsMSP","id":"civil-preparer","name":"civil-preparer","role":"preparer","region":"530181"},"at":"2026-11-02T01:00:00Z","tx":"tx"}]}`
	require.Equal(t, before, string(written))
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	m.settle(credited(0, 1))
	written, err = json.Marshal(m.b)
	require.NoError(t, err)
	require.NotContains(t, string(written), "source")
	require.NotContains(t, string(written), "segment_sums")
}

// A source that pays nothing of a batch may be closed before the batch is.
func TestASourceWithoutAShareMayBeClosed(t *testing.T) {
	m := newSources(t, 1, ordered(50000, 0))
	m.add(everything, line(2, 0, 48000))
	m.sealToInstruct()
	m.closeTranche(1)
	closed := m.tr[1]
	m.settle(returned(0, 1))
	var err error
	m.b, m.tr, _, err = CloseBatch(m.b, m.tr, m.count(), by(cashier))
	require.NoError(t, err)
	require.Equal(t, closed, m.tr[1])
}

// In whatever order the answers come and are tallied, the tranches end with the same balances.
func TestAnyOrderOfAnswersEndsTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 5))
	for range 20 {
		const people = 12
		var want [][4]relief.Fen
		sources := randomSources(r, 33000, people*48000)
		answers := make([]AnswerInput, people)
		for i := range answers {
			answers[i] = credited(i, 1)
			if r.IntN(3) == 0 {
				answers[i] = returned(i, 1)
			}
		}
		for range 3 {
			m := newSources(t, people, sources)
			for i := range people {
				m.add(everything, line(i+2, i, 48000))
			}
			m.sealToInstruct()
			r.Shuffle(people, func(i, j int) { answers[i], answers[j] = answers[j], answers[i] })
			for rest := answers; len(rest) > 0; {
				n := 1 + r.IntN(len(rest))
				m.settle(rest[:n]...)
				rest = rest[n:]
				m.balances()
			}
			if want == nil {
				want = m.balances()
			}
			require.Equal(t, want, m.balances(), "%v", sources)
		}
	}
}

// Each segment of a sealed batch keeps what it adds up to, so that a payment's shares are found without the others.
func TestSegmentsKeepTheirSums(t *testing.T) {
	m := newSources(t, 3, weighted(1, 1))
	m.b.SegmentSize = 1
	var c BatchCount
	var segments []LineSegment
	for i := range 3 {
		seg := LineSegment{batches: []relief.BatchID{"b"}, slots: []lineSlot{{state: slotListed, attempt: 1, amount: 48001, seq: 2}}}
		require.NoError(t, c.Add(&m.b, ownLines(&m.b, uint32(7*i)), &seg, roll.Payees{}))
		segments = append(segments, seg)
	}
	m.b.Control = Control{3, 3 * 48001}
	sealed, _, _, err := SealBatch(m.b, m.tr, c, by(preparer))
	require.NoError(t, err)
	require.Equal(t, []byte{0x81, 0xf7, 2, 0x81, 0xf7, 2, 0x81, 0xf7, 2}, sealed.SegmentSums)
	id := relief.PaymentID{Programme: "dibao", County: "530181", Number: 7, Period: m.b.Period, Attempt: 1}
	for i, want := range [][]Share{{{"t1", 24001}, {"t2", 24000}}, {{"t1", 24000}, {"t2", 24001}}, {{"t1", 24001}, {"t2", 24000}}} {
		id.Number = uint32(7 * i)
		shares, err := Shares(&sealed, valueOf(id, &segments[i]), id)
		require.NoError(t, err)
		require.Equal(t, want, shares)
	}
	id.Number = 3
	_, err = Shares(&sealed, valueOf(id, &segments[0]), id)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})
	sealed.SegmentSums = sealed.SegmentSums[:4]
	id.Number = 14
	_, err = Shares(&sealed, valueOf(id, &segments[2]), id)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeCorrupt})
}

// BenchmarkCount counts a segment of 1,000 payments, as seals and tallies do.
func BenchmarkCount(b *testing.B) {
	m := newMonth(b, 1000)
	m.open("b", "", 1000, 48000000)
	for i := range 1000 {
		m.add(everything, line(i+2, i, 48000))
	}
	several := m.b
	for _, source := range weighted(60, 25, 15) {
		several.Sources = append(several.Sources, BatchSource{Source: source})
	}
	for name, batch := range map[string]*Batch{"one tranche": &m.b, "three sources": &several} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var c BatchCount
				if err := c.Add(batch, ownLines(batch, 0), &m.lines, m.payees); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// valueOf is the value of a payment in segments of one person.
func valueOf(id relief.PaymentID, s *LineSegment) *Value {
	return &Value{ValueAddr: ValueAddr{Period: id.Period, Segment: id.Number}, Payments: s}
}
