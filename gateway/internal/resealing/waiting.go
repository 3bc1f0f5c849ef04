package resealing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/gateway/internal/index"
)

// Waiting is what waits in a county to be confirmed as sealed again.
type Waiting struct {
	County    relief.Region `json:"county"`
	Proposals int           `json:"proposals"`
	Documents int           `json:"documents"` // a detail page counts as one
	// SHA256 is over the digests of the proposals in the order of their ids, each followed by a line feed: a confirmation names it.
	SHA256 string `json:"sha256,omitempty"`

	IDs   []relief.ResealID          `json:"-"`
	Named map[string]reseal.Document `json:"-"` // the documents of the proposals, by name
}

// WaitingIn gathers what waits in a county, of one epoch or of all (0).
func WaitingIn(ctx context.Context, ix Index, county relief.Region, epoch uint8) (*Waiting, error) {
	if err := ix.CatchUp(ctx); err != nil {
		return nil, err
	}
	w := &Waiting{County: county, Named: map[string]reseal.Document{}}
	sum := sha256.New()
	keep := func(value json.RawMessage) (bool, error) {
		var r reseal.Reseal
		err := json.Unmarshal(value, &r)
		return r.State == reseal.Proposed && r.County == county && (epoch == 0 || r.Epoch == epoch), err
	}
	err := pages(func(cursor string) (index.Page[json.RawMessage], error) {
		return ix.Records(ctx, relief.KindReseal, cursor, index.MaxPage, keep)
	}, func(r *reseal.Reseal) error {
		w.Proposals, w.Documents = w.Proposals+1, w.Documents+len(r.Documents)
		w.IDs = append(w.IDs, r.ID)
		sum.Write([]byte(r.SHA256 + "\n"))
		for _, d := range r.Documents {
			w.Named[d.Name] = d
		}
		return nil
	})
	if w.Proposals > 0 {
		w.SHA256 = hex.EncodeToString(sum.Sum(nil))
	}
	return w, err
}
