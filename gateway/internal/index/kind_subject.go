package index

import (
	"context"

	"relieftrail/chaincode/relief"
)

// storeSubject keeps where a person stands on a programme's roll.
func storeSubject(ctx context.Context, w *writer, wr *write) error {
	if len(wr.key.Attrs) != 2 {
		return relief.Errorf(relief.CodeCorrupt, "a key of a person")
	}
	ref, err := relief.ParseSubjectRef(wr.key.Attrs[1])
	if err != nil {
		return err
	}
	deleted := 0
	if wr.gone {
		deleted = 1
	}
	w.rows++
	return w.standings.add(ctx, ref[:], wr.key.Attrs[0], wr.place, deleted, hashBytes(wr.value))
}
