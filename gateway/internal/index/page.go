package index

import (
	"cmp"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/stored"
)

// Page is one page of a list. Next is the cursor of the next page, "" at the end of the list. A page may be short, even
// empty, and still have a next one, because a read looks at a bounded number of rows.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
	// Unreadable names records that the list, on this page or another, may lack because they cannot be read.
	Unreadable []string `json:"unreadable,omitempty"`
}

// take adds the record of a row to a page of records. Before the record's value, and whether it can be read, the row has the columns
// of the cursor. A record that cannot be read is left out; the page names it.
func take(p *Page[json.RawMessage], kind string, rows *sql.Rows, cursor ...any) error {
	var value []byte
	var deleted int
	if err := rows.Scan(append(cursor, &value, &deleted)...); err != nil || deleted != versionThere {
		return err
	}
	document, err := stored.Document(kind, value)
	p.Items = append(p.Items, document)
	return err
}

// MaxPage bounds the items of a page.
const MaxPage = 10_000

var errCursor = relief.FieldErrorf("cursor", "the cursor must be the next of an earlier page")

// cursorOf writes a cursor: the kind of list and the number of the page's last item. Since it names an item and no
// position, items that are added in the meantime neither repeat nor hide one. Callers must not look into it.
func cursorOf(list byte, n int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte(string(list) + strconv.FormatInt(n, 36)))
}

func parseCursor(list byte, text string, none int64) (int64, error) {
	if text == "" {
		return none, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) < 2 || len(b) > 20 || b[0] != list {
		return 0, errCursor
	}
	n, err := strconv.ParseInt(string(b[1:]), 36, 64)
	if err != nil || n < 0 {
		return 0, errCursor
	}
	return n, nil
}

// knownCursor refuses a cursor that is the id of no record: a page gives none but those.
func (r *reader) knownCursor(kind, id string) error {
	switch {
	case id == "":
		return nil
	case !utf8.ValidString(id) || strings.ContainsRune(id, 0): // PostgreSQL takes no such text
		return errCursor
	}
	var n int64
	found, err := r.one("SELECT n FROM keys WHERE kind = $1 AND name = $2", []any{kind, id}, &n)
	if err == nil && !found {
		err = errCursor
	}
	return err
}

func sortSpans(spans []span) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
}
