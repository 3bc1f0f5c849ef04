// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/reseal"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// reseal proposes to seal documents of a county again: of a few cases and changes, and of the people of a segment.
func (a *Acts) reseal() []act {
	county := County
	if a.rand.IntN(4) == 0 {
		county = otherCounty
	}
	by := a.preparerOf(county)
	var names []string
	for range 4 {
		id := a.one(a.ids(relief.KindCase))
		names = append(names, "details/"+id, "facts/"+id)
		if changes := a.ids(relief.KindChange); len(changes) > 0 {
			names = append(names, "change/"+a.one(changes))
		}
	}
	var listed api.SealedNames
	if decoded(a.ask(by, "person:SealedNames", object{"programme": a.someRoll(), "county": county, "segment": 0, "limit": 40}), &listed) {
		names = append(names, listed.Names...)
	}
	slices.Sort(names)
	var held api.SealedDocuments
	if !decoded(a.ask(by, "person:Sealed", object{"county": county, "names": slices.Compact(names)}), &held) || len(held.Items) == 0 {
		return nil
	}
	documents := make([]reseal.Document, len(held.Items))
	for i, d := range held.Items {
		after := sealedAgain(d.Document)
		documents[i] = reseal.Document{Name: d.Name, Before: digest(string(d.Document)), After: digest(string(after))}
		a.sealed[documents[i].After] = after
	}
	slices.SortFunc(documents, func(x, y reseal.Document) int { return cmp.Compare(x.Name, y.Name) })
	return []act{{by, "person:ProposeReseal", object{"county": county, "epoch": 2, "documents": documents}, nil}}
}

// laterOnReseal notes that another official is to confirm that documents are sealed again, or to refuse it.
func (a *Acts) laterOnReseal(c *act, answer object) {
	documents, ok := c.input["documents"].([]reseal.Document)
	if !ok {
		return
	}
	given := make([][]byte, len(documents))
	for i := range documents {
		given[i] = a.sealed[documents[i].After]
	}
	of := object{"id": answer["id"], "sha256": answer["sha256"]}
	chief := a.approverOf(relief.Region(fmt.Sprint(answer["county"])))
	a.wait(act{chief, "person:ConfirmReseal", with(of, object{"agree": true}), transient{wire.TransientSealed: roll.AppendDetails(nil, given)}},
		act{chief, "person:ConfirmReseal", with(of, object{"agree": false, "reason": "不符"}), nil})
}

// decoded reads an answer into a value; false when there is none.
func decoded(answer object, into any) bool {
	b, err := json.Marshal(answer)
	return answer != nil && err == nil && json.Unmarshal(b, into) == nil
}

// sealedAgain is a document, or each one of a page, as a later key would seal it: the contracts see that it is another one.
func sealedAgain(document []byte) []byte {
	again := func(b []byte) []byte {
		before := bytes.TrimRight(b, "~")
		return append(bytes.Clone(before), bytes.Repeat([]byte("~"), 1+(len(b)-len(before))%3)...)
	}
	people, err := roll.ParseDetailPage(document)
	if err != nil {
		return again(document)
	}
	for i := range people {
		people[i].Details = again(people[i].Details)
	}
	return roll.AppendDetailPage(nil, people)
}
