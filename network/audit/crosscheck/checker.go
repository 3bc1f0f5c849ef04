package crosscheck

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"relieftrail/network/audit/rules"
)

// Options say what to check.
type Options struct {
	// Chaincode is the name of the chaincode whose values are checked.
	Chaincode string
	// First is the hash that block 0 must have; nil when the auditor has no own copy of block 0.
	First []byte
	// Screen keeps what the rules of screening read, for Screening.
	Screen bool
	// Progress is called at most once a second; it may be nil.
	Progress func(Progress)
}

// Progress is how far a check is.
type Progress struct {
	Block, Until uint64
	Count        Count
	Findings     int
}

// Checker reads a channel's blocks once, in order. Make one with New, optionally Begin at a later block or Resume, and
// call To.
type Checker struct {
	Options
	sources []Source

	next       uint64
	config     *configuration // in force for block next
	lastConfig uint64
	previous   []byte // hash of block next-1; nil when it could not be read
	commit     []byte // commit hash of block next-1; nil when it could not be read
	replay     *replay
	// blind says why state and money are not checked; empty when they are.
	blind string

	first      []byte
	heights    map[string]uint64
	findings   []Finding
	dropped    int
	progressAt time.Time
}

// maxFindings limits a report: a ledger that is wrong everywhere does not need every line listed.
const maxFindings = 10_000

// New makes a checker that compares the copies of some organisations, starting at block 0.
func New(sources []Source, options Options) *Checker {
	c := &Checker{Options: options, sources: sources, replay: newReplay(options.Chaincode), heights: map[string]uint64{}}
	if options.Screen {
		c.replay.latest = rules.NewLatest()
	}
	return c
}

// Next is the number of the first block that was not checked yet.
func (c *Checker) Next() uint64 { return c.next }

// Begin skips the blocks before from. Hash chain and signatures are checked from there on; hash and configuration of
// the block before are believed. State and money need every block and are not checked.
func (c *Checker) Begin(ctx context.Context, from uint64) error {
	if from == 0 {
		return nil
	}
	before, err := c.agreed(ctx, from-1)
	if err != nil {
		return err
	}
	lastConfig, err := before.lastConfig()
	if err != nil {
		return fmt.Errorf("block %d: %w", from-1, err)
	}
	holder, err := c.agreed(ctx, lastConfig)
	if err != nil {
		return err
	}
	if c.config, err = configurationIn(holder); err != nil {
		return fmt.Errorf("block %d, the configuration for block %d: %w", lastConfig, from, err)
	}
	hash := before.Hash()
	c.next, c.previous, c.commit, c.lastConfig = from, hash[:], before.commitHash(), lastConfig
	c.blind = fmt.Sprintf("the check begins with block %d, but they need every block from 0 on", from)
	return nil
}

// configurationIn reads the configuration that a block must hold.
func configurationIn(b *Block) (*configuration, error) {
	envelope, channel, err := configOf(b)
	if err != nil {
		return nil, err
	}
	if envelope == nil {
		return nil, errors.New("it does not hold a configuration")
	}
	return newConfiguration(channel, envelope.GetConfig())
}

// agreed returns a block of which all sources have equal copies.
func (c *Checker) agreed(ctx context.Context, n uint64) (*Block, error) {
	var found *Block
	for _, s := range c.sources {
		var b Block
		err := fmt.Errorf("it has no block %d", n)
		s.Blocks(ctx, n, n+1, func(got Block, e error) bool {
			b, err = got, e
			return false
		})
		if err != nil {
			return nil, fmt.Errorf("%s: block %d: %w", s.Organisation(), n, err)
		}
		if found != nil && !found.same(&b) {
			return nil, fmt.Errorf("%s: block %d differs from the copy of %s", s.Organisation(), n, c.sources[0].Organisation())
		}
		found = &b
	}
	return found, nil
}

// Heights asks every source for its height and returns the lowest. A source that does not answer is a finding.
func (c *Checker) Heights(ctx context.Context) (lowest uint64) {
	highest := uint64(0)
	lowest = ^uint64(0)
	for _, s := range c.sources {
		h, err := s.Height(ctx)
		if err != nil {
			c.add([]string{s.Organisation()}, Finding{Kind: Unreadable, Detail: "its height cannot be read: " + err.Error()})
			continue
		}
		c.heights[s.Organisation()] = h
		lowest, highest = min(lowest, h), max(highest, h)
	}
	return min(lowest, highest)
}

// Lag reports peers that are more than allowed blocks behind the highest one. A block or two may be on their way.
func (c *Checker) Lag(allowed uint64) {
	highest := uint64(0)
	for _, h := range c.heights {
		highest = max(highest, h)
	}
	for _, s := range c.sources {
		if h, ok := c.heights[s.Organisation()]; ok && h+allowed < highest {
			c.add([]string{s.Organisation()}, Finding{Kind: Behind, Detail: fmt.Sprintf("it has %d blocks, another peer %d", h, highest)})
		}
	}
}

// add keeps findings about some organisations, up to maxFindings.
func (c *Checker) add(organisations []string, findings ...Finding) {
	for _, f := range findings {
		f.Organisations = organisations
		if len(organisations) == len(c.sources) {
			f.Organisations = nil
		}
		if len(c.sources) == 1 {
			f.Organisations = []string{c.sources[0].Organisation()}
		}
		if c.continues(&f) {
			continue
		}
		if len(c.findings) >= maxFindings {
			c.dropped++
			continue
		}
		c.findings = append(c.findings, f)
	}
}

// continues reports whether a finding repeats that of the previous block, which it then extends by this block.
func (c *Checker) continues(f *Finding) bool {
	if f.Kind != Unreadable || f.Block == nil {
		return false
	}
	for i := len(c.findings) - 1; i >= 0 && i >= len(c.findings)-len(c.sources); i-- {
		g := &c.findings[i]
		if g.Kind != f.Kind || g.Detail != f.Detail || !slices.Equal(g.Organisations, f.Organisations) || g.Block == nil {
			continue
		}
		last := g.Block
		if g.LastBlock != nil {
			last = g.LastBlock
		}
		if *last+1 == *f.Block {
			g.LastBlock = f.Block
			return true
		}
	}
	return false
}

// To checks blocks up to, not including, a height. It stops early only when ctx ends.
func (c *Checker) To(ctx context.Context, until uint64) error {
	if until <= c.next {
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	streams := make([]chan fetched, len(c.sources))
	for i, s := range c.sources {
		streams[i] = make(chan fetched, blocksAhead)
		go read(ctx, s, c.next, until, streams[i])
	}
	// Blocks are verified in parallel and followed in order: the queue keeps the order.
	queue := make(chan chan *result, 2*runtime.GOMAXPROCS(0))
	workers := make(chan struct{}, runtime.GOMAXPROCS(0))
	go func() {
		defer close(queue)
		for n := c.next; n < until; n++ {
			j, ok := c.collect(ctx, n, streams)
			if !ok {
				return
			}
			done := make(chan *result, 1)
			select {
			case queue <- done:
			case <-ctx.Done():
				return
			}
			workers <- struct{}{}
			go func() {
				done <- j.run()
				<-workers
			}()
		}
	}()
	next := c.next
	for done := range queue {
		c.follow(<-done)
		next++
		c.reportProgress(next, until)
	}
	c.next = next
	if next < until {
		return context.Cause(ctx)
	}
	return nil
}

func (c *Checker) reportProgress(next, until uint64) {
	if c.Progress == nil || time.Since(c.progressAt) < time.Second && next < until {
		return
	}
	c.progressAt = time.Now()
	c.Progress(Progress{Block: next, Until: until, Count: c.replay.count, Findings: len(c.findings) + c.dropped})
}

// follow adds a block's result to the check, in the order of the chain.
func (c *Checker) follow(r *result) {
	for _, f := range r.findings {
		c.add(f.Organisations, f)
	}
	if r.number == 0 && len(c.First) > 0 && !bytes.Equal(c.first, c.First) {
		c.add(nil, inBlock(0, PreviousHash, "block 0 is not the one of which the auditor has a copy"))
	}
	if r.sound == nil {
		c.commit = nil
		if c.blind == "" {
			c.blind = fmt.Sprintf("no source could give block %d", r.number)
		}
		return
	}
	c.checkCommit(r.sound)
	if c.blind == "" {
		c.add(nil, c.replay.apply(r.sound)...)
	} else {
		c.replay.count.Blocks++
		c.replay.count.Transactions += uint64(len(r.sound.transactions))
	}
}

// checkCommit checks the next link of the chain of commit hashes.
func (c *Checker) checkCommit(v *verified) {
	stored := v.block.commitHash()
	if v.block.Number > 0 && (v.block.Number == 1 || c.commit != nil) {
		if want, ok := nextCommitHash(c.commit, v); ok && !bytes.Equal(stored, want[:]) {
			c.add(nil, inBlock(v.block.Number, CommitHash, "the commit hash does not fit the flags and values of the block"))
		}
	}
	c.commit = stored
}
