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

// randomActs lets several clients do random acts, sensible or not, with the same few people. At every block each
// tranche's sums must be right, and nobody may be paid twice. TestMoneyIsConserved (chaincode/internal/contract) does a
// million such acts on the fake ledger; randomActs asks the same of the real network.
func (s *Suite) randomActs(t *testing.T) {
	const name = "random acts"
	t.Run(name, func(t *testing.T) {
		s.now = &row{name: name}
		require.NoError(t, s.fixture.issue(t.Context(), randomTranche))
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
		for _, c := range s.counts {
			require.Equal(t, all.batchActs(), c.actsOf("r"+s.load.name+"-"), "%s: acts acknowledged and on the ledger", c.org.Name)
			require.Equal(t, c.creditedFrom(randomTranche), c.tranches[randomTranche].Balances.Paid, c.org.Name)
		}
	})
}

// actsOf counts the acts of the batches whose ids begin so.
func (c *ledgerCount) actsOf(prefix string) int {
	ids := map[relief.BatchID]bool{}
	for id := range c.batches {
		if strings.HasPrefix(string(id), prefix) {
			ids[id] = true
		}
	}
	n := 0
	for _, t := range c.of(ids) {
		n += t.acts
	}
	return n
}

// creditedFrom adds up the payments that a tranche has paid and that were not returned.
func (c *ledgerCount) creditedFrom(id relief.TrancheID) (sum relief.Fen) {
	for _, e := range c.slots {
		if e.credited && c.batches[e.batch].Tranche == id {
			sum += e.amount
		}
	}
	return sum
}

// player is a client that does random acts.
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

// turns lists the acts of a batch in their order, as numbers of step's cases.
var turns = []int{0, 4, 8, 11, 14, 16, 16, 18}

// step does one act. A refusal is not an error.
func (p *player) step(ctx context.Context) error {
	f := p.suite.fixture
	if len(p.batches) == 0 || p.rand.IntN(8) == 0 {
		return p.open(ctx)
	}
	b := &p.batches[max(0, len(p.batches)-1-p.rand.IntN(3))]
	path := "/v1/batches/" + b.id
	done := p.done
	defer func() { b.stage += p.done - done }()
	n := turns[min(b.stage, len(turns)-1)] // mostly the next act of the batch
	if p.rand.IntN(4) == 0 {
		n = p.rand.IntN(20)
	}
	switch {
	case n < 4:
		list, _, _ := f.list(b.period, b.segments)
		return p.file(ctx, f.civilPreparer, http.MethodPut, path+"/lines", list)
	case n < 8:
		return p.act(ctx, f.civilPreparer, path+"/seal", nil)
	case n < 11:
		return p.act(ctx, f.civilApprover, path+"/approve", nil)
	case n < 14:
		return p.act(ctx, f.financeApprover, path+"/approve", nil)
	case n < 16:
		return p.act(ctx, f.financePreparer, path+"/instruct", nil)
	case n < 18:
		answers, err := f.answers(b.period, b.segments, b.id)
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
		return p.file(ctx, f.financePreparer, http.MethodPost, path+"/settlements", strings.Join(rows, ""))
	case n < 19:
		return p.act(ctx, f.financePreparer, path+"/close", nil)
	default:
		return p.act(ctx, f.civilApprover, path+"/cancel", map[string]string{"reason": "随机测试"})
	}
}

// open opens a batch of one of few segments and periods, so that the clients meet.
func (p *player) open(ctx context.Context) error {
	f := p.suite.fixture
	b := played{
		id: fmt.Sprintf("%s-%d", p.name, p.next), period: fmt.Sprintf("2028-%02d", 2+p.rand.IntN(10)),
		segments: []int{p.rand.IntN(f.segments())}, attempt: 1 + p.rand.IntN(4)/3,
	}
	p.next++
	p.batches = append(p.batches, b)
	_, count, sum := f.list(b.period, b.segments)
	body := map[string]any{
		"id": b.id, "programme": programmeID, "region": county, "period": b.period, "tranche": randomTranche, "count": count, "sum": sum,
	}
	if b.attempt > 1 {
		body["purpose"] = "pay_again"
	}
	return p.act(ctx, f.civilPreparer, "/v1/batches", body)
}

func (p *player) act(ctx context.Context, by *restclient.Client, path string, body any) error {
	p.keys++
	err := p.suite.fixture.act(ctx, by, path, fmt.Sprintf("%s-k%d", p.name, p.keys), body)
	if err != nil {
		return p.countResponse(err)
	}
	// The response to a repeated act is the record, and the ledger has the act once.
	what := fmt.Sprint(path, by.Base, body)
	if !p.seen[what] {
		p.seen[what] = true
		p.acts++
	}
	return p.countResponse(nil)
}

func (p *player) file(ctx context.Context, by *restclient.Client, method, path, content string) error {
	p.keys++
	job, err := p.suite.fixture.file(ctx, by, method, path, fmt.Sprintf("%s-k%d", p.name, p.keys), content)
	if job.State == "failed" { // the batch's state changed during the upload
		p.refused++
		return nil
	}
	return p.countResponse(err)
}

func (p *player) countResponse(err error) error {
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
