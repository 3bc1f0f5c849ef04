package payeecheck

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/contracts"
	"relieftrail/gateway/internal/ledger"
	"relieftrail/gateway/internal/payee"
	"relieftrail/gateway/internal/reading"
	"relieftrail/gateway/internal/seal"
)

// segmentsAtOnce is how many segments are read from the ledger at a time.
const segmentsAtOnce = 4

// Checker opens and compares.
type Checker struct {
	Ledger   ledger.Evaluator
	Readings *reading.Reader
	Persons  *seal.Key // makes the tags
}

// Line is a payment and whom it is for.
type Line struct {
	payment.Payment
	Person  seal.Person
	Differs relief.LineCode // the column in which the details are not those of the tags; "" when they are
	Missing error           // why the details cannot be had, nil when they can
}

// Err is nil when the payment is for exactly the payee on the ledger. PENDING when the details cannot be had, CONFLICT
// when they are others; neither says anything of the person.
func (l *Line) Err() error {
	switch {
	case l.Missing != nil:
		return relief.Errorf(relief.CodePending, "支付 %[1]s 的收款人信息无法取得 · "+
			"the details of the payee of %[1]s cannot be had: %[2]v", l.ID, l.Missing)
	case l.Differs != "":
		return relief.Errorf(relief.CodeConflict, "名册编号 %[1]d 的收款人信息与审批时不符（%[2]s），不生成支付文件 · "+
			"the payee's details under roll number %[1]d are not those that were approved (%[2]s): no payment file is made", l.ID.Number, l.Differs)
	}
	return nil
}

// held is a payment with the sealed details of whom it is for.
type held struct {
	payment.Payment
	details api.Details
}

// Lines are a sealed batch's payments, segment by segment and period by period in the order of roll numbers, read in the name of an official who may read personal
// details. The reading is recorded once for all of them, before any is opened.
func (c *Checker) Lines(ctx context.Context, a reading.Access, b *payment.Batch) ([]Line, error) {
	segments := b.SegmentNumbers()
	sealed := make([][]held, len(segments))
	err := each(ctx, segments, func(ctx context.Context, i int) (err error) {
		sealed[i], err = c.segment(ctx, a.Principal, b, segments[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	var people []relief.SubjectRef
	for _, part := range sealed {
		for i := range part {
			people = append(people, part[i].Subject)
		}
	}
	opened, err := c.Readings.Read(a, people...)
	if err != nil {
		return nil, err
	}
	parts := make([][]Line, len(segments))
	err = each(ctx, segments, func(_ context.Context, i int) (err error) {
		parts[i], err = c.open(opened, sealed[i], b.Programme)
		return err
	})
	return slices.Concat(parts...), err
}

// each calls f for each of some segments, a few at a time.
func each(ctx context.Context, segments []uint32, f func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(segmentsAtOnce)
	for i := range segments {
		group.Go(func() error { return f(ctx, i) })
	}
	return group.Wait()
}

func (c *Checker) segment(ctx context.Context, signer string, b *payment.Batch, segment uint32) ([]held, error) {
	listed, err := contracts.Evaluate(ctx, c.Ledger, signer, api.PaymentLines, api.LinesInput{Batch: b.ID, Segment: segment})
	if err != nil || len(listed.Lines) == 0 {
		return nil, err
	}
	first, last := listed.Lines[0].Number, listed.Lines[0].Number
	for i := range listed.Lines { // of several periods, each in the order of the roll
		first, last = min(first, listed.Lines[i].Number), max(last, listed.Lines[i].Number)
	}
	details, err := c.details(ctx, signer, Roll{Programme: b.Programme, County: b.Region.County()}, segment, first, last)
	if err != nil {
		return nil, err
	}
	lines := make([]held, len(listed.Lines))
	for i, l := range listed.Lines {
		lines[i] = held{l, details[l.ID.Number]}
	}
	return lines, nil
}

// open opens the details of a segment's payees and compares them with the tags on the ledger.
func (c *Checker) open(opened *reading.Opened, sealed []held, programme relief.ProgrammeID) (lines []Line, err error) {
	lines = make([]Line, len(sealed))
	tagger := c.Persons.Tagger()
	for i := range sealed {
		l := &lines[i]
		l.Payment = sealed[i].Payment
		if l.Person, l.Missing = opened.Person(sealed[i].details.Details, l.Subject, programme); l.Missing != nil {
			continue
		}
		if l.Differs, err = Differs(tagger, &l.Person, sealed[i].details.Payee); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// Differs names the column in which a person's details are not those of a payee on the ledger.
func Differs(tagger *seal.Tagger, person *seal.Person, whom roll.Payee) (relief.LineCode, error) {
	opened, err := tagger.Like(person, whom)
	var refused *payee.Error
	if errors.As(err, &refused) {
		return refused.LineCode(), nil
	}
	if err != nil {
		return "", err
	}
	return whom.Differs(opened), nil
}

// details reads the sealed private details of a segment's people from the first to the last number on the roll.
func (c *Checker) details(
	ctx context.Context, signer string, r Roll, segment, first, last uint32,
) (map[uint32]api.Details, error) {
	out := map[uint32]api.Details{}
	for from := first; ; {
		page, err := contracts.Evaluate(ctx, c.Ledger, signer, api.RollSegmentDetails, api.SegmentDetailsInput{
			Programme: r.Programme, County: r.County, Segment: segment, From: from,
			Limit: int(min(last-from+1, api.MaxDetailsPage)),
		})
		if err != nil {
			return nil, err
		}
		for _, i := range page.Items {
			out[i.Number] = i
		}
		if from = page.Next; from == 0 || from > last {
			return out, nil
		}
	}
}

// maxNamed bounds how many payments a report names.
const maxNamed = 100

// Report says whether a batch pays those whom the ledger has. It holds nothing personal.
type Report struct {
	Batch    relief.BatchID `json:"batch"`
	Checked  int            `json:"checked"`  // payments
	Agree    int            `json:"agree"`    // whose details give the tags on the ledger
	Differ   int            `json:"differ"`   // whose name or account is another
	Missing  int            `json:"missing"`  // whose details cannot be had here
	Payments []Finding      `json:"payments"` // the first 100 of those that do not agree
}

// Finding is a payment whose payee does not agree.
type Finding struct {
	Payment relief.PaymentID `json:"payment"`
	Column  relief.LineCode  `json:"column"` // name-differs, account-differs or details-missing
}

// DetailsMissing says in a Finding that the details cannot be had.
const DetailsMissing relief.LineCode = "details-missing"

// Check compares the details of everybody whom a sealed batch pays with the tags on the ledger. WRONG_STATE before the
// batch is sealed.
func (c *Checker) Check(ctx context.Context, a reading.Access, b *payment.Batch) (Report, error) {
	r := Report{Batch: b.ID, Payments: []Finding{}}
	if b.LinesSHA256 == "" {
		return r, relief.Errorf(relief.CodeWrongState, "批次尚未封存，没有可核对的名单 · the batch is not sealed: there is no list to check yet")
	}
	lines, err := c.Lines(ctx, a, b)
	if err != nil {
		return r, err
	}
	r.Checked = len(lines)
	for i := range lines {
		column := lines[i].Differs
		switch {
		case lines[i].Missing != nil:
			r.Missing++
			column = DetailsMissing
		case column != "":
			r.Differ++
		default:
			r.Agree++
			continue
		}
		if len(r.Payments) < maxNamed {
			r.Payments = append(r.Payments, Finding{lines[i].ID, column})
		}
	}
	return r, nil
}
