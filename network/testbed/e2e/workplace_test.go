package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/workday"
)

// testWorkplace: four officials pay a list wholly in their browsers, and an auditor follows a payment of it there.
func testWorkplace(t *testing.T) {
	paidMonth(t)
	axe := filepath.Join(root, "gateway", "web", "workplace", "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(axe); err != nil {
		t.Skipf("the workplace is not built: npm or its packages could not be had (%v)", err)
	}
	network := workday.Network{
		Gateways: map[string]string{"civil": gatewayURL("civil"), "finance": gatewayURL("finance"), "audit": gatewayURL("audit")},
		Tokens:   filepath.Join(state, "dev", "tokens"), Axe: axe, Browser: browser.Start(t),
	}
	const period, tranche = "2026-04", "workplace-2026"
	_, err := as(t, "finance-approver").Post(t.Context(), "/v1/tranches", tranche, map[string]any{
		"id": tranche, "programme": monthProgramme, "region": monthCounty, "amount": "40000.00", "source": "云财社〔2026〕99号", "account": "5301810100000099",
		"fiscal_year": 2026, "targets": map[string]string{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	}, nil)
	require.NoError(t, err)
	// Of the demonstration's list, people whom no other part pays for this period.
	lines := strings.SplitAfter(demoList(), "\n")
	list := workday.List{
		Batch: "workplace-04", Programme: monthProgramme, Region: monthCounty, Period: period, Tranche: tranche, Count: 20, Sum: "22540.00", Day: paybank.Today(),
		Lines: []byte(strings.ReplaceAll(lines[0]+strings.Join(lines[101:121], ""), "2026-11", period)),
	}
	network.Pay(t, list)
	network.Audit(t, list)
	network.Move(t, tranche)
	network.Sort(t, "5301810100000099", paybank.Today())
	network.Govern(t, "2098-01-01", "e2e")
	network.Everywhere(t, list, false)

	var person struct{ Subject string }
	post := as(t, "civil-preparer").Post
	head := invent.Household(9002)
	columns := strings.Split(strings.SplitN(demoList(), "\n", 3)[1], ",")
	_, err = post(t.Context(), "/v1/subjects/lookup", "workplace-lookup", map[string]string{"id_number": columns[3]}, &person)
	require.NoError(t, err)
	var change struct{ ID string }
	_, err = post(t.Context(), "/v1/changes", "workplace-change", map[string]string{
		"kind": "exit", "programme": monthProgramme, "subject": person.Subject, "reason": "moved", "last_period": "2027-08",
	}, &change)
	require.NoError(t, err)
	// Both are refused: other parts count on the roll as it is.
	network.Roll(t, monthProgramme, fmt.Appendf(nil, "户编号,行政区划代码,户主姓名,身份证号,银行卡号,开户行,保障人口,类别,联系电话,月保障金额\n"+
		"5301810009002,530181003214,欧阳试例,%s,%s,农村信用社,1,B,18000000000,480.00\n", head.ID(), head.Account()), change.ID, false)
}
