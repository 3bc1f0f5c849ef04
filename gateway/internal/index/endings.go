package index

import (
	"context"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// Endings is what a region has to know of regions that end, nil when none do.
func (ix *Index) Endings(ctx context.Context, region relief.Region) (endings *registry.Endings, err error) {
	err = ix.view(ctx, func(r *reader) error {
		value, err := r.record(relief.KindEndings, string(region))
		if err != nil || value == nil {
			return err
		}
		endings = &registry.Endings{}
		return json.Unmarshal(value, endings)
	})
	return endings, err
}
