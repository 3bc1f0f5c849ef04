package translog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// chunk is the number of leaves that are read from the index at a time.
const chunk = 4096

// idle is the pause between two checks when nothing happens.
func (l *Log) idle() time.Duration { return 10 * l.Poll }

// follow adds new leaves of the index to the log, and signs.
func (l *Log) follow(ctx context.Context) error {
	for {
		height := l.Source.Height()
		if err := l.followOnce(ctx, height); err != nil {
			return err
		}
		wait, cancel := context.WithTimeout(ctx, l.idle())
		_ = l.Source.WaitFor(wait, height) // a timeout is not an error
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// followOnce reads what is new in the index and signs it, unless something is wrong with the index.
func (l *Log) followOnce(ctx context.Context, height uint64) error {
	sound, err := l.catchUp(ctx, height)
	if err != nil || !sound {
		return err
	}
	l.settle(ctx, "", RolledBack)
	return l.sign(ctx)
}

// catchUp reads the leaves that the log lacks from the index. It reads the last known leaf again, to notice an index that was
// rolled back or replaced: then sound is false. height is the index's height before the first read.
func (l *Log) catchUp(ctx context.Context, height uint64) (sound bool, err error) {
	if err := l.readAgencies(ctx); err != nil {
		return false, err
	}
	if rolledBack, err := l.rolledBack(ctx, height); err != nil || rolledBack {
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
			if ok, err := l.checkOverlap(ctx, size, height, leaves); err != nil || !ok {
				return false, err
			}
			leaves = leaves[1:]
		}
		if err := l.addLeaves(size, leaves, full); err != nil {
			return false, err
		}
		if !full {
			l.addLastBlockEnd(height)
			return true, nil
		}
	}
}

// readAgencies reads the agencies and their keys. While those on the ledger cannot be read the log goes on with the last that could:
// the index says which value is at fault.
func (l *Log) readAgencies(ctx context.Context) error {
	agencies, err := l.Agencies(ctx)
	if err == nil {
		err = l.setAgencies(agencies)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil || len(l.Cosigners()) == 0 {
		return fmt.Errorf("the agencies' keys: %w", err)
	}
	l.log.WarnContext(ctx, "the agencies' keys cannot be read; going on with those known", "error", err)
	return nil
}

// rolledBack raises an alert if the index, or the agency's own peer, has fewer blocks than this agency has signed.
func (l *Log) rolledBack(ctx context.Context, height uint64) (bool, error) {
	last, ok := l.last()
	if !ok || last.Size == 0 || height > last.Block {
		return false, nil
	}
	has, err := l.LedgerHeight(ctx)
	if err != nil {
		return false, fmt.Errorf("the ledger's height: %w", err)
	}
	l.raise(ctx, Alert{Kind: RolledBack, Ours: last.Head, Theirs: l.indexHead(ctx, last.Size), Detail: fmt.Sprintf(
		"the index has %d blocks and the peer has %d, but this agency has signed up to block %d", height, has, last.Block)})
	return true, nil
}

// checkOverlap compares the last known leaf with the index's. If ok is false, no more leaves are added until it does.
func (l *Log) checkOverlap(ctx context.Context, size int64, height uint64, leaves []Leaf) (ok bool, err error) {
	ours, err := l.tree.leaf(size - 1)
	if err != nil {
		return false, err
	}
	l.mu.RLock()
	block := l.block
	l.mu.RUnlock()
	switch {
	case len(leaves) == 0 && height <= block:
		return false, nil // the index is being rebuilt
	case len(leaves) == 0:
		last, _ := l.last()
		l.raise(ctx, Alert{Kind: RolledBack, Ours: last.Head, Theirs: l.indexHead(ctx, last.Size),
			Detail: fmt.Sprintf("the index has %d blocks but fewer than %d leaves", height, size)})
		return false, nil
	case leaves[0].Hash != ours:
		return false, l.leafChanged(ctx, size-1, leaves[0].Hash)
	}
	l.mu.Lock()
	l.block = leaves[0].Block
	l.mu.Unlock()
	return true, nil
}

// leafChanged handles a leaf that differs between the index and the log. If the leaves on disk do not give the signed root,
// the log is wrong and they are dropped; otherwise the index has changed, and an alert is raised.
func (l *Log) leafChanged(ctx context.Context, index int64, now tlog.Hash) error {
	last, ok := l.last()
	root, err := l.tree.root(min(last.Size, l.tree.length()))
	if !ok || err != nil || last.Size > l.tree.length() || root != last.Root {
		l.log.WarnContext(ctx, "the log's leaves on disk are not the index's and will be read again", "count", index)
		return l.tree.clear()
	}
	l.raise(ctx, Alert{Kind: ChangedLeaf, Ours: last.Head, Theirs: l.indexHead(ctx, last.Size),
		Detail: fmt.Sprintf("leaf %d of the index is %s now", index, now)})
	return nil
}

// addLeaves adds leaves and remembers where blocks end. more says that the index has further leaves, perhaps of the last
// block.
func (l *Log) addLeaves(size int64, leaves []Leaf, more bool) error {
	if len(leaves) == 0 {
		return nil
	}
	hashes := make([]tlog.Hash, len(leaves))
	var blockEnds []blockEnd
	for i := range leaves {
		hashes[i] = leaves[i].Hash
		last := i == len(leaves)-1
		if last && !more || !last && leaves[i+1].Block != leaves[i].Block {
			blockEnds = append(blockEnds, blockEnd{size + int64(i) + 1, leaves[i].Block})
		}
	}
	if err := l.tree.add(hashes); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.block = leaves[len(leaves)-1].Block
	l.blockEnds = append(l.blockEnds, blockEnds...)
	if n := len(l.blockEnds); n > keptSigned {
		l.blockEnds = l.blockEnds[n-keptSigned:]
	}
	return nil
}

// addLastBlockEnd makes sure that the present state will be signed. addLeaves does not see its block end before the first
// leaf, or when the leaves on disk are from an earlier run.
func (l *Log) addLastBlockEnd(height uint64) {
	size := l.tree.length()
	last, ok := l.last()
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.blockEnds); n > 0 && l.blockEnds[n-1].size >= size || ok && last.Size >= size {
		return
	}
	if size > 0 || height > 0 {
		l.blockEnds = append(l.blockEnds, blockEnd{size, l.block})
	}
}

// sign signs the block ends that are not signed yet, unless that could contradict an earlier signature. Signatures are on disk
// before anybody can see them.
func (l *Log) sign(ctx context.Context) error {
	l.mu.Lock()
	blockEnds := l.blockEnds
	l.mu.Unlock()
	extends, err := l.extends(ctx)
	if err != nil {
		return err
	}
	if !extends || len(blockEnds) == 0 || !l.keysOnLedger(blockEnds[len(blockEnds)-1].size) || !l.peersAsked() || l.disputed() {
		return nil
	}
	states, err := l.signAll(blockEnds)
	if err != nil {
		return err
	}
	if len(states) > 0 {
		if err := l.memory.remember(states); err != nil {
			return fmt.Errorf("the signed states cannot be kept: %w", err)
		}
	}
	l.mu.Lock()
	l.signed = append(l.signed, states...)
	if n := len(l.signed); n > keptSigned {
		l.signed = l.signed[n-keptSigned:]
	}
	l.blockEnds = nil
	l.mu.Unlock()
	l.newlySigned.notify()
	return l.publish()
}

// signAll signs the states that are larger than the one signed last.
func (l *Log) signAll(blockEnds []blockEnd) (states []Signed, err error) {
	last, signedBefore := l.last()
	for _, h := range blockEnds {
		if signedBefore && h.size <= last.Size || h.size < l.unrememberedHead().Size || !l.keysOnLedger(h.size) {
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

// extends reports whether the tree extends the last state that this agency has signed, according to its own memory and to
// the signatures that other gateways hold. It raises an alert if not.
func (l *Log) extends(ctx context.Context) (bool, error) {
	last, _ := l.last()
	for kind, head := range map[AlertKind]Head{NotExtending: last.Head, Forgotten: l.unrememberedHead()} {
		if head.Size == 0 {
			continue // every tree extends the empty one
		}
		if l.tree.length() < head.Size {
			return false, nil // the index is being rebuilt, or an alert was raised
		}
		root, err := l.tree.root(head.Size)
		var changed *ChangedError
		if errors.As(err, &changed) {
			l.raise(ctx, Alert{Kind: ChangedLeaf, Ours: head, Theirs: l.indexHead(ctx, head.Size), Detail: changed.Error()})
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if root != head.Root {
			l.raise(ctx, Alert{Kind: kind, Ours: head, Theirs: Head{head.Size, root}, Detail: "theirs is the state of the index"})
			return false, nil
		}
		l.settle(ctx, "", kind)
	}
	return true, nil
}

// unrememberedHead is the largest state with a cosignature of this agency that only other gateways remember.
func (l *Log) unrememberedHead() Head {
	if h := l.unremembered.Load(); h != nil {
		return *h
	}
	return Head{}
}

// keysOnLedger reports whether the ledger has this gateway's keys, not retired before the log has a size.
func (l *Log) keysOnLedger(size int64) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, a := range l.agencies {
		if a.MSPID == l.Organisation {
			return hasKey(a.Keys, l.CosigningKey, size) && hasKey(a.LogKeys, l.LogKey, size)
		}
	}
	return false
}
