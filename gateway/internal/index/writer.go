package index

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// writer puts blocks into the tables. What it remembers belongs to what it has written: after a failure it is thrown
// away, and a new one reads the tables.
type writer struct {
	conn         *sql.Conn
	stmts        map[string]*sql.Stmt
	inserts      []*sqldb.Inserter
	height       uint64 // the next block
	began        uint64 // height when the SQL transaction began
	leafCount    int64
	keyCount     int64
	words        map[string]int64
	endorsements map[string]int64
	identities   map[ledger.Identity]int64
	rolls        map[rollName]int64
	spans        map[int64]bool
	sizes        map[relief.ProgrammeID]uint32
	keys         *lru.Cache[string, int64]
	rows         int          // written since begin
	totals       []chunkTotal // of the transaction that is being written
	transactions *sqldb.Inserter
	writes       *sqldb.Inserter
	versions     *sqldb.Inserter
	chunks       *sqldb.Inserter
	entries      *sqldb.Inserter
	payments     *sqldb.Inserter
	leaves       *sqldb.Inserter
}

type rollName struct {
	programme relief.ProgrammeID
	county    relief.Region
}

// write is one key's write by a valid transaction.
type write struct {
	txPos int64
	key   relief.Key
	n     int64 // the key's number; 0 for kinds without one
	value []byte
	gone  bool // deleted
}

// keysKept bounds the numbers of keys in memory; others are looked up.
const keysKept = 1 << 16

func newWriter(ctx context.Context, c *sql.Conn) (*writer, error) {
	keys, _ := lru.New[string, int64](keysKept) // fails for a size of 0 only
	w := &writer{
		conn: c, stmts: map[string]*sql.Stmt{}, words: map[string]int64{}, endorsements: map[string]int64{},
		identities: map[ledger.Identity]int64{}, rolls: map[rollName]int64{}, spans: map[int64]bool{},
		sizes: map[relief.ProgrammeID]uint32{}, keys: keys,
	}
	insert := func(table, columns, conflict string) *sqldb.Inserter {
		i := sqldb.NewInserter(c, table, columns, conflict)
		w.inserts = append(w.inserts, i)
		return i
	}
	w.transactions = insert("transactions", "place, id, at, creator, function, code, endorsement", "")
	w.writes = insert("writes", "place, key", "")
	w.versions = insert("versions", "key, place, deleted, value", "")
	w.chunks = insert("chunks", "batch, place, lines, sum", "")
	w.entries = insert("entries", "n, subject, region, place, value", "ON CONFLICT (n) DO UPDATE SET "+
		"region = excluded.region, place = excluded.place, value = excluded.value")
	w.payments = insert("payments", "n, batch, amount, line, listed", "ON CONFLICT (n) DO UPDATE SET batch = excluded.batch, "+
		"amount = excluded.amount, line = excluded.line, state = "+strconv.Itoa(stateListed)+", day = 0, listed = excluded.listed, answered = 0")
	w.leaves = insert("leaves", "n, payment, place, hashes, bank_refs", "")
	return w, w.load(ctx)
}

// load reads what the tables hold of the numbers that were given out.
func (w *writer) load(ctx context.Context) error {
	var text string
	row := w.conn.QueryRowContext(ctx, "SELECT (SELECT value FROM meta WHERE name = 'height'), "+
		"(SELECT coalesce(max(n), 0) FROM keys), "+leafCount)
	err := row.Scan(&text, &w.keyCount, &w.leafCount)
	if err == nil {
		w.height, err = strconv.ParseUint(text, 10, 63)
	}
	if err != nil {
		return err
	}
	return errors.Join(
		sqldb.Each(ctx, w.conn, "SELECT n, word FROM words", func(r *sql.Rows) error {
			var n int64
			var word string
			err := r.Scan(&n, &word)
			w.words[word] = n
			return err
		}),
		sqldb.Each(ctx, w.conn, "SELECT n, members FROM endorsements", func(r *sql.Rows) error {
			var n int64
			var members string
			err := r.Scan(&n, &members)
			w.endorsements[members] = n
			return err
		}),
		sqldb.Each(ctx, w.conn, "SELECT n, agency, name, role, region FROM identities", func(r *sql.Rows) error {
			var n int64
			var i ledger.Identity
			err := r.Scan(&n, &i.MSPID, &i.Name, &i.Role, &i.Region)
			w.identities[i] = n
			return err
		}),
		sqldb.Each(ctx, w.conn, "SELECT n, programme, county FROM rolls", func(r *sql.Rows) error {
			var n int64
			var name rollName
			err := r.Scan(&n, &name.programme, &name.county)
			w.rolls[name] = n
			return err
		}),
		sqldb.Each(ctx, w.conn, "SELECT low FROM spans", func(r *sql.Rows) error {
			var low int64
			err := r.Scan(&low)
			w.spans[low] = true
			return err
		}),
	)
}

func (w *writer) close() {
	for _, s := range w.stmts {
		_ = s.Close()
	}
	for _, i := range w.inserts {
		_ = i.Close()
	}
}

func (w *writer) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, query)
	if err == nil {
		w.stmts[query] = s
	}
	return s, err
}

func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	s, err := w.statement(ctx, query)
	if err == nil {
		_, err = s.ExecContext(ctx, args...)
	}
	w.rows++
	return err
}

// block writes one block. A block that does not follow the last one is a gap.
func (w *writer) block(ctx context.Context, b *ledger.Block) error {
	if b.Number < w.height {
		return nil
	}
	if b.Number > w.height {
		return fmt.Errorf("a gap: block %d came where block %d was due", b.Number, w.height)
	}
	if err := w.exec(ctx, "INSERT INTO blocks (number, hash, transactions) VALUES ($1, $2, $3)",
		int64(b.Number), hashBytes(b.Hash), len(b.Transactions)); err != nil { //nolint:gosec // blocks stay below 2^43
		return err
	}
	for i := range b.Transactions {
		if err := w.transaction(ctx, &b.Transactions[i]); err != nil {
			return fmt.Errorf("block %d, transaction %s: %w", b.Number, b.Transactions[i].ID, err)
		}
	}
	w.height++
	return nil
}

func hashBytes(h []byte) []byte {
	if h == nil {
		return []byte{}
	}
	return h
}

func (w *writer) transaction(ctx context.Context, tx *ledger.Transaction) error {
	txPos := txPosOf(tx.Block, tx.Index)
	id, err := hex.DecodeString(tx.ID)
	if err != nil {
		id = []byte{} // an envelope of nobody's client, which the peers did not take
	}
	creator, err := w.identity(ctx, tx.Creator)
	if err != nil {
		return err
	}
	function, err := w.word(ctx, tx.Function)
	if err != nil {
		return err
	}
	code, err := w.word(ctx, tx.Code)
	if err != nil {
		return err
	}
	endorsement, err := w.endorsement(ctx, tx.Endorsers)
	if err != nil {
		return err
	}
	w.rows++
	if err := w.transactions.Add(ctx, txPos, id, tx.Time.UnixMilli(), creator, function, code, endorsement); err != nil {
		return err
	}
	w.totals = w.totals[:0]
	for i := range tx.Writes {
		if err := w.write(ctx, txPos, tx.Valid, &tx.Writes[i]); err != nil {
			return err
		}
	}
	for _, t := range w.totals {
		if err := w.chunks.Add(ctx, t.batch, txPos, t.lines, int64(t.sum)); err != nil {
			return err
		}
	}
	return nil
}

// write keeps that a key was written and, if the transaction is valid, what came of it.
func (w *writer) write(ctx context.Context, txPos int64, valid bool, wr *ledger.Write) error {
	key, ok := relief.ParseKey(wr.Key)
	if !ok && !valid {
		return nil // whatever it was
	}
	if !ok {
		return errors.New("a key that is not made of parts")
	}
	k := kindOf(key.Kind)
	out := write{txPos: txPos, key: key, value: wr.Value, gone: wr.Deleted}
	if !k.unnamed {
		n, err := w.keyNumber(ctx, key)
		if err != nil {
			return err
		}
		out.n = n
		if err := w.writes.Add(ctx, txPos, n); err != nil {
			return err
		}
	}
	if !valid {
		return nil
	}
	if out.n != 0 {
		if err := w.exec(ctx, "UPDATE keys SET place = $1 WHERE n = $2", txPos, out.n); err != nil {
			return err
		}
	}
	return k.store(ctx, w, &out)
}

// keyName is what tells a key from others of its kind.
func keyName(k relief.Key) string { return plain(strings.Join(k.Attrs, "/")) }

// longestText bounds a text that comes with a transaction: one that is not valid may hold anything.
const longestText = 200

// plain is a text as both databases take it.
func plain(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if len(s) > longestText {
		s = strings.ToValidUTF8(s[:longestText], "")
	}
	return s
}

// keyNumber is a key's number; a new key gets the next one.
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
	if err == nil {
		w.keys.Add(k.Kind+"/"+name, n)
	}
	return n, err
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

// roll is the number of a programme's roll in a county.
func (w *writer) roll(ctx context.Context, name rollName) (int64, error) {
	if n := w.rolls[name]; n != 0 {
		return n, nil
	}
	n := int64(len(w.rolls) + 1)
	w.rolls[name] = n
	return n, w.exec(ctx, "INSERT INTO rolls (n, programme, county) VALUES ($1, $2, $3)", n, string(name.programme), string(name.county))
}

func (w *writer) span(ctx context.Context, roll int64, period relief.Period) (int64, error) {
	low := spanLow(roll, period)
	if w.spans[low] {
		return low, nil
	}
	w.spans[low] = true
	return low, w.exec(ctx, "INSERT INTO spans (low, roll, period, payments) VALUES ($1, $2, $3, 0)", low, roll, int64(period.Code()))
}

func (w *writer) begin(ctx context.Context, db *sqldb.DB) error {
	w.began, w.rows = w.height, 0
	return db.BeginWrite(ctx, w.conn)
}

var errLostLead = errors.New("another process has written to the index meanwhile")

// commit writes what is gathered and the height, and ends the transaction.
func (w *writer) commit(ctx context.Context) error {
	for _, i := range w.inserts {
		if err := i.Flush(ctx); err != nil {
			return err
		}
	}
	result, err := w.conn.ExecContext(ctx, "UPDATE meta SET value = $1 WHERE name = 'height' AND value = $2",
		strconv.FormatUint(w.height, 10), strconv.FormatUint(w.began, 10))
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errLostLead, err)
	}
	return sqldb.Commit(ctx, w.conn)
}

// programmeSize is a programme's segment size, which is the same in all of its versions.
func (w *writer) programmeSize(ctx context.Context, id relief.ProgrammeID) (uint32, error) {
	if size := w.sizes[id]; size != 0 {
		return size, nil
	}
	if err := w.versions.Flush(ctx); err != nil {
		return 0, err
	}
	var value []byte
	err := w.conn.QueryRowContext(ctx, latestVersion, relief.KindProgramme, string(id)).Scan(&value)
	if err != nil {
		return 0, fmt.Errorf("programme %s of a segment: %w", id, err)
	}
	size, err := segmentSize(value)
	if err == nil {
		w.sizes[id] = size
	}
	return size, err
}
