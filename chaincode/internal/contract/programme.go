// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/api"
	"relieftrail/chaincode/internal/contract/uow"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// programmeContract holds the programmes and their versions.
type programmeContract struct{ contractapi.Contract }

// Draft adds a version to a programme.
func (*programmeContract) Draft(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeDraft, draftProgramme)
}

func draftProgramme(w *work, in programme.Version) (programme.Programme, error) {
	if err := w.registered(in.Region); err != nil {
		return programme.Programme{}, err
	}
	fixed, err := w.fixed()
	if err != nil {
		return programme.Programme{}, err
	}
	if err := fixed.Allow(&in); err != nil {
		return programme.Programme{}, err
	}
	if err := w.requireSources(in.FromProgrammes); err != nil {
		return programme.Programme{}, err
	}
	p, err := uow.Find[programme.Programme](w.Work, relief.ProgrammeKey(in.ID))
	if err != nil {
		return programme.Programme{}, err
	}
	out, changed, err := programme.Draft(p, in, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.ProgrammeKey(in.ID), out)
}

// requireSources refuses programmes from whose rolls nobody can be taken: unknown ones, those of single grants, and those that take
// their own people from other rolls.
func (w *work) requireSources(ids []relief.ProgrammeID) error {
	for _, id := range ids {
		p, err := uow.Find[programme.Programme](w.Work, relief.ProgrammeKey(id))
		if err != nil {
			return err
		}
		if p == nil || len(p.Versions) == 0 {
			return relief.FieldErrorf("from_programmes", "there is no programme %s", id)
		}
		if v := &p.Versions[0]; v.FromRolls() || v.Cycle == programme.CycleGrant {
			return relief.FieldErrorf("from_programmes", "programme %s has no roll from which people can be taken", id)
		}
	}
	return nil
}

// Enact puts a version in force.
func (*programmeContract) Enact(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeEnact, enactProgramme)
}

func enactProgramme(w *work, in api.EnactInput) (programme.Programme, error) {
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.ID))
	if err != nil {
		return p, err
	}
	out, changed, err := programme.Enact(p, in.Version, w.Actor)
	if err != nil || !changed {
		return out, err
	}
	if err := w.putGroups(&p, &out); err != nil {
		return out, err
	}
	return out, w.Put(relief.ProgrammeKey(in.ID), out)
}

// putGroups has the exclusion groups written that a programme joins or leaves with its new version in force.
func (w *work) putGroups(before, after *programme.Programme) error {
	var old *programme.Version
	if v, err := before.Current(); err == nil { // the first version has none before it
		old = &v.Version
	}
	v, err := after.Current()
	if err != nil {
		return err
	}
	joins, leaves := v.Groups(old)
	for _, name := range joins {
		g, err := w.exclusionGroup(name)
		if err != nil {
			return err
		}
		changed, err := g.Join(after.ID)
		if err != nil {
			return err
		}
		if _, err := putIf(w, changed, relief.ExclusionKey(name), g); err != nil {
			return err
		}
	}
	for _, name := range leaves {
		g, err := w.exclusionGroup(name)
		if err != nil {
			return err
		}
		if _, err := putIf(w, g.Leave(after.ID), relief.ExclusionKey(name), g); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) exclusionGroup(name string) (programme.ExclusionGroup, error) {
	g, err := uow.Find[programme.ExclusionGroup](w.Work, relief.ExclusionKey(name))
	if err != nil || g == nil {
		return programme.ExclusionGroup{}, err
	}
	return *g, nil
}

// End ends a programme.
func (*programmeContract) End(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeEnd, endProgramme)
}

func endProgramme(w *work, in api.ProgrammeInput) (programme.Programme, error) {
	p, err := uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.ID))
	if err != nil {
		return p, err
	}
	out, changed, err := programme.End(p, w.Actor)
	if err != nil {
		return out, err
	}
	return putIf(w, changed, relief.ProgrammeKey(in.ID), out)
}

// Get gives a programme.
func (*programmeContract) Get(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeGet, func(w *work, in api.ProgrammeInput) (programme.Programme, error) {
		return uow.Get[programme.Programme](w.Work, relief.ProgrammeKey(in.ID))
	})
}

// List gives a page of programmes.
func (*programmeContract) List(ctx *Context, input string) (string, error) {
	return do(ctx, input, api.ProgrammeList, func(w *work, in api.PageInput) (api.Page[programme.Programme], error) {
		return uow.List(w.Work, relief.KindProgramme, in, relief.ParseProgrammeID, all[programme.Programme])
	})
}

// all keeps every record of a list.
func all[T any](*T) bool { return true }
