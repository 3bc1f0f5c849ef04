package sqldb

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // the driver "sqlite3"
)

// maxReads bounds the reads at a time; further ones wait for a connection.
const maxReads = 8

// maxConns leaves one connection for the writer and one for the lock of PostgreSQL.
const maxConns = maxReads + 2

// DB is a pool of connections to one database.
type DB struct {
	*sql.DB
	dsn     string
	dialect *dialect
}

// Open opens a database. A DSN that begins with postgres:// or postgresql:// names a server, any other one a file of
// SQLite. Like sql.Open it connects only when the database is first used.
func Open(dsn string) (*DB, error) {
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		return open("pgx", dsn, dsn, &postgres)
	}
	return open("sqlite3", sqliteSource(dsn), dsn, &sqlite)
}

func open(driver, source, dsn string, d *dialect) (*DB, error) {
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, fmt.Errorf("cannot open the %s database: %w", d.name, err)
	}
	db.SetMaxOpenConns(maxConns)
	return &DB{DB: db, dsn: dsn, dialect: d}, nil
}

// sqliteSource is the name under which the driver opens a file. With a write-ahead log (WAL) readers see what was
// committed and never block the writer. With synchronous NORMAL a crash of the machine may lose the last commits, so
// only what can be read again from elsewhere may be kept here.
func sqliteSource(file string) string {
	query := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"10000"}, "_cache_size": {"-32768"},
	}
	source := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: query.Encode()}
	return source.String()
}

// Name is the kind of database: sqlite or postgres.
func (db *DB) Name() string { return db.dialect.name }

// DSN is what the database was opened with.
func (db *DB) DSN() string { return db.dsn }
