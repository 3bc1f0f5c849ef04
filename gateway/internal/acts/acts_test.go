package acts_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/acts"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/ledger/ledgertest"
	"relieftrail/gateway/internal/outbox"
)

var request = [32]byte{1}

// world is an outbox that joins acts, and how many transactions it submits.
type world struct {
	network *ledgertest.Network
	outbox  *outbox.Outbox
	path    string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{network: ledgertest.New(t), path: filepath.Join(t.TempDir(), "outbox.db")}
	w.open(t)
	return w
}

func (w *world) open(t *testing.T) {
	t.Helper()
	var err error
	w.outbox, err = outbox.Open(w.path, w.network.Gateway(fakeledger.CivilAffairs), outbox.Options{
		Deadline: 5 * time.Second, StatusWait: time.Second, Joiner: acts.NewJoiner(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.outbox.Close() })
}

// find is an act of which there are files: a need of the n-th person. Its region is wrong for a negative n.
func find(signer string, n int) ledger.Call {
	region := "530181001001"
	if n < 0 {
		region = "530129001001"
	}
	argument := fmt.Sprintf(`{"id":"need-%d","subject":%q,"region":%q,"programme":"dibao","source":"civil-registry","sha256":%q}`,
		n, relief.SubjectRef{1, byte(n)}.String(), region, strings.Repeat("0", 64))
	return ledger.Call{Signer: signer, Function: "need:Find", Argument: []byte(argument)}
}

func key(n int) outbox.Key {
	return outbox.Key{Principal: "civil-preparer", IdempotencyKey: fmt.Sprint(n)}
}

// hold has the first submission wait until it is let go.
func (w *world) hold() (held, let chan struct{}) {
	held, let = make(chan struct{}), make(chan struct{})
	var once sync.Once
	w.network.OnSubmit = func(string) ledgertest.Fault {
		once.Do(func() {
			close(held)
			<-let
		})
		return ledgertest.None
	}
	return held, let
}

func id(t *testing.T, record []byte) string {
	t.Helper()
	var r struct{ ID string }
	require.NoError(t, json.Unmarshal(record, &r), string(record))
	return r.ID
}

func TestActsThatWaitGoTogether(t *testing.T) { synctest.Test(t, actsGoTogether) }

func actsGoTogether(t *testing.T) {
	w := newWorld(t)
	held, let := w.hold()
	before := w.network.Ledger.Height()
	var tasks sync.WaitGroup
	answers, errs := make([]outbox.Answer, 21), make([]error, 21)
	do := func(i, n int) {
		tasks.Go(func() { answers[i], errs[i] = w.outbox.Do(t.Context(), key(i), request, find("civil-preparer", n)) })
	}
	do(0, 0)
	<-held
	for i := 1; i < 20; i++ {
		do(i, i)
	}
	do(20, -1)
	synctest.Wait() // all wait for the first
	close(let)
	tasks.Wait()
	for i := range 20 {
		require.NoError(t, errs[i])
		require.Equal(t, fmt.Sprintf("need-%d", i), id(t, answers[i].Result), "each has its own record")
	}
	var refused *relief.Error
	require.ErrorAs(t, errs[20], &refused)
	require.Equal(t, before+2, w.network.Ledger.Height(), "the first at once, the others together")
	require.Zero(t, w.outbox.Unsettled())
	again, err := w.outbox.Do(t.Context(), key(7), request, find("civil-preparer", 7))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, answers[7].Result, again.Result)
	require.Equal(t, answers[7].TxID, again.TxID)
	_, err = w.outbox.Do(t.Context(), key(7), [32]byte{9}, find("civil-preparer", 7))
	require.ErrorIs(t, err, outbox.ErrKeyReused)
	_, err = w.outbox.Do(t.Context(), key(20), [32]byte{2}, find("civil-preparer", 20))
	require.NoError(t, err, "a refusal leaves the key free")
}

// A process that ends while acts are under way together: the next one has each act's own answer.
func TestActsThatWentTogetherAreRecovered(t *testing.T) {
	for name, fault := range map[string]ledgertest.Fault{"before submit": ledgertest.Before, "lost by the orderer": ledgertest.LoseIt} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { actsAreRecovered(t, fault) })
		})
	}
}

func actsAreRecovered(t *testing.T, fault ledgertest.Fault) {
	t.Helper()
	w := newWorld(t)
	held, let, sent := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var first string
	var one, two sync.Once
	w.network.OnSubmit = func(id string) ledgertest.Fault {
		one.Do(func() {
			first = id
			close(held)
			<-let
		})
		if id == first {
			return ledgertest.None
		}
		two.Do(func() { close(sent) })
		return fault
	}
	w.network.OnStatus = func(id string) ledgertest.Fault {
		if id == first {
			return ledgertest.None
		}
		return ledgertest.NoAnswer
	}
	before := w.network.Ledger.Height()
	var tasks sync.WaitGroup
	for n := range 5 {
		tasks.Go(func() { _, _ = w.outbox.Do(t.Context(), key(n), request, find("civil-preparer", n)) })
		if n == 0 {
			<-held
		}
	}
	synctest.Wait() // all wait for the first
	close(let)
	<-sent
	require.NoError(t, w.outbox.Close())
	tasks.Wait()
	w.network.OnSubmit, w.network.OnStatus = nil, nil
	w.open(t)
	for n := range 5 { // before the recovery, and joining it
		a, err := w.outbox.Do(t.Context(), key(n), request, find("civil-preparer", n))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("need-%d", n), id(t, a.Result))
	}
	require.NoError(t, w.outbox.Recover(t.Context()))
	require.Equal(t, before+2, w.network.Ledger.Height(), "all five once")
}
