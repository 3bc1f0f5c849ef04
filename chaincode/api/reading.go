// SPDX-License-Identifier: Apache-2.0

package api

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/registry"
)

// The functions of the agencies' records of who read personal data.
var (
	ReadingAnchor = define[registry.ReadingHead, registry.ReadingAnchor](Row{
		Name: "reading:Anchor", Act: registry.ActReadingAnchor, Zh: "登记查阅记录摘要", En: "anchor the record of readings",
		Doc: "How many readings the own agency's record has, and its head. CONFLICT unless there are more than before.",
	})
	ReadingGet = define[AgencyInput, registry.ReadingAnchor](Row{
		Name: "reading:Get", Act: relief.ActRead, Zh: "查询查阅记录摘要", En: "read the anchor of a record of readings", ReadOnly: true,
	})
)

// AgencyInput names an agency.
type AgencyInput struct {
	Agency string `json:"agency"` // MSP id
}
