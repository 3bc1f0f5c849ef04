// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// onMonth closes one of the last months of a programme, now and then one that is not over.
func (a *Acts) onMonth() []act {
	id := all[a.rand.IntN(len(all))]
	county := []relief.Region{County, County, County, otherCounty}[a.rand.IntN(4)]
	cycle := programme.CycleMonthly
	if id == quarterly {
		cycle = programme.CycleQuarterly
	}
	period := cycle.Period(relief.DefaultCalendar.Day(a.now).Month() - a.rand.IntN(4))
	return []act{{a.preparerOf(county), "oversight:CloseMonth", object{"programme": id, "county": county, "period": period}, nil}}
}
