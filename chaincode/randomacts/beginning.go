// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"

	"relieftrail/chaincode/relief"
)

// The programmes. A person is in one of the first two at most.
const (
	monthly   = "dibao"
	exclusive = "tekun"
	quarterly = "canji"
	emergency = "jinan"  // single grants that townships decide, papers afterwards
	medical   = "yiliao" // single grants, each for a bill
	subsidy   = "wujia"  // takes its people from the rolls of the first two, by the rate of the month
	short     = "linshi" // with a number: programmes that end while others go on
)

var (
	rolls  = []string{monthly, monthly, monthly, exclusive, quarterly} // programmes with rolls that are imported
	grants = []string{emergency, emergency, medical}
	all    = []string{monthly, exclusive, quarterly, emergency, medical, subsidy}
)

// departmentKey is the key of the department that answers what is matched.
var departmentKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// segmentSize is so small that every roll has several segments.
const segmentSize = 4

// beginning are the acts before the random ones.
func (a *Acts) beginning() ([]act, error) {
	registry := a.ask(auditReader, "registry:Get", nil)
	known, ok := registry["regions"].([]any)
	if !ok {
		return nil, errors.New("the ledger has no registry of the dev network")
	}
	region := func(code relief.Region, more object) object {
		out := object{"code": code, "name": "乡镇街道", "valid_from": "1995-10-13"}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	towns := append(known, region(firstTown, nil), region(secondTown, nil), region(otherTown, nil),
		region(thirdTown, object{"valid_to": a.month(4).Start().String() + "-01", "successors": []relief.Region{secondTown}}))
	key, _ := departmentKey.Public().(ed25519.PublicKey)
	change := object{
		"regions": towns,
		"sources": []object{{"id": "civil-registry", "name": "民政婚姻死亡登记", "keys": []string{base64.StdEncoding.EncodeToString(key)}}},
	}
	propose := act{civilRegistrar, "registry:Propose", object{"id": "random", "change": change}, nil}
	proposed, done, err := a.submit(&propose)
	if err != nil || !done {
		return nil, fmt.Errorf("the registry cannot be changed: %w", err)
	}
	a.waits = nil
	agree := object{"id": "random", "digest": proposed["digest"]}
	first := []act{{financeReg, "registry:Agree", agree, nil}, {auditRegistrar, "registry:Agree", agree, nil}}
	for _, id := range all {
		first = append(first, a.draft(id, 1), enact(id, 1), a.issue(id))
	}
	return first, nil
}
