// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"testing"
	"time"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// A household that moved within the county in June turns out to have had nothing to ask for since May: its exit ends the number
// before the move, too. What June paid is an overpayment, and from June on the person may have relief elsewhere.
func TestAnExitBeforeAMove(t *testing.T) {
	w := june(t)
	tekun := caseProgrammeInput("tekun")
	tekun["overlap_refused"] = []string{"dibao"}
	w.caseProgramme(tekun)
	w.household4(6)
	w.paidOne("b6", "2026-06", 0, 6, county+"001", 4, 132000)
	of := func(more obj) obj {
		more["programme"], more["subject"] = "dibao", ref(6).String()
		return more
	}
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Move", of(obj{"region": county + "002"})))
	w.SetTime(time.Date(2026, 8, 2, 2, 0, 0, 0, time.UTC))
	w.exits(civilPreparer, of(obj{"reason": "income", "last_period": "2026-05"}))
	for number, want := range map[int]relief.Period{0: month(t, "2026-05"), 1: month(t, "2026-05")} {
		if e := w.entry(number); e.Until != want || e.State != roll.Exited {
			t.Errorf("number %d: %+v", number, e)
		}
	}
	o := w.ask(auditReader, "overpayment:Get", obj{"id": firstOverpayment})
	w.want(o, "2026-06", "periods", 0)
	w.want(o, "1320.00", "outstanding")
	in := rollInput("tekun", 0)
	in["from"] = "2026-06"
	w.importsAs("[]", in, importLine(6))
}

// An exit that is reversed never was: the number before the move is owed what it was owed.
func TestAReversedExitBeforeAMove(t *testing.T) {
	w := june(t)
	w.household4(6)
	of := func(more obj) obj {
		more["programme"], more["subject"] = "dibao", ref(6).String()
		return more
	}
	w.paidOne("b6", "2026-06", 0, 6, county+"001", 4, 132000)
	w.confirmed(civilPreparer, w.do(civilPreparer, "roll:Move", of(obj{"region": county + "002"})))
	exit := w.do(civilPreparer, "roll:Exit", of(obj{"reason": "income", "last_period": "2026-05"}))
	w.confirmed(civilPreparer, exit)
	adopted := w.record(string(relief.NewRollCaseID("dibao", county, 0, month(t, "2026-01"))))
	w.do(civilPreparer, "case:Appeal", obj{"case": adopted.ID, "sha256": digest("appeal")})
	w.do(chief, "case:DecideAppeal", obj{"case": adopted.ID, "upheld": false, "sha256": digest("reasons")})
	if old, now := w.entry(0), w.entry(1); old.Until != month(t, "2026-06") || old.State != roll.Exited || now.State != roll.InForce {
		t.Errorf("%+v, %+v", old, now)
	}
}
