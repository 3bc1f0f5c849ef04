package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// HasTable reports whether the database has a table of this name.
func (db *DB) HasTable(ctx context.Context, name string) (bool, error) {
	var count int
	err := db.QueryRowContext(ctx, db.dialect.countTable, name).Scan(&count)
	return count > 0, err
}

// DropTables drops tables in the given order, so those that refer to others come first.
func DropTables(ctx context.Context, c *sql.Conn, tables []string) error {
	for _, table := range tables {
		if _, err := c.ExecContext(ctx, "DROP TABLE IF EXISTS "+table); err != nil {
			return err
		}
	}
	return nil
}

// RunSchema runs the statements of a schema, which is written once for both databases: BIGINT PRIMARY KEY for a row's
// own number, and CLUSTERED behind a table that is stored in the order of its primary key.
func (db *DB) RunSchema(ctx context.Context, c *sql.Conn, schema string) error {
	for _, statement := range statements(db.dialect.schema.Replace(schema)) {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("cannot create the tables: %w", err)
		}
	}
	return nil
}

// statements cuts a script at its semicolons. Comments are left out; a script has no semicolons or dashes in texts.
func statements(script string) []string {
	var code strings.Builder
	for line := range strings.SplitSeq(script, "\n") {
		before, _, _ := strings.Cut(line, "--")
		code.WriteString(before + "\n")
	}
	var out []string
	for statement := range strings.SplitSeq(code.String(), ";") {
		if statement = strings.TrimSpace(statement); statement != "" {
			out = append(out, statement)
		}
	}
	return out
}
