package rest

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/ledger"
)

// AgencyKind is the kind of this gateway's agency by the registry. An agency does not become another, so it is asked once,
// and of the peer: an act does not wait for the index.
func (s *Core) AgencyKind(c *gin.Context) (registry.AgencyKind, error) {
	if k := s.kind.Load(); k != nil {
		return *k, nil
	}
	b, err := s.EvaluateCall(c, ledger.Call{Function: "registry:Get"})
	if err != nil {
		return "", err
	}
	var registry registry.Registry
	if err := json.Unmarshal(b, &registry); err != nil {
		return "", err
	}
	for _, agency := range registry.Agencies {
		if agency.MSPID == s.Organisation {
			s.kind.Store(&agency.Kind)
			return agency.Kind, nil
		}
	}
	return "", nil // not founded with this agency: the contract will say so
}

// Records reads single records from the index.
type Records interface {
	Record(ctx context.Context, kind, name string) (json.RawMessage, error)
}

// RecordInto reads a record into v.
func RecordInto(ctx context.Context, index Records, kind, name string, v any) error {
	document, err := index.Record(ctx, kind, name)
	if err != nil {
		return err
	}
	return json.Unmarshal(document, v)
}
