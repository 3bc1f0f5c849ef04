package index

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/sample"
)

// SampledPayment is a payment that is drawn.
type SampledPayment struct {
	Ticket string `json:"ticket"`
	payment.Payment
}

// Sample is a sample of the payments that a query matched after a block.
type Sample struct {
	Block uint64           `json:"block"`
	Seed  string           `json:"seed"`
	Size  int              `json:"size"` // that was asked for
	Frame sample.Frame     `json:"frame"`
	Items []SampledPayment `json:"items"` // the smallest ticket first
	// Unreadable names records that cannot be read: payments that hang on them are not drawn from.
	Unreadable []string `json:"unreadable,omitempty"`
}

const (
	// MaxSample bounds the payments of a sample.
	MaxSample = 1000
	// MaxFrame bounds the payments that a sample is drawn from.
	MaxFrame = 1_000_000
)

// ErrLargeFrame means that more payments match than a sample is drawn from.
var ErrLargeFrame = errors.New("too many payments match to draw a sample from: narrow the query")

// Sample draws payments from those that Payments lists for the same query, in the order of their ids.
func (ix *Index) Sample(ctx context.Context, q PaymentQuery, seed string, size int) (s Sample, err error) {
	if err := q.Check(); err != nil {
		return s, err
	}
	start, err := sample.NewSeed(seed)
	if err != nil {
		return s, err
	}
	if size < 1 || size > MaxSample {
		return s, relief.FieldErrorf("size", "a sample has 1 to %d payments", MaxSample)
	}
	s.Seed, s.Size, s.Items = seed, size, []SampledPayment{}
	err = ix.view(ctx, func(r *reader) error {
		height, err := r.height()
		if err != nil {
			return err
		}
		s.Block = max(height, 1) - 1
		if s.Unreadable, err = r.missing(relief.KindLines, relief.KindFurther, relief.KindRoll, relief.KindPayees, relief.KindBatch); err != nil {
			return err
		}
		draw := sample.NewDraw(start, size)
		if err := r.offer(draw, &q); err != nil {
			return err
		}
		s.Frame = draw.Frame()
		for _, u := range draw.Drawn() {
			found, err := r.payments(paymentFrom, u.N, u.N, 1, &PaymentQuery{})
			if err != nil {
				return err
			}
			for _, p := range found {
				s.Items = append(s.Items, SampledPayment{u.Ticket.String(), p})
			}
		}
		return nil
	})
	return s, err
}

// offer offers a draw the payments that match, roll after roll in the order of names, which is that of ids.
func (r *reader) offer(draw *sample.Draw, q *PaymentQuery) error {
	rolls, err := r.rollsOf(q)
	if err != nil {
		return err
	}
	count := 0
	for i := range rolls {
		var numbers []int64
		for _, s := range rolls[i].spans {
			if numbers, err = r.matching(numbers, s, q, MaxFrame-count); err != nil {
				return err
			}
			if count+len(numbers) > MaxFrame {
				return ErrLargeFrame
			}
		}
		count += len(numbers)
		slices.SortFunc(numbers, comparePaymentIDs)
		for _, n := range numbers {
			_, period, number, attempt := paymentParts(n)
			id := relief.PaymentID{Programme: rolls[i].programme, County: rolls[i].county, Number: number, Period: period, Attempt: attempt}
			draw.Offer([]byte(id.String()), n)
		}
	}
	return nil
}

// rollSpansOf are the ranges of a roll's payments that can match.
type rollSpansOf struct {
	rollName
	spans []span
}

// rollsOf lists the ranges of all rolls, in the order of the rolls' names.
func (r *reader) rollsOf(q *PaymentQuery) (rolls []rollSpansOf, err error) {
	last := int64(-1) // the roll of the range before: a roll's ranges lie together
	for after, more := int64(-1), true; more; {
		var spans []span
		if spans, more, err = r.spans(q, after); err != nil {
			return nil, err
		}
		for _, s := range spans {
			if rollID := s.low >> rollBits; rollID != last {
				var of rollSpansOf
				if _, err := r.one("SELECT programme, county FROM rolls WHERE n = $1", []any{rollID}, &of.programme, &of.county); err != nil {
					return nil, err
				}
				rolls, last = append(rolls, of), rollID
			}
			own := &rolls[len(rolls)-1]
			own.spans = append(own.spans, s)
			after = s.high + 1 // the next range
		}
	}
	slices.SortFunc(rolls, func(a, b rollSpansOf) int {
		return cmp.Or(cmp.Compare(a.programme, b.programme), cmp.Compare(a.county, b.county))
	})
	return rolls, nil
}

// matching adds the numbers of the payments of a range that match, limit and one more at most.
func (r *reader) matching(numbers []int64, s span, q *PaymentQuery, limit int) ([]int64, error) {
	var w sqldb.Where
	w.Add("p.n BETWEEN ? AND ?", s.low, s.high)
	q.conditions(&w)
	if err := r.withoutPassed(&w); err != nil {
		return nil, err
	}
	err := r.each("SELECT p.n"+paymentFrom+w.String()+" LIMIT "+w.Arg(limit+1), func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		numbers = append(numbers, n)
		return err
	}, w.Args...)
	return numbers, err
}

// comparePaymentIDs compares two payments of a roll as the bytes of their ids compare. The attempt is a number that is written without
// noughts in front.
func comparePaymentIDs(a, b int64) int {
	_, periodA, numberA, attemptA := paymentParts(a)
	_, periodB, numberB, attemptB := paymentParts(b)
	return cmp.Or(cmp.Compare(numberA, numberB), cmp.Compare(periodA.String(), periodB.String()),
		cmp.Compare(strconv.Itoa(int(attemptA)), strconv.Itoa(int(attemptB))))
}
