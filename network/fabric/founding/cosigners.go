package founding

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/network/fabric/admin"
)

// Cosigners puts the organisations' cosigning keys on the ledger, by a change that all of them sign, and reports whether
// that took anything. Keys that are there stay as they are, retired ones too: what was signed with them must remain verifiable.
func Cosigners(ctx context.Context, n *admin.Network, keys []registry.CosigningKey) (changed bool, err error) {
	t := n.Topology
	if t.Chaincode.Registry == "" || len(keys) == 0 {
		return false, nil
	}
	first := t.Organisations[0]
	text, err := n.Evaluate(ctx, first, first.Registrar, api.RegistryGet.Name())
	if err != nil {
		return false, err
	}
	var now struct {
		Keys []registry.CosigningKey `json:"cosigning_keys"`
	}
	if err := json.Unmarshal(text, &now); err != nil {
		return false, fmt.Errorf("the registry: %w", err)
	}
	all := slices.Clone(now.Keys)
	for _, k := range keys {
		if !slices.ContainsFunc(all, func(a registry.CosigningKey) bool { return a.Key == k.Key }) {
			all = append(all, k)
		}
	}
	if len(all) == len(now.Keys) {
		return false, nil
	}
	change, err := json.Marshal(map[string]any{"cosigning_keys": all})
	if err != nil {
		return false, err
	}
	sum := sha256.Sum256(change)
	return true, agreeAll(ctx, n, "cosigning-keys-"+hex.EncodeToString(sum[:4]), change)
}

// founding is a document with the keys added to those that it has, with the registrars unless it names officials, and with what
// a network of tests may do.
func founding(document []byte, keys []registry.CosigningKey, registrars []registry.OfficialTerms, test bool) (json.RawMessage, error) {
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(document, &sections); err != nil {
		return nil, err
	}
	if err := withParameters(sections, test); err != nil {
		return nil, err
	}
	if sections["officials"] == nil {
		text, err := json.Marshal(registrars)
		if err != nil {
			return nil, err
		}
		sections["officials"] = text
	}
	var all []registry.CosigningKey
	if given := sections["cosigning_keys"]; given != nil {
		if err := json.Unmarshal(given, &all); err != nil {
			return nil, err
		}
	}
	if all = append(all, keys...); len(all) > 0 {
		text, err := json.Marshal(all)
		if err != nil {
			return nil, err
		}
		sections["cosigning_keys"] = text
	}
	return json.Marshal(sections)
}

// withParameters holds the founding to the days that a public notice lasts at least (R16): 7, and none on a network of tests. Terms that
// it leaves out are the law's.
func withParameters(sections map[string]json.RawMessage, test bool) error {
	p := programme.DefaultParameters
	if given := sections["parameters"]; given != nil {
		if err := json.Unmarshal(given, &p); err != nil {
			return err
		}
	}
	switch {
	case test:
		p.MinNoticeDays = 0
	case p.MinNoticeDays < programme.DefaultParameters.MinNoticeDays:
		return fmt.Errorf("parameters.min_notice_days is %d: below %d only where the topology says test: true",
			p.MinNoticeDays, programme.DefaultParameters.MinNoticeDays)
	}
	if err := p.AllowFounding(); err != nil {
		return err
	}
	text, err := json.Marshal(p)
	sections["parameters"] = text
	return err
}
