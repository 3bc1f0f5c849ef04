package jobs

import (
	"errors"
	"io"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/intake"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/payee"
)

// answersPlan records the bank's answers, and at the end has them folded into the batch and its tranche.
type answersPlan struct {
	attempt *attempt
	target  batch
	days    payee.DayBounds // on which the bank can have credited or returned a payment
	packer  *packer[settledAnswer]
	// transfers are those of a batch in which people may have several payments, by segment and roll number; a segment is read when it is first needed.
	transfers map[uint32]map[uint32]*payment.Transfer
}

// settledAnswer is an answer with the payments that it is for, in the order of their salts.
type settledAnswer struct {
	payment.AnswerInput
	of []relief.PaymentID
}

func newAnswersPlan(a *attempt) (*answersPlan, error) {
	if a.runner.options.ReceiptKey == nil {
		return nil, relief.Errorf(relief.CodeForbidden, "本网关没有回执密钥，银行结果由财政部门的网关登记 · "+
			"this gateway has no receipt key: the bank's answers are recorded at finance's")
	}
	target, err := a.instructedBatch()
	if err != nil {
		return nil, err
	}
	return &answersPlan{
		attempt: a, target: target, days: payee.SettlementDays(target.Instructed, a.runner.today()),
		packer:    newPacker[settledAnswer](target.SegmentSize, waitingLines),
		transfers: map[uint32]map[uint32]*payment.Transfer{},
	}, nil
}

// carryAnswers works through a file of answers that WriteAnswers wrote.
func (a *attempt) carryAnswers(f io.Reader, p *answersPlan) error {
	reader := newAnswerReader(f)
	for n := 1; ; n++ {
		answer, err := reader.next()
		if errors.Is(err, io.EOF) {
			a.job.read(n - 1)
			return p.end()
		}
		if err != nil {
			return err
		}
		if err := p.addAnswer(answer); err != nil {
			return err
		}
		if err := a.progress(n); err != nil {
			return err
		}
	}
}

func (p *answersPlan) check(l *intake.Line) (*intake.Refusal, error) {
	id := &l.Payment
	if id.Programme != p.target.Programme || id.County != p.target.Region.County() || id.Period != p.target.Period && !p.target.HoldsMore {
		return l.Refuse("payment_id", relief.LineNotInBatch), nil
	}
	if carried, err := p.carries(id); err != nil || !carried {
		return l.Refuse("payment_id", relief.LineNotInBatch), err
	}
	if err := p.days.Check("date", payee.DayOfNumber(l.Day)); err != nil {
		return l.RefuseValue(err), nil
	}
	return nil, nil
}

func (p *answersPlan) add(l *intake.Line) error {
	return p.addAnswer(payment.AnswerInput{
		Seq:    uint32(l.FileLine), //nolint:gosec // a file's lines
		Number: l.Payment.Number, Attempt: l.Payment.Attempt, Outcome: l.Outcome,
		Amount: l.Amount, Reason: l.Reason, Day: l.Day, BankRef: l.BankRef,
	})
}

func (p *answersPlan) addAnswer(a payment.AnswerInput) error {
	answer, err := p.settled(a)
	if err != nil {
		return err
	}
	return p.send(p.packer.add(answer.Number/p.target.SegmentSize, answer))
}

// settled says which payments an answer is for: in a batch in which people may have several, all that the person's transfer carries.
func (p *answersPlan) settled(a payment.AnswerInput) (settledAnswer, error) {
	b := &p.target
	if !b.HoldsMore {
		id := relief.PaymentID{Programme: b.Programme, County: b.Region.County(), Number: a.Number, Period: b.Period, Attempt: a.Attempt}
		return settledAnswer{a, []relief.PaymentID{id}}, nil
	}
	a.Attempt = 0
	out := settledAnswer{AnswerInput: a}
	transfer, err := p.transfer(a.Number)
	if err != nil || transfer == nil { // which the contract refuses
		return out, err
	}
	for i := range transfer.Payments {
		out.of = append(out.of, transfer.Payments[i].ID)
	}
	return out, nil
}

// carries reports whether a transfer of the batch carries a payment. Of a batch of which each payment is a transfer the contract
// knows.
func (p *answersPlan) carries(id *relief.PaymentID) (bool, error) {
	if !p.target.HoldsMore {
		return true, nil
	}
	transfer, err := p.transfer(id.Number)
	if err != nil || transfer == nil {
		return false, err
	}
	return slices.ContainsFunc(transfer.Payments, func(of payment.Payment) bool { return of.ID == *id }), nil
}

// transfer is what the batch pays a roll number; nil when it pays nothing.
func (p *answersPlan) transfer(number uint32) (*payment.Transfer, error) {
	segment := number / p.target.SegmentSize
	if of, read := p.transfers[segment]; read {
		return of[number], nil
	}
	lines, err := ask(p.attempt, api.PaymentLines, api.LinesInput{Batch: p.target.ID, Segment: segment})
	if err != nil {
		return nil, err
	}
	of := map[uint32]*payment.Transfer{}
	transfers := payment.Transfers(lines.Lines)
	for i := range transfers {
		of[transfers[i].Number] = &transfers[i]
	}
	p.transfers[segment] = of
	return of[number], nil
}

func (p *answersPlan) send(bundles []bundle[settledAnswer]) error {
	for _, b := range bundles {
		if err := p.attempt.scheduler.send(&answersChunk{
			principal: p.attempt.job.spec.Principal, receiptKey: p.attempt.runner.options.ReceiptKey, batch: p.target, bundle: b,
		}); err != nil {
			return err
		}
	}
	return nil
}

func (p *answersPlan) end() error {
	if err := p.send(p.packer.flushAll()); err != nil {
		return err
	}
	if err := p.attempt.scheduler.wait(); err != nil {
		return err
	}
	job := p.attempt.job
	if result := job.snapshot().Result; job.spec.Small || result.Accepted+result.Unchanged == 0 {
		return nil // of small files those see to the tally who carry them
	}
	call, err := contracts.Call(job.spec.Principal, api.PaymentTally, api.BatchInput{ID: p.target.ID}, nil)
	if err != nil {
		return err
	}
	answer, err := p.attempt.deliver(call, nil)
	if err != nil {
		return err
	}
	if answer.TxID != "" {
		_ = job.update(func(j *Job) { j.Transactions++ })
	}
	return nil
}

// answersChunk is the bank's answers on their way to a batch's segments.
type answersChunk struct {
	principal  string
	receiptKey []byte
	batch      batch
	bundle     bundle[settledAnswer]
	each       bool // what became of each line is asked for
}

func (c *answersChunk) lanes() []uint32 { return c.bundle.segments }

func (c *answersChunk) call() (ledger.Call, error) {
	answers := make([]payment.AnswerInput, len(c.bundle.lines))
	for i := range answers {
		a := &answers[i]
		*a = c.bundle.lines[i].AnswerInput
		for k, id := range c.bundle.lines[i].of {
			if salt := relief.LeafSalt(c.receiptKey, id); k == 0 {
				a.Salt = salt
			} else {
				a.More = append(a.More, salt)
			}
		}
	}
	return contracts.Call(c.principal, api.PaymentSettle, api.ChunkInput{Batch: c.batch.ID, Each: c.each},
		map[string][]byte{wire.TransientSettlements: payment.AppendAnswers(nil, answers)})
}

func (c *answersChunk) together() together {
	return together{c.principal, api.PaymentSettle.Name(), c.batch.ID}
}

func (c *answersChunk) numbers() []uint32 {
	numbers := make([]uint32, len(c.bundle.lines))
	for i := range numbers {
		numbers[i] = c.bundle.lines[i].Number
	}
	return numbers
}

func (c *answersChunk) with(chunks []sharedChunk) (sharedChunk, []int) {
	answers := make([][]settledAnswer, len(chunks))
	for i := range chunks {
		answers[i] = chunks[i].(*answersChunk).bundle.lines // only chunks of one function are together
	}
	all, from := joinLines(c.batch.SegmentSize, answers, func(a *settledAnswer) uint32 { return a.Number })
	return &answersChunk{c.principal, c.receiptKey, c.batch, all, true}, from
}

func (c *answersChunk) read(result []byte) (wire.ChunkResult, []intake.Refusal, error) {
	r, err := contracts.Answer(api.PaymentSettle, result)
	if err != nil {
		return r, nil, err
	}
	return r, c.refusals(r.Refused), nil
}

func (c *answersChunk) refusals(refused []wire.Refusal) []intake.Refusal {
	if len(refused) == 0 {
		return nil
	}
	serials := make(map[uint32]string, len(c.bundle.lines))
	for i := range c.bundle.lines {
		if line := &c.bundle.lines[i]; len(line.of) > 0 {
			serials[line.Seq] = line.of[0].String()
		}
	}
	return refusalsOf(refused, serials)
}
