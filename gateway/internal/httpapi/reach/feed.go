package reach

import (
	"context"
	"strings"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/index"
)

// FeedQuery says what of the feed is wanted.
type FeedQuery struct {
	Region relief.Region // this one or inside it
	Kind   string
	Act    string
	Agency string // of who did it
}

// FeedItem is one record that was written. It holds nothing of the record but its name and region.
type FeedItem struct {
	Place       string        `json:"place"`
	Block       uint64        `json:"block"`
	Transaction string        `json:"transaction"`
	At          time.Time     `json:"at"`
	Act         string        `json:"act"`
	Title       string        `json:"title"`
	Kind        string        `json:"kind"`
	ID          string        `json:"id"`
	Region      relief.Region `json:"region,omitempty"`
	// By is who did it, for a caller whose region covers theirs.
	By *relief.Official `json:"by,omitempty"`
}

// FeedPage is what was written after a place. Next is the place up to which all was read; More says that there is more already.
type FeedPage struct {
	Items []FeedItem `json:"items"`
	Next  string     `json:"next"`
	More  bool       `json:"more"`
}

// segments are the kinds of values that hold many people or payments of a county. They concern the county as a whole: a change of one names
// nobody.
var segments = map[string]bool{relief.KindLines: true, relief.KindFurther: true, relief.KindRoll: true}

// Feed reads what was written after a place, limit records at most, as far as the caller may read it.
func (ix *Index) Feed(ctx context.Context, q FeedQuery, after index.FeedPlace, limit int) (page FeedPage, reached index.FeedPlace, err error) {
	c, err := Of(ctx)
	if err != nil {
		return page, after, err
	}
	if q.Region != "" {
		if _, err := c.Narrow(q.Region); err != nil {
			return page, after, err
		}
	}
	page.Items = []FeedItem{}
	reached, err = ix.source.Feed(ctx, after, func(w *index.Written) (bool, error) {
		region, ok := q.wants(&c, w)
		if !ok {
			return false, nil
		}
		item := FeedItem{
			Place: w.Place.String(), Block: w.Place.Block, Transaction: w.Transaction, At: w.At, Act: w.Act, Title: w.Title,
			Kind: w.Kind, ID: w.Name, Region: region,
		}
		if by := w.By.Official(); by.Agency == c.Official.Agency && by.Name == c.Official.Name || c.Covers(by.Region) {
			item.By = &by
		}
		page.Items = append(page.Items, item)
		return len(page.Items) == limit, nil
	})
	if err != nil {
		return page, after, err
	}
	if err := ix.addStaffNumbers(ctx, page.Items); err != nil {
		return page, after, err
	}
	height := ix.source.Height()
	page.Next, page.More = reached.String(), height > 0 && index.EndOfBlock(height-1).After(reached)
	return page, reached, nil
}

// wants reports whether a record is asked for and may be read, and its region. A record whose region cannot be told, such as a deleted one, is for
// those who read everywhere.
func (q *FeedQuery) wants(c *Caller, w *index.Written) (relief.Region, bool) {
	if q.Kind != "" && q.Kind != w.Kind || q.Act != "" && q.Act != w.Act || q.Agency != "" && q.Agency != w.By.MSPID {
		return "", false
	}
	of, region := extents[w.Kind], regionWritten(w)
	if segments[w.Kind] {
		of = sums
	}
	if of == unknown || q.Region != "" && !q.Region.Covers(region) {
		return "", false
	}
	switch {
	case of == general || c.Everywhere:
	case region == "", of == sums && !c.Meets(region), of == people && !c.Covers(region):
		return "", false
	}
	return region, true
}

// regionWritten is the region of a record, "" when it has none or it cannot be told.
func regionWritten(w *index.Written) relief.Region {
	if segments[w.Kind] {
		parts := strings.Split(w.Name, "/") // PROGRAMME/COUNTY/…
		if len(parts) < 2 {
			return ""
		}
		return relief.Region(parts[1])
	}
	if w.Value == nil {
		return ""
	}
	region, err := regionOf(w.Value)
	if err != nil {
		return ""
	}
	return region
}

// addStaffNumbers looks up the entries of the officials who did what is on a page.
func (ix *Index) addStaffNumbers(ctx context.Context, items []FeedItem) error {
	known := map[string]string{}
	for i := range items {
		by := items[i].By
		if by == nil {
			continue
		}
		name := by.Agency + "/" + by.Name
		if _, ok := known[name]; !ok {
			entry, err := ix.source.Official(ctx, by.Agency, by.Name)
			if err != nil {
				return err
			}
			if known[name] = ""; entry != nil {
				known[name] = entry.ID
			}
		}
		by.ID = known[name]
	}
	return nil
}
