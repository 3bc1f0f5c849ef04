package rest

import (
	"context"
	"encoding/json"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/registry"
)

// AgencyKind is the kind of this gateway's agency by the registry. An agency does not become another, so it is asked once,
// and of the peer: an act does not wait for the index.
func (s *Core) AgencyKind(c *gin.Context) (registry.AgencyKind, error) {
	if k := s.kind.Load(); k != nil {
		return *k, nil
	}
	registry, err := Ask(s, c, api.RegistryGet, api.None{})
	if err != nil {
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
