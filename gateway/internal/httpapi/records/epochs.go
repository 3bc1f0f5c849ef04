package records

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/lists"
	"relieftrail/gateway/internal/resealing"
)

// KeyEpochs answers with how much of the rolls is under the keys of each epoch, and how many sealed documents there are, for who may
// read these, in their own region or one inside it.
func (h *Handlers) KeyEpochs(ctx context.Context, c *gin.Context) error {
	counts, err := h.Index.Epochs(ctx)
	if err != nil {
		return err
	}
	if counts, err = h.countSealed(ctx, c, counts); err != nil {
		return err
	}
	document := struct {
		Items []index.EpochCount `json:"items"`
	}{append([]index.EpochCount{}, counts...)}
	return rest.AnswerRows(h.core, c, "key-epochs", lists.KeyEpochs, document, document.Items)
}

// countSealed adds how many sealed documents there are under the key of each epoch. They are left out at an agency that keeps none,
// and for who may not read them.
func (h *Handlers) countSealed(ctx context.Context, c *gin.Context, counts []index.EpochCount) ([]index.EpochCount, error) {
	if h.Persons == nil || h.core.HasDuty(c, relief.ActReadPerson) != nil {
		return counts, nil
	}
	counties, err := h.counties(ctx, c)
	if err != nil {
		return nil, err
	}
	var of [256]int
	for _, county := range counties {
		err := resealing.Walk(ctx, h.Index, h.sealedContracts(c), county, func(documents []api.SealedDocument) error {
			for i := range documents {
				for _, epoch := range resealing.Epochs(&documents[i]) {
					of[epoch]++
				}
			}
			return nil
		})
		if errors.Is(err, &relief.Error{Code: relief.CodeRegion}) && ByRegion.In(c) == "" {
			return counts, nil // an official of a smaller region than a county
		}
		if err != nil {
			return nil, err
		}
	}
	for epoch, n := range of {
		if n > 0 && !slices.ContainsFunc(counts, func(e index.EpochCount) bool { return int(e.Epoch) == epoch }) {
			counts = append(counts, index.EpochCount{Epoch: uint8(epoch)})
		}
	}
	for i := range counts {
		counts[i].Documents = &of[counts[i].Epoch]
	}
	slices.SortFunc(counts, func(a, b index.EpochCount) int { return cmp.Compare(a.Epoch, b.Epoch) })
	return counts, nil
}

// counties are the registered counties of the region of the query, or of the caller's.
func (h *Handlers) counties(ctx context.Context, c *gin.Context) (counties []relief.Region, err error) {
	within := ByRegion.In(c)
	if within == "" {
		id, _ := h.core.Ledger.Identity(rest.Caller(c).Name) // known, as the duty is
		within = id.Official().Region
	}
	registry, err := h.Index.Registry(ctx)
	if err != nil {
		return nil, err
	}
	for i := range registry.Regions {
		county := registry.Regions[i].Code.County()
		if county != "" && (within.Covers(county) || county.Covers(within)) && !slices.Contains(counties, county) {
			counties = append(counties, county)
		}
	}
	return counties, nil
}

// sealedContracts asks the contracts what is sealed, in the caller's name.
func (h *Handlers) sealedContracts(c *gin.Context) resealing.Contracts {
	return resealing.Contracts{
		Status: func(in api.RollInput) (api.RollFill, error) { return rest.Ask(h.core, c, api.RollStatus, in) },
		Names: func(in api.SegmentDetailsInput) (api.SealedNames, error) {
			return rest.Ask(h.core, c, api.PersonSealedNames, in)
		},
		Documents: func(in api.SealedInput) (api.SealedDocuments, error) {
			return rest.Ask(h.core, c, api.PersonSealed, in)
		},
	}
}
