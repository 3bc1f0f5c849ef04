package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
)

// Analysts is the role of PostgreSQL that may read the views, where the server has it.
const Analysts = "relieftrail_analysts"

var viewName = regexp.MustCompile(`CREATE VIEW (\w+) AS`)

// ViewNames are the names of the views of a script, in its order.
func ViewNames(script string) (names []string) {
	for _, found := range viewName.FindAllStringSubmatch(script, -1) {
		names = append(names, found[1])
	}
	return names
}

var dayOf, periodOf = regexp.MustCompile(`DAY\{([^}]+)\}`), regexp.MustCompile(`PERIOD\{([^}]+)\}`)

// inWords writes out what is short in a script of views.
func (d *dialect) inWords(script string) string {
	script = dayOf.ReplaceAllString(script, d.day)
	script = periodOf.ReplaceAllString(script,
		"CAST($1 / 32 + 1999 AS TEXT) || CASE WHEN $1 % 32 > 12 THEN '-Q' || CAST($1 % 32 - 12 AS TEXT) ELSE '-' || substr(CAST(100 + $1 % 32 AS TEXT), 2) END")
	return strings.ReplaceAll(script, "TODAY", d.today)
}

// RunViews makes the views of a script, which is written once for both databases, and lets analysts read them.
func (db *DB) RunViews(ctx context.Context, c *sql.Conn, script string) error {
	for _, statement := range statements(db.dialect.inWords(script)) {
		if _, err := c.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("cannot create the views: %w", err)
		}
	}
	if db.dialect.countRole == "" {
		return nil
	}
	var roles int
	if err := c.QueryRowContext(ctx, db.dialect.countRole, Analysts).Scan(&roles); err != nil || roles == 0 {
		return err
	}
	for _, name := range ViewNames(script) {
		if _, err := c.ExecContext(ctx, "GRANT SELECT ON "+name+" TO "+Analysts); err != nil { //nolint:gosec // words of the script
			return fmt.Errorf("the views' readers: %w", err)
		}
	}
	return nil
}

// DropViews drops views in the given order.
func DropViews(ctx context.Context, c *sql.Conn, views []string) error {
	for _, view := range views {
		if _, err := c.ExecContext(ctx, "DROP VIEW IF EXISTS "+view); err != nil {
			return err
		}
	}
	return nil
}
