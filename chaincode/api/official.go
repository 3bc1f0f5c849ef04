// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// The functions of officials.
var (
	OfficialRegister = define[registry.OfficialTerms, registry.OfficialEntry](Row{
		Name: "official:Register", Act: relief.ActOfficialRegister, Zh: "登记工作人员", En: "register an official",
		Doc: "By the official's own agency. `name` is the common name of their certificates, `id` the staff number (工号), the same for " +
			"all names of a human being; case and width do not count. SAME_PERSON for a name with the caller's own number, WRONG_STATE " +
			"for a retired name.",
	})
	OfficialRetire = define[RetireInput, registry.OfficialEntry](Row{
		Name: "official:Retire", Act: relief.ActOfficialRetire, Zh: "停用工作人员", En: "retire an official",
		Doc: "At once and for ever, by one registrar of the own agency; with `all_names` every name of the same staff number. SAME_PERSON " +
			"for a name of the caller.",
	})
	OfficialRevoke = define[RevokeInput, registry.OfficialEntry](Row{
		Name: "official:Revoke", Act: relief.ActOfficialRevoke, Zh: "吊销工作人员证书", En: "revoke an official's certificates",
		Doc: "At once and for ever, by one registrar of the own agency. `serials` are hexadecimal. The official goes on with another " +
			"certificate of the same name.",
	})
	OfficialGet = define[OfficialInput, registry.OfficialEntry](Row{
		Name: "official:Get", Act: relief.ActRead, Zh: "查询工作人员", En: "read an official's entry", ReadOnly: true,
	})
)

// OfficialInput names an official.
type OfficialInput struct {
	Agency string `json:"agency"`
	Name   string `json:"name"`
}

// RetireInput says which names are retired, and why.
type RetireInput struct {
	OfficialInput
	Reason   string `json:"reason"`
	AllNames bool   `json:"all_names,omitempty"`
}

// RevokeInput says which certificates are revoked, and why.
type RevokeInput struct {
	OfficialInput
	Serials []string `json:"serials"`
	Reason  string   `json:"reason"`
}
