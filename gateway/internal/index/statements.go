package index

import (
	"context"
	"crypto/sha256"
	"database/sql"

	"relieftrail/chaincode/relief/stored"
)

// Statement is an entry of the public log of statements: what it says of a version of a record. Statements are numbered from 0 in
// ledger order (block, transaction, key) and never change.
type Statement struct {
	N       uint64
	Content []byte // canonical JSON
	Hash    [32]byte
	Block   uint64
}

// state adds what the public log says of a version of a record.
func (w *writer) state(ctx context.Context, wr *write) error {
	if wr.gone {
		return nil
	}
	content, err := stored.Statement(wr.key.Kind, wr.value)
	if err != nil || content == nil {
		return err
	}
	hash := leafHash(content)
	return w.exec(ctx, "INSERT INTO statements (n, record, place, hash) VALUES ((SELECT coalesce(max(n) + 1, 0) FROM statements), $1, $2, $3)",
		wr.n, wr.txPos, hash[:])
}

// leafHash is the RFC 6962 hash of an entry of a log.
func leafHash(content []byte) [32]byte { return sha256.Sum256(append([]byte{0}, content...)) }

// StatementHashes lists up to limit leaves of the log of statements from a number on.
func (ix *Index) StatementHashes(ctx context.Context, from int64, limit int) (hashes []LeafHash, err error) {
	err = ix.view(ctx, func(r *reader) error {
		return r.each("SELECT hash, place FROM statements WHERE n >= $1 AND n < $2 ORDER BY n", func(rows *sql.Rows) error {
			var hash []byte
			var txPos int64
			if err := rows.Scan(&hash, &txPos); err != nil {
				return err
			}
			hashes = append(hashes, LeafHash{[hashSize]byte(hash), blockOf(txPos)})
			return nil
		}, from, from+int64(min(limit, MaxLeaves)))
	})
	return hashes, err
}

// MaxStatements bounds how many statements one call of Statements returns: as many as a bundle of entries has.
const MaxStatements = 256

// Statements lists up to limit statements from a number on.
func (ix *Index) Statements(ctx context.Context, from int64, limit int) (list []Statement, err error) {
	err = ix.view(ctx, func(r *reader) error {
		return r.each("SELECT s.n, s.hash, s.place, k.kind, v.value FROM statements s JOIN keys k ON k.n = s.record "+
			"JOIN versions v ON v.key = s.record AND v.place = s.place WHERE s.n >= $1 AND s.n < $2 ORDER BY s.n", func(rows *sql.Rows) error {
			var n, txPos int64
			var hash, value []byte
			var kind string
			if err := rows.Scan(&n, &hash, &txPos, &kind, &value); err != nil {
				return err
			}
			content, err := stored.Statement(kind, value)
			if err != nil {
				return err
			}
			list = append(list, Statement{uint64(n), content, [hashSize]byte(hash), blockOf(txPos)}) //nolint:gosec // a count
			return nil
		}, from, from+int64(min(limit, MaxStatements)))
	})
	return list, err
}
