package faults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/restclient"
)

// randomTranche is the tranche whose money the random acts move.
const randomTranche = programmeID + "-random"

// randomActs has several clients do random acts, sensible or not, with the same few people. At every block each tranche's sums
// must be right, and nobody may be paid twice. The fake ledger does a million such acts
// (network/audit/rules, TestRulesHoldAfterRandomActs); this is the same question put to the real network.
func (s *Suite) randomActs(t *testing.T) {
	const name = "random acts"
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name}
		require.NoError(t, s.fixture.issue(t.Context(), randomTranche, "2026"))
		var (
			work  sync.WaitGroup
			mu    sync.Mutex
			all   players
			fault error
		)
		for i := range 4 {
			p := &player{suite: s, rand: rand.New(rand.NewPCG(uint64(i), 11)), name: fmt.Sprintf("r%s-%d", s.load.name, i), seen: map[string]bool{}} //nolint:gosec // repeatable
			work.Go(func() {
				for range of(s, 40, 500) {
					if err := p.step(t.Context()); err != nil {
						mu.Lock()
						fault = errors.Join(fault, err)
						mu.Unlock()
						return
					}
				}
			})
			all = append(all, p)
		}
		work.Wait()
		require.NoError(t, fault)
		done, refused := all.counts()
		s.now.times = done + refused
		s.now.note = fmt.Sprintf("; %d done, %d refused; acts on batches: %d acknowledged and on the ledger", done, refused, all.batchActs())
		s.count(t)
		for _, b := range s.counts {
			require.Equal(t, all.batchActs(), b.actsOf("r"+s.load.name+"-"), "%s: acts acknowledged and on the ledger", b.peer.Name)
			require.Equal(t, b.creditedFrom(randomTranche), b.tranches[randomTranche].Balances.Paid, b.peer.Name)
		}
	})
}

// actsOf counts the acts of the batches whose ids begin with a prefix.
func (b *ledgerCount) actsOf(prefix string) int {
	ids := map[relief.BatchID]bool{}
	for id := range b.batches {
		if strings.HasPrefix(string(id), prefix) {
			ids[id] = true
		}
	}
	n := 0
	for _, t := range b.of(ids) {
		n += t.acts
	}
	return n
}

// creditedFrom adds up what people hold from a tranche.
func (b *ledgerCount) creditedFrom(id relief.TrancheID) (sum relief.Fen) {
	for _, e := range b.slots {
		if e.credited && b.batches[e.batch].Tranche == id {
			sum += e.amount
		}
	}
	return sum
}

// player is a client who does random acts.
type player struct {
	suite         *Suite
	rand          *rand.Rand
	name          string
	batches       []played
	next, keys    int
	done, refused int
	acts          int // on batches, acknowledged
	seen          map[string]bool
}

type played struct {
	id, period string
	segments   []int
	attempt    int
	stage      int
}

type players []*player

func (all players) counts() (done, refused int) {
	for _, p := range all {
		done, refused = done+p.done, refused+p.refused
	}
	return done, refused
}

func (all players) batchActs() (n int) {
	for _, p := range all {
		n += p.acts
	}
	return n
}

// turns are the acts of a batch in their order, as numbers of step's cases.
var turns = []int{0, 4, 8, 11, 14, 16, 18, 18, 20}

// step does one act. A refusal is no error here.
func (p *player) step(ctx context.Context) error {
	d := p.suite.fixture
	if len(p.batches) == 0 || p.rand.IntN(8) == 0 {
		return p.open(ctx)
	}
	b := &p.batches[max(0, len(p.batches)-1-p.rand.IntN(3))]
	path := "/v1/batches/" + b.id
	done := p.done
	defer func() { b.stage += p.done - done }()
	n := turns[min(b.stage, len(turns)-1)] // mostly what comes next
	if p.rand.IntN(4) == 0 {
		n = p.rand.IntN(22)
	}
	switch {
	case n < 4:
		list, _, _ := d.list(b.period, b.segments)
		return p.file(ctx, d.civilPreparer, http.MethodPut, path+"/lines", list)
	case n < 8:
		return p.act(ctx, d.civilPreparer, path+"/seal", nil)
	case n < 11:
		return p.act(ctx, d.civilApprover, path+"/approve", nil)
	case n < 14:
		return p.makeFile(ctx, path)
	case n < 16:
		return p.authorise(ctx, path)
	case n < 18:
		return p.act(ctx, d.financePreparer, path+"/instruct", nil)
	case n < 20:
		answers, err := d.answers(b.period, b.segments, b.id)
		if err != nil {
			return err
		}
		rows := strings.SplitAfter(answers, "\n")
		for i := range rows {
			if p.rand.IntN(6) == 0 {
				rows[i] = strings.Replace(rows[i], ",credited,,", ",returned,AC04,", 1)
			}
			rows[i] = strings.Replace(rows[i], "-1,", fmt.Sprintf("-%d,", b.attempt), 1)
		}
		return p.file(ctx, d.financePreparer, http.MethodPost, path+"/settlements", strings.Join(rows, ""))
	case n < 21:
		return p.act(ctx, d.financePreparer, path+"/close", nil)
	default:
		return p.act(ctx, d.civilApprover, path+"/cancel", map[string]string{"reason": "随机测试"})
	}
}

// makeFile makes a batch's payment file, once: another file would be another act.
func (p *player) makeFile(ctx context.Context, path string) error {
	by := p.suite.fixture.financePreparer
	if p.seen[acted(by, path+"/payment-file", nil)] {
		return nil
	}
	return p.act(ctx, by, path+"/payment-file", nil)
}

// authorise approves the payment file that a batch has, if it has one.
func (p *player) authorise(ctx context.Context, path string) error {
	file, err := p.suite.fixture.paymentFile(ctx, path)
	if err != nil {
		return err
	}
	return p.act(ctx, p.suite.fixture.financeApprover, path+"/approve", file)
}

// acted names an act that a player did.
func acted(by *restclient.Client, path string, body any) string {
	return fmt.Sprint(path, by.Base, body)
}

// open opens a batch of one of few segments and periods, so that the clients meet.
func (p *player) open(ctx context.Context) error {
	d := p.suite.fixture
	b := played{
		id: fmt.Sprintf("%s-%d", p.name, p.next), period: fmt.Sprintf("2026-%02d", 6+p.rand.IntN(6)),
		segments: []int{p.rand.IntN(d.segments())}, attempt: 1 + p.rand.IntN(4)/3,
	}
	p.next++
	p.batches = append(p.batches, b)
	_, count, sum := d.list(b.period, b.segments)
	body := map[string]any{
		"id": b.id, "programme": programmeID, "region": county, "period": b.period, "tranche": randomTranche, "count": count, "sum": sum,
	}
	if b.attempt > 1 {
		body["purpose"] = "pay_again"
	}
	return p.act(ctx, d.civilPreparer, "/v1/batches", body)
}

func (p *player) act(ctx context.Context, by *restclient.Client, path string, body any) error {
	p.keys++
	err := p.suite.fixture.act(ctx, by, path, fmt.Sprintf("%s-k%d", p.name, p.keys), body)
	// An act that is repeated gets the record as its response, and is one act on the ledger.
	what := acted(by, path, body)
	if err == nil && !p.seen[what] {
		p.seen[what] = true
		p.acts++
	}
	return p.countAnswer(err)
}

func (p *player) file(ctx context.Context, by *restclient.Client, method, path, content string) error {
	p.keys++
	job, err := p.suite.fixture.file(ctx, by, method, path, fmt.Sprintf("%s-k%d", p.name, p.keys), content)
	if job.State == "failed" { // the batch's state went on while the file came
		p.refused++
		return nil
	}
	return p.countAnswer(err)
}

func (p *player) countAnswer(err error) error {
	var r *refusal
	switch {
	case err == nil:
		p.done++
	case errors.As(err, &r):
		p.refused++
	default:
		return err
	}
	return nil
}
