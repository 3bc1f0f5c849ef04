package sqldb

import (
	"database/sql"
	"strings"
)

// dialect is all that differs between the databases.
type dialect struct {
	name       string
	schema     *strings.Replacer // turns the words of a schema that differ
	beginWrite string
	countTable string // counts the tables named $1
	countRole  string // counts the roles named $1; "" where there are none
	day        string // the day of days since 1970, $1, as text
	today      string // in China, as text
	read       sql.TxOptions
}

var sqlite = dialect{
	name: "sqlite",
	// SQLite makes a primary key the row's own number only when it is spelt so. A table WITHOUT ROWID is stored in the
	// order of its primary key.
	schema:     strings.NewReplacer("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY", "CLUSTERED;", "WITHOUT ROWID;"),
	beginWrite: "BEGIN IMMEDIATE",
	countTable: "SELECT count(*) FROM sqlite_master WHERE name = $1",
	day:        "date(86400 * ($1), 'unixepoch')",
	today:      "date('now', '+8 hours')",
	read:       sql.TxOptions{ReadOnly: true},
}

var postgres = dialect{
	name: "postgres",
	// Both databases then compare texts by their bytes.
	schema:     strings.NewReplacer(" TEXT", ` TEXT COLLATE "C"`, "CLUSTERED;", ";"),
	beginWrite: "BEGIN",
	countTable: "SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = $1 AND schemaname = current_schema()",
	countRole:  "SELECT count(*) FROM pg_catalog.pg_roles WHERE rolname = $1",
	day:        "to_char(DATE '1970-01-01' + CAST($1 AS INTEGER), 'YYYY-MM-DD')",
	today:      "to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')",
	read:       sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
}
