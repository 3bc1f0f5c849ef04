// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"

	"github.com/hyperledger/fabric-contract-api-go/v2/contractapi"
)

// programmeContract holds the programmes and their versions.
type programmeContract struct{ contractapi.Contract }

type programmeID struct {
	ID relief.ProgrammeID `json:"id"`
}

// Draft adds a version to a programme.
func (*programmeContract) Draft(ctx *Context, input string) (string, error) {
	in, err := begin[programme.Version](ctx, relief.ActProgrammeDraft, input)
	if err != nil {
		return "", err
	}
	if err := ctx.registered(in.Region); err != nil {
		return "", err
	}
	fixed, err := ctx.desk().fixed()
	if err != nil {
		return "", err
	}
	if err := fixed.AllowNotice(&in); err != nil {
		return "", err
	}
	p, err := load[programme.Programme](ctx, relief.ProgrammeKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := programme.Draft(p, in, ctx.stamp)
	return finish(ctx, relief.ProgrammeKey(in.ID), out, changed, err)
}

// Enact puts a version in force.
func (*programmeContract) Enact(ctx *Context, input string) (string, error) {
	type enact struct {
		ID      relief.ProgrammeID `json:"id"`
		Version int                `json:"version"`
	}
	in, err := begin[enact](ctx, relief.ActProgrammeEnact, input)
	if err != nil {
		return "", err
	}
	p, err := mustLoad[programme.Programme](ctx, relief.ProgrammeKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := programme.Enact(*p, in.Version, ctx.stamp)
	return finish(ctx, relief.ProgrammeKey(in.ID), out, changed, err)
}

// End ends a programme.
func (*programmeContract) End(ctx *Context, input string) (string, error) {
	in, err := begin[programmeID](ctx, relief.ActProgrammeEnd, input)
	if err != nil {
		return "", err
	}
	p, err := mustLoad[programme.Programme](ctx, relief.ProgrammeKey(in.ID))
	if err != nil {
		return "", err
	}
	out, changed, err := programme.End(*p, ctx.stamp)
	return finish(ctx, relief.ProgrammeKey(in.ID), out, changed, err)
}

// Get gives a programme.
func (*programmeContract) Get(ctx *Context, input string) (string, error) {
	in, err := begin[programmeID](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(mustLoad[programme.Programme](ctx, relief.ProgrammeKey(in.ID)))
}

// List gives a page of programmes.
func (*programmeContract) List(ctx *Context, input string) (string, error) {
	in, err := begin[pageInput](ctx, relief.ActRead, input)
	if err != nil {
		return "", err
	}
	return encode(list(ctx, relief.KindProgramme, in, checkID(relief.ParseProgrammeID), all[programme.Programme]))
}
