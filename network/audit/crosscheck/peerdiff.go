package crosscheck

import (
	"bytes"
	"context"
	"slices"
)

// fetched is a source's answer to the request for one block.
type fetched struct {
	block Block
	err   error
}

// blocksAhead limits the blocks of one source that wait in memory.
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

// sameCopies is a block and the organisations whose copies of it are equal.
type sameCopies struct {
	block         Block
	organisations []string
	signatures    []Block // one an organisation, since orderers sign each copy
}

// job is one block with all its copies, and what is known of the chain before it.
type job struct {
	number     uint64
	groups     []sameCopies // first the one that the chain continues with
	config     *configuration
	previous   []byte
	lastConfig uint64
	findings   []Finding // with organisations
}

// result is the outcome of a job.
type result struct {
	number   uint64
	sound    *verified // nil when no source has the block
	findings []Finding
}

// collect takes one block from every source and chooses the copy with which the chain continues.
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
			j.report(organisation, inBlock(n, Unreadable, "the peer does not give this block"))
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

// put adds an organisation's copy to the group of equal copies.
func (j *job) put(organisation string, b Block) {
	for i := range j.groups {
		if g := &j.groups[i]; g.block.same(&b) {
			g.organisations, g.signatures = append(g.organisations, organisation), append(g.signatures, b)
			return
		}
	}
	j.groups = append(j.groups, sameCopies{b, []string{organisation}, []Block{b}})
}

// choose puts first the copy that fits the chain and its own data hash and, among several, the one that most
// organisations have.
func (j *job) choose() {
	if len(j.groups) < 2 {
		return
	}
	rank := func(g *sameCopies) int {
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
	slices.SortStableFunc(j.groups, func(a, b sameCopies) int { return rank(&b) - rank(&a) })
}

// advance makes the chosen copy the end of the chain and takes over the configuration that the block may hold.
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
			j.report(nil, inBlock(j.number, BadConfiguration, "it cannot be checked: no configuration of the channel is known"))
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
			found = append(found, inBlock(j.number, PreviousHash, "it names another previous block than the chain has"))
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
