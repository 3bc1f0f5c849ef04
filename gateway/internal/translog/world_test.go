package translog

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
)

const testOrigin = "relieftrail.test/log"

// fakeIndex is an index whose leaves a test changes.
type fakeIndex struct {
	mu     sync.Mutex
	leaves []Leaf
	height uint64
	moved  chan struct{}
}

func newFakeIndex() *fakeIndex { return &fakeIndex{height: 1, moved: make(chan struct{})} }

// block adds a block with leaves.
func (f *fakeIndex) block(hashes ...tlog.Hash) {
	f.edit(func() {
		for _, h := range hashes {
			f.leaves = append(f.leaves, Leaf{h, f.height})
		}
		f.height++
	})
}

func (f *fakeIndex) edit(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
	close(f.moved)
	f.moved = make(chan struct{})
}

func (f *fakeIndex) Leaves(_ context.Context, from int64, limit int) ([]Leaf, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if from >= int64(len(f.leaves)) {
		return nil, nil
	}
	return slices.Clone(f.leaves[from:min(from+int64(limit), int64(len(f.leaves)))]), nil
}

func (f *fakeIndex) Height() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.height
}

func (f *fakeIndex) WaitFor(ctx context.Context, block uint64) error {
	for {
		f.mu.Lock()
		done, moved := f.height > block, f.moved
		f.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-moved:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// office is one agency: its gateway's log, index and address.
type office struct {
	t       *testing.T
	w       *world
	msp     string
	key     ed25519.PrivateKey
	asLog   ed25519.PrivateKey
	dir     string
	index   *fakeIndex
	url     string
	witness *outsider // that it asks

	mu   sync.Mutex
	log  *Log
	lies func(Cosignatures) Cosignatures // what it sends to the others instead
	stop func()
}

type world struct {
	offices []*office
	ledger  func() uint64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{}
	for i, msp := range []string{"CivilAffairsMSP", "FinanceMSP", "AuditMSP"} {
		seed := make([]byte, ed25519.SeedSize)
		seed[0] = byte(i + 1)
		asLog := bytes.Clone(seed)
		asLog[1] = 1
		o := &office{t: t, w: w, msp: msp, key: ed25519.NewKeyFromSeed(seed), asLog: ed25519.NewKeyFromSeed(asLog), dir: t.TempDir(), index: newFakeIndex()}
		server := httptest.NewServer(http.HandlerFunc(o.serve))
		t.Cleanup(server.Close)
		o.url = server.URL
		w.offices = append(w.offices, o)
	}
	w.ledger = func() uint64 { return 1 << 30 }
	for _, o := range w.offices {
		o.start()
	}
	t.Cleanup(func() {
		for _, o := range w.offices {
			o.halt()
		}
	})
	return w
}

func (o *office) serve(rw http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	l, lies := o.log, o.lies
	o.mu.Unlock()
	if l == nil {
		rw.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	from, _ := strconv.ParseInt(r.URL.Query().Get("from"), 10, 64)
	c := l.Cosignatures(from)
	if lies != nil {
		c = lies(c)
	}
	_ = json.NewEncoder(rw).Encode(c)
}

func (w *world) agencies(context.Context) ([]Agency, error) {
	var all []Agency
	for _, o := range w.offices {
		public, _ := o.key.Public().(ed25519.PublicKey)
		logs, _ := o.asLog.Public().(ed25519.PublicKey)
		all = append(all, Agency{
			MSPID: o.msp, Name: o.msp + "局", NameEn: "Office", Keys: []Key{{Public: public}}, LogKeys: []Key{{Public: logs}},
		})
	}
	return all, nil
}

// start opens the office's log and runs it.
func (o *office) start() {
	o.t.Helper()
	options := Options{
		Dir: o.dir, Origin: testOrigin, Organisation: o.msp, LogKey: o.asLog, CosigningKey: o.key, Source: o.index, Agencies: o.w.agencies,
		LedgerHeight: func(context.Context) (uint64, error) { return o.w.ledger(), nil },
		Client:       http.DefaultClient, Poll: 5 * time.Millisecond, Audit: time.Hour, Log: slog.New(slog.DiscardHandler),
	}
	for _, other := range o.w.offices {
		if other != o {
			options.Peers = append(options.Peers, Peer{other.msp, other.url})
		}
	}
	if o.witness != nil {
		options.Witnesses, options.WitnessClient = []Witness{{o.witness.server.URL, o.witness.signer.Key}}, http.DefaultClient
	}
	l, err := Open(options)
	require.NoError(o.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	o.mu.Lock()
	o.log = l
	o.mu.Unlock()
	o.stop = func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			o.t.Errorf("%s: %v", o.msp, err)
		}
		require.NoError(o.t, l.Close())
	}
}

// halt ends the office's log; what it keeps stays.
func (o *office) halt() {
	o.mu.Lock()
	running := o.log != nil
	o.log = nil
	o.mu.Unlock()
	if running {
		o.stop()
	}
}

// block adds a block to every agency's index.
func (w *world) block(hashes ...tlog.Hash) {
	for _, o := range w.offices {
		o.index.block(hashes...)
	}
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 10*time.Second, 2*time.Millisecond, what)
}

// published waits until all offices that run have published a size.
func (w *world) published(t *testing.T, size int64) {
	t.Helper()
	for _, o := range w.offices {
		if o.log == nil {
			continue
		}
		eventually(t, o.msp+" publishes "+strconv.FormatInt(size, 10), func() bool {
			c, ok := o.log.Published()
			return ok && c.Size == size
		})
	}
}

// alerted waits until an office has an open alert of a kind, and gives it.
func (o *office) alerted(kind AlertKind) (found Alert) {
	o.t.Helper()
	eventually(o.t, o.msp+" raises "+string(kind), func() bool {
		for _, a := range o.log.Alerts() {
			if a.Kind == kind && a.Open {
				found = a
				return true
			}
		}
		return false
	})
	return found
}

func body(note []byte) string {
	text, _, _ := strings.Cut(string(note), "\n\n")
	return text
}

func lines(t testing.TB) (signed func(body string, key ed25519.PrivateKey) string, cosigned func(mspID, body string, key ed25519.PrivateKey) string) {
	t.Helper()
	signed = func(body string, key ed25519.PrivateKey) string {
		line, err := signLog(testOrigin, body, key)
		require.NoError(t, err)
		return line
	}
	cosigned = func(mspID, body string, key ed25519.PrivateKey) string {
		line, err := cosign(testOrigin, mspID, body, time.Unix(1_800_000_000, 0), key)
		require.NoError(t, err)
		return line
	}
	return signed, cosigned
}
