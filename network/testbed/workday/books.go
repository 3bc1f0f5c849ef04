package workday

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/paybank"
)

// Sources issues a second tranche and opens a list that both pay, by weights.
func (n Network) Sources(t testing.TB, l List, second, account string) {
	t.Helper()
	f := n.SignIn(t, "finance-approver", width, height)
	f.Go("/tranches/new", "下达资金")
	f.Fill(map[string]string{
		"programme": l.Programme, "region": l.Region, "id": second, "amount": "5000.00", "year": l.Period[:4], "source": "云财社〔2026〕101号", "account": account,
		"target-coverage": "98.00", "target-timeliness": "100.00", "target-accuracy": "99.50", "target-satisfaction": "95.00",
	})
	f.Press(`form.act button[type=submit]`)
	f.Heading(second)
	f.Until(`document.querySelector(".tell.good")?.textContent.includes("已下达资金") === true`)

	d := n.SignIn(t, "civil-preparer", width, height)
	d.Go("/batches/new", "新建名单")
	d.Fill(map[string]string{"programme": l.Programme, "region": l.Region, "period": l.Period, "count": "1", "sum": "480.00", "id": "workplace-sources", "mode": "weights"})
	d.Until(fmt.Sprintf(`[...document.querySelectorAll("#source-0 option")].some((e) => e.value === %q)`, second))
	for id, value := range map[string]string{"source-0": l.Tranche, "share-0": "60", "source-1": second, "share-1": "40"} {
		d.Fill(map[string]string{id: value})
	}
	d.Look("a list of several sources")
	d.Press(`form.act button[type=submit]`)
	d.Heading("workplace-sources")
	d.Until(fmt.Sprintf(`[%q, %q].every((each) => document.querySelector("dl.facts")?.textContent.includes(each))`, l.Tranche, second))
}

// Reverse takes a statement by which the bank took a credit back, records it, and has two officials of finance reverse the payment by its entry.
func (n Network) Reverse(t testing.TB, account, day, batch, payment, endToEnd string, amount relief.Fen) {
	t.Helper()
	statement := paybank.New("workplace-back", 902, account, day, 100_000_00)
	statement.Return(endToEnd, amount, "AC04")
	d := n.SignIn(t, "finance-preparer", width, height)
	d.record(statement, "workplace-back")

	d.Go("/batches/"+batch, batch)
	row := fmt.Sprintf(`[...document.querySelectorAll("[data-part=reverse] tbody tr")].find((e) => e.textContent.includes(%q))`, payment)
	d.Until(row + ` !== undefined`)
	d.run(row + `.querySelector("input").click()`)
	d.Look("what can be reversed")
	d.Act("reversal.propose", nil, "已提请冲正")
	d.Heading("冲正")
	d.Until(`document.querySelector("h1 .badge")?.textContent === "待确认"`)
	require.Equal(t, 0, browser.Eval[int](d.Page, `document.querySelectorAll("[data-act='reversal.confirm']").length`), "who proposed it is not offered its confirmation")
	id := browser.Eval[string](d.Page, `location.pathname.split("/").at(-1)`)
	d.Look("a reversal")

	a := n.SignIn(t, "finance-approver", width, height)
	a.waiting("reversals", batch+" "+id[:8], batch)
	a.Act("reversal.confirm", nil, "已确认")
	a.Until(`document.querySelector("h1 .badge")?.textContent === "已确认"`)
	a.Follow(payment)
	a.Heading("支付 ")
	a.Until(`document.querySelector("main").textContent.includes("已冲回")`)
	a.Go("/reversals?batch="+batch, "冲正")
	a.Until(`document.querySelector("main tbody a") !== null`)
	a.Look("reversals")
}

// ReverseTyped proposes the reversal of a payment by typing what it rests on: the statement and its entry, as its page names them.
func (n Network) ReverseTyped(t testing.TB, account, day, batch, payment, endToEnd string, amount relief.Fen) {
	t.Helper()
	const id = "workplace-typed"
	statement := paybank.New(id, 903, account, day, 100_000_00)
	statement.Return(endToEnd, amount, "AC04")
	d := n.SignIn(t, "finance-preparer", width, height)
	d.record(statement, id)
	recorded := browser.Eval[string](d.Page, `location.pathname.split("/").at(-1)`)
	d.Go("/batches/"+batch, batch)
	row := fmt.Sprintf(`[...document.querySelectorAll("[data-part=reverse] tbody tr")].find((e) => e.textContent.includes(%q))`, payment)
	d.Until(row + ` !== undefined`)
	entry := browser.Eval[string](d.Page, row+`.querySelector("input").value`)
	d.Act("reversal.byEntry", map[string]string{
		"reverse-payment": payment, "reverse-as": "returned", "reverse-reason": "AC04", "reverse-statement": recorded, "reverse-entry": entry,
	}, "")
	d.Heading("冲正")
	d.Until(`document.querySelector("h1 .badge")?.textContent === "待确认" && document.querySelector("main").textContent.includes("退票")`)
	d.Look("a reversal that was typed")
	d.Act("reversal.withdraw", nil, "已撤回")
}

// record drops a statement on the bank's page, opens its page and records it on the ledger.
func (d *Desk) record(statement *paybank.Statement, id string) {
	d.t.Helper()
	d.Go("/bank", "银行")
	d.Drop(id+".xml", statement.Document())
	d.Until(`[...document.querySelectorAll(".tell.good")].some((e) => e.textContent.includes("处理完毕"))`)
	d.recordFile(id)
}

// recordFile opens the page of a bank's file that is there, and records its statement.
func (d *Desk) recordFile(id string) {
	d.t.Helper()
	d.Until(fmt.Sprintf(`[...document.querySelectorAll("main a")].some((a) => a.textContent.trim() === %q)`, id))
	d.Follow(id)
	d.Heading("银行文件")
	d.Until(`document.querySelector("[data-act='statement.record']") !== null`)
	d.Look("a bank's file")
	d.Act("statement.record", nil, "对账单已登记")
	d.Heading("对账单 " + id)
	d.Until(`document.querySelector("h1 .badge")?.textContent === "已登记"`)
	d.Look("a statement")
}

// State records the statement of an account's fees, and another one by hand; another official confirms the first, and then its withdrawal.
func (n Network) State(t testing.TB, tranche, day string) {
	t.Helper()
	d := n.SignIn(t, "finance-preparer", width, height)
	d.Go("/bank", "银行")
	d.recordFile("workplace-fees")

	a := n.SignIn(t, "finance-approver", width, height)
	item := "workplace-fees " + day
	a.waiting("statements", item, "workplace-fees")
	a.Act("statement.confirm", nil, "已确认")
	a.Until(`document.querySelector("h1 .badge")?.textContent === "已确认"`)
	a.Go("/tranches/"+tranche+"/account", tranche)
	a.Until(`document.querySelectorAll("main tbody tr").length > 5 && document.querySelector("main").textContent.includes("手续费")`)
	a.Look("an account's balance")
	a.Picture("workplace-balance")

	d.Until(`document.querySelector("h1 .badge")?.textContent === "已确认"`)
	d.Act("statement.withdraw", map[string]string{"reason": "手续费有误"}, "已提请撤销")
	a.Go("/", "待我办理")
	a.waiting("statements", item, "workplace-fees")
	a.Act("statement.confirm_withdrawal", nil, "对账单已撤销")

	d.Go("/account-statements/new", "登记纸质对账单")
	d.Fill(map[string]string{"tranche": tranche, "bank-id": "paper-1", "number": "903", "day": day, "opening": "100.00", "closing": "90.00"})
	d.Press(`form.act .buttons button[type=button]`)
	d.Fill(map[string]string{"entry-0-amount": "-10", "entry-0-day": day, "entry-0-kind": "fee"})
	d.Choose("paper", "scan.pdf", []byte("a scan"))
	d.Until(`document.querySelector("form.act button[type=submit]").disabled === false`)
	d.Look("a statement on paper")
	d.Press(`form.act button[type=submit]`)
	d.Heading("对账单 paper-1")
	d.Until(`document.querySelector(".tell.good")?.textContent.includes("对账单已登记") === true`)
	d.Go("/account-statements", "专户对账单")
	d.Until(`document.querySelectorAll("main tbody tr").length > 1`)
	d.Look("account statements")
}

// EndYear has an approver of each agency sign the year's end of a county.
func (n Network) EndYear(t testing.TB, year, county string) {
	t.Helper()
	id := year + "-" + county
	f := n.SignIn(t, "finance-approver", width, height)
	f.Go("/year-ends", "年度决算")
	f.Look("year's ends")
	f.Fill(map[string]string{"year": year, "county": county})
	f.Press(`[data-look=year]`)
	f.Heading(id)
	f.Until(`document.querySelector("h1 .badge")?.textContent === "未签署" && document.querySelector("main tbody a") !== null`)
	f.Look("a year's end")
	f.Act("fund.sign_year_end", nil, "已签署")
	f.Until(`document.querySelector("[data-act='fund.sign_year_end']") === null`)
	for _, official := range []string{"civil-approver", "audit-approver"} {
		d := n.SignIn(t, official, width, height)
		d.waiting("yearEnds", id, id)
		d.Act("fund.sign_year_end", nil, "已签署")
	}
	f.Until(`document.querySelector("h1 .badge")?.textContent === "三方已签"`)
	f.Picture("workplace-year-end")
}
