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
	read       sql.TxOptions
}

var sqlite = dialect{
	name: "sqlite",
	// SQLite makes a primary key the row's own number only when it is spelt so. A table WITHOUT ROWID is stored in the
	// order of its primary key.
	schema:     strings.NewReplacer("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY", "CLUSTERED;", "WITHOUT ROWID;"),
	beginWrite: "BEGIN IMMEDIATE",
	countTable: "SELECT count(*) FROM sqlite_master WHERE name = $1",
	read:       sql.TxOptions{ReadOnly: true},
}

var postgres = dialect{
	name: "postgres",
	// Both databases then compare texts by their bytes.
	schema:     strings.NewReplacer(" TEXT", ` TEXT COLLATE "C"`, "CLUSTERED;", ";"),
	beginWrite: "BEGIN",
	countTable: "SELECT count(*) FROM pg_catalog.pg_tables WHERE tablename = $1 AND schemaname = current_schema()",
	read:       sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
}
