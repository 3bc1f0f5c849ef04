// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// readingContract holds the heads of the agencies' records of who read personal data.
type readingContract struct{ contractapi.Contract }

// Anchor puts the head of the own agency's record on the ledger.
func (*readingContract) Anchor(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ReadingAnchor, anchorReadings)
}

func anchorReadings(w *work, in registry.ReadingHead) (registry.ReadingAnchor, error) {
	key := relief.ReadingsKey(w.Actor.By.Agency)
	present, err := uow.Find[registry.ReadingAnchor](w.Work, key)
	if err != nil {
		return registry.ReadingAnchor{}, err
	}
	out, changed, err := registry.AnchorReadings(in, present, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, key, out)
}

// Get gives the anchor of an agency.
func (*readingContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ReadingGet, func(w *work, in api.AgencyInput) (registry.ReadingAnchor, error) {
		return uow.Get[registry.ReadingAnchor](w.Work, relief.ReadingsKey(in.Agency))
	})
}
