package crosscheck

import (
	"bytes"
	"context"
	"slices"
)

// fetched is what one source has for a block.
type fetched struct {
	block Block
	err   error
}

// blocksAhead bounds the blocks that wait in memory for one source.
const blocksAhead = 4

func read(ctx context.Context, s Source, from, until uint64, out chan<- fetched) {
	defer close(out)
	s.Blocks(ctx, from, until, func(b Block, err error) bool {
		select {
		case out <- fetched{b, err}:
			return true
		case <-ctx.Done():
			return false
		}
	})
}

// copies is a block that some organisations have alike.
type copies struct {
	block         Block
	organisations []string
	signatures    []Block // each organisation's own, since orderers sign each copy
}

// job is one block in all of its copies, and what is known of the chain before it.
type job struct {
	number     uint64
	groups     []copies // the one that is gone on with first
	config     *configuration
	previous   []byte
	lastConfig uint64
	findings   []Finding // with organisations
}

// result is a job that is done.
type result struct {
	number   uint64
	sound    *verified // nil when nobody could give the block
	findings []Finding
}

// collect takes one block from every source and decides which copy the chain goes on with.
func (c *Checker) collect(ctx context.Context, n uint64, streams []chan fetched) (*job, bool) {
	j := &job{number: n, previous: c.previous}
	for i, s := range c.sources {
		var f fetched
		var open bool
		select {
		case f, open = <-streams[i]:
		case <-ctx.Done():
			return nil, false
		}
		organisation := []string{s.Organisation()}
		switch {
		case !open:
			j.report(organisation, inBlock(n, Unreadable, "the peer gives no such block"))
		case f.err != nil:
			j.report(organisation, inBlock(n, Unreadable, "%v", f.err))
		case f.block.Number != n:
			j.report(organisation, inBlock(n, WrongNumber, "it calls itself block %d", f.block.Number))
		default:
			j.put(organisation[0], f.block)
		}
	}
	j.choose()
	c.advance(j)
	return j, ctx.Err() == nil
}

func (j *job) report(organisations []string, f Finding) {
	f.Organisations = organisations
	j.findings = append(j.findings, f)
}

// put adds an organisation's copy to those who have it alike.
func (j *job) put(organisation string, b Block) {
	for i := range j.groups {
		if g := &j.groups[i]; g.block.same(&b) {
			g.organisations, g.signatures = append(g.organisations, organisation), append(g.signatures, b)
			return
		}
	}
	j.groups = append(j.groups, copies{b, []string{organisation}, []Block{b}})
}

// choose puts the copy first that fits the chain and its own hash; among those, the one that most organisations have.
func (j *job) choose() {
	if len(j.groups) < 2 {
		return
	}
	rank := func(g *copies) int {
		score := len(g.organisations)
		sum := g.block.sumData()
		if bytes.Equal(sum[:], g.block.DataHash) {
			score += 100
		}
		if j.previous == nil || bytes.Equal(g.block.PreviousHash, j.previous) {
			score += 100
		}
		return score
	}
	slices.SortStableFunc(j.groups, func(a, b copies) int { return rank(&b) - rank(&a) })
}

// advance moves the chain's end on to the chosen copy, and the configuration when the block holds one.
func (c *Checker) advance(j *job) {
	j.config, j.lastConfig = c.config, c.lastConfig
	if len(j.groups) == 0 {
		c.previous = nil
		return
	}
	b := &j.groups[0].block
	hash := b.Hash()
	c.previous = hash[:]
	if j.number == 0 {
		c.first = hash[:]
	}
	envelope, channel, err := configOf(b)
	if envelope == nil && err == nil {
		if c.config == nil {
			j.report(nil, inBlock(j.number, BadConfiguration, "no configuration is known to check it with"))
		}
		return
	}
	var next *configuration
	switch {
	case err != nil:
	case c.config == nil:
		next, err = newConfiguration(channel, envelope.GetConfig())
		j.config = next
	default:
		next, err = c.config.next(envelope, channel)
	}
	if err != nil {
		j.report(nil, inBlock(j.number, BadConfiguration, "%v", err))
		return
	}
	c.config, c.lastConfig = next, j.number
	j.lastConfig = j.number
}

// run verifies a block's copies.
func (j *job) run() *result {
	r := &result{number: j.number, findings: j.findings}
	for i := range j.groups {
		g := &j.groups[i]
		var found []Finding
		if j.previous != nil && !bytes.Equal(g.block.PreviousHash, j.previous) {
			found = append(found, inBlock(j.number, PreviousHash, "it names another block before it than there is"))
		}
		if j.config == nil {
			continue
		}
		v := j.config.verify(g.block)
		found = append(found, v.findings...)
		if i == 0 {
			r.sound = v
		} else {
			found = append(found, locate(&g.block, &j.groups[0].block)...)
		}
		for _, f := range found {
			f.Organisations = g.organisations
			r.findings = append(r.findings, f)
		}
		for k := range g.signatures {
			for _, f := range j.config.checkSignatures(&g.signatures[k], j.lastConfig, v.when()) {
				f.Organisations = []string{g.organisations[k]}
				r.findings = append(r.findings, f)
			}
		}
	}
	return r
}
