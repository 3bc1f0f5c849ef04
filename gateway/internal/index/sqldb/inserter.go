package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Inserter gathers rows of one table and writes many with one statement. What it holds is not in the table before Flush.
type Inserter struct {
	conn    *sql.Conn
	head    string // INSERT INTO t (…) VALUES
	tail    string // ON CONFLICT …
	columns int
	args    []any
	stmts   map[int]*sql.Stmt // by the number of rows
}

// NewInserter prepares to insert into the columns of a table, given as "a, b, c". conflict is an ON CONFLICT clause or "".
func NewInserter(c *sql.Conn, table, columns, conflict string) *Inserter {
	return &Inserter{
		conn: c, head: "INSERT INTO " + table + " (" + columns + ") VALUES ", tail: conflict,
		columns: strings.Count(columns, ",") + 1, stmts: map[int]*sql.Stmt{},
	}
}

// rowCounts are how many rows one statement writes, most first.
var rowCounts = []int{64, 8, 1}

// Add adds a row. It writes to the table when enough rows have been gathered.
func (i *Inserter) Add(ctx context.Context, row ...any) error {
	if len(row) != i.columns {
		return fmt.Errorf("%d values for %d columns", len(row), i.columns)
	}
	i.args = append(i.args, row...)
	if len(i.args) == rowCounts[0]*i.columns {
		return i.Flush(ctx)
	}
	return nil
}

// Flush writes the rows that have been gathered.
func (i *Inserter) Flush(ctx context.Context) error {
	args := i.args
	for _, rows := range rowCounts {
		for size := rows * i.columns; len(args) >= size; args = args[size:] {
			stmt, err := i.statement(ctx, rows)
			if err != nil {
				return err
			}
			if _, err := stmt.ExecContext(ctx, args[:size]...); err != nil {
				return err
			}
		}
	}
	i.args = i.args[:0]
	return nil
}

// Close closes the prepared statements. Rows that were not flushed are lost.
func (i *Inserter) Close() error {
	var errs []error
	for _, s := range i.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

func (i *Inserter) statement(ctx context.Context, rows int) (*sql.Stmt, error) {
	if s := i.stmts[rows]; s != nil {
		return s, nil
	}
	var b strings.Builder
	b.WriteString(i.head)
	for n := range rows * i.columns {
		switch {
		case n == 0:
			b.WriteString("(")
		case n%i.columns == 0:
			b.WriteString("),(")
		default:
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "$%d", n+1)
	}
	b.WriteString(") " + i.tail)
	s, err := i.conn.PrepareContext(ctx, b.String())
	if err != nil {
		return nil, err
	}
	i.stmts[rows] = s
	return s, nil
}
