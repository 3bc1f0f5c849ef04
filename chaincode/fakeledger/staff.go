// SPDX-License-Identifier: Apache-2.0

package fakeledger

import (
	"fmt"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/relief/registry"
)

// names are the officials of tests whom a founding names, so that registering them takes no blocks.
var names = map[string][]string{
	CivilAffairs: {
		"registrar", "civil-registrar", "civil-preparer", "civil-second-preparer", "civil-approver", "civil-second-approver", "civil-reader", "civil-township",
		"civil-village", "civil-chief", "civil-deputy", "civil-other-county", "civil-other-second", "civil-other-approver", "civil-other-township",
		"civil-second-township", "civil-province", "province-preparer", "province-approver", "village-registrar",
	},
	Finance: {
		"registrar", "finance-registrar", "finance-preparer", "finance-second-preparer", "finance-approver", "finance-reader", "finance-other-county", "finance-away",
		"province-finance", "village-registrar",
	},
	Audit: {"registrar", "audit-registrar", "audit-preparer", "audit-approver", "audit-reader", "audit-second", "audit-away", "village-registrar"},
}

// StaffNumber is the staff number of the official who has a name in tests.
func StaffNumber(name string) string { return "no-" + name }

// Staff are the officials of tests whom a founding names.
func Staff() (all []registry.OfficialTerms) {
	for _, agency := range []string{CivilAffairs, Finance, Audit} {
		for _, name := range names[agency] {
			all = append(all, registry.OfficialTerms{Agency: agency, Name: name, ID: StaffNumber(name)})
		}
	}
	return all
}

// Register has the registrar of an official's agency register them, under a staff number.
func (l *Ledger) Register(official *Identity, id string) error {
	terms := registry.OfficialTerms{Agency: official.MSPID(), Name: official.Name(), ID: id}
	if err := l.submit(Registrar(official.MSPID()), api.OfficialRegister.Name(), terms); err != nil {
		return fmt.Errorf("registering %s: %w", official.Name(), err)
	}
	return nil
}
