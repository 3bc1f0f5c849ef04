package rules

import (
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// founding keeps that the registry is founded: from then on everybody who writes is an official with an entry.
func (e *txChanges) founding(r Record) {
	e.Founded = true
	e.keep(r)
}

// admit checks that the sender of a transaction was an official when it was committed: registered, not retired, with a
// certificate that is not revoked.
func (e *txChanges) admit(serial string) {
	if !e.Founded {
		return
	}
	by, err := e.Officials[relief.OfficialKey(e.creator.Agency, e.creator.Name).String()].Admit(e.creator, serial)
	if err != nil {
		e.report(NoOfficial, "%v", err)
	}
	e.creator = by
}

// official checks what changed of an official's entry: by a registrar of their own agency, one staff number for ever, nothing
// that was taken away given back.
func (e *txChanges) official(r Record) {
	o, ok := unpack[registry.OfficialEntry](e, r)
	if !ok {
		return
	}
	name := "official " + o.Agency + "/" + o.Name
	if relief.OfficialKey(o.Agency, o.Name).String() != r.Name || len(o.Acts) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	before := registry.OfficialEntry{OfficialTerms: o.OfficialTerms}
	if known := e.Officials[r.Name]; known != nil {
		before = *known
	}
	if before.ID != o.ID {
		e.report(BadRecord, "%s has another staff number than before", name)
	}
	if slices.ContainsFunc(before.Revoked, func(serial string) bool { return !slices.Contains(o.Revoked, serial) }) {
		e.report(BadRecord, "a revoked certificate of %s counts again", name)
	}
	if e.founded && o.Agency != e.creator.Agency {
		e.report(BadRecord, "%s is written by an official of %s", name, e.creator.Agency)
	}
	state := before.State
	for _, act := range e.newActs(name, before.Acts, o.Acts) {
		state = e.officialAct(name, o, state, act)
	}
	if state != o.State {
		e.report(BadRecord, "%s is %s, its acts lead to %s", name, o.State, state)
	}
	e.Officials[r.Name] = o
}

func (e *txChanges) officialAct(name string, o *registry.OfficialEntry, state registry.OfficialState, act relief.Act) registry.OfficialState {
	own := e.founded && o.ID == e.creator.ID
	if state == "" && act == relief.ActOfficialRegister {
		if own {
			e.report(BadRecord, "%s is registered by the same official under another name", name)
		}
		return registry.OfficialActive
	}
	next, err := relief.Next(registry.OfficialTransitions, state, act)
	if err != nil {
		e.report(BadRecord, "%s: %v", name, err)
	}
	return next
}
