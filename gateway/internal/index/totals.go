package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/gateway/internal/index/sqldb"
)

// Dimension is what totals are grouped by.
type Dimension string

// The dimensions. A person's region is that of the roll number that was paid: it never changes, so what was paid in a township that
// has ended since is still that township's.
const (
	ByProvince         Dimension = "province"
	ByPrefecture       Dimension = "prefecture"
	ByCounty           Dimension = "county"
	ByTownship         Dimension = "township"
	ByVillage          Dimension = "village"
	ByProgramme        Dimension = "programme"
	ByBatch            Dimension = "batch"
	ByMonth            Dimension = "month" // in which the accounting period begins
	ByAccountingPeriod Dimension = "accounting_period"
	ByPeriod           Dimension = "period" // that is paid for
	ByKind             Dimension = "kind"
	ByState            Dimension = "state"
)

// dimension says what a dimension is in SQL, of a row t of totals and its batch b, and the field of a group that it fills.
type dimension struct {
	name   Dimension
	sql    string
	digits int // of a region
	field  func(g *TotalsGroup) any
}

var dimensions = []dimension{
	{ByProvince, "t.region / 10000000000", 2, func(g *TotalsGroup) any { return &g.Province }},
	{ByPrefecture, "t.region / 100000000", 4, func(g *TotalsGroup) any { return &g.Prefecture }},
	{ByCounty, "t.region / 1000000", 6, func(g *TotalsGroup) any { return &g.County }},
	{ByTownship, "t.region / 1000", 9, func(g *TotalsGroup) any { return &g.Township }},
	{ByVillage, "t.region", 12, func(g *TotalsGroup) any { return &g.Village }},
	{ByProgramme, "b.programme", 0, func(g *TotalsGroup) any { return &g.Programme }},
	{ByBatch, "b.id", 0, func(g *TotalsGroup) any { return &g.Batch }},
	{ByMonth, sqlStartOfPeriod("b.period"), 0, func(g *TotalsGroup) any { return &g.Month }},
	{ByAccountingPeriod, "b.period", 0, func(g *TotalsGroup) any { return &g.AccountingPeriod }},
	{ByPeriod, "t.period", 0, func(g *TotalsGroup) any { return &g.Period }},
	{ByKind, sqlKindOfTotal, 0, func(g *TotalsGroup) any { return &g.Kind }},
	{ByState, sqlStateOfTotal, 0, func(g *TotalsGroup) any { return &g.State }},
}

// The kind and the state of the payments in a row of totals, in words; the state as payment.StateOf has it.
var (
	sqlKindOfTotal = fmt.Sprintf("CASE t.kind WHEN %d THEN '%s' WHEN %d THEN '%s' WHEN %d THEN '%s' ELSE '%s' END",
		relief.PaymentRegular, relief.PaymentRegular.String(), relief.PaymentArrears, relief.PaymentArrears.String(),
		relief.PaymentTopUp, relief.PaymentTopUp.String(), relief.PaymentGrant.String())
	sqlStateOfTotal = fmt.Sprintf("CASE WHEN t.state = %d THEN '%s' WHEN t.state = %d THEN '%s' WHEN t.state = %d THEN '%s' WHEN b.state = '%s' THEN '%s' ELSE b.state END",
		stateCredited, payment.LineCredited, stateReturned, payment.LineReturned, stateReversed, payment.LineReversed,
		payment.BatchOpen, payment.LineListed)
)

// into is where a row's value of the dimension is scanned to.
func (d *dimension) into(g *TotalsGroup) any {
	switch field := d.field(g).(type) {
	case *relief.Region:
		return regionScanner{field, d.digits}
	case *relief.Period:
		return periodScanner{field}
	default:
		return field
	}
}

// Value is the text of a group's value of a dimension.
func (g *TotalsGroup) Value(by Dimension) string {
	switch field := dimensionOf(by).field(g).(type) {
	case *relief.Region:
		return string(*field)
	case *relief.Period:
		return field.String()
	case *relief.ProgrammeID:
		return string(*field)
	case *relief.BatchID:
		return string(*field)
	case *payment.State:
		return string(*field)
	default:
		return *field.(*string)
	}
}

// regionScanner scans a number of some digits into a region. Somebody whom the roll has by township or county only counts under it.
type regionScanner struct {
	region *relief.Region
	digits int
}

func (s regionScanner) Scan(value any) error {
	text := fmt.Sprintf("%0*d", s.digits, value)
	for len(text) > 6 && strings.HasSuffix(text, "000") {
		text = text[:len(text)-3]
	}
	*s.region = relief.Region(text)
	return nil
}

// periodScanner scans a period's code.
type periodScanner struct{ period *relief.Period }

func (s periodScanner) Scan(value any) (err error) {
	code, ok := value.(int64)
	if !ok {
		return fmt.Errorf("a period's code is a number, not %T", value)
	}
	*s.period, err = relief.PeriodFromCode(uint16(code)) //nolint:gosec // 16 bits on the ledger
	return err
}

// AllDimensions are the dimensions, in the order in which they are told.
func AllDimensions() []Dimension {
	all := make([]Dimension, len(dimensions))
	for i := range dimensions {
		all[i] = dimensions[i].name
	}
	return all
}

// ParseDimensions reads dimensions such as township,programme,month,state.
func ParseDimensions(text string) ([]Dimension, error) {
	var by []Dimension
	for word := range strings.SplitSeq(text, ",") {
		d := Dimension(word)
		if dimensionOf(d) == nil {
			return nil, relief.FieldErrorf("by", "must be some of %s, with commas between them", DimensionNames(", "))
		}
		if slices.Contains(by, d) {
			return nil, relief.FieldErrorf("by", "%s is there twice", d)
		}
		by = append(by, d)
	}
	return by, nil
}

// DimensionNames lists the dimensions.
func DimensionNames(separator string) string {
	names := make([]string, len(dimensions))
	for i := range dimensions {
		names[i] = string(dimensions[i].name)
	}
	return strings.Join(names, separator)
}

func dimensionOf(name Dimension) *dimension {
	if i := slices.IndexFunc(dimensions, func(d dimension) bool { return d.name == name }); i >= 0 {
		return &dimensions[i]
	}
	return nil
}

// PeriodRange is the periods that begin in the months of two periods or between them. An empty From or To is no bound.
type PeriodRange struct{ From, To relief.Period }

// TotalsQuery says which payments are added up, and by what. Empty fields match every payment.
type TotalsQuery struct {
	By        []Dimension
	Region    relief.Region // where the person lived, or a region around it
	Programme relief.ProgrammeID
	Batch     relief.BatchID
	Kind      *relief.PaymentKind
	State     payment.State
	Period    relief.Period // that is paid for
	Periods   PeriodRange
	Account   relief.Period // the accounting period
	Accounts  PeriodRange
}

// PaymentSums are payments added up: how many, what counts against what is owed, what of it is deducted, and what is left, which
// the bank is told to transfer.
type PaymentSums struct {
	Count       int64      `json:"count"`
	Amount      relief.Fen `json:"amount"`
	Deducted    relief.Fen `json:"deducted"`
	Transferred relief.Fen `json:"transferred"`
}

func (s *PaymentSums) add(o *PaymentSums) {
	s.Count += o.Count
	s.Amount += o.Amount
	s.Deducted += o.Deducted
	s.Transferred += o.Transferred
}

// TotalsGroup is one group: the values of the dimensions, and the sums.
type TotalsGroup struct {
	Province         relief.Region      `json:"province,omitempty"`
	Prefecture       relief.Region      `json:"prefecture,omitempty"`
	County           relief.Region      `json:"county,omitempty"`
	Township         relief.Region      `json:"township,omitempty"`
	Village          relief.Region      `json:"village,omitempty"`
	Programme        relief.ProgrammeID `json:"programme,omitempty"`
	Batch            relief.BatchID     `json:"batch,omitempty"`
	Month            relief.Period      `json:"month,omitzero"`
	AccountingPeriod relief.Period      `json:"accounting_period,omitzero"`
	Period           relief.Period      `json:"period,omitzero"`
	Kind             string             `json:"kind,omitempty"`
	State            payment.State      `json:"state,omitempty"`
	PaymentSums
}

// Totals are payments added up by some dimensions, as they were after a block.
type Totals struct {
	Block uint64        `json:"block"`
	By    []Dimension   `json:"by"`
	Items []TotalsGroup `json:"items"` // in the order of the dimensions' values; without dimensions a single one
	Total PaymentSums   `json:"total"`
	// Unreadable names records that cannot be read: what their last change did is not in the sums.
	Unreadable []string `json:"unreadable,omitempty"`
}

// MaxGroups bounds the groups of an answer.
const MaxGroups = 10_000

// ErrManyGroups means that there are more groups than an answer may have.
var ErrManyGroups = errors.New("there are too many groups: name fewer dimensions, or narrow what is added up")

// Totals adds up the payments that a query matches, from the tables of totals.
func (ix *Index) Totals(ctx context.Context, q TotalsQuery) (t Totals, err error) {
	if err := q.check(); err != nil {
		return t, err
	}
	t.By, t.Items = append([]Dimension{}, q.By...), []TotalsGroup{}
	err = ix.view(ctx, func(r *reader) error {
		height, err := r.height()
		if err != nil {
			return err
		}
		t.Block = max(height, 1) - 1
		if t.Unreadable, err = r.missing(relief.KindLines, relief.KindFurther, relief.KindRoll, relief.KindBatch); err != nil {
			return err
		}
		return r.totals(&t, &q)
	})
	if err == nil && len(t.Items) > MaxGroups {
		return Totals{}, ErrManyGroups
	}
	return t, err
}

func (q *TotalsQuery) check() error {
	for _, d := range q.By {
		if dimensionOf(d) == nil {
			return relief.FieldErrorf("by", "%s is no dimension", d)
		}
	}
	return (&PaymentQuery{State: q.State}).Check()
}

// totals reads the groups, one more than there may be.
func (r *reader) totals(t *Totals, q *TotalsQuery) error {
	query, args := q.query()
	return r.each(query, func(rows *sql.Rows) error {
		var g TotalsGroup
		var into []any
		for _, by := range q.By {
			into = append(into, dimensionOf(by).into(&g))
		}
		if err := rows.Scan(append(into, &g.Count, &g.Amount, &g.Deducted)...); err != nil {
			return err
		}
		g.Transferred = g.Amount - g.Deducted
		t.Items = append(t.Items, g)
		t.Total.add(&g.PaymentSums)
		return nil
	}, args...)
}

// query is the query in SQL. The batches come first: few of them match, and the rows of each lie together.
func (q *TotalsQuery) query() (string, []any) {
	var w sqldb.Where
	w.Add("t.batch = b.n")
	q.conditions(&w)
	columns, places := "", make([]string, len(q.By))
	for i, by := range q.By {
		columns += dimensionOf(by).sql + ", "
		places[i] = fmt.Sprint(i + 1)
	}
	text := "SELECT " + columns + "coalesce(CAST(sum(t.payments) AS BIGINT), 0), coalesce(CAST(sum(t.amount) AS BIGINT), 0), " +
		"coalesce(CAST(sum(t.deducted) AS BIGINT), 0) FROM batches b CROSS JOIN " + q.table() + " t WHERE " + w.String()
	if len(places) > 0 {
		order := strings.Join(places, ", ")
		text += " GROUP BY " + order + " ORDER BY " + order + " LIMIT " + w.Arg(MaxGroups+1)
	}
	return text, w.Args
}

// table is the table that has what the query asks: the villages' only where it is about villages.
func (q *TotalsQuery) table() string {
	if slices.Contains(q.By, ByVillage) || len(q.Region) > 9 {
		return villageTotals
	}
	return townshipTotals
}

func (q *TotalsQuery) conditions(w *sqldb.Where) {
	if q.Region != "" {
		county := string(q.Region[:min(len(q.Region), 6)])
		w.Add("b.roll IN (SELECT r.n FROM rolls r WHERE r.county >= ? AND r.county <= ?)", county, county+"~")
		low, high := regionDigits(q.Region)
		w.Add("t.region BETWEEN ? AND ?", low, high)
	}
	if q.Programme != "" {
		w.Add("b.programme = ?", string(q.Programme))
	}
	if q.Batch != "" {
		w.Add("b.id = ?", string(q.Batch))
	}
	if q.Kind != nil {
		w.Add("t.kind = ?", int64(*q.Kind))
	}
	if q.State != "" {
		n := paymentStates[q.State]
		w.Add("t.state = ?", n)
		if n == stateListed {
			w.Add("b.state = ?", batchStateOf(q.State))
		}
	}
	if !q.Period.IsZero() {
		w.Add("t.period = ?", int64(q.Period.Code()))
	}
	if !q.Account.IsZero() {
		w.Add("b.period = ?", int64(q.Account.Code()))
	}
	q.Periods.conditions(w, "t.period")
	q.Accounts.conditions(w, "b.period")
}

// conditions adds the condition that the period whose code a column has lies in the range.
func (p *PeriodRange) conditions(w *sqldb.Where, column string) {
	if !p.From.IsZero() {
		w.Add(sqlStartOfPeriod(column)+" >= ?", int64(p.From.Start().Code()))
	}
	if !p.To.IsZero() {
		w.Add(sqlStartOfPeriod(column)+" <= ?", int64(p.To.End().Code()))
	}
}
