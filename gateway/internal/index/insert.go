package index

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// inserter gathers rows and writes many with one statement.
type inserter struct {
	conn    *sql.Conn
	head    string // INSERT INTO t (…) VALUES
	tail    string // ON CONFLICT …
	columns int
	args    []any
	stmts   map[int]*sql.Stmt
}

func newInserter(c *sql.Conn, table, columns, conflict string) *inserter {
	return &inserter{
		conn: c, head: "INSERT INTO " + table + " (" + columns + ") VALUES ", tail: conflict,
		columns: strings.Count(columns, ",") + 1, stmts: map[int]*sql.Stmt{},
	}
}

// rowCounts are how many rows one statement writes, most first.
var rowCounts = []int{64, 8, 1}

func (i *inserter) add(ctx context.Context, row ...any) error {
	if len(row) != i.columns {
		return fmt.Errorf("%d values for %d columns", len(row), i.columns)
	}
	i.args = append(i.args, row...)
	if len(i.args) == rowCounts[0]*i.columns {
		return i.flush(ctx)
	}
	return nil
}

func (i *inserter) flush(ctx context.Context) error {
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

func (i *inserter) statement(ctx context.Context, rows int) (*sql.Stmt, error) {
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
