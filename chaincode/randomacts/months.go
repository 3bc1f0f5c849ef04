// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
)

// onMonth closes one of the last months of a programme, now and then one that is not over, or publishes its list or takes it down.
func (a *Acts) onMonth() []act {
	id := all[a.rand.IntN(len(all))]
	county := []relief.Region{County, County, County, otherCounty}[a.rand.IntN(4)]
	cycle := programme.CycleMonthly
	if id == quarterly {
		cycle = programme.CycleQuarterly
	}
	period := cycle.Period(relief.DefaultCalendar.Day(a.now).Month() - a.rand.IntN(4))
	month := object{"programme": id, "county": county, "period": period}
	close := act{a.preparerOf(county), "oversight:CloseMonth", month, nil}
	switch a.rand.IntN(4) {
	case 0:
		return []act{close, {a.preparerOf(county), "oversight:ProposeList", month, nil}}
	case 1:
		return []act{{a.approverOf(county), "oversight:TakeDownList", with(month, object{"reason": "wrong"}), nil}}
	}
	return []act{close}
}

// laterOnMonth notes a change of a list that another official is to decide.
func (a *Acts) laterOnMonth(c *act, answer object) {
	change, ok := answer["proposed"].(map[string]any)
	if !ok || c.function != "oversight:ProposeList" && c.function != "oversight:TakeDownList" {
		return
	}
	list := object{"programme": answer["programme"], "county": answer["county"], "period": answer["period"], "sha256": change["sha256"]}
	county, _ := answer["county"].(string)
	a.wait(
		act{a.approverOf(relief.Region(county)), "oversight:DecideList", with(list, object{"agree": true}), nil},
		act{a.approverOf(relief.Region(county)), "oversight:DecideList", with(list, object{"agree": true}), nil},
		act{a.approverOf(relief.Region(county)), "oversight:DecideList", with(list, object{"agree": false}), nil},
	)
}
