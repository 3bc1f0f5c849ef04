package app_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/gateway/bankfile"
	"relieftrail/network/testbed/browser"
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

// buildWorkplace builds the workplace unless it is there as its sources are now. Where npm or its packages cannot be had, the test is left
// out as scripts/build-workplace leaves the pages out.
func buildWorkplace(t *testing.T) {
	t.Helper()
	folder, err := filepath.Abs(builtWorkplace)
	require.NoError(t, err)
	said, err := exec.CommandContext(t.Context(), "../../../scripts/build-workplace", folder).CombinedOutput()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 3 {
		t.Skip(string(said))
	}
	require.NoError(t, err, string(said))
}

// TestWorkplace: officials in Chromium do at three gateways what their pages offer, over the ledger in memory.
func TestWorkplace(t *testing.T) {
	buildWorkplace(t)
	w := newWorld(t, certified(t, "civil-preparer"))
	w.programmeAndTranche()
	w.importRoll()

	network := workday.Network{Gateways: map[string]string{}, Tokens: t.TempDir(), Axe: axe, Browser: browser.Start(t)}
	for _, names := range principals {
		for _, name := range names {
			agency, _, _ := strings.Cut(name, "-")
			network.Gateways[agency] = w.gateway[name]
			require.NoError(t, os.WriteFile(filepath.Join(network.Tokens, name+".token"), []byte(token(name)), 0o600))
		}
	}
	lines := strings.SplitAfter(string(read(t, "payments-2026-11.csv")), "\n")
	const account, day = "5301810100000088", "2026-11-20"
	list := workday.List{
		Batch: "b-2026-11", Programme: "dibao", Region: "530181", Period: "2026-11", Tranche: "t-q4", Count: 20, Sum: "20480.00", Day: day, Lines: []byte(strings.Join(lines[:21], "")),
	}
	t.Run("a month is paid", func(t *testing.T) { network.Pay(t, list) })
	if t.Failed() {
		return // nothing of what follows is there
	}
	w.network.Ledger.SetTime(time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)) // the day of the bank's statements
	t.Run("an auditor follows the money", func(t *testing.T) { network.Audit(t, list) })
	t.Run("money is moved", func(t *testing.T) { network.Move(t, list.Tranche) })
	t.Run("entries are sorted", func(t *testing.T) { network.Sort(t, account, day) })
	t.Run("statements", func(t *testing.T) { network.State(t, list.Tranche, day) })
	t.Run("a closed month", func(t *testing.T) {
		defer w.network.Ledger.SetTime(time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC))
		w.network.Ledger.SetTime(time.Now()) // gateways say by their own clocks which lists are on line
		network.CloseMonth(t, list.Programme, list.Region, list.Period)
	})
	t.Run("pages for everybody", func(t *testing.T) {
		month := list.Programme + "/" + list.Region + "/" + list.Period
		network.Public(t, "civil", "/", "/notices", "/lists", "/lists/"+month, "/statements", "/indicators",
			"/indicators?programme="+list.Programme+"&region="+list.Region+"&period="+list.Period, "/charts", "/draws", "/contacts")
	})
	t.Run("charts", func(t *testing.T) { network.Charts(t, list.Programme, list.Period) })
	t.Run("figures for anybody", func(t *testing.T) { network.Figures(t, list.Programme, list.Region, list.Period) })
	t.Run("several sources", func(t *testing.T) {
		network.Sources(t, workday.List{Programme: list.Programme, Region: list.Region, Period: "2026-12", Tranche: list.Tranche}, "t-province", account)
	})
	paid := w.payments(list.Batch)
	entry := func(n int) workday.Entry {
		return workday.Entry{Programme: list.Programme, County: list.Region, Subject: paid[n].Subject}
	}
	t.Run("a reversal", func(t *testing.T) {
		payment, err := relief.ParsePaymentID(paid[3].ID)
		require.NoError(t, err)
		amount, err := relief.ParseFen(paid[3].Amount)
		require.NoError(t, err)
		network.Reverse(t, account, day, list.Batch, paid[3].ID, bankfile.EndToEndID(payment), amount)
	})
	t.Run("a reversal that is typed", func(t *testing.T) {
		payment, err := relief.ParsePaymentID(paid[6].ID)
		require.NoError(t, err)
		amount, err := relief.ParseFen(paid[6].Amount)
		require.NoError(t, err)
		network.ReverseTyped(t, account, day, list.Batch, paid[6].ID, bankfile.EndToEndID(payment), amount)
	})
	t.Run("a shared account", func(t *testing.T) { network.Declare(t, "jinglaoyuan", "5301810000000017") })
	t.Run("a corrected number", func(t *testing.T) { network.Link(t, paid[1].Subject, invent.Household(9005).ID()) })
	t.Run("an import and an exit", func(t *testing.T) {
		var change struct{ ID string }
		w.post(201, "civil-preparer", "/v1/changes", object{
			"kind": "exit", "programme": "dibao", "subject": paid[0].Subject, "reason": "moved", "last_period": "2027-08",
		}).into(t, &change)
		head := invent.Household(9002)
		network.Roll(t, "dibao", fmt.Appendf(nil, "%s5301810009002,530181003214,欧阳试例,%s,%s,农村信用社,1,B,18000000000,480.00\n",
			strings.SplitAfter(string(read(t, "roll.csv")), "\n")[0], head.ID(), head.Account()), change.ID, true)
	})
	t.Run("another payee", func(t *testing.T) { network.Change(t, entry(2)) })
	t.Run("an overpayment", func(t *testing.T) { network.Overpay(t, entry(better(t, paid)), "2026-11", "340.00", day, account) })
	t.Run("changes of entries", func(t *testing.T) {
		of := func(line int) (workday.Entry, workday.Person) {
			fields := strings.Split(strings.SplitAfter(string(read(t, "roll.csv")), "\n")[line], ",")
			var found struct{ Subject string }
			w.post(200, "civil-preparer", "/v1/subjects/lookup", object{"id_number": fields[3]}).into(t, &found)
			return workday.Entry{Programme: list.Programme, County: list.Region, Subject: found.Subject}, workday.Person{Name: fields[2], ID: fields[3], Account: fields[4]}
		}
		w.programmeElsewhere("dibaosm", "530129")
		m := workday.Moves{Month: "2027-01", Village: "530181019201", Away: workday.Entry{Programme: "dibaosm", County: "530129", Subject: "530129001001"}}
		follower := invent.Household(9006)
		m.Head = workday.Person{Name: "欧阳试例", ID: follower.ID(), Account: follower.Account()}
		m.Suspended, _ = of(40)
		m.Headless, _ = of(41)
		m.Moving, m.Mover = of(42)
		network.Entries(t, &m)
	})
	t.Run("a new programme", func(t *testing.T) { network.Subsidy(t, "wujia", list.Programme, "2026-12") })
	t.Run("a re-rate", func(t *testing.T) {
		network.Rerate(t, list.Programme, list.Region, "2026-12", "A=650.00 B=500.00 C=350.00", 2)
	})
	t.Run("a year's end", func(t *testing.T) { network.EndYear(t, "2026", list.Region) })
	t.Run("an act that is done twice", func(t *testing.T) {
		w.actAtOnce(list.Tranche)
		network.Double(t, "finance-preparer", "tranches/"+list.Tranche)
	})
	t.Run("a certificate that ends", func(t *testing.T) { network.Ends(t, "civil-preparer") })
	t.Run("the registry", func(t *testing.T) { network.Govern(t, "2099-01-01", "1") })
	t.Run("every page", func(t *testing.T) { network.Everywhere(t, list, true) })
	t.Run("the page of cases", func(t *testing.T) {
		w.post(201, "civil-preparer", "/v1/cases", object{
			"id": "c-1", "programme": "dibao", "region": "530181001001", "settlement": "rural", "account": newCard, "income": "300.00", "reason": "x",
			"members": []object{{"name": "某甲", "id_number": "530181199001010015"}},
		})
		network.Cases(t)
	})
}

// programmeElsewhere is the programme of another county, to which a household may move.
func (w *world) programmeElsewhere(id, county string) {
	w.t.Helper()
	w.post(201, "civil-other-county", "/v1/programmes", object{
		"id": id, "version": 1, "name": "最低生活保障", "region": county, "unit": "household", "cycle": "monthly", "min_amount": "330.00", "max_amount": "6000.00",
		"starts": "2026-01", "notice_days": 7, "pay_by_day": 10, "recheck_months": object{"A": 12, "B": 12, "C": 6}, "required_evidence": []string{"home-visit"},
		"budget": object{"functional": "2081901", "economic": "50901"},
	})
	w.post(200, "finance-approver", "/v1/programmes/"+id+"/enact", object{"version": 1})
}

// better is a payment of more than the least that the programme pays, of nobody whom another walk is about.
func better(t *testing.T, paid []payment) int {
	t.Helper()
	for n := 4; n < len(paid); n++ {
		if paid[n].Amount != "330.00" {
			return n
		}
	}
	require.Fail(t, "everybody gets the least")
	return 0
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
