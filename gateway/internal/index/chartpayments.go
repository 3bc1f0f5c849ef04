package index

import (
	"fmt"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/chart"
	"relieftrail/gateway/internal/index/sqldb"
)

// stands are the steps that a payment may have reached, in their order.
var stands = []payment.State{
	payment.State(payment.LineListed), payment.State(payment.BatchSealed), payment.State(payment.BatchApproved), payment.State(payment.BatchAuthorised),
	payment.State(payment.BatchInstructed), payment.State(payment.BatchClosed), payment.State(payment.LineCredited), payment.State(payment.LineReturned),
	payment.State(payment.LineReversed),
}

// progress counts people by where their latest payment for a period stands. Payments that came back and were listed again are counted
// by the later one.
func (r *reader) progress(q *ChartQuery) (out [][]chart.Cell, err error) {
	period, err := q.period()
	if err != nil {
		return nil, err
	}
	all, err := r.standing(q, period)
	if err != nil {
		return nil, err
	}
	again, err := r.listedAgain(q, period)
	if err != nil {
		return nil, err
	}
	for _, stand := range stands {
		s := all[string(stand)]
		s.payments -= again[string(stand)].payments
		s.amount -= again[string(stand)].amount
		if s.payments > 0 {
			out = append(out, []chart.Cell{words(string(stand)), number(s.payments), number(s.amount)})
		}
	}
	return out, nil
}

// standing adds up the payments of a period by where they stand, from the tables of totals.
func (r *reader) standing(q *ChartQuery, period relief.Period) (map[string]sums, error) {
	var w sqldb.Where
	counties(&w, "o", q.Region)
	w.Add("o.programme = ?", string(q.Programme))
	w.Add("b.roll = o.n AND b.period >= ? AND b.earlier <= ? AND b.state <> ?", int64(period.Code()), int64(period.Code()), string(payment.BatchCancelled))
	w.Add("t.batch = b.n AND t.period = ? AND t.kind <> ?", int64(period.Code()), int64(relief.PaymentTopUp))
	if q.Region != "" {
		low, high := regionDigits(q.Region)
		w.Add("t.region BETWEEN ? AND ?", low, high)
	}
	table := townshipTotals
	if len(q.Region) > 9 {
		table = villageTotals
	}
	return r.byStand("SELECT "+sqlStateOfTotal+", "+sumOf("t.payments")+", "+sumOf("t.amount")+
		" FROM rolls o CROSS JOIN batches b CROSS JOIN "+table+" t WHERE "+w.String()+" GROUP BY 1", w.Args)
}

// listedAgain adds up the payments of a period that came back and were listed again.
func (r *reader) listedAgain(q *ChartQuery, period relief.Period) (map[string]sums, error) {
	var w sqldb.Where
	q.returnsOf(&w, period)
	w.Add("p.n = x.n AND b.n = p.batch AND " + counts("p", "b"))
	w.Add("EXISTS (SELECT 1 FROM payments y JOIN batches c ON c.n = y.batch WHERE " + laterAttempt("y", "x") + " AND " + counts("y", "c") + ")")
	return r.byStand(fmt.Sprintf("SELECT CASE p.state WHEN %d THEN '%s' ELSE '%s' END, count(*), %s FROM %s CROSS JOIN payments p CROSS JOIN batches b WHERE %s GROUP BY 1",
		stateReturned, payment.LineReturned, payment.LineReversed, sumOf("p.amount"), q.returnsTables(), w.String()), w.Args)
}

// returned counts the payments of a period that came back, by the bank's reason.
func (r *reader) returned(q *ChartQuery) ([][]chart.Cell, error) {
	period, err := q.period()
	if err != nil {
		return nil, err
	}
	var w sqldb.Where
	q.returnsOf(&w, period)
	again := sumOf(fmt.Sprintf("CASE WHEN EXISTS (SELECT 1 FROM payments y WHERE %s AND y.state = %d) THEN 1 ELSE 0 END", laterAttempt("y", "x"), stateCredited))
	return r.numbers(1, 3, "SELECT x.reason, count(*), "+again+", count(*) - "+again+" FROM "+q.returnsTables()+" WHERE "+w.String()+
		" GROUP BY x.reason ORDER BY count(*) DESC, x.reason", w.Args)
}

// returnsTables are the tables that returnsOf has conditions on.
func (q *ChartQuery) returnsTables() string {
	tables := []string{"rolls o", "spans s", "returns x"}
	if len(q.Region) > 6 {
		tables = append(tables, "entries e")
	}
	return strings.Join(tables, " CROSS JOIN ")
}

// returnsOf finds the payments x of a period that came back.
func (q *ChartQuery) returnsOf(w *sqldb.Where, period relief.Period) {
	counties(w, "o", q.Region)
	w.Add("o.programme = ?", string(q.Programme))
	w.Add("s.roll = o.n AND s.period = ? AND x.n BETWEEN s.low AND s.low + ?", int64(period.Code()), spanSize-1)
	if len(q.Region) > 6 {
		low, high := regionDigits(q.Region)
		w.Add("e.n = "+sqlEntryOfPayment("x.n")+" AND e.region BETWEEN ? AND ?", low, high)
	}
}

// laterAttempt is the condition that a payment is a later attempt to pay what another was for.
func laterAttempt(later, earlier string) string {
	return fmt.Sprintf("%[1]s.n > %[2]s.n AND %[1]s.n <= (%[2]s.n | %[3]d)", later, earlier, attemptMask)
}

// counts is the condition that a payment of a batch is counted: a top-up adds to another one, and a batch that was cancelled pays nobody.
func counts(of, batch string) string {
	return fmt.Sprintf("%s.kind <> %d AND %s.state <> '%s'", of, relief.PaymentTopUp, batch, payment.BatchCancelled)
}

func (r *reader) byStand(query string, args []any) (map[string]sums, error) {
	rows, err := r.numbers(1, 2, query, args)
	out := map[string]sums{}
	for _, cells := range rows {
		out[cells[0].Text] = sums{payments: cells[1].Number, amount: cells[2].Number}
	}
	return out, err
}
