package index

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/oversight"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
	"relieftrail/gateway/internal/index/sqldb"
)

// storePublication stores a version of a published list. Of a list that is shown the index keeps the rows, as they stand at this
// transaction: payments may come back later. Whatever the ledger says is not shown, has none.
func storePublication(ctx context.Context, w *writer, wr *write) error {
	if wr.gone {
		return errors.Join(w.dropList(ctx, wr.n), w.exec(ctx, "DELETE FROM publications WHERE n = $1", wr.n), storeVersion(ctx, w, wr))
	}
	p, err := stored.Read[oversight.Publication](wr.value)
	if err != nil {
		return err
	}
	decided := len(p.Acts) > 0 && p.Acts[len(p.Acts)-1].Act == relief.ActOversightDecideList
	switch {
	case p.Shown == nil:
		err = w.dropList(ctx, wr.n)
	case decided:
		err = w.keepList(ctx, wr.n, p)
	}
	if err != nil {
		return err
	}
	if err := w.publication(ctx, wr.n, p); err != nil {
		return err
	}
	return storeVersion(ctx, w, wr)
}

// publication keeps when a list is due, was shown first and is shown until.
func (w *writer) publication(ctx context.Context, record int64, p *oversight.Publication) error {
	rollID, err := w.roll(ctx, rollName{p.Programme, p.County})
	if err != nil {
		return err
	}
	until := int64(0)
	if p.Shown != nil {
		until = dayNumber(p.Shown.OnlineUntil)
	}
	return w.exec(ctx, "INSERT INTO publications (n, roll, period, due, first_shown, online_until) VALUES ($1, $2, $3, $4, $5, $6) "+
		"ON CONFLICT (n) DO UPDATE SET due = excluded.due, first_shown = excluded.first_shown, online_until = excluded.online_until",
		record, rollID, int64(p.Period.Code()), dayNumber(p.Due), dayNumber(p.First), until)
}

func (w *writer) dropList(ctx context.Context, record int64) error {
	return w.exec(ctx, "DELETE FROM list_rows WHERE record = $1", record)
}

// keepList keeps the rows of the version of the month that a list shows. A refused change has left what was shown before.
func (w *writer) keepList(ctx context.Context, record int64, p *oversight.Publication) error {
	var kept int64
	s, err := w.statement(ctx, "SELECT coalesce(max(version), 0) FROM list_rows WHERE record = $1")
	if err != nil {
		return err
	}
	if err := s.QueryRowContext(ctx, record).Scan(&kept); err != nil {
		return err
	}
	if kept == int64(p.Shown.Month) {
		return nil
	}
	month, err := w.month(ctx, p)
	if err != nil {
		return err
	}
	villages, err := w.villageRows(ctx, p)
	if err != nil {
		return err
	}
	if err := w.dropList(ctx, record); err != nil {
		return err
	}
	for i := range month.Villages {
		v := &month.Villages[i]
		listed := villages[v.Code]
		if v.Is(listed.Rows) != nil {
			return &corrupt{"the rows of a list are not those of the month that it names"}
		}
		village, _ := regionDigits(v.Code)
		if err := w.exec(ctx, "INSERT INTO list_rows (record, village, version, content) VALUES ($1, $2, $3, $4)",
			record, village, int64(p.Shown.Month), listed.pack()); err != nil {
			return err
		}
	}
	return nil
}

// month is the last version of the month of a list.
func (w *writer) month(ctx context.Context, p *oversight.Publication) (*oversight.Month, error) {
	value, err := w.latest(ctx, relief.MonthKey(p.Programme, p.County, p.Period))
	if err != nil {
		return nil, err
	}
	m, err := stored.Read[oversight.Month](value)
	if err != nil || m.Version != p.Shown.Month {
		return nil, &corrupt{"a list shows another version than the month's last one"}
	}
	return m, nil
}

// latest is the current value of a record, with what this run has written.
func (w *writer) latest(ctx context.Context, k relief.Key) (value []byte, err error) {
	for _, i := range w.inserts {
		if err := i.Flush(ctx); err != nil {
			return nil, err
		}
	}
	s, err := w.statement(ctx, latestVersion)
	if err != nil {
		return nil, err
	}
	err = noRows(s.QueryRowContext(ctx, k.Kind, keyName(k)).Scan(&value))
	return value, err
}

// ListedRows are the rows of a village of a list, and whose they are.
type ListedRows struct {
	Rows    []oversight.Row
	Numbers []uint32 // on the roll, of each row's household; no part of what is published
}

// villageRows works the rows of a list out, as the contracts do when a month is closed.
func (w *writer) villageRows(ctx context.Context, p *oversight.Publication) (map[relief.Region]ListedRows, error) {
	size, err := w.programmeSize(ctx, p.Programme)
	if err != nil {
		return nil, err
	}
	batches, values, err := w.accounted(ctx, p)
	if err != nil {
		return nil, err
	}
	rows := oversight.RowsOf{Holds: func(id relief.BatchID) bool { return batches[id] }}
	segments := map[uint32]roll.Segment{}
	err = w.segmentsOf(ctx, relief.KindRoll, keyName(relief.Key{Attrs: []string{string(p.Programme), string(p.County)}}), func(n uint32, value []byte) error {
		entries, err := roll.ParseSegment(value)
		segments[n] = entries
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[relief.Region]ListedRows{}
	for n := range uint32(len(segments)) { //nolint:gosec // few
		entries, ok := segments[n]
		if !ok {
			return nil, fmt.Errorf("the roll of %s in %s lacks segment %d", p.Programme, p.County, n)
		}
		err := rows.Each(entries, values[n], func(position int, row oversight.Row) {
			listed := out[entries.Region(position)]
			listed.Rows, listed.Numbers = append(listed.Rows, row), append(listed.Numbers, n*size+uint32(position)) //nolint:gosec // at most 1000
			out[entries.Region(position)] = listed
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// accounted are the batches of an accounting period, and the values of payments that its rows are made of, by segment.
func (w *writer) accounted(ctx context.Context, p *oversight.Publication) (map[relief.BatchID]bool, map[uint32][]payment.Value, error) {
	batches, values := map[relief.BatchID]bool{}, map[uint32][]payment.Value{}
	rollID, err := w.roll(ctx, rollName{p.Programme, p.County})
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	if err := sqldb.Each(ctx, w.conn, fmt.Sprintf("SELECT id FROM batches WHERE roll = %d AND period = %d ORDER BY id", rollID, p.Period.Code()), func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}); err != nil {
		return nil, nil, err
	}
	addrs := map[payment.ValueAddr]bool{}
	for _, id := range ids {
		batches[relief.BatchID(id)] = true
		value, err := w.latest(ctx, relief.BatchKey(relief.BatchID(id)))
		if err != nil {
			return nil, nil, err
		}
		b, err := stored.Read[payment.Batch](value)
		if err != nil {
			return nil, nil, err
		}
		for _, v := range b.Values() {
			addrs[v] = true
		}
	}
	s, err := w.statement(ctx, "SELECT s.value FROM keys k JOIN segments s ON s.key = k.n WHERE k.kind = $1 AND k.name = $2")
	if err != nil {
		return nil, nil, err
	}
	for v := range addrs {
		k := v.Key(p.Programme, p.County)
		var value []byte
		if err := noRows(s.QueryRowContext(ctx, k.Kind, keyName(k)).Scan(&value)); err != nil {
			return nil, nil, err
		}
		payments, err := v.Parse(value)
		if err != nil {
			return nil, nil, err
		}
		values[v.Segment] = append(values[v.Segment], payment.Value{ValueAddr: v, Payments: payments})
	}
	for n := range values {
		slices.SortFunc(values[n], func(a, b payment.Value) int { return payment.ValueAddr.Compare(a.ValueAddr, b.ValueAddr) })
	}
	return batches, values, nil
}

// segmentsOf reads the packed segments of a kind whose names begin with a prefix and end with the segment's number.
func (w *writer) segmentsOf(ctx context.Context, kind, prefix string, read func(n uint32, value []byte) error) error {
	s, err := w.statement(ctx, "SELECT k.name, s.value FROM keys k JOIN segments s ON s.key = k.n WHERE k.kind = $1 AND k.name > $2 AND k.name < $3")
	if err != nil {
		return err
	}
	r, err := s.QueryContext(ctx, kind, prefix+"/", prefix+"0") // the character after the slash
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		var name string
		var value []byte
		if err := r.Scan(&name, &value); err != nil {
			return err
		}
		n, err := relief.ParseSegment(name[strings.LastIndexByte(name, '/')+1:])
		if err != nil {
			return err
		}
		if err := read(n, value); err != nil {
			return err
		}
	}
	return r.Err()
}

// pack packs rows: of each the leaf hash, class, persons and kind, and as numbers the amount, what was deducted, the day, the period and
// the number on the roll.
func (l *ListedRows) pack() (b []byte) {
	for i := range l.Rows {
		r := &l.Rows[i]
		leaf, _ := hex.DecodeString(r.Leaf) // 64 digits
		b = append(b, leaf...)
		b = append(b, r.Class[0], r.Persons, byte(r.Kind))
		b = binary.AppendUvarint(b, uint64(r.Amount))   //nolint:gosec // not negative
		b = binary.AppendUvarint(b, uint64(r.Deducted)) //nolint:gosec // not negative
		b = binary.AppendUvarint(b, uint64(r.PaidOn.Number()))
		b = binary.AppendUvarint(b, uint64(r.Period.Code()))
		b = binary.AppendUvarint(b, uint64(l.Numbers[i]))
	}
	return b
}

var errRows = errors.New("the rows of a list cannot be read")

// unpackRows reads what pack writes.
func unpackRows(b []byte) (l ListedRows, err error) {
	for len(b) > 0 {
		if len(b) < hashSize+3 {
			return ListedRows{}, errRows
		}
		r := oversight.Row{
			Leaf: fmt.Sprintf("%x", b[:hashSize]), Class: string(rune(b[hashSize])), Persons: b[hashSize+1], Kind: relief.PaymentKind(b[hashSize+2]),
			Schema: oversight.RowSchema,
		}
		b = b[hashSize+3:]
		var numbers [5]uint64
		for i := range numbers {
			n, size := binary.Uvarint(b)
			if size <= 0 {
				return ListedRows{}, errRows
			}
			numbers[i], b = n, b[size:]
		}
		r.Amount, r.Deducted, r.PaidOn = relief.Fen(numbers[0]), relief.Fen(numbers[1]), relief.DayOfNumber(int(numbers[2])) //nolint:gosec // packed from such
		if r.Period, err = relief.PeriodFromCode(uint16(numbers[3])); err != nil {                                           //nolint:gosec // packed from one
			return ListedRows{}, err
		}
		l.Rows, l.Numbers = append(l.Rows, r), append(l.Numbers, uint32(numbers[4])) //nolint:gosec // packed from one
	}
	return l, nil
}

// ListRows are the rows of a village of a list that is shown; none when the index keeps none.
func (ix *Index) ListRows(
	ctx context.Context, programme relief.ProgrammeID, county relief.Region, period relief.Period, village relief.Region,
) (rows ListedRows, err error) {
	digits, _ := regionDigits(village)
	err = ix.view(ctx, func(r *reader) error {
		var content []byte
		_, err := r.one("SELECT l.content FROM list_rows l JOIN keys k ON k.n = l.record WHERE k.kind = $1 AND k.name = $2 AND l.village = $3",
			[]any{relief.KindPublication, keyName(relief.PublicationKey(programme, county, period)), digits}, &content)
		if err != nil {
			return err
		}
		rows, err = unpackRows(content)
		return err
	})
	return rows, err
}
