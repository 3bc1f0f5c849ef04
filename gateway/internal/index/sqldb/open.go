package sqldb

import (
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"
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
	d, source := &sqlite, sqliteSource
	if strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://") {
		d, source = &postgres, postgresSource
	}
	db, err := source(dsn)
	if err != nil {
		return nil, fmt.Errorf("cannot open the %s database: %w", d.name, err)
	}
	db.SetMaxOpenConns(maxConns)
	return &DB{DB: db, dsn: dsn, dialect: d}, nil
}

// postgresSource is a server. Unless the DSN says otherwise it compiles no statements (jit): with ten million payments it would take a
// tenth of a second for a statement that reads for a thousandth.
func postgresSource(dsn string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	if config.RuntimeParams["jit"] == "" {
		config.RuntimeParams["jit"] = "off"
	}
	return stdlib.OpenDB(*config), nil
}

// sqliteSource is a file. With a write-ahead log (WAL) readers see what was
// committed and never block the writer. With synchronous NORMAL a crash of the machine may lose the last commits, so
// only what can be read again from elsewhere may be kept here.
func sqliteSource(file string) (*sql.DB, error) {
	query := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"10000"}, "_cache_size": {"-32768"},
	}
	source := url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: query.Encode()}
	return sql.Open("sqlite3", source.String())
}

// Name is the kind of database: sqlite or postgres.
func (db *DB) Name() string { return db.dialect.name }

// DSN is what the database was opened with.
func (db *DB) DSN() string { return db.dsn }
