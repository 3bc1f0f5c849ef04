package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/workday"
)

const (
	builtWorkplace = "../../../.relieftrail/bin/workplace"
	axe            = "../../web/workplace/node_modules/axe-core/axe.min.js"
)

// workplaceDir is the folder with the workplace; "" where it was not built.
func workplaceDir() string {
	if _, err := os.Stat(filepath.Join(builtWorkplace, "index.html")); err != nil {
		return ""
	}
	return builtWorkplace
}

// TestWorkplace: officials in Chromium do at three gateways what their pages offer, over the ledger in memory.
func TestWorkplace(t *testing.T) {
	if _, err := os.Stat(axe); err != nil || workplaceDir() == "" {
		t.Skip("the workplace is not built: scripts/build-workplace .relieftrail/bin/workplace")
	}
	w := newWorld(t)
	w.programmeAndTranche()
	w.importRoll()

	network := workday.Network{Gateways: map[string]string{}, Tokens: t.TempDir(), Axe: axe}
	for _, names := range principals {
		for _, name := range names {
			agency, _, _ := strings.Cut(name, "-")
			network.Gateways[agency] = w.gateway[name]
			require.NoError(t, os.WriteFile(filepath.Join(network.Tokens, name+".token"), []byte(token(name)), 0o600))
		}
	}
	lines := strings.SplitAfter(string(read(t, "payments-2026-11.csv")), "\n")
	list := workday.List{
		Batch: "b-2026-11", Programme: "dibao", Region: "530181", Period: "2026-11", Tranche: "t-q4", Count: 20, Sum: "20480.00", Lines: []byte(strings.Join(lines[:21], "")),
	}
	network.Pay(t, list)
	network.Audit(t, list)
	network.Move(t, list.Tranche)
	network.Sort(t, "5301810100000088")

	var change struct{ ID string }
	w.post(201, "civil-preparer", "/v1/changes", object{
		"kind": "exit", "programme": "dibao", "subject": w.payments(list.Batch)[0].Subject, "reason": "moved", "last_period": "2027-08",
	}).into(t, &change)
	head := invent.Household(9002)
	network.Roll(t, "dibao", fmt.Appendf(nil, "%s5301810009002,530181003214,欧阳试例,%s,%s,农村信用社,1,B,18000000000,480.00\n",
		strings.SplitAfter(string(read(t, "roll.csv")), "\n")[0], head.ID(), head.Account()), change.ID, true)
	w.actAtOnce(list.Tranche)
	network.Double(t, "finance-preparer", "tranches/"+list.Tranche)
	network.Govern(t, "2099-01-01", "dibao", "1")
	network.Narrow(t, list)
}

// actAtOnce has two officials propose more money for a tranche at the same time: both are endorsed, one takes effect.
func (w *world) actAtOnce(tranche string) {
	w.t.Helper()
	w.network.Ledger.SetTime(time.Now())
	var both []*fakeledger.Proposal
	for _, name := range []string{"finance-approver", "finance-preparer"} {
		argument := fmt.Sprintf(`{"id":%q,"amount":"500.00","document":"云财社〔2026〕101号","reason":"追加"}`, tranche)
		p, err := w.network.Ledger.Endorse(fakeledger.Official(fakeledger.Finance, name, strings.TrimPrefix(name, "finance-"), "53"), api.FundTopUp.Name(), []string{argument}, nil)
		require.NoError(w.t, err)
		both = append(both, p)
	}
	results := w.network.Ledger.Commit(both...)
	require.NoError(w.t, results[0].Err())
	require.Error(w.t, results[1].Err())
}
