// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// fileable are the acts of which there are files, by their functions.
var fileable = func() map[string]relief.Act {
	acts := map[string]relief.Act{}
	for _, r := range api.Rows() {
		if r.Fileable {
			acts[r.Name] = r.Act
		}
	}
	return acts
}()

// inFile does several acts of one kind in one file: what would be done now, by whoever does the first of them.
func (a *Acts) inFile() []act {
	choices := []func() []act{a.onEntry, a.onCase, a.onGrant, a.onClaim, a.decide, a.decide}
	choose := choices[a.rand.IntN(len(choices))]
	var acts []act
	for tries := 0; tries < 12 && len(acts) < 5; tries++ {
		for _, next := range choose() {
			if fileable[next.function] != "" && (len(acts) == 0 || next.function == acts[0].function) {
				acts = append(acts, next)
			}
		}
	}
	if len(acts) == 0 {
		return nil
	}
	return []act{a.file(acts)}
}

// file is a file of acts of one function. The lists of its transient map are in the order of the acts.
func (a *Acts) file(acts []act) act {
	items, lists := make([]object, len(acts)), map[string][][]byte{}
	for i := range acts {
		items[i] = acts[i].input
		if a.rand.IntN(12) == 0 {
			a.spoil(&acts[i])
			items[i] = acts[i].input
		}
		for name, b := range acts[i].transient {
			list, _ := roll.DecodeDetails(b) // of this package, or spoiled
			lists[name] = append(lists[name], list...)
		}
	}
	tr := transient{}
	for name, list := range lists {
		tr[name] = roll.AppendDetails(nil, list)
	}
	return act{acts[0].by, "case:File", object{"act": fileable[acts[0].function], "items": items, "records": true}, tr}
}

// noteFile keeps what the acts of a file have made, and counts them.
func (a *Acts) noteFile(c *act, answer object) {
	items, _ := c.input["items"].([]object)
	records, _ := answer["records"].([]any)
	for name, of := range fileable {
		if of != c.input["act"] {
			continue
		}
		count := a.outcome("case:File of " + name)
		for i := 0; i < len(items) && i < len(records); i++ {
			record, ok := records[i].(object)
			if !ok {
				count.Refused++
				continue
			}
			count.Done++
			a.note(&act{by: c.by, function: name, input: items[i]}, record)
		}
	}
}
