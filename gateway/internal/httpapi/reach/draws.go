package reach

import (
	"context"
	"encoding/json"
	"strings"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
)

// Stratum is a draw, and the units of one stratum of its frame: for who covers the county.
func (ix *Index) Stratum(ctx context.Context, id relief.PlanID, stratum int) (p draw.Plan, units draw.Units, err error) {
	c, err := Of(ctx)
	if err != nil {
		return p, nil, err
	}
	record, err := ix.source.Record(ctx, relief.KindPlan, string(id))
	if err != nil {
		return p, nil, err
	}
	if err := json.Unmarshal(record, &p); err != nil {
		return p, nil, err
	}
	if err := c.RequireCovers(p.County); err != nil {
		return p, nil, err
	}
	if p.Frame == nil || stratum >= len(p.Frame.Strata) {
		return p, nil, relief.Errorf(relief.CodeNotFound, "the frame has no such stratum")
	}
	record, err = ix.source.Record(ctx, relief.KindFrame, strings.Join(relief.FrameKey(id, stratum).Attrs, "/"))
	if err != nil {
		return p, nil, err
	}
	return p, units, json.Unmarshal(record, &units)
}
