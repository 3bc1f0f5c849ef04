package index

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/index/sqldb"
	"relieftrail/gateway/internal/ledger"
)

// writer writes blocks into the tables. It remembers numbers that it has given out, in its own transaction too: after a
// failure it must be thrown away, and a new one reads the tables.
type writer struct {
	log           *slog.Logger
	officials     bool // an official's entry was written since the last look
	conn          *sql.Conn
	stmts         map[string]*sql.Stmt
	inserts       []*sqldb.Inserter
	height        uint64 // number of the next block
	began         uint64 // height when the SQL transaction began
	leafCount     int64
	keyCount      int64
	words         map[string]int64
	endorsements  map[string]int64
	identities    map[ledger.Identity]int64
	rolls         map[rollName]int64
	spans         map[int64]bool
	sizes         map[relief.ProgrammeID]uint32
	unreadable    map[string]bool // the names of the records that cannot be read
	troubled      bool            // whether the current transaction, or one before, passed over a value
	hashedLeaves  bool            // whether any leaf has a hash
	keys          *lru.Cache[string, int64]
	rows          int          // rows written since begin
	passedChanged bool         // whether other values cannot be read than before begin
	totals        []chunkTotal // of the transaction being written
	batchDays     map[batchDay]bool
	calendar      relief.Calendar      // as the ledger has it
	parameters    programme.Parameters // of the founding
	lastDay       relief.Day           // that the ledger has reached
	transactions  *sqldb.Inserter
	writes        *sqldb.Inserter
	versions      *sqldb.Inserter
	chunks        *sqldb.Inserter
	entries       *sqldb.Inserter
	payments      *sqldb.Inserter
	leaves        *sqldb.Inserter
	sums          totalsWriter
	cases         map[caseTotal]int64 // how the totals of cases change in one transaction of the database
}

type rollName struct {
	programme relief.ProgrammeID
	county    relief.Region
}

// write is what one transaction wrote under one key.
type write struct {
	txPos int64
	key   relief.Key
	raw   string // the key as the ledger writes it
	n     int64  // the key's number; 0 for kinds whose keys have no number
	value []byte
	gone  bool // whether the key was deleted
}

// keysKept bounds the key numbers in memory. Other numbers are looked up.
const keysKept = 1 << 16

func newWriter(ctx context.Context, c *sql.Conn, log *slog.Logger) (*writer, error) {
	keys, _ := lru.New[string, int64](keysKept) // fails for a size of 0 only
	w := &writer{
		log: log, unreadable: map[string]bool{},
		conn: c, stmts: map[string]*sql.Stmt{}, words: map[string]int64{}, endorsements: map[string]int64{},
		identities: map[ledger.Identity]int64{}, rolls: map[rollName]int64{}, spans: map[int64]bool{},
		sizes: map[relief.ProgrammeID]uint32{}, keys: keys, batchDays: map[batchDay]bool{},
	}
	insert := func(table, columns, conflict string) *sqldb.Inserter {
		i := sqldb.NewInserter(c, table, columns, conflict)
		w.inserts = append(w.inserts, i)
		return i
	}
	w.transactions = insert("transactions", "place, id, at, creator, function, code, endorsement", "")
	// An invalid transaction may hold anything, the same key twice as well.
	w.writes = insert("writes", "place, key", "ON CONFLICT (place, key) DO NOTHING")
	w.versions = insert("versions", "key, place, deleted, value", "")
	w.chunks = insert("chunks", "batch, place, lines, sum", "")
	w.entries = insert("entries", "n, subject, region, place, class, exited, entered, ended, reason, value", "ON CONFLICT (n) DO UPDATE SET "+
		"region = excluded.region, place = excluded.place, class = excluded.class, exited = excluded.exited, entered = excluded.entered, "+
		"ended = excluded.ended, reason = excluded.reason, value = excluded.value")
	w.payments = insert("payments", "n, batch, kind, amount, deducted, line, listed", "ON CONFLICT (n) DO UPDATE SET batch = excluded.batch, "+
		"kind = excluded.kind, amount = excluded.amount, deducted = excluded.deducted, line = excluded.line, state = "+strconv.Itoa(stateListed)+", day = 0, listed = excluded.listed, answered = 0, bank_ref = NULL")
	w.leaves = insert("leaves", "n, payment, place, length, hashes", "")
	w.sums = newTotalsWriter(insert)
	w.cases = map[caseTotal]int64{}
	return w, w.load(ctx)
}

// load reads from the tables which numbers have been given out.
func (w *writer) load(ctx context.Context) error {
	var text string
	row := w.conn.QueryRowContext(ctx, "SELECT (SELECT value FROM meta WHERE name = 'height'), "+
		"(SELECT coalesce(max(n), 0) FROM keys), "+leafCount+", EXISTS (SELECT 1 FROM leaves WHERE hashes IS NOT NULL)")
	if err := row.Scan(&text, &w.keyCount, &w.leafCount, &w.hashedLeaves); err != nil {
		return err
	}
	var err error
	if w.height, err = strconv.ParseUint(text, 10, 63); err != nil {
		return fmt.Errorf("the index's height: %w", err)
	}
	return errors.Join(
		w.loadIndicators(ctx),
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
		sqldb.Each(ctx, w.conn, "SELECT kind, name FROM unreadable", func(r *sql.Rows) error {
			var kind, name string
			err := r.Scan(&kind, &name)
			w.unreadable[recordName(kind, name)], w.troubled = true, true
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
	if err != nil {
		return nil, err
	}
	w.stmts[query] = s
	return s, nil
}

func (w *writer) exec(ctx context.Context, query string, args ...any) error {
	w.rows++
	s, err := w.statement(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

// block writes one block. A block that the tables hold already is skipped; a missing block is an error.
func (w *writer) block(ctx context.Context, b *ledger.Block) error {
	if b.Number < w.height {
		return nil
	}
	if b.Number > w.height {
		return fmt.Errorf("block %d came, but block %d is missing", b.Number, w.height)
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
	return w.blockDays(ctx, b)
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
		id = []byte{} // not made by a Fabric client; the peers found it invalid
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
	if err := w.transactions.Add(ctx, txPos, id, milliseconds(tx.Time), creator, function, code, endorsement); err != nil {
		return err
	}
	w.totals = w.totals[:0]
	for i := range tx.Writes {
		if err := w.write(ctx, tx, &tx.Writes[i]); err != nil {
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

// milliseconds is a time since 1970. A transaction's time is its client's word: what no date can write counts as 1970.
func milliseconds(at time.Time) int64 {
	if at.Year() < 1970 || at.Year() > 9999 {
		return 0
	}
	return at.UnixMilli()
}

// write records that a transaction wrote a key and, if the transaction is valid, the new state. A value that cannot be read is
// passed over: nothing that is written keeps the index from what else there is.
func (w *writer) write(ctx context.Context, tx *ledger.Transaction, wr *ledger.Write) error {
	txPos, valid := txPosOf(tx.Block, tx.Index), tx.Valid
	key, ok := relief.ParseKey(wr.Key)
	if !ok && !valid {
		return nil // an invalid transaction may have written under any key
	}
	if !ok {
		key = relief.Key{Attrs: []string{wr.Key}}
		return w.passOver(ctx, tx.ID, &write{txPos: txPos, key: key, raw: wr.Key, value: wr.Value}, &corrupt{"its key is none of the ledger's layout"})
	}
	k := kindOf(key.Kind)
	out := write{txPos: txPos, key: key, raw: wr.Key, value: wr.Value, gone: wr.Deleted}
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
	if err := w.reachDay(ctx, tx); err != nil {
		return err
	}
	if out.n != 0 {
		if err := w.exec(ctx, "UPDATE keys SET place = $1 WHERE n = $2", txPos, out.n); err != nil {
			return err
		}
	}
	err := w.store(ctx, &k, &out)
	var why *corrupt
	if errors.As(err, &why) {
		return w.passOver(ctx, tx.ID, &out, why)
	}
	if err != nil {
		return err
	}
	return w.readable(ctx, key)
}

// store stores a version and what follows from it. It writes nothing about a value that cannot be read.
func (w *writer) store(ctx context.Context, k *kind, wr *write) error {
	if err := wr.check(); err != nil {
		return err
	}
	facts, err := w.newFacts(ctx, wr)
	if err != nil {
		return err
	}
	if err := k.store(ctx, w, wr); err != nil {
		return err
	}
	if err := w.state(ctx, wr); err != nil {
		return err
	}
	return w.replaceFacts(ctx, &facts)
}

func (w *writer) begin(ctx context.Context, db *sqldb.DB) error {
	w.began, w.rows, w.passedChanged = w.height, 0, false
	return db.BeginWrite(ctx, w.conn)
}

var errLostLead = errors.New("another process has written to the index in the meantime")

// commit writes the gathered rows and the new height, and ends the transaction.
func (w *writer) commit(ctx context.Context) error {
	for _, i := range w.inserts {
		if err := i.Flush(ctx); err != nil {
			return err
		}
	}
	if err := w.writeTotals(ctx); err != nil {
		return err
	}
	if err := w.writeCaseTotals(ctx); err != nil {
		return err
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
