package jobs

import (
	"errors"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/seal"
)

// waitingLines bounds the lines of one job that are held back until their chunk is full.
const waitingLines = 50_000

// batch is what a file of payments or of the bank's answers needs of its batch. It does not change once the batch is
// instructed.
type batch struct {
	ID          relief.BatchID
	Programme   relief.ProgrammeID
	Region      relief.Region
	Period      relief.Period
	SegmentSize uint32
	Instructed  relief.Day    // when the bank got the payments; empty before
	Earlier     relief.Period // the first period that it may hold payments of; its own one for none before
	HoldsMore   bool          // people may have several payments in it; known from the seal on
	Inherited   relief.Inherited
}

// covers reports whether people of a region may be paid by the batch, by the contracts' own rule.
func (b *batch) covers(r relief.Region) bool {
	return (&payment.Batch{Region: b.Region, Inherited: b.Inherited}).Covers(r)
}

// batch reads the job's batch. Batches that were used lately are not read again.
func (a *attempt) batch() (batch, error) {
	if b, known := a.runner.batches.get(relief.BatchID(a.job.spec.Target)); known {
		return b, nil
	}
	return a.readBatch()
}

// instructedBatch is batch for a file of the bank's answers, which needs the day of the instruction.
func (a *attempt) instructedBatch() (batch, error) {
	b, err := a.batch()
	if err != nil || b.Instructed != "" {
		return b, err
	}
	return a.readBatch() // it may be instructed since it was read
}

func (a *attempt) readBatch() (batch, error) {
	id := relief.BatchID(a.job.spec.Target)
	record, err := ask(a, api.PaymentGet, api.BatchInput{ID: id})
	if err != nil {
		return batch{}, err
	}
	b := batch{
		ID: record.ID, Programme: record.Programme, Region: record.Region, Period: record.Period, SegmentSize: record.SegmentSize,
		Earlier: record.Periods()[0], HoldsMore: record.HoldsMore(), Inherited: record.Inherited,
	}
	if at := record.InstructedAt(); !at.IsZero() {
		b.Instructed = a.runner.dayOf(at)
	}
	a.runner.batches.put(id, b)
	return b, nil
}

// linesPlan lists payments: each goes to the segment of its person's roll number.
type linesPlan struct {
	attempt *attempt
	target  batch
	rollKey rollKey
	roll    *loadedRoll
	fresh   bool // the roll was read for this job
	packer  *packer[listedPayment]
	tagger  *seal.Tagger
	number  uint32            // of the line that was checked last
	payees  []roll.PayeeCheck // of that line, that of the key in use first

	remembered bool // a line has a number from before this job
}

type listedPayment struct {
	input  payment.LineInput
	serial string
}

func newLinesPlan(a *attempt) (*linesPlan, error) {
	if a.runner.options.Persons == nil {
		return nil, relief.Errorf(relief.CodeForbidden, "本网关没有收款人标签密钥，请到保存个人信息的网关录入名单 · "+
			"this gateway has no tag key: payments are listed where private details are kept")
	}
	target, err := a.batch()
	if err != nil {
		return nil, err
	}
	key := rollKey{target.Programme, target.Region.County()}
	return &linesPlan{
		attempt: a, target: target, rollKey: key, roll: a.runner.rolls.use(key),
		packer: newPacker[listedPayment](target.SegmentSize, waitingLines), tagger: a.runner.options.Persons.Tagger(),
	}, nil
}

func (p *linesPlan) check(l *intake.Line) (*intake.Refusal, error) {
	if !p.target.covers(l.Region) {
		return l.Refuse("region", relief.LineRegionOutside), nil
	}
	if l.Period.Quarterly() != p.target.Period.Quarterly() || l.Period.Before(p.target.Earlier) || p.target.Period.Before(l.Period) {
		return l.Refuse("period", relief.LinePeriod), nil
	}
	found, err := p.known(l)
	if err != nil {
		return nil, err
	}
	if !found {
		return l.Refuse("id_number", relief.LineNotOnRoll), nil
	}
	p.payees = p.tagger.Checks(l.Name, l.Account)
	return nil, nil
}

// known reports whether a line's person is on the roll. The ledger is asked for what is new on the roll with the first line: a
// person may have another number since the job before. A small file, which is one payment mostly, is sent with the number that
// is remembered: see renumbered.
func (p *linesPlan) known(l *intake.Line) (found bool, err error) {
	p.number, found = p.roll.number(l.Ref, l.Period)
	if p.fresh {
		return found, nil
	}
	if found && p.attempt.job.spec.Small {
		p.remembered = true
		return true, nil
	}
	p.fresh = true
	if p.roll, err = p.attempt.loadRoll(p.rollKey); err != nil {
		return false, err
	}
	p.number, found = p.roll.number(l.Ref, l.Period)
	return found, nil
}

func (p *linesPlan) add(l *intake.Line) error {
	return p.send(p.packer.add(p.number/p.target.SegmentSize, listedPayment{payment.LineInput{
		Seq:    uint32(l.FileLine), //nolint:gosec // a file's lines
		Number: p.number, Ref: l.Ref, Region: l.Region, Persons: l.Persons, Amount: l.Amount, Payee: p.payees[0], Period: l.Period,
		Others: p.payees[1:],
	}, l.Serial}))
}

func (p *linesPlan) send(bundles []bundle[listedPayment]) error {
	for _, b := range bundles {
		if err := p.attempt.scheduler.send(&linesChunk{
			principal: p.attempt.job.spec.Principal, batch: p.target, bundle: b, remembered: p.remembered,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (p *linesPlan) end() error {
	if err := p.send(p.packer.flushAll()); err != nil {
		return err
	}
	return p.attempt.scheduler.wait()
}

// linesChunk is payments of a batch on their way to its segments.
type linesChunk struct {
	principal  string
	batch      batch
	bundle     bundle[listedPayment]
	each       bool // what became of each line is asked for
	remembered bool // a line has a number from before the job
}

func (c *linesChunk) lanes() []uint32 { return c.bundle.segments }

func (c *linesChunk) call() (ledger.Call, error) {
	inputs := make([]payment.LineInput, len(c.bundle.lines))
	for i := range inputs {
		inputs[i] = c.bundle.lines[i].input
	}
	return contracts.Call(c.principal, api.PaymentAddLines, api.ChunkInput{Batch: c.batch.ID, Each: c.each},
		map[string][]byte{wire.TransientLines: payment.AppendLines(nil, inputs)})
}

func (c *linesChunk) together() together {
	return together{c.principal, api.PaymentAddLines.Name(), c.batch.ID}
}

func (c *linesChunk) numbers() []uint32 {
	numbers := make([]uint32, len(c.bundle.lines))
	for i := range numbers {
		numbers[i] = c.bundle.lines[i].input.Number
	}
	return numbers
}

func (c *linesChunk) with(chunks []sharedChunk) (sharedChunk, []int) {
	lines := make([][]listedPayment, len(chunks))
	for i := range chunks {
		lines[i] = chunks[i].(*linesChunk).bundle.lines // only chunks of one function are together
	}
	all, from := joinLines(c.batch.SegmentSize, lines, func(l *listedPayment) uint32 { return l.input.Number })
	return &linesChunk{principal: c.principal, batch: c.batch, bundle: all, each: true}, from
}

// renumbered looks at the roll for those refused lines whose numbers were remembered, and gives the lines of people who have
// another number now, with that. A number that a person had before cannot be paid for a period of the number after: the contract
// refuses it.
func (c *linesChunk) renumbered(a *attempt, refused []wire.Refusal) (again []sharedChunk, rest []wire.Refusal, err error) {
	if !c.remembered || len(refused) == 0 {
		return nil, refused, nil
	}
	known, err := a.loadRoll(rollKey{c.batch.Programme, c.batch.Region.County()})
	if err != nil {
		return nil, nil, err
	}
	packer := newPacker[listedPayment](c.batch.SegmentSize, waitingLines)
	var bundles []bundle[listedPayment]
	for _, r := range refused {
		i := slices.IndexFunc(c.bundle.lines, func(l listedPayment) bool { return l.input.Seq == r.Seq })
		if i < 0 {
			return nil, nil, errors.New("the contract refuses a line that was not sent")
		}
		l := c.bundle.lines[i]
		number, found := known.number(l.input.Ref, l.input.Period)
		if !found || number == l.input.Number {
			rest = append(rest, r)
			continue
		}
		l.input.Number = number
		bundles = append(bundles, packer.add(number/c.batch.SegmentSize, l)...)
	}
	for _, b := range append(bundles, packer.flushAll()...) {
		again = append(again, &linesChunk{principal: c.principal, batch: c.batch, bundle: b})
	}
	return again, rest, nil
}

func (c *linesChunk) read(result []byte) (wire.ChunkResult, []intake.Refusal, error) {
	r, err := contracts.Answer(api.PaymentAddLines, result)
	if err != nil {
		return r, nil, err
	}
	return r, c.refusals(r.Refused), nil
}

func (c *linesChunk) refusals(refused []wire.Refusal) []intake.Refusal {
	if len(refused) == 0 {
		return nil
	}
	serials := make(map[uint32]string, len(c.bundle.lines))
	for i := range c.bundle.lines {
		serials[c.bundle.lines[i].input.Seq] = c.bundle.lines[i].serial
	}
	return refusalsOf(refused, serials)
}
