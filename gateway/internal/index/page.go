package index

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"

	"relieftrail/chaincode/relief"
)

// Page is one page of a list. Next is the cursor of the next page, "" at the end of the list. A page may be short, even
// empty, and still have a next one, because a read looks at a bounded number of rows.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
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

func sortSpans(spans []span) {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
}
