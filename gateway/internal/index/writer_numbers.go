package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/ledger"
)

// keyName is the part of a key that differs from other keys of its kind.
func keyName(k relief.Key) string { return plain(strings.Join(k.Attrs, "/")) }

// longestText bounds texts that come with a transaction, in bytes: an invalid transaction may hold anything.
const longestText = 200

// plain makes a text one that both databases accept: valid UTF-8 without NUL, and not too long.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if len(s) > longestText {
		s = strings.ToValidUTF8(s[:longestText], "")
	}
	return s
}

// keyNumber returns a key's number. A new key gets the next number.
func (w *writer) keyNumber(ctx context.Context, k relief.Key) (int64, error) {
	name := keyName(k)
	k.Kind = plain(k.Kind)
	if n, ok := w.keys.Get(k.Kind + "/" + name); ok {
		return n, nil
	}
	s, err := w.statement(ctx, "SELECT n FROM keys WHERE kind = $1 AND name = $2")
	if err != nil {
		return 0, err
	}
	var n int64
	err = s.QueryRowContext(ctx, k.Kind, name).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		w.keyCount++
		n = w.keyCount
		err = w.exec(ctx, "INSERT INTO keys (n, kind, name, place) VALUES ($1, $2, $3, 0)", n, k.Kind, name)
	}
	if err != nil {
		return 0, err
	}
	w.keys.Add(k.Kind+"/"+name, n)
	return n, nil
}

func (w *writer) word(ctx context.Context, word string) (int64, error) {
	word = plain(word)
	if n := w.words[word]; n != 0 {
		return n, nil
	}
	n := int64(len(w.words) + 1)
	w.words[word] = n
	return n, w.exec(ctx, "INSERT INTO words (n, word) VALUES ($1, $2)", n, word)
}

func (w *writer) identity(ctx context.Context, i ledger.Identity) (int64, error) {
	i = ledger.Identity{MSPID: plain(i.MSPID), Name: plain(i.Name), Role: plain(i.Role), Region: plain(i.Region)}
	if n := w.identities[i]; n != 0 {
		return n, nil
	}
	n := int64(len(w.identities) + 1)
	w.identities[i] = n
	return n, w.exec(ctx, "INSERT INTO identities (n, agency, name, role, region) VALUES ($1, $2, $3, $4, $5)",
		n, i.MSPID, i.Name, i.Role, i.Region)
}

func (w *writer) endorsement(ctx context.Context, endorsers []ledger.Identity) (int64, error) {
	numbers := make([]string, len(endorsers))
	for i, e := range endorsers {
		n, err := w.identity(ctx, e)
		if err != nil {
			return 0, err
		}
		numbers[i] = strconv.FormatInt(n, 10)
	}
	members := strings.Join(numbers, ",")
	if n := w.endorsements[members]; n != 0 {
		return n, nil
	}
	n := int64(len(w.endorsements) + 1)
	w.endorsements[members] = n
	return n, w.exec(ctx, "INSERT INTO endorsements (n, members) VALUES ($1, $2)", n, members)
}

// roll returns the number of a programme's roll in a county.
func (w *writer) roll(ctx context.Context, name rollName) (int64, error) {
	if n := w.rolls[name]; n != 0 {
		return n, nil
	}
	n := int64(len(w.rolls) + 1)
	w.rolls[name] = n
	return n, w.exec(ctx, "INSERT INTO rolls (n, programme, county) VALUES ($1, $2, $3)", n, string(name.programme), string(name.county))
}

// span returns the lowest number that a payment of a roll and period could have, and makes sure that the span has a row.
func (w *writer) span(ctx context.Context, roll int64, period relief.Period) (int64, error) {
	low := spanLow(roll, period)
	if w.spans[low] {
		return low, nil
	}
	w.spans[low] = true
	return low, w.exec(ctx, "INSERT INTO spans (low, roll, period, payments) VALUES ($1, $2, $3, 0)", low, roll, int64(period.Code()))
}

// programmeSize returns a programme's segment size, which all of its versions share. Segments of a programme of which the index
// could never read a version are passed over.
func (w *writer) programmeSize(ctx context.Context, id relief.ProgrammeID) (uint32, error) {
	if size := w.sizes[id]; size != 0 {
		return size, nil
	}
	if err := w.versions.Flush(ctx); err != nil {
		return 0, err
	}
	var value []byte
	err := w.conn.QueryRowContext(ctx, "SELECT v.value FROM keys k JOIN versions v ON v.key = k.n "+
		"WHERE k.kind = $1 AND k.name = $2 AND v.deleted = 0 ORDER BY v.place DESC LIMIT 1", relief.KindProgramme, string(id)).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, &corrupt{"no version of its programme can be read"}
	}
	if err != nil {
		return 0, fmt.Errorf("programme %s of a segment: %w", id, err)
	}
	size, err := segmentSize(value)
	if err != nil {
		return 0, err
	}
	w.sizes[id] = size
	return size, nil
}
