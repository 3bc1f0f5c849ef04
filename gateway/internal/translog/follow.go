package translog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// chunk is how many leaves are read from the index at a time.
const chunk = 4096

// idle is how long the log looks away when nothing happens.
func (l *Log) idle() time.Duration { return 10 * l.Poll }

// follow takes leaves from the index as they come and signs.
func (l *Log) follow(ctx context.Context) error {
	for {
		height := l.Source.Height()
		sound, err := l.catchUp(ctx, height)
		if err == nil && sound {
			l.settle(ctx, "", RolledBack)
			err = l.sign(ctx)
		}
		if err != nil {
			return err
		}
		wait, cancel := context.WithTimeout(ctx, l.idle())
		_ = l.Source.WaitFor(wait, height) // that the time is up is no error
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// catchUp reads the leaves that the index has more than the log. The last known one is read again, to notice when the
// index has gone back or has become another's: then it is not sound. height is the index's before the first read.
func (l *Log) catchUp(ctx context.Context, height uint64) (sound bool, err error) {
	agencies, err := l.Agencies(ctx)
	if err != nil {
		return false, fmt.Errorf("the agencies' keys: %w", err)
	}
	if err := l.know(agencies); err != nil {
		return false, fmt.Errorf("the agencies' keys: %w", err)
	}
	if behind, err := l.behind(ctx, height); err != nil || behind {
		return false, err
	}
	for {
		size := l.tree.length()
		from := max(size-1, 0)
		leaves, err := l.Source.Leaves(ctx, from, chunk)
		if err != nil {
			return false, fmt.Errorf("leaves of the index: %w", err)
		}
		full := len(leaves) == chunk
		if size > 0 {
			if ok, err := l.overlap(ctx, size, height, leaves); err != nil || !ok {
				return false, err
			}
			leaves = leaves[1:]
		}
		if err := l.take(size, leaves, full); err != nil {
			return false, err
		}
		if !full {
			l.boundary(height)
			return true, nil
		}
	}
}

// behind raises an alert when the index, or the agency's own peer, has fewer blocks than were signed.
func (l *Log) behind(ctx context.Context, height uint64) (bool, error) {
	last, ok := l.last()
	if !ok || last.Size == 0 || height > last.Block {
		return false, nil
	}
	has, err := l.LedgerHeight(ctx)
	if err != nil {
		return false, fmt.Errorf("the ledger's height: %w", err)
	}
	l.raise(ctx, Alert{Kind: RolledBack, Ours: last.Head, Theirs: l.indexed(ctx, last.Size), Detail: fmt.Sprintf(
		"the index has read %d blocks and the peer has %d, but what was signed goes up to block %d", height, has, last.Block)})
	return true, nil
}

// overlap holds the last known leaf against the index's. Not ok means that nothing more is taken now.
func (l *Log) overlap(ctx context.Context, size int64, height uint64, leaves []Leaf) (ok bool, err error) {
	mine, err := l.tree.leaf(size - 1)
	if err != nil {
		return false, err
	}
	l.mu.RLock()
	block := l.block
	l.mu.RUnlock()
	switch {
	case len(leaves) == 0 && height <= block:
		return false, nil // the index is being made anew
	case len(leaves) == 0:
		last, _ := l.last()
		l.raise(ctx, Alert{Kind: RolledBack, Ours: last.Head, Theirs: l.indexed(ctx, last.Size),
			Detail: fmt.Sprintf("the index has read %d blocks and has fewer than %d leaves", height, size)})
		return false, nil
	case leaves[0].Hash != mine:
		return false, l.changed(ctx, size-1, leaves[0].Hash)
	}
	l.mu.Lock()
	l.block = leaves[0].Block
	l.mu.Unlock()
	return true, nil
}

// changed is for a leaf that is another in the index than in the log. Leaves on disk that do not give what was signed
// are dropped; else it is the index that changed.
func (l *Log) changed(ctx context.Context, index int64, now tlog.Hash) error {
	last, ok := l.last()
	root, err := l.tree.root(min(last.Size, l.tree.length()))
	if !ok || err != nil || last.Size > l.tree.length() || root != last.Root {
		l.log.WarnContext(ctx, "the log's leaves on disk are not the index's, and are taken again", "count", index)
		return l.tree.clear()
	}
	l.raise(ctx, Alert{Kind: ChangedLeaf, Ours: last.Head, Theirs: l.indexed(ctx, last.Size),
		Detail: fmt.Sprintf("leaf %d of the index is %s now", index, now)})
	return nil
}

// take adds leaves and notes where blocks end. more says that the index has more of them, perhaps of the same block.
func (l *Log) take(size int64, leaves []Leaf, more bool) error {
	if len(leaves) == 0 {
		return nil
	}
	hashes := make([]tlog.Hash, len(leaves))
	var heads []pending
	for i := range leaves {
		hashes[i] = leaves[i].Hash
		last := i == len(leaves)-1
		if last && !more || !last && leaves[i+1].Block != leaves[i].Block {
			heads = append(heads, pending{size + int64(i) + 1, leaves[i].Block})
		}
	}
	if err := l.tree.add(hashes); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.block = leaves[len(leaves)-1].Block
	l.heads = append(l.heads, heads...)
	if n := len(l.heads); n > keptSigned {
		l.heads = l.heads[n-keptSigned:]
	}
	return nil
}

// boundary has the state as it is signed, when it is not among the block ends noted while leaves were taken: before the
// first leaf, or when what is on disk came from an earlier run.
func (l *Log) boundary(height uint64) {
	size := l.tree.length()
	last, ok := l.last()
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.heads); n > 0 && l.heads[n-1].size >= size || ok && last.Size >= size {
		return
	}
	if size > 0 || height > 0 {
		l.heads = append(l.heads, pending{size, l.block})
	}
}

// sign signs what is not signed yet, unless that would contradict what was signed before. What is signed is on disk
// before anybody can see it.
func (l *Log) sign(ctx context.Context) error {
	l.mu.Lock()
	heads := l.heads
	l.mu.Unlock()
	extends, err := l.extends(ctx)
	if err != nil || !extends || len(heads) == 0 || !l.entitled() || !l.asked() || l.disputed() {
		return err
	}
	states, err := l.signAll(heads)
	if err != nil {
		return err
	}
	if len(states) > 0 {
		if err := l.memory.remember(states); err != nil {
			return fmt.Errorf("what was signed cannot be kept: %w", err)
		}
	}
	l.mu.Lock()
	l.signed = append(l.signed, states...)
	if n := len(l.signed); n > keptSigned {
		l.signed = l.signed[n-keptSigned:]
	}
	l.heads = nil
	l.mu.Unlock()
	l.moved.notify()
	return l.publish()
}

// signAll signs those states that are larger than the one signed last.
func (l *Log) signAll(heads []pending) (states []Signed, err error) {
	last, signedBefore := l.last()
	for _, h := range heads {
		if signedBefore && h.size <= last.Size || h.size < l.floor().Size {
			continue
		}
		root, err := l.tree.root(h.size)
		if err != nil {
			return nil, err
		}
		s := Signed{Head: Head{h.size, root}, Block: h.block, At: l.now().UTC()}
		body := s.body(l.Origin)
		if s.Log, err = signLog(l.Origin, body, l.LogKey); err != nil {
			return nil, err
		}
		if s.Cosigned, err = cosign(l.Origin, l.Organisation, body, s.At, l.CosigningKey); err != nil {
			return nil, err
		}
		states = append(states, s)
	}
	return states, nil
}

// extends reports whether the tree extends what this agency signed last, as it remembers and as others can show; an alert
// tells when it does not.
func (l *Log) extends(ctx context.Context) (bool, error) {
	last, _ := l.last()
	for kind, head := range map[AlertKind]Head{NotExtending: last.Head, Forgotten: l.floor()} {
		if head.Size == 0 {
			continue // every tree extends the empty one
		}
		if l.tree.length() < head.Size {
			return false, nil // being made anew, or an alert was raised
		}
		root, err := l.tree.root(head.Size)
		var changed *ChangedError
		if errors.As(err, &changed) {
			l.raise(ctx, Alert{Kind: ChangedLeaf, Ours: head, Theirs: l.indexed(ctx, head.Size), Detail: changed.Error()})
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if root != head.Root {
			l.raise(ctx, Alert{Kind: kind, Ours: head, Theirs: Head{head.Size, root}, Detail: "theirs is the index's"})
			return false, nil
		}
		l.settle(ctx, "", kind)
	}
	return true, nil
}

// floor is the largest state under which others have shown a cosignature of this agency that it does not remember.
func (l *Log) floor() Head {
	if h := l.shown.Load(); h != nil {
		return *h
	}
	return Head{}
}

// entitled reports whether the ledger names this gateway's keys.
func (l *Log) entitled() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, a := range l.agencies {
		if a.MSPID == l.Organisation {
			return holds(a.Keys, l.CosigningKey) && holds(a.LogKeys, l.LogKey)
		}
	}
	return false
}
