package outbox

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
)

const draft = `{"id":"dibao","version":1,"name":"低保","region":"530181","unit":"household","cycle":"monthly","min_amount":"330.00",` +
	`"max_amount":"6000.00","starts":"2026-01","notice_days":7,"pay_by_day":10,"budget":{"functional":"2081901","economic":"50901"}}`

var (
	draftCall = ledger.Call{Signer: "civil-preparer", Function: "programme:Draft", Argument: []byte(draft)}
	request   = [32]byte{1}
	quick     = Options{Deadline: 2 * time.Second, StatusWait: 30 * time.Millisecond}
)

func setUp(t *testing.T) (*ledgertest.Network, *Outbox, string) {
	t.Helper()
	n := ledgertest.New(t)
	path := filepath.Join(t.TempDir(), "outbox.db")
	return n, reopen(t, n, path), path
}

func reopen(t *testing.T, n *ledgertest.Network, path string) *Outbox {
	t.Helper()
	o, err := Open(path, n.Gateway(fakeledger.CivilAffairs), quick)
	require.NoError(t, err)
	t.Cleanup(func() { _ = o.Close() })
	return o
}

func TestAThousandCallsWithOneKeyAreOneTransaction(t *testing.T) {
	n, o, _ := setUp(t)
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		answers  = map[string]int{}
		replayed atomic.Int64
	)
	for range 1000 {
		wg.Go(func() {
			a, err := o.Do(t.Context(), Key{"civil-preparer", "k"}, request, draftCall)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				answers[err.Error()]++
				return
			}
			answers[a.TxID]++
			if a.Replayed {
				replayed.Add(1)
			}
		})
	}
	wg.Wait()
	require.Len(t, answers, 1)
	require.Len(t, n.Submitted, 1)
	require.EqualValues(t, 999, replayed.Load())
	_, err := o.Do(t.Context(), Key{"civil-preparer", "k"}, [32]byte{2}, draftCall)
	require.ErrorIs(t, err, ErrKeyReused)
	_, err = o.Do(t.Context(), Key{"another", "k"}, [32]byte{2}, ledger.Call{Signer: "civil-preparer", Function: "programme:Get", Argument: []byte(`{"id":"dibao"}`)})
	require.NoError(t, err, "a key is its principal's own")
}

// Whatever goes wrong between gateway and ledger, the act is done once and its caller learns so.
func TestFaultsEndInOneTransaction(t *testing.T) {
	once := func(f ledgertest.Fault) func(string) ledgertest.Fault {
		var calls atomic.Int64
		return func(string) ledgertest.Fault {
			if calls.Add(1) == 1 {
				return f
			}
			return ledgertest.None
		}
	}
	for name, set := range map[string]func(*ledgertest.Network){
		"endorsement fails":               func(n *ledgertest.Network) { n.OnEndorse = once(ledgertest.Before) },
		"submission fails":                func(n *ledgertest.Network) { n.OnSubmit = once(ledgertest.Before) },
		"submission failed, but was done": func(n *ledgertest.Network) { n.OnSubmit = once(ledgertest.After) },
		"acknowledged and lost":           func(n *ledgertest.Network) { n.OnSubmit = once(ledgertest.LoseIt) },
		"status fails":                    func(n *ledgertest.Network) { n.OnStatus = once(ledgertest.Before) },
		"no status":                       func(n *ledgertest.Network) { n.OnStatus = once(ledgertest.NoAnswer) },
	} {
		t.Run(name, func(t *testing.T) {
			n, o, _ := setUp(t)
			set(n)
			before := n.Ledger.Height()
			a, err := o.Do(t.Context(), Key{"civil-preparer", "k"}, request, draftCall)
			require.NoError(t, err)
			require.Equal(t, before+1, n.Ledger.Height(), "one transaction")
			require.Zero(t, o.Unsettled())
			again, err := o.Do(t.Context(), Key{"civil-preparer", "k"}, request, draftCall)
			require.NoError(t, err)
			require.Equal(t, a.TxID, again.TxID)
			require.Equal(t, a.Result, again.Result)
		})
	}
}

// A process that ends after it has signed: the next one finds the transaction on disk and brings it to its end.
func TestRecoverAfterACrash(t *testing.T) {
	for name, fault := range map[string]ledgertest.Fault{"before submit": ledgertest.Before, "after submit": ledgertest.After, "lost by the orderer": ledgertest.LoseIt} {
		t.Run(name, func(t *testing.T) {
			n, o, path := setUp(t)
			before := n.Ledger.Height()
			n.OnSubmit = func(string) ledgertest.Fault { return fault }
			n.OnStatus = func(string) ledgertest.Fault { return ledgertest.NoAnswer }
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, err := o.Do(ctx, Key{"civil-preparer", "k"}, request, draftCall)
			if fault != ledgertest.After { // then the question by id has found it already
				var pending *Pending
				require.ErrorAs(t, err, &pending)
				require.NotEmpty(t, pending.TxID)
			}
			require.NoError(t, o.Close())

			n.OnSubmit, n.OnStatus = nil, nil
			o = reopen(t, n, path)
			require.NoError(t, o.Recover(t.Context()))
			require.Zero(t, o.Unsettled())
			require.Equal(t, before+1, n.Ledger.Height())
			a, err := o.Do(t.Context(), Key{"civil-preparer", "k"}, request, draftCall)
			require.NoError(t, err)
			require.True(t, a.Replayed)
			require.Equal(t, before+1, n.Ledger.Height(), "on the ledger once")
		})
	}
}

func TestARefusalLeavesTheKeyFree(t *testing.T) {
	n, o, _ := setUp(t)
	enact := ledger.Call{Signer: "finance-approver", Function: "programme:Enact", Argument: []byte(`{"id":"dibao","version":1}`)}
	_, err := o.Do(t.Context(), Key{"finance-approver", "k"}, request, enact)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeNotFound})
	require.Empty(t, n.Submitted)
	_, err = o.Do(t.Context(), Key{"civil-preparer", "k"}, request, draftCall)
	require.NoError(t, err)
	_, err = o.Do(t.Context(), Key{"finance-approver", "k"}, request, enact)
	require.NoError(t, err)
}

func TestALostRaceIsEndorsedAnew(t *testing.T) {
	n, o, _ := setUp(t)
	_, err := o.Do(t.Context(), Key{"civil-preparer", "draft"}, request, draftCall)
	require.NoError(t, err)
	var raced atomic.Bool
	rival := reopen(t, n, filepath.Join(t.TempDir(), "rival.db"))
	n.OnSubmit = func(string) ledgertest.Fault { // another agency's act gets in between
		if raced.CompareAndSwap(false, true) {
			_, err := rival.Do(t.Context(), Key{"finance-approver", "enact"}, request,
				ledger.Call{Signer: "finance-approver", Function: "programme:Enact", Argument: []byte(`{"id":"dibao","version":1}`)})
			require.NoError(t, err)
		}
		return ledgertest.None
	}
	second := ledger.Call{Signer: "civil-preparer", Function: "programme:Draft", Argument: []byte(`{"id":"dibao","version":2,"name":"低保二","region":"530181","unit":"household","cycle":"monthly","min_amount":"330.00","max_amount":"6000.00","starts":"2026-01","notice_days":7,"pay_by_day":10,"budget":{"functional":"2081901","economic":"50901"}}`)}
	_, err = o.Do(t.Context(), Key{"civil-preparer", "second"}, request, second)
	require.NoError(t, err)
	require.EqualValues(t, 1, o.Conflicts())
}

func TestSendSkipsWhatIsNotWorthwhile(t *testing.T) {
	n, o, _ := setUp(t)
	before := n.Ledger.Height()
	a, err := o.Send(t.Context(), "job", draftCall, func(result []byte) bool { return len(result) == 0 })
	require.NoError(t, err)
	require.Empty(t, a.TxID)
	require.NotEmpty(t, a.Result)
	require.Equal(t, before, n.Ledger.Height())
}

func TestClaims(t *testing.T) {
	n, o, path := setUp(t)
	existing, err := o.Claim(Key{"p", "k"}, request, "job-1")
	require.NoError(t, err)
	require.Empty(t, existing)
	require.NoError(t, o.Close())
	o = reopen(t, n, path)
	existing, err = o.Claim(Key{"p", "k"}, request, "job-2")
	require.NoError(t, err)
	require.Equal(t, "job-1", existing)
	_, err = o.Claim(Key{"p", "k"}, [32]byte{9}, "job-3")
	require.ErrorIs(t, err, ErrKeyReused)
	require.NoError(t, o.Close())
	late := quick
	late.Now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	later, err := Open(path, n.Gateway(fakeledger.CivilAffairs), late)
	require.NoError(t, err)
	defer func() { _ = later.Close() }()
	existing, err = later.Claim(Key{"p", "k"}, [32]byte{9}, "job-3")
	require.NoError(t, err, "keys expire")
	require.Empty(t, existing)
	_, err = Open(filepath.Join(t.TempDir(), "none", "x.db"), n.Gateway(fakeledger.CivilAffairs), quick)
	require.Error(t, err)
	require.NotErrorIs(t, err, ErrKeyReused)
}
