package index

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"net/url"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // the driver "sqlite3"
)

//go:embed schema.sql
var schemaText string

// dialect is all that differs between the databases.
type dialect struct {
	name   string
	schema *strings.Replacer
	begin  string // of the one transaction that writes
	exists string // counts the tables named meta
	reads  sql.TxOptions
}

var sqlite = dialect{
	name: "sqlite",
	// A rowid is a primary key of this spelling only. A table without one lies in the order of its primary key.
	schema: strings.NewReplacer("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY", "CLUSTERED;", "WITHOUT ROWID;"),
	begin:  "BEGIN IMMEDIATE",
	exists: "SELECT count(*) FROM sqlite_master WHERE name = 'meta'",
	reads:  sql.TxOptions{ReadOnly: true},
}

var postgres = dialect{
	name: "postgres",
	// Both databases compare texts by their bytes.
	schema: strings.NewReplacer(" TEXT", ` TEXT COLLATE "C"`, "CLUSTERED;", ";"),
	begin:  "BEGIN",
	exists: "SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = 'meta' AND schemaname = current_schema()",
	reads:  sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
}

// tables are all of the index's, those that refer to others first.
var tables = []string{
	"leaves", "line_history", "returns", "payments", "entry_versions", "entries", "spans", "rolls", "chunks", "cases",
	"batches", "segments", "versions", "writes", "keys", "transactions", "endorsements", "words", "identities", "blocks", "meta",
}

// openDatabase opens a connection pool. A place that begins with postgres:// is a server, anything else a file.
func openDatabase(place string) (*sql.DB, dialect, error) {
	if strings.HasPrefix(place, "postgres://") || strings.HasPrefix(place, "postgresql://") {
		db, err := sql.Open("pgx", place)
		if err != nil {
			return nil, postgres, fmt.Errorf("the index's database: %w", err)
		}
		db.SetMaxOpenConns(readers + 2)
		return db, postgres, nil
	}
	// Readers see what was committed and are never in the way of the writer (WAL). A crash of the machine may lose the last
	// commits, which the ledger has.
	query := url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"NORMAL"}, "_busy_timeout": {"10000"}, "_cache_size": {"-32768"},
	}
	db, err := sql.Open("sqlite3", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: place}).EscapedPath(), RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, sqlite, fmt.Errorf("the index's database: %w", err)
	}
	db.SetMaxOpenConns(readers + 2)
	return db, sqlite, nil
}

// readers bounds the reads at a time; more wait for their turn.
const readers = 8

func dropAll(ctx context.Context, c *sql.Conn) error {
	for _, t := range tables {
		if _, err := c.ExecContext(ctx, "DROP TABLE IF EXISTS "+t); err != nil {
			return err
		}
	}
	return nil
}

// script runs the statements of a text one by one.
func script(ctx context.Context, c *sql.Conn, text string) error {
	var lines []string
	for line := range strings.Lines(text) {
		code, _, _ := strings.Cut(line, "--")
		lines = append(lines, code)
	}
	for s := range strings.SplitSeq(strings.Join(lines, "\n"), ";") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if _, err := c.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("schema of the index: %w", err)
		}
	}
	return nil
}
