package index

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"

	"relieftrail/chaincode/relief"
)

// Page is one page of a list. Next is the cursor of the page behind it, "" at the end. A page may be short, even empty,
// and still have a next one: a read looks at a bounded number of rows.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// MaxPage bounds a page.
const MaxPage = 10_000

var errCursor = relief.FieldErrorf("cursor", "the cursor is not one that a page gave")

// A cursor says what the last item was, so that what is added meanwhile neither repeats nor hides one. It is opaque to
// callers: the kind of list, and the number.
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

func sortSpans(spans []span) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
}
