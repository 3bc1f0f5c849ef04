package translog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"relieftrail/gateway/internal/httpclient"
)

// Cosignatures is what a gateway sends to the others: the states that its agency has signed, smallest first.
type Cosignatures struct {
	Agency string `json:"agency"`
	// Size is the size of the newest state.
	Size        int64    `json:"size"`
	Checkpoints []string `json:"checkpoints"`
	// Published is the newest checkpoint with the cosignatures of all agencies. It shows an agency that has lost its memory
	// what it has cosigned.
	Published string `json:"published,omitempty"`
}

// CosignaturesPath is the path of the cosignatures below the log's own; ?from=SIZE asks for states of this size and above.
const CosignaturesPath = "/cosignatures"

// givenAtOnce bounds the states in one answer, which anybody may ask for.
const givenAtOnce = 64

// Cosignatures lists the states from a size on that this agency has signed. Of many it lists the smallest, from which a gateway
// that is behind goes on, and the newest, which it may have in common with one that was away.
func (l *Log) Cosignatures(from int64) Cosignatures {
	c := Cosignatures{Agency: l.Organisation, Checkpoints: []string{}}
	if last, ok := l.last(); ok {
		c.Size = last.Size
	}
	signed := l.SignedFrom(from)
	if n := len(signed); n > givenAtOnce {
		signed = slices.Concat(signed[:givenAtOnce/2], signed[n-givenAtOnce/2:])
	}
	for _, s := range signed {
		c.Checkpoints = append(c.Checkpoints, string(s.Note))
	}
	if p, ok := l.Published(); ok {
		c.Published = string(p.Note)
	}
	return c
}

const (
	askTime   = 5 * time.Second
	maxWait   = 15 * time.Second
	maxAnswer = (keptSigned + 2) * maxNote
)

// watch asks another gateway for its agency's cosignatures, more often while some are missing.
func (l *Log) watch(ctx context.Context, p Peer) error {
	failures := 0
	for {
		moved := l.newlySigned.wait()
		answer, err := l.ask(ctx, p)
		if err == nil {
			err = l.merge(ctx, p, answer)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.setPeer(ctx, p, answer.Size, err)
		wait := l.idle()
		switch {
		case err != nil:
			failures++
			wait = doubled(2*l.Poll, failures, maxWait)
		case l.incomplete():
			failures, wait = 0, l.Poll
		default:
			failures = 0
		}
		if err := pause(ctx, wait, moved); err != nil {
			return err
		}
	}
}

// incomplete reports whether a state that this agency has signed lacks cosignatures.
func (l *Log) incomplete() bool {
	last, ok := l.last()
	published, any := l.Published()
	return ok && (!any || published.Size < last.Size)
}

func (l *Log) ask(ctx context.Context, p Peer) (answer Cosignatures, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	published, _ := l.Published()
	url := p.URL + l.Path + CosignaturesPath + "?from=" + strconv.FormatInt(published.Size, 10)
	body, err := httpclient.Get(ctx, l.Client, url, maxAnswer)
	if err != nil {
		return answer, fmt.Errorf("the gateway of %s: %w", p.MSPID, err)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer, fmt.Errorf("the gateway of %s did not answer with cosignatures: %w", p.MSPID, err)
	}
	return answer, nil
}

// setPeer records the result of a request to another gateway, and logs a change.
func (l *Log) setPeer(ctx context.Context, p Peer, size int64, err error) {
	l.mu.Lock()
	before, known := l.peers[p.MSPID]
	now := PeerState{Size: size, At: l.now()}
	if err != nil {
		now = PeerState{Size: before.Size, At: before.At, Problem: err.Error()}
	}
	l.peers[p.MSPID] = now
	l.mu.Unlock()
	switch {
	case err != nil && before.Problem == "":
		l.log.WarnContext(ctx, "the cosignatures of another agency cannot be fetched", "agency", p.MSPID, "error", err)
	case err == nil && (before.Problem != "" || !known):
		l.log.InfoContext(ctx, "the cosignatures of another agency have been fetched", "agency", p.MSPID)
	}
}

// peersAsked reports whether it is safe to sign: a gateway that remembers no signature must first have heard from all others
// what it has signed. Those that could not be asked have told nothing.
func (l *Log) peersAsked() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.signed) > 0 || !slices.ContainsFunc(l.Peers, func(p Peer) bool { return l.peers[p.MSPID].At.IsZero() })
}

// merge adds another agency's cosignatures of states that our tree has reached.
func (l *Log) merge(ctx context.Context, p Peer, answer Cosignatures) error {
	agencies := l.Cosigners()
	consistent := true
	texts := answer.Checkpoints
	if answer.Published != "" {
		texts = append(slices.Clone(texts), answer.Published)
	}
	for _, text := range texts {
		o, err := openCheckpoint([]byte(text), l.Origin, agencies)
		if err != nil {
			return fmt.Errorf("%s: %w", p.MSPID, err)
		}
		if o.cosigned[p.MSPID] == "" {
			return fmt.Errorf("%s: a checkpoint lacks its own cosignature", p.MSPID)
		}
		if err := l.compareCheckpoint(ctx, p, &o, text, &consistent); err != nil {
			return err
		}
	}
	if consistent && len(texts) > 0 {
		l.settle(ctx, p.MSPID, Equivocation)
	}
	return l.publish()
}

// compareCheckpoint compares a checkpoint with our tree, and keeps its cosignatures if both agree. Otherwise it raises an
// alert and sets consistent to false.
func (l *Log) compareCheckpoint(ctx context.Context, p Peer, o *openedCheckpoint, text string, consistent *bool) error {
	last, _ := l.last()
	if o.cosigned[l.Organisation] != "" && o.Size > last.Size && o.Size > l.unrememberedHead().Size {
		l.unremembered.Store(&o.Head)
	}
	if o.Size > l.tree.length() {
		return nil // asked again when our tree has grown
	}
	root, err := l.tree.root(o.Size)
	if err != nil {
		return err
	}
	if root != o.Root {
		*consistent = false
		l.raise(ctx, Alert{Kind: Equivocation, Agency: p.MSPID, Ours: Head{o.Size, root}, Theirs: o.Head, Evidence: text})
		return nil
	}
	l.addCosignatures(o)
	return nil
}

func (l *Log) addCosignatures(o *openedCheckpoint) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.Size < l.published.Size {
		return // no longer needed
	}
	if l.cosigned[o.Size] == nil {
		l.cosigned[o.Size] = map[string]string{}
	}
	for agency, line := range o.cosigned {
		l.cosigned[o.Size][agency] = line
	}
}

// publish publishes the newest checkpoint that all agencies have cosigned. It is on disk before anybody can see it; readers of
// the log do not wait for the disk.
func (l *Log) publish() error {
	l.publishing.Lock()
	defer l.publishing.Unlock()
	c, ok := l.newestByAll()
	if !ok {
		return nil
	}
	if err := l.memory.publish(c.Note); err != nil {
		return fmt.Errorf("the published checkpoint: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.published = c
	for size := range l.cosigned {
		if size < c.Size {
			delete(l.cosigned, size)
		}
	}
	l.newlyPublished.notify()
	return nil
}

// newestByAll is the newest checkpoint with the cosignatures of all agencies, if it is newer than the published one.
func (l *Log) newestByAll() (c Checkpoint, ok bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for i := len(l.signed) - 1; i >= 0; i-- {
		s := &l.signed[i]
		if l.published.Note != nil && s.Size <= l.published.Size {
			break
		}
		lines := []string{s.Log}
		for _, a := range l.agencies {
			line := l.cosigned[s.Size][a.MSPID]
			if a.MSPID == l.Organisation {
				line = s.Cosigned
			}
			if line != "" {
				lines = append(lines, line)
			}
		}
		if len(l.agencies) == 0 || len(lines) <= len(l.agencies) {
			continue
		}
		if c = (Checkpoint{s.Head, assemble(s.body(l.Origin), lines...)}); l.trusted.accepts(c.Note) {
			return c, true
		}
	}
	return Checkpoint{}, false
}

// signal wakes all goroutines that wait for it.
type signal struct {
	mu sync.Mutex
	c  chan struct{}
}

func newSignal() *signal { return &signal{c: make(chan struct{})} }

func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.c
}

func (s *signal) notify() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.c)
	s.c = make(chan struct{})
}
