package reach

import (
	"context"

	"relieftrail/gateway/internal/index"
)

// RollEntries lists entries of a county's roll: those of the region that is asked for, or else those of the caller's.
func (ix *Index) RollEntries(ctx context.Context, q index.RollQuery, cursor string, limit int) (page index.Page[index.RollEntry], err error) {
	c, err := Of(ctx)
	if err != nil {
		return page, err
	}
	if err := c.RequireMeets(q.County); err != nil {
		return page, err
	}
	switch {
	case q.Region != "":
		err = c.RequireCovers(q.Region)
	case !c.Covers(q.County):
		q.Region = c.Region
	}
	if err != nil {
		return page, err
	}
	return ix.source.RollEntries(ctx, q, cursor, limit)
}
