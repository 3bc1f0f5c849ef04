// SPDX-License-Identifier: Apache-2.0

package fakeledger_test

import (
	"encoding/json"
	"fmt"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/founding"
	"relieftrail/chaincode/relief"
)

// A test founds a ledger, submits an act as an official, and evaluates a question on one agency's peer.
func Example() {
	l, err := fakeledger.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	l.SetTime(time.Date(2026, 11, 10, 9, 0, 0, 0, time.UTC))
	if err := l.FoundWith(founding.Dev); err != nil {
		fmt.Println(err)
		return
	}

	preparer := fakeledger.Official(fakeledger.CivilAffairs, "province-preparer", "preparer", "53")
	draft := `{"id":"dibao","version":1,"name":"最低生活保障","name_en":"Subsistence allowance","region":"53",
		"unit":"household","cycle":"monthly","min_amount":"1.00","max_amount":"5000.00","starts":"2026-01",
		"notice_days":7,"pay_by_day":10,"budget":{"functional":"2081902","economic":"30306"}}`
	if _, _, err := l.Submit(preparer, "programme:Draft", []string{draft}, nil); err != nil {
		fmt.Println(err)
		return
	}

	reader := fakeledger.Official(fakeledger.Audit, "audit-reader", "reader", "53")
	answer, err := l.Evaluate(fakeledger.Audit, reader, "programme:Get", []string{`{"id":"dibao"}`}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var programme struct{ ID, State string }
	if err := json.Unmarshal(answer, &programme); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(programme.ID, "is", programme.State)

	// The same official may not put the programme in force: finance co-signs it.
	_, _, err = l.Submit(preparer, "programme:Enact", []string{`{"id":"dibao","version":1}`}, nil)
	fmt.Println(relief.ParseError(err.Error()))
	// Output:
	// dibao is drafted
	// FORBIDDEN: CivilAffairsMSP preparer does not hold the duty programme.enact; it is held by FinanceMSP approver
}
