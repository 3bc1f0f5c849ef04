package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func openTemp(t *testing.T) (*DB, *sql.Conn) {
	t.Helper()
	db, err := Open(filepath.Join(t.TempDir(), "a folder?", "..", "test 1.db"))
	require.NoError(t, err)
	c, err := db.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, errors.Join(c.Close(), db.Close())) })
	return db, c
}

func TestOpenKnowsTheDatabaseByItsDSN(t *testing.T) {
	for dsn, name := range map[string]string{
		"index.db": "sqlite", "/var/lib/postgres/index.db": "sqlite",
		"postgres://u@host/index": "postgres", "postgresql:///index?host=/run": "postgres",
	} {
		db, err := Open(dsn)
		require.NoError(t, err)
		require.Equal(t, name, db.Name(), dsn)
		require.NoError(t, db.Close())
	}
}

func TestStatementsOfAScript(t *testing.T) {
	script := "-- a comment; with a semicolon\nCREATE TABLE a (n BIGINT); -- behind\n\nCREATE TABLE b (\n  n BIGINT -- inside\n);\n"
	require.Equal(t, []string{"CREATE TABLE a (n BIGINT)", "CREATE TABLE b (\n  n BIGINT \n)"}, statements(script))
	require.Empty(t, statements("-- nothing but a comment\n"))
}

func TestWhere(t *testing.T) {
	var w Where
	require.True(t, w.Empty())
	require.Equal(t, "1 = 1", w.String())
	w.Add("a = ?", 1)
	w.Add("b BETWEEN ? AND ?", 2, "3")
	require.Equal(t, "$4", w.Arg(4))
	require.Equal(t, "a = $1 AND b BETWEEN $2 AND $3", w.String())
	require.Equal(t, []any{1, 2, "3", 4}, w.Args)
	var in Where
	in.AddIn("a", 1, 2)
	in.AddIn("b", 3)
	in.AddIn("c")
	require.Equal(t, "a IN ($1, $2) AND b IN ($3) AND 1 = 0", in.String())
}

func TestSchemaRowsAndTransactions(t *testing.T) {
	db, c := openTemp(t)
	ctx := t.Context()
	require.NoError(t, db.Write(ctx, c, func() error {
		return db.RunSchema(ctx, c, "CREATE TABLE pairs (a BIGINT, b TEXT, PRIMARY KEY (a)) CLUSTERED;")
	}))
	for table, want := range map[string]bool{"pairs": true, "others": false} {
		has, err := db.HasTable(ctx, table)
		require.NoError(t, err)
		require.Equal(t, want, has, table)
	}
	const rows = 64 + 8 + 8 + 3 // every size of statement, some twice
	pairs := NewInserter(c, "pairs", "a, b", "ON CONFLICT (a) DO UPDATE SET b = excluded.b")
	defer func() { require.NoError(t, pairs.Close()) }()
	require.Error(t, pairs.Add(ctx, 1), "a value is missing")
	require.NoError(t, db.Write(ctx, c, func() error {
		for n := range rows {
			if err := pairs.Add(ctx, n, "first"); err != nil {
				return err
			}
		}
		return pairs.Flush(ctx)
	}))
	failure := errors.New("the work failed")
	require.ErrorIs(t, db.Write(ctx, c, func() error {
		return errors.Join(failure, pairs.Add(ctx, 0, "second"), pairs.Flush(ctx))
	}), failure)
	sum, count := 0, 0
	require.NoError(t, Each(ctx, db, "SELECT a, b FROM pairs", func(r *sql.Rows) error {
		var a int
		var b string
		if err := r.Scan(&a, &b); err != nil {
			return err
		}
		require.Equal(t, "first", b, "what failed is rolled back")
		sum, count = sum+a, count+1
		return nil
	}))
	require.Equal(t, rows, count)
	require.Equal(t, rows*(rows-1)/2, sum)
	require.NoError(t, DropTables(ctx, c, []string{"pairs", "others"}))
	has, err := db.HasTable(ctx, "pairs")
	require.NoError(t, err)
	require.False(t, has)
}

func TestOneProcessHasTheLock(t *testing.T) {
	db, _ := openTemp(t)
	release, ok, err := db.TryLock(t.Context(), 1)
	require.NoError(t, err)
	require.True(t, ok)
	_, ok, err = db.TryLock(t.Context(), 1)
	require.NoError(t, err)
	require.False(t, ok)
	release()
	release, ok, err = db.TryLock(context.Background(), 1)
	require.NoError(t, err)
	require.True(t, ok)
	release()
}
