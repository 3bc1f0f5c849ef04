// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"

	"relieftrail/chaincode/relief"
)

// TestPeriodsAndFiscalYearsAreBounded: money of 2027 for a batch of 2026-12, and a batch for 2031-01, are refused.
func TestPeriodsAndFiscalYearsAreBounded(t *testing.T) {
	w := county5(t)
	next := trancheInput("t2027", "dibao", county, "10000.00")
	next["fiscal_year"] = 2027
	w.do(financeApprover, "fund:Issue", next)
	w.later(60 * day) // 2026-12-19
	for _, c := range []struct{ period, tranche, field string }{
		{"2026-12", "t2027", "tranche"}, {"2027-01", "t1", "tranche"}, {"2031-01", "t2027", "period"}, {"2027-02", "t2027", "period"},
		{"2025-12", "t1", "period"},
	} {
		in := batchInput("b1", "dibao", c.tranche, 1, 62000)
		in["period"] = c.period
		if e := w.refused(relief.CodeInvalid, civilPreparer, "payment:Open", in); e.Field != c.field {
			t.Errorf("%s with money of %s: %v", c.period, c.tranche, e)
		}
	}
	in := batchInput("b1", "dibao", "t2027", 1, 62000)
	in["period"] = "2027-01"
	w.do(civilPreparer, "payment:Open", in)
}

// The number of a programme's version is the next one's, also where the programme has versions.
func TestVersionsBelowOne(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		for _, version := range []int{0, -1} {
			if e := w.refused(relief.CodeInvalid, provincePreparer, "programme:Draft", programmeInput("dibao", version, 4)); e.Field != "version" {
				t.Errorf("version %d: %v", version, e)
			}
		}
		w.programme("dibao", 4)
	}
}
