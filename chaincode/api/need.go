// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
)

// The functions of newly found needs (R13).
var (
	NeedFind = define[casework.NeedTerms, casework.Need](Row{
		Name: "need:Find", Act: relief.ActNeedFind, Zh: "发现困难群众", En: "find a need", Fileable: true,
		Doc: "An application that names the need takes it up.",
	})
	NeedDismiss = define[DismissInput, casework.Need](Row{
		Name: "need:Dismiss", Act: relief.ActNeedDismiss, Zh: "核实后不予纳入", En: "dismiss a need", Fileable: true,
	})
	NeedGet = define[NeedInput, casework.Need](Row{
		Name: "need:Get", Act: relief.ActRead, Zh: "查询新发现需求", En: "read a need", ReadOnly: true,
	})
	NeedList = define[NeedFilter, Page[casework.Need]](Row{
		Name: "need:List", Act: relief.ActRead, Zh: "新发现需求列表", En: "list needs", ReadOnly: true,
	})
)

// DismissInput says why a need turned out to be none.
type DismissInput struct {
	NeedInput
	Reason string `json:"reason"`
}

// NeedInput names a need.
type NeedInput struct {
	Need relief.NeedID `json:"need"`
}

// NeedFilter asks for a page of needs.
type NeedFilter struct {
	PageInput
	Region relief.Region      `json:"region,omitempty"`
	State  casework.NeedState `json:"state,omitempty"`
}
