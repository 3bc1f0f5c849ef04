package index

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/stored"
)

// A kind says how the index keeps the writes under one kind of key. Kinds that are not listed here are kept as JSON
// documents, every version of them, which is enough for most records. A kind that is searched by columns of its own has a
// file kind_NAME.go.
type kind struct {
	store   func(ctx context.Context, w *writer, wr *write) error
	unnamed bool // its keys get no number: nothing is kept of them
}

var kinds = map[string]kind{
	relief.KindBatch:       {store: storeBatch},
	relief.KindCase:        {store: storeCase},
	relief.KindChange:      {store: storeChange},
	relief.KindTranche:     {store: storeTranche},
	relief.KindMonth:       {store: storeMonth},
	relief.KindPublication: {store: storePublication},
	relief.KindOfficial:    {store: storeOfficial},
	relief.KindLines:       {store: storeLines},
	relief.KindFurther:     {store: storeFurther},
	relief.KindRoll:        {store: storeRoll},
	relief.KindPayees:      {store: storePayees, unnamed: true},
	relief.KindRollIndex:   {store: storeNothing, unnamed: true},
	relief.KindLastChange:  {store: storeNothing, unnamed: true},
	relief.KindClaim:       {store: storeNothing, unnamed: true},
	relief.KindDeclared:    {store: storeNothing, unnamed: true},
	relief.KindSealing:     {store: storeNothing, unnamed: true}, // the resealings say it

	relief.KindAccounting: {store: storeNothing, unnamed: true}, // the batches say the same

	relief.KindPendingClaims: {store: storeNothing, unnamed: true}, // the cases say what was claimed
}

func kindOf(name string) kind {
	if k, ok := kinds[name]; ok {
		return k
	}
	return kind{store: storeVersion}
}

// latestVersion selects a record's current value.
const latestVersion = "SELECT v.value FROM keys k JOIN versions v ON v.key = k.n AND v.place = k.place " +
	"WHERE k.kind = $1 AND k.name = $2 AND v.deleted = 0"

// storeVersion stores one version of a record.
func storeVersion(ctx context.Context, w *writer, wr *write) error {
	deleted := versionThere
	if wr.gone {
		deleted = versionDeleted
	}
	w.rows++
	return w.versions.Add(ctx, wr.n, wr.txPos, deleted, hashBytes(wr.value))
}

// storeNothing is for roll index entries and the names of last changes, since other records hold the same, and for the tags
// of payees, which nobody searches.
// It is also for the claims by programme, since the members' records hold the same, and for declared accounts, whose declarations
// do.
func storeNothing(context.Context, *writer, *write) error { return nil }

// segmentSize is the segment size that a readable programme says.
func segmentSize(programmeValue []byte) (uint32, error) {
	var p programme.Programme
	if err := json.Unmarshal(programmeValue, &p); err != nil {
		return 0, err
	}
	return uint32(p.Versions[0].SegmentSize), nil //nolint:gosec // 1 to 1000
}

// fittingSize is a programme's segment size, for a segment whose slots are no more than that.
func (w *writer) fittingSize(ctx context.Context, id relief.ProgrammeID, wr *write, slots int) (uint32, error) {
	size, err := w.programmeSize(ctx, id)
	if err != nil {
		return 0, err
	}
	return size, asCorrupt(stored.FitsSlots(wr.key, slots, size))
}

// segment is the packed segment of a key as the index has it, nil when it has none.
func (w *writer) segment(ctx context.Context, n int64) (value []byte, err error) {
	s, err := w.statement(ctx, "SELECT value FROM segments WHERE key = $1")
	if err != nil {
		return nil, err
	}
	err = noRows(s.QueryRowContext(ctx, n).Scan(&value))
	return value, err
}

// storeSegment replaces a packed segment.
func storeSegment(ctx context.Context, w *writer, wr *write) error {
	return w.exec(ctx, "INSERT INTO segments (key, value) VALUES ($1, $2) "+
		"ON CONFLICT (key) DO UPDATE SET value = excluded.value", wr.n, wr.value)
}
