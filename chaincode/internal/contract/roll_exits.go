// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// exitEarlier ends the numbers that an entry continues with the household's last month, where they go on longer: what was owed
// under them afterwards is owed no more. It gives the last month after that one for which they have payments.
func (w *work) exitEarlier(p *rollPlace, last relief.Period) (paid relief.Period, err error) {
	if last.IsZero() || last.Quarterly() {
		return paid, nil // the domain refuses it
	}
	for at := p; ; {
		before, ok := at.segment.Predecessor(at.slot())
		if !ok || !last.Before(before.Until) {
			return paid, nil
		}
		if at, err = w.placeAt(p.at.Programme, before); err != nil {
			return paid, err
		}
		if err := w.endContinued(at, last); err != nil {
			return paid, err
		}
		till, err := w.paidTill(at, last)
		if err != nil {
			return paid, err
		}
		if paid.Before(till) {
			paid = till
		}
	}
}

// reinstateEarlier has the numbers that an entry continues end again where they ended before the exit that is undone.
func (w *work) reinstateEarlier(p *rollPlace) error {
	for at := p; ; {
		before, ok := at.segment.Predecessor(at.slot())
		if !ok {
			return nil
		}
		var err error
		if at, err = w.placeAt(p.at.Programme, before); err != nil {
			return err
		}
		if entry := at.entry(); !entry.Until.Before(before.Until) {
			return nil // it was not ended sooner, and none before it
		}
		if err := w.endContinued(at, before.Until); err != nil {
			return err
		}
	}
}

// endContinued has a number that another one continues end with another month.
func (w *work) endContinued(p *rollPlace, last relief.Period) error {
	if err := relief.RequireRegion(w.Actor.By, p.segment.Region(p.slot())); err != nil {
		return err
	}
	after, err := roll.EndContinued(p.segment, p.slot(), last)
	if err != nil {
		return err
	}
	if err := w.putEntry(p, after); err != nil {
		return err
	}
	key := relief.RollIndexKey(p.subject(), p.at.Programme)
	index, err := uow.Find[roll.IndexEntry](w.Work, key)
	if err != nil || index == nil || index.County != p.at.County || index.Number != p.index.Number {
		return err
	}
	index.Until = last
	return w.Put(key, *index)
}
