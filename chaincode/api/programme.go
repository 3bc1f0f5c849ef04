// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// The functions of programmes.
var (
	ProgrammeDraft = define[programme.Version, programme.Programme](Row{
		Name: "programme:Draft", Act: relief.ActProgrammeDraft, Zh: "拟定项目", En: "draft a programme",
		Doc: "The argument is a version: the programme's first one or the next.",
	})
	ProgrammeEnact = define[EnactInput, programme.Programme](Row{
		Name: "programme:Enact", Act: relief.ActProgrammeEnact, Zh: "项目生效", En: "put a programme in force",
		Doc: "The version is in force, the earlier one superseded.",
	})
	ProgrammeEnd = define[ProgrammeInput, programme.Programme](Row{
		Name: "programme:End", Act: relief.ActProgrammeEnd, Zh: "项目终止", En: "end a programme",
		Doc: "No new batches; open ones are finished.",
	})
	ProgrammeGet = define[ProgrammeInput, programme.Programme](Row{
		Name: "programme:Get", Act: relief.ActRead, Zh: "查询项目", En: "read a programme", ReadOnly: true,
		Doc: "`in_force` is the number of the version in force, 0 for none.",
	})
	ProgrammeList = define[PageInput, Page[programme.Programme]](Row{
		Name: "programme:List", Act: relief.ActRead, Zh: "项目列表", En: "list programmes", ReadOnly: true,
	})
)

// EnactInput names a version of a programme.
type EnactInput struct {
	ID      relief.ProgrammeID `json:"id"`
	Version int                `json:"version"`
}

// ProgrammeInput names a programme.
type ProgrammeInput struct {
	ID relief.ProgrammeID `json:"id"`
}
