package index

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/index/sqldb"
)

// The tables of totals hold the payments added up. Who writes a payment adds it to its row in the same transaction of the database,
// so that a total is never read from the payments themselves. The townships' rows are the villages' by the first nine digits:
// most questions read them only.
const (
	villageTotals  = "village_totals"
	townshipTotals = "township_totals"
)

// totalColumns are the columns of both tables: the key, and what it adds up.
const totalColumns = "batch, region, period, kind, state, payments, amount, deducted"

// totalKey is the key of a row. The payments' batch has the programme, the accounting period and, before the bank's answer, the
// state.
type totalKey struct {
	batch  int64 // the number of its key
	region int64 // of 12 digits
	period int64 // that the payments are for
	kind   int64
	state  int64 // as in lineStates
}

func (k *totalKey) compare(o *totalKey) int {
	return cmp.Or(cmp.Compare(k.batch, o.batch), cmp.Compare(k.region, o.region), cmp.Compare(k.period, o.period),
		cmp.Compare(k.kind, o.kind), cmp.Compare(k.state, o.state))
}

// sums are a number of payments, and what they add up to in fen.
type sums struct{ payments, amount, deducted int64 }

func (s *sums) add(o sums) {
	s.payments += o.payments
	s.amount += o.amount
	s.deducted += o.deducted
}

// totalsWriter gathers how the totals change in one transaction of the database.
type totalsWriter struct {
	changes   map[totalKey]sums                             // by village
	regions   *lru.Cache[roll.SegmentAddr, *segmentRegions] // of people
	recounts  map[int64]bool                                // rolls whose totals must be counted anew
	villages  *sqldb.Inserter
	townships *sqldb.Inserter
}

// regionSegmentsKept bounds the segments of rolls whose people's regions are in memory, at some two kilobytes each.
const regionSegmentsKept = 4096

func newTotalsWriter(insert func(table, columns, conflict string) *sqldb.Inserter) totalsWriter {
	table := func(name string) *sqldb.Inserter {
		more := func(column string) string { return column + " = " + name + "." + column + " + excluded." + column }
		return insert(name, totalColumns, "ON CONFLICT (batch, region, period, kind, state) DO UPDATE SET "+
			more("payments")+", "+more("amount")+", "+more("deducted"))
	}
	regions, _ := lru.New[roll.SegmentAddr, *segmentRegions](regionSegmentsKept) // fails for a size of 0 only
	return totalsWriter{
		changes: map[totalKey]sums{}, recounts: map[int64]bool{}, regions: regions, villages: table(villageTotals), townships: table(townshipTotals),
	}
}

// segmentRegions are the regions of a segment's people. Few are different.
type segmentRegions struct {
	all []int64  // the different ones, of 12 digits
	of  []uint16 // the place in all of each person's

	residences []residence // of those of whom the roll says one
}

// regionsOf are the regions of the people of a segment. It has none while the index could never read the segment.
func (w *writer) regionsOf(ctx context.Context, at roll.SegmentAddr) (*segmentRegions, error) {
	if known, ok := w.sums.regions.Get(at); ok {
		return known, nil
	}
	s, err := w.statement(ctx, "SELECT s.value FROM keys k JOIN segments s ON s.key = k.n WHERE k.kind = $1 AND k.name = $2")
	if err != nil {
		return nil, err
	}
	var value []byte
	key := relief.RollKey(at.Programme, at.County, at.Segment)
	if err := noRows(s.QueryRowContext(ctx, key.Kind, keyName(key)).Scan(&value)); err != nil {
		return nil, err
	}
	segment, err := roll.ParseSegment(value)
	if err != nil {
		return nil, err
	}
	found := &segmentRegions{of: make([]uint16, segment.Len()), residences: residencesOf(segment)}
	places := map[relief.Region]uint16{}
	for i := range found.of {
		region := segment.Region(i)
		place, known := places[region]
		if !known {
			place = uint16(len(found.all)) //nolint:gosec // a segment has 1000 people at most
			places[region] = place
			low, _ := regionDigits(region)
			found.all = append(found.all, low)
		}
		found.of[i] = place
	}
	w.sums.regions.Add(at, found)
	return found, nil
}

// pile is the payments of one batch, kind and state that a write adds to the totals or takes from them, by region.
type pile struct {
	batch relief.BatchID
	kind  relief.PaymentKind
	state payment.LineState
	sums  []sums // by the place of the region
}

// piles are those of one packed value. Neighbours nearly always belong on the pile of the payment before.
type piles struct {
	regions *segmentRegions
	list    []pile
	last    int
}

// put adds a payment (sign 1), or takes one away (sign −1). A payment to nobody on the roll is in no list and in no total.
func (p *piles) put(l *payment.Line, sign int64) {
	if l.Position >= len(p.regions.of) {
		return
	}
	p.find(l)
	p.list[p.last].sums[p.regions.of[l.Position]].add(sums{sign, sign * int64(l.Amount), sign * int64(l.Deducted)})
}

// find sets last to the pile of a payment.
func (p *piles) find(l *payment.Line) {
	is := func(q *pile) bool { return q.state == l.State && q.kind == l.Kind && q.batch == l.Batch }
	if p.last < len(p.list) && is(&p.list[p.last]) {
		return
	}
	for p.last = range p.list {
		if is(&p.list[p.last]) {
			return
		}
	}
	p.last = len(p.list)
	p.list = append(p.list, pile{l.Batch, l.Kind, l.State, make([]sums, len(p.regions.all))})
}

// addUp changes the totals by how a packed value of payments differs from the one before it.
func (w *writer) addUp(ctx context.Context, at roll.SegmentAddr, period relief.Period, d *difference) error {
	regions, err := w.regionsOf(ctx, at)
	if err != nil {
		return err
	}
	p := piles{regions: regions}
	for i := range d.removed {
		p.put(&d.removed[i], -1)
	}
	for i := range d.changes {
		c := &d.changes[i]
		if c.Before.Attempt != 0 {
			p.put(&c.Before, -1)
		}
		p.put(&c.After, 1)
	}
	for i := range p.list {
		pile := &p.list[i]
		batch, err := w.keyNumber(ctx, relief.BatchKey(pile.batch))
		if err != nil {
			return err
		}
		key := totalKey{batch: batch, period: int64(period.Code()), kind: int64(pile.kind), state: int64(slices.Index(lineStates, pile.state))}
		for place, s := range pile.sums {
			if s == (sums{}) {
				continue
			}
			key.region = regions.all[place]
			s.add(w.sums.changes[key])
			w.sums.changes[key] = s
		}
	}
	return nil
}

// regionsChanged forgets the regions of a segment of a roll that is written. No act changes the region of somebody on a roll; where
// a repair does, or makes a segment readable that was not, the roll's totals are counted anew.
func (w *writer) regionsChanged(key relief.Key, at roll.SegmentAddr, rollID int64, before, after roll.Segment) {
	w.sums.regions.Remove(at)
	changed := w.unreadable[recordName(plain(key.Kind), keyName(key))]
	for i := 0; i < min(before.Len(), after.Len()) && !changed; i++ {
		changed = !before.SameRegion(after, i)
	}
	if changed {
		w.sums.recounts[rollID] = true
	}
}

// writeTotals writes how the totals have changed. The rows of payments are in their tables.
func (w *writer) writeTotals(ctx context.Context) error {
	t := &w.sums
	if len(t.changes) > 0 {
		townships := map[totalKey]sums{}
		for key, s := range t.changes {
			key.region -= key.region % 1000
			s.add(townships[key])
			townships[key] = s
		}
		if err := w.writeTable(ctx, villageTotals, t.villages, t.changes); err != nil {
			return err
		}
		if err := w.writeTable(ctx, townshipTotals, t.townships, townships); err != nil {
			return err
		}
		clear(t.changes)
	}
	for rollID := range t.recounts {
		if err := w.recount(ctx, rollID); err != nil {
			return err
		}
	}
	clear(t.recounts)
	return nil
}

// writeTable adds changes to the rows of a table, in the order of keys. Rows that no payment is left in go.
func (w *writer) writeTable(ctx context.Context, table string, rows *sqldb.Inserter, changes map[totalKey]sums) error {
	keys := make([]totalKey, 0, len(changes))
	for key, s := range changes {
		if s != (sums{}) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b totalKey) int { return a.compare(&b) })
	var fewer []int64 // batches with rows that have fewer payments than before
	for _, k := range keys {
		s := changes[k]
		if err := rows.Add(ctx, k.batch, k.region, k.period, k.kind, k.state, s.payments, s.amount, s.deducted); err != nil {
			return err
		}
		if s.payments < 0 && (len(fewer) == 0 || fewer[len(fewer)-1] != k.batch) {
			fewer = append(fewer, k.batch)
		}
	}
	w.rows += len(keys)
	if err := rows.Flush(ctx); err != nil {
		return err
	}
	for _, batch := range fewer {
		if err := w.exec(ctx, "DELETE FROM "+table+" WHERE batch = $1 AND payments = 0", batch); err != nil {
			return err
		}
	}
	return nil
}

// countedVillages adds up payments of the table itself, as the villages' rows have them; countedTownships adds up the rows of villages.
var (
	countedVillages = "SELECT p.batch, e.region, " + sqlPeriodOfPayment("p.n") + " AS period, p.kind, p.state, count(*) AS payments, " +
		"CAST(sum(p.amount) AS BIGINT) AS amount, CAST(sum(p.deducted) AS BIGINT) AS deducted " +
		"FROM payments p CROSS JOIN entries e WHERE e.n = " + sqlEntryOfPayment("p.n") + " AND p.n BETWEEN $1 AND $2 GROUP BY 1, 2, 3, 4, 5"
	countedTownships = "SELECT batch, region - region % 1000 AS region, period, kind, state, CAST(sum(payments) AS BIGINT) AS payments, " +
		"CAST(sum(amount) AS BIGINT) AS amount, CAST(sum(deducted) AS BIGINT) AS deducted FROM " + villageTotals
)

// recount counts the totals of a roll anew.
func (w *writer) recount(ctx context.Context, rollID int64) error {
	const ofRoll = "batch IN (SELECT DISTINCT p.batch FROM payments p WHERE p.n BETWEEN $1 AND $2)"
	low, high := rollSpans(rollID)
	for _, query := range []string{
		"DELETE FROM " + villageTotals + " WHERE " + ofRoll,
		"DELETE FROM " + townshipTotals + " WHERE " + ofRoll,
		"INSERT INTO " + villageTotals + " (" + totalColumns + ") " + countedVillages,
		"INSERT INTO " + townshipTotals + " (" + totalColumns + ") " + countedTownships + " WHERE " + ofRoll + " GROUP BY 1, 2, 3, 4, 5",
	} {
		if err := w.exec(ctx, query, low, high); err != nil {
			return err
		}
	}
	return nil
}

// countedAnew compares the totals with the payments that they add up, and returns the first row that differs.
func (r *reader) countedAnew() (*Difference, error) {
	for _, t := range []struct {
		table, counted string
		args           []any
	}{
		{villageTotals, countedVillages, []any{int64(0), int64(math.MaxInt64)}},
		{townshipTotals, countedTownships + " GROUP BY 1, 2, 3, 4, 5", nil},
	} {
		kept := "SELECT " + totalColumns + " FROM " + t.table
		for _, way := range []struct{ query, told, counted string }{
			{"SELECT * FROM (" + kept + ") k EXCEPT SELECT * FROM (" + t.counted + ") c LIMIT 1", present, nothing},
			{"SELECT * FROM (" + t.counted + ") c EXCEPT SELECT * FROM (" + kept + ") k LIMIT 1", nothing, present},
		} {
			var batch int64
			var rest [7]int64
			found, err := r.one(way.query, t.args, &batch, &rest[0], &rest[1], &rest[2], &rest[3], &rest[4], &rest[5], &rest[6])
			if err != nil || !found {
				if err != nil {
					return nil, err
				}
				continue
			}
			return r.wrongTotal(batch, t.table, way.told, way.counted)
		}
	}
	return nil, nil
}

// wrongTotal is the difference of a batch whose totals are not those of its payments.
func (r *reader) wrongTotal(batch int64, table, told, counted string) (*Difference, error) {
	record, err := keyed(0)(r, []any{batch})
	if err != nil {
		return nil, err
	}
	var txPos sql.NullInt64
	_, err = r.one("SELECT max(place) FROM chunks WHERE batch = $1", []any{batch}, &txPos)
	return &Difference{Block: blockOf(txPos.Int64), Record: record, Field: table, Index: told, Ledger: counted}, err
}
