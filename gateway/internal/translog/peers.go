package translog

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Cosignatures is what a gateway tells the others: the states that its agency signed, smallest first.
type Cosignatures struct {
	Agency string `json:"agency"`
	// Size is the newest state's.
	Size        int64    `json:"size"`
	Checkpoints []string `json:"checkpoints"`
	// Published is the newest checkpoint that the gateway has from all agencies: it lets an agency see its own
	// cosignatures again, should it have forgotten them.
	Published string `json:"published,omitempty"`
}

// CosignaturesPath is where a gateway tells them; ?from=SIZE asks for the states of this size and above.
const CosignaturesPath = "/log/cosignatures"

// Cosignatures lists what this agency has signed from a size on.
func (l *Log) Cosignatures(from int64) Cosignatures {
	c := Cosignatures{Agency: l.Organisation, Checkpoints: []string{}}
	if last, ok := l.last(); ok {
		c.Size = last.Size
	}
	for _, s := range l.SignedFrom(from) {
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

// watch asks another gateway for its agency's cosignatures: often while some are missing, now and then otherwise.
func (l *Log) watch(ctx context.Context, p Peer) error {
	failures := 0
	for {
		moved := l.moved.wait()
		answer, err := l.ask(ctx, p)
		if err == nil {
			err = l.merge(ctx, p, answer)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		l.note(ctx, p, answer.Size, err)
		wait := l.idle()
		switch {
		case err != nil:
			failures++
			wait = min(l.Poll<<min(failures, 6), maxWait)
		case l.incomplete():
			failures, wait = 0, l.Poll
		default:
			failures = 0
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-moved:
		}
		timer.Stop()
	}
}

// incomplete reports whether something that this agency signed is not cosigned by all.
func (l *Log) incomplete() bool {
	last, ok := l.last()
	published, any := l.Published()
	return ok && (!any || published.Size < last.Size)
}

func (l *Log) ask(ctx context.Context, p Peer) (answer Cosignatures, err error) {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	published, _ := l.Published()
	url := p.URL + CosignaturesPath + "?from=" + strconv.FormatInt(published.Size, 10)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return answer, err
	}
	response, err := l.Client.Do(request)
	if err != nil {
		return answer, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer, fmt.Errorf("the gateway of %s answers %s", p.MSPID, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return answer, fmt.Errorf("the gateway of %s answers no cosignatures: %w", p.MSPID, err)
	}
	return answer, nil
}

// note keeps how another gateway is, and logs a change.
func (l *Log) note(ctx context.Context, p Peer, size int64, err error) {
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
		l.log.WarnContext(ctx, "another agency's cosignatures cannot be had", "agency", p.MSPID, "error", err)
	case err == nil && (before.Problem != "" || !known):
		l.log.InfoContext(ctx, "another agency's cosignatures are there", "agency", p.MSPID)
	}
}

// asked reports whether it is safe to sign: a gateway that remembers nothing first asks the others what it has signed.
func (l *Log) asked() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.signed) > 0 || len(l.peers) >= len(l.Peers)
}

// merge takes another agency's cosignatures into ours, as far as our tree goes.
func (l *Log) merge(ctx context.Context, p Peer, answer Cosignatures) error {
	agencies := l.Cosigners()
	consistent := true
	texts := answer.Checkpoints
	if answer.Published != "" {
		texts = append(slices.Clone(texts), answer.Published)
	}
	for _, text := range texts {
		o, err := open([]byte(text), l.Origin, agencies)
		if err != nil {
			return fmt.Errorf("%s: %w", p.MSPID, err)
		}
		if o.cosigned[p.MSPID] == "" {
			return fmt.Errorf("%s: a checkpoint without its own cosignature", p.MSPID)
		}
		if err := l.consider(ctx, p, &o, text, &consistent); err != nil {
			return err
		}
	}
	if consistent && len(texts) > 0 {
		l.settle(ctx, p.MSPID, Equivocation)
	}
	return l.publish()
}

// consider holds one checkpoint against our tree.
func (l *Log) consider(ctx context.Context, p Peer, o *opened, text string, consistent *bool) error {
	last, _ := l.last()
	if o.cosigned[l.Organisation] != "" && o.Size > last.Size && o.Size > l.floor().Size {
		l.shown.Store(&o.Head)
	}
	if o.Size > l.tree.length() {
		return nil // asked again when our tree has grown
	}
	root, err := l.tree.root(o.Size)
	if err != nil {
		return err
	}
	if root == o.Root {
		l.mu.Lock()
		defer l.mu.Unlock()
		if o.Size >= l.published.Size {
			if l.cosigned[o.Size] == nil {
				l.cosigned[o.Size] = map[string]string{}
			}
			for agency, line := range o.cosigned {
				l.cosigned[o.Size][agency] = line
			}
		}
		return nil
	}
	*consistent = false
	l.raise(ctx, Alert{Kind: Equivocation, Agency: p.MSPID, Ours: Head{o.Size, root}, Theirs: o.Head, Evidence: text})
	return nil
}

// publish makes the newest checkpoint that all agencies have cosigned the published one. It is on disk before anybody sees it, and
// nobody who reads the log waits for the disk.
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
	return nil
}

// newestByAll is the newest checkpoint with everybody's cosignature, if it is newer than the published one.
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
		if len(l.agencies) > 0 && len(lines) > len(l.agencies) {
			return Checkpoint{s.Head, assemble(s.body(l.Origin), lines...)}, true
		}
	}
	return c, false
}

// signal wakes everybody who waits.
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
