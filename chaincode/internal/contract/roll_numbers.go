// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// numbers are the places of one person's numbers on a programme's rolls: the present one, then those that the person had before
// under the same reference, the latest first. A payment that came back may be of any of them.
func (w *work) numbers(place *rollPlace) ([]*rollPlace, error) {
	places := []*rollPlace{place}
	for at := place; ; {
		before, ok := at.segment.Predecessor(at.slot())
		if !ok {
			return places, nil
		}
		next, err := w.placeAt(place.at.Programme, before)
		if err != nil {
			return nil, err
		}
		if next.subject() != place.subject() {
			return places, nil // another head's, or under another reference
		}
		places, at = append(places, next), next
	}
}

// placeAt is the place of a number that another one continues. Its index entry names the number alone.
func (w *work) placeAt(programme relief.ProgrammeID, before roll.Predecessor) (*rollPlace, error) {
	size, err := w.segmentSize(programme)
	if err != nil {
		return nil, err
	}
	p := &rollPlace{index: roll.IndexEntry{County: before.County, Number: before.Number, Exited: true, Until: before.Until}}
	if p.at, err = segmentAddr(programme, before.County, before.Number/size, size); err != nil {
		return nil, err
	}
	if p.segment, err = w.segment(p.at); err != nil {
		return nil, err
	}
	if p.slot() >= p.segment.Len() {
		return nil, relief.Errorf(relief.CodeCorrupt, "the roll has nobody under number %d", before.Number)
	}
	return p, nil
}
