// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/stored"
)

// keysOfKinds are up to three keys of each kind that a ledger has values of, and all that the registry consists of.
func (w *world) keysOfKinds() map[string][]relief.Key {
	w.t.Helper()
	keys := map[string][]relief.Key{}
	seen := map[string]bool{}
	for n := range w.Height() {
		block, _ := w.Block(n)
		for _, tx := range block.Txs {
			for _, write := range tx.Writes {
				k, ok := relief.ParseKey(write.Key)
				if !ok || seen[write.Key] || w.Get(write.Key) == nil {
					continue
				}
				seen[write.Key] = true
				if len(keys[k.Kind]) < 3 || k.Kind == relief.KindOfficial || k.Kind == relief.KindDuty {
					keys[k.Kind] = append(keys[k.Kind], k)
				}
			}
		}
	}
	return keys
}

// rareValues are values of kinds that random acts hardly ever write.
func rareValues() []fakeledger.Write {
	acts := `"acts":[{"act":"x"}]`
	return []fakeledger.Write{
		{Key: relief.CosigningKeysKey().String(), Value: []byte("[]")},
		{Key: relief.EndingsKey("53").String(), Value: []byte("{}")}, // of the registrars' region
		{Key: relief.ExclusionKey("g").String(), Value: []byte("{}")},
		{Key: relief.HouseholdKey("dibao", ref(1)).String(), Value: []byte("{}")},
		{Key: relief.GrantsKey(ref(1), "linshi").String(), Value: []byte("{}")},
		{Key: relief.BillKey(payeeOf(1).Account).String(), Value: []byte("{}")},
		{Key: relief.ErasureKey(ref(1)).String(), Value: []byte(`{"subject":"` + ref(1).String() + `",` + acts + `}`)},
		{Key: relief.HoldKey("case-c1").String(), Value: []byte(`{"id":"case-c1",` + acts + `}`)},
	}
}

// agreeTo has all three agencies agree to a proposal of the registry.
func (w *world) agreeTo(proposal obj) error {
	b, err := json.Marshal(proposal)
	if err != nil {
		return err
	}
	return w.ChangeRegistry(b)
}

// Whatever value is corrupt, also one that the act of repair rests on, all three agencies put another in its place. Meanwhile every
// list passes over it or says what it is; nothing panics.
func TestEveryKindOfValueIsRepaired(t *testing.T) {
	w := newWorld(t, fakeledger.Endorsers(1))
	acts, err := fakeledger.RandomActsOn(w.Ledger, 7)
	if err != nil {
		t.Fatal(err)
	}
	for range 1500 {
		if err := acts.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for _, rare := range rareValues() {
		if w.Get(rare.Key) == nil {
			w.Plant(rare)
		}
	}
	keys, n := w.keysOfKinds(), 0
	for _, kind := range stored.Kinds() {
		if len(keys[kind]) == 0 {
			t.Logf("the ledger has no %s", kind)
		}
		for _, k := range keys[kind] {
			for _, bad := range []string{"{", "null", "[]", "{}", "\x00\xff", `[{"msp_id":"CivilAffairsMSP"}]`} {
				if stored.Check(k, []byte(bad)) == nil {
					continue // it can be read: not corrupt
				}
				n++
				good, _ := w.corrupt(k, func([]byte) []byte { return []byte(bad) })
				if err := w.agreeTo(repairs(fmt.Sprint("mend-", n), repairOf(k, []byte(bad), good))); err != nil {
					t.Fatalf("%s as %q: %v", k.Name(), bad, err)
				}
				if !bytes.Equal(w.Get(k.String()), good) {
					t.Fatalf("%s is not what was agreed to", k.Name())
				}
			}
		}
	}
	if t.Logf("%d values repaired, of %d kinds", n, len(keys)); len(keys) < 30 {
		t.Error("the ledger has values of too few kinds")
	}
}

// A repair rests on who the agencies were when all agreed last, and asks as much of those who agree as any other change.
func TestWhoRepairsTheRegistry(t *testing.T) {
	w := county5(t)
	parts := []relief.Key{
		relief.AgenciesKey(), relief.DutyKey(string(relief.ActRegistryPropose)), relief.DutyKey(string(relief.ActRegistryAgree)),
		relief.OfficialKey(fakeledger.CivilAffairs, "registrar"),
	}
	var list []obj
	for _, k := range parts { // all at once
		good, bad := w.corrupt(k, func([]byte) []byte { return []byte("{") })
		list = append(list, repairOf(k, bad, good))
	}
	w.refused(relief.CodeForbidden, civilPreparer, "registry:Propose", repairs("r1", list...))
	if err := w.agreeTo(repairs("r2", list...)); err != nil {
		t.Fatal(err)
	}
	w.changeRegistry("after", obj{"thresholds": obj{"x": 1}})

	// One official of a township does not answer for the province, whatever is corrupt.
	w.do(civilRegistrar, "official:Register", obj{"agency": fakeledger.CivilAffairs, "name": "small-registrar", "id": "CA-S-1"})
	small := fakeledger.Official(fakeledger.CivilAffairs, "small-registrar", "registrar", county+"001")
	good, bad := w.corrupt(rollKey0, aDeathIn1900)
	w.refused(relief.CodeRegion, small, "registry:Propose", repairs("r3", repairOf(rollKey0, bad, good)))
	w.repaired("r4", repairOf(rollKey0, bad, good))

	// No other change rests on a list that cannot be read.
	agencies, _ := w.corrupt(relief.AgenciesKey(), func([]byte) []byte { return []byte("[]") })
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "c", "change": obj{"thresholds": obj{"x": 2}}})
	var whole []registry.Agency
	if err := json.Unmarshal(agencies, &whole); err != nil {
		t.Fatal(err)
	}
	two, err := json.Marshal(whole[:2])
	if err != nil {
		t.Fatal(err)
	}
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", repairs("r5", repairOf(relief.AgenciesKey(), []byte("[]"), two)))
	w.repaired("r6", repairOf(relief.AgenciesKey(), []byte("[]"), agencies))
}
