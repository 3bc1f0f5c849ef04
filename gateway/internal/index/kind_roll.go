package index

import (
	"context"
	"errors"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// storeRoll stores a packed segment of a roll. Only entries that the write changes get a new version.
func storeRoll(ctx context.Context, w *writer, wr *write) error {
	programme, county, segment, err := rollKey(wr.key)
	if err != nil {
		return err
	}
	after, err := roll.ParseSegment(wr.value)
	if err != nil {
		return err
	}
	size, err := w.fittingSize(ctx, programme, wr, after.Len())
	if err != nil {
		return err
	}
	value, err := w.segment(ctx, wr.n)
	if err != nil {
		return err
	}
	if err := storeSegment(ctx, w, wr); err != nil {
		return err
	}
	before, err := roll.ParseSegment(value)
	if err != nil {
		return err
	}
	rollID, err := w.roll(ctx, rollName{programme, county})
	if err != nil {
		return err
	}
	if err := w.archiveEntries(ctx, entryNumber(rollID, segment*size), before, after); err != nil {
		return err
	}
	at := roll.SegmentAddr{Programme: programme, County: county, Segment: segment, Size: size}
	w.regionsChanged(wr.key, at, rollID, before, after)
	for i := range after.Len() {
		if after.SameEntry(before, i) {
			continue
		}
		e := after.Entry(i, at)
		n := entryNumber(rollID, e.Number)
		region, _ := regionDigits(e.Region)
		packed := after.Packed(i)
		w.rows++
		class, exited, entered, ended := filteredBy(&e)
		if err := w.entries.Add(ctx, n, packed[:len(e.Subject)], region, wr.txPos, class, exited, entered, ended, string(e.ExitReason), packed[len(e.Subject):]); err != nil {
			return err
		}
		diedBefore := relief.Day("")
		if i < before.Len() {
			diedBefore = before.Entry(i, at).DiedOn
		}
		if err := w.storeDeath(ctx, n, &e, packed[:len(e.Subject)], diedBefore); err != nil {
			return err
		}
	}
	return w.entries.Flush(ctx) // the next write may change the same entries, and one statement must not change a row twice
}

// filteredBy are the numbers of an entry that lists of a roll are filtered by, as the table entries has them.
func filteredBy(e *roll.Entry) (class, exited, entered, ended int64) {
	if e.State == roll.Exited {
		exited = 1
	}
	return classNumber(e.Class), exited, monthNumber(e.From), monthNumber(e.Until)
}

// classNumber is the code of a class's letter, 0 for none.
func classNumber(class string) int64 {
	if class == "" {
		return 0
	}
	return int64(class[0])
}

// monthNumber is the first month of a period since the year 0, 0 for none.
func monthNumber(p relief.Period) int64 {
	if p.IsZero() {
		return 0
	}
	return int64(p.FirstMonth())
}

// archiveEntries copies the entries that a write changes to entry_versions, neighbours with one statement. first is the
// number of the segment's first entry.
func (w *writer) archiveEntries(ctx context.Context, first int64, before, after roll.Segment) error {
	for i := 0; i < before.Len(); i++ {
		from := i
		for i < before.Len() && !after.SameEntry(before, i) {
			i++
		}
		if i == from {
			continue
		}
		w.rows += i - from
		err := w.exec(ctx, "INSERT INTO entry_versions (entry, place, value) "+
			"SELECT n, place, value FROM entries WHERE n BETWEEN $1 AND $2", first+int64(from), first+int64(i-1))
		if err != nil {
			return err
		}
	}
	return nil
}

// rollKey parses the key of a roll segment.
func rollKey(k relief.Key) (relief.ProgrammeID, relief.Region, uint32, error) {
	if len(k.Attrs) != 3 {
		return "", "", 0, relief.Errorf(relief.CodeCorrupt, "a roll segment has a malformed key")
	}
	programme, err1 := relief.ParseProgrammeID(k.Attrs[0])
	county, err2 := relief.ParseRegion(k.Attrs[1])
	segment, err3 := relief.ParseSegment(k.Attrs[2])
	return programme, county, segment, errors.Join(err1, err2, err3)
}
