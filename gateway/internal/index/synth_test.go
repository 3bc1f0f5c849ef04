package index

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/ledger"
)

// synth is a ledger of generated blocks: a county of people who were paid for months, made by the domain's own rules, so
// that a million payments are there in seconds.
type synth struct {
	ledger.Ledger // nothing but blocks is asked
	mu            sync.Mutex
	blocks        []ledger.Block
	clock         time.Time
	txs           int
	size          int // people of a segment
	regions       func(n int) string
}

var (
	endorsers = []ledger.Identity{{MSPID: "AuditMSP", Name: "peer"}, {MSPID: "CivilAffairsMSP", Name: "peer"}, {MSPID: "FinanceMSP", Name: "peer"}}
	officials = map[string]ledger.Identity{
		"preparer":  {MSPID: "CivilAffairsMSP", Name: "civil-preparer", Role: "preparer", Region: "530181"},
		"approver":  {MSPID: "CivilAffairsMSP", Name: "civil-approver", Role: "approver", Region: "530181"},
		"finance":   {MSPID: "FinanceMSP", Name: "finance-approver", Role: "approver", Region: "53"},
		"bank-desk": {MSPID: "FinanceMSP", Name: "finance-preparer", Role: "preparer", Region: "53"},
	}
)

// applied is the history of a case that nobody has worked on.
var applied = []relief.HistoryEntry{{Act: relief.ActCaseApply, By: relief.Official{Agency: "CivilAffairsMSP", Name: "civil-preparer", Region: "530181"}}}

func synthRef(number uint32) (ref relief.SubjectRef) {
	sum := sha256.Sum256(binary.BigEndian.AppendUint32(nil, number))
	copy(ref[:], sum[:])
	ref[0] = 1
	return ref
}

// newSynth makes a ledger of people and months; one payment in 500 comes back.
func newSynth(tb testing.TB, people, months int) *synth {
	tb.Helper()
	s, rolls := startSynth(tb, people, func(n int) string { return fmt.Sprintf("530181%03d", 100+n%20) })
	for m := range months {
		s.month(tb, relief.MonthPeriod(2016*12+m), rolls, people)
	}
	return s
}

// startSynth makes a ledger of people who live where regions says, before the first month.
func startSynth(tb testing.TB, people int, regions func(n int) string) (*synth, []roll.Part) {
	tb.Helper()
	s := &synth{size: 1000, clock: time.Date(2016, 1, 1, 8, 0, 0, 0, time.UTC), regions: regions}
	if people < 1000 {
		s.size = 10 // several segments all the same
	}
	terms := fmt.Appendf(nil, `{"id":"dibao","version":1,"name":"低保","region":"530181","unit":"household","cycle":"monthly","min_amount":"1.00","max_amount":"6000.00","starts":"2016-01","notice_days":7,"pay_by_day":10,"segment_size":%d,"budget":{"functional":"2081901","economic":"50901"},"acts":[{"act":"programme.draft"}]}`, s.size)
	programme := []byte(`{"id":"dibao","state":"in_force","in_force":1,"versions":[` + string(terms) + `],"acts":[{"act":"programme.draft"}]}`)
	s.add("preparer", "programme:Draft", ledger.Write{Key: relief.ProgrammeKey("dibao").String(), Value: programme})
	return s, s.enrol(tb, people)
}

// payee is whom everybody's money is paid to.
var payee = roll.Payee{Name: relief.Tag{1, 'n'}, Account: relief.Tag{1, 'a'}}

func (s *synth) enrol(tb testing.TB, people int) []roll.Part {
	var rolls []roll.Part
	var txs []ledger.Transaction
	from := must(relief.ParsePeriod("2016-01"))
	for first := 0; first < people; first += s.size {
		var inputs []roll.Input
		for n := first; n < min(first+s.size, people); n++ {
			inputs = append(inputs, roll.Input{Seq: uint32(n), Ref: synthRef(uint32(n)), Region: relief.Region(s.regions(n)), Persons: 1, Class: 'B', Amount: relief.Fen(30000 + n%7000), Payee: payee})
		}
		segment := uint32(first / s.size)
		at := roll.SegmentAddr{Programme: "dibao", County: "530181", Segment: segment, Size: uint32(s.size)}
		parts, enrolled, _, err := roll.Import([]roll.Part{{At: at}}, roll.ImportRule{From: from}, inputs, func(*roll.Input) (roll.Known, error) { return roll.Known{}, nil })
		require.NoError(tb, err)
		writes := []ledger.Write{
			{Key: relief.RollKey("dibao", "530181", segment).String(), Value: parts[0].Segment.Bytes()},
			{Key: relief.PayeesKey("dibao", "530181", segment).String(), Value: parts[0].Payees.Bytes()},
		}
		for _, e := range enrolled {
			value, _ := e.Record.MarshalBinary()
			writes = append(writes, ledger.Write{Key: relief.RollIndexKey(e.Ref, "dibao").String(), Value: value})
		}
		rolls = append(rolls, parts[0])
		txs = append(txs, s.tx("preparer", "roll:Import", writes...))
	}
	s.block(txs...)
	return rolls
}

// closeMonth closes a month in which everybody was paid in time.
func (s *synth) closeMonth(tb testing.TB, period relief.Period, people int) {
	m := oversight.Month{
		Programme: "dibao", County: "530181", Period: period, Version: 1, ProgrammeVersion: 1, PayBy: relief.Day(period.String() + "-10"),
		Facts: oversight.Facts{Due: people, OnTime: people, Rows: people, Households: people, Persons: people},
		Acts:  []relief.HistoryEntry{{Act: relief.ActOversightCloseMonth, By: relief.Official{Agency: "CivilAffairsMSP", ID: "no-1", Name: "civil-preparer", Role: "preparer", Region: "530181"}, At: s.clock, Tx: strings.Repeat("ab", 32)}},
	}
	counts := map[relief.Region]int{}
	for n := range people {
		counts[relief.Region(s.regions(n))]++
	}
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		n := counts[code]
		m.Sum += relief.Fen(30000 * n)
		m.Villages = append(m.Villages, oversight.Village{Code: code, Rows: n, Households: n, Persons: n, Sum: relief.Fen(30000 * n), Root: strings.Repeat("cd", 32)})
	}
	m.Classes = []oversight.ClassFacts{{Class: "B", Households: people, Persons: people, Sum: m.Sum}}
	value, err := m.MarshalBinary()
	require.NoError(tb, err)
	s.add("preparer", "oversight:CloseMonth", ledger.Write{Key: relief.MonthKey("dibao", "530181", period).String(), Value: value})
}

// month opens, lists, approves and settles one month.
func (s *synth) month(tb testing.TB, period relief.Period, rolls []roll.Part, people int) {
	b := payment.Batch{
		ID: relief.BatchID("b-" + period.String()), Programme: "dibao", ProgrammeVersion: 1, Region: "530181", Period: period, Tranche: "t1",
		Purpose: payment.PurposeRegular, Control: payment.Control{Count: people, Sum: 1}, MinAmount: 1, MaxAmount: 600000, SegmentSize: uint32(s.size), State: payment.BatchOpen,
	}
	act := func(who, function string, act relief.Act, state payment.BatchState) {
		i := officials[who]
		b.State = state
		b.Acts = append(b.Acts, relief.HistoryEntry{Act: act, By: relief.Official{Agency: i.MSPID, ID: i.Name, Name: i.Name, Role: i.Role, Region: relief.Region(i.Region)}, At: s.clock})
		s.add(who, function, ledger.Write{Key: relief.BatchKey(b.ID).String(), Value: must(json.Marshal(b))})
	}
	act("preparer", "payment:Open", relief.ActPaymentOpen, payment.BatchOpen)
	segments := make([]payment.LineSegment, len(rolls))
	var txs []ledger.Transaction
	for i, part := range rolls {
		var lines []payment.LineInput
		for p := range part.Segment.Len() {
			n := uint32(i*s.size + p)
			lines = append(lines, payment.LineInput{Seq: n + 2, Number: n, Ref: part.Segment.Ref(p), Region: part.Segment.Region(p), Amount: relief.Fen(30000 + n%7000), Payee: payee.Check()})
		}
		listed, result, err := payment.AddLines(&b, part.Segment, part.At.Segment, []payment.OfPeriod{{Period: period}}, lines, payment.Lookup{})
		require.NoError(tb, err)
		require.Equal(tb, len(lines), result.Accepted)
		segments[i] = listed[0].Lines
		if i%wire.MaxChunkSegments == 0 {
			txs = append(txs, s.tx("preparer", "payment:AddLines"))
		}
		writeLines(txs, period, i, &segments[i])
	}
	s.block(txs...)
	act("preparer", "payment:Seal", relief.ActPaymentSeal, payment.BatchSealed)
	act("approver", "payment:Approve", relief.ActPaymentApprove, payment.BatchApproved)
	act("finance", "payment:Authorise", relief.ActPaymentAuthorise, payment.BatchAuthorised)
	act("bank-desk", "payment:Instruct", relief.ActPaymentInstruct, payment.BatchInstructed)
	txs = nil
	for i, part := range rolls {
		var answers []payment.AnswerInput
		for p := range part.Segment.Len() {
			n := uint32(i*s.size + p)
			a := payment.AnswerInput{Seq: n + 2, Number: n, Attempt: 1, Outcome: payment.OutcomeCredited, Amount: relief.Fen(30000 + n%7000), Day: uint32(s.clock.Unix() / 86400), BankRef: relief.HashBankRef(binary.BigEndian.AppendUint32([]byte(period.String()), n)), Salt: [16]byte{1}}
			if (int(n)+period.FirstMonth())%500 == 0 {
				a.Outcome, a.Reason = payment.OutcomeReturned, [4]byte{'A', 'C', '0', '4'}
			}
			answers = append(answers, a)
		}
		if i%wire.MaxChunkSegments == 0 {
			txs = append(txs, s.tx("bank-desk", "payment:Settle"))
		}
		seg, result, err := payment.RecordAnswers(&b, part.Segment, segments[i], uint32(i), answers, txs[len(txs)-1].ID)
		require.NoError(tb, err)
		require.Equal(tb, len(answers), result.Accepted)
		writeLines(txs, period, i, &seg)
	}
	s.block(txs...)
}

// writeLines has the last transaction write a segment.
func writeLines(txs []ledger.Transaction, period relief.Period, segment int, seg *payment.LineSegment) {
	tx := &txs[len(txs)-1]
	tx.Writes = append(tx.Writes, ledger.Write{Key: relief.LinesKey("dibao", "530181", period, uint32(segment)).String(), Value: seg.Bytes()})
}

func (s *synth) tx(who, function string, writes ...ledger.Write) ledger.Transaction {
	id := s.nextID()
	s.txs++
	s.clock = s.clock.Add(time.Minute)
	return ledger.Transaction{
		ID: id, Time: s.clock, Creator: officials[who], Endorsers: endorsers, Function: function, Valid: true, Code: "VALID", Writes: writes,
	}
}

// nextID is the id of the transaction that tx makes next.
func (s *synth) nextID() string {
	id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(s.txs)))
	return hex.EncodeToString(id[:])
}

func (s *synth) add(who, function string, writes ...ledger.Write) {
	s.block(s.tx(who, function, writes...))
}

func (s *synth) block(txs ...ledger.Transaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := ledger.Block{Number: uint64(len(s.blocks)), Transactions: txs}
	hash := sha256.New()
	for i := range txs {
		txs[i].Block, txs[i].Index = b.Number, i
		hash.Write([]byte(txs[i].ID))
	}
	b.Hash = hash.Sum(nil)
	s.blocks = append(s.blocks, b)
}

func (s *synth) Height(context.Context) (uint64, error) { return uint64(len(s.blocks)), nil }

func (s *synth) Block(_ context.Context, n uint64) (ledger.Block, error) { return s.blocks[n], nil }

func (s *synth) Blocks(ctx context.Context, from uint64, handle func(ledger.Block) error) error {
	for _, b := range s.blocks[from:] {
		if err := handle(b); err != nil {
			return err
		}
	}
	<-ctx.Done()
	return ctx.Err()
}
