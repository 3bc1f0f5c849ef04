package workday

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/paybank"
)

// Move proposes more money for a tranche in one window and confirms it in another.
func (n Network) Move(t testing.TB, tranche string) {
	t.Helper()
	d := n.SignIn(t, "finance-preparer", width, height)
	defer d.Close()
	d.Go("/tranches/"+tranche, tranche)
	d.Until(`document.querySelector(".timeline li") !== null`)
	d.Act("fund.top_up", map[string]string{"topped_up-amount": "1000.00", "topped_up-document": "云财社〔2026〕100号", "reason": "追加"}, "已提请")
	d.Until(`document.querySelector("[data-part=adjustments]") !== null`)
	require.Equal(t, 0, browser.Eval[int](d.Page, `document.querySelectorAll("[data-act='fund.confirm']").length`), "who proposed it is not offered its confirmation")

	a := n.SignIn(t, "finance-approver", width, height)
	defer a.Close()
	a.waiting("adjustments", tranche+" 1", tranche)
	a.Act("fund.confirm", nil, "已确认")
	a.Until(`document.querySelector("[data-part=adjustments]") === null && document.querySelector("main").textContent.includes("云财社〔2026〕100号")`)
	a.Look("moves of a tranche")
	d.Until(`document.querySelector("main").textContent.includes("finance-approver 刚刚办理了")`)
	a.Go("/readings", "查阅记录") // the payment file that was looked at before it was authorised
	a.Fill(map[string]string{"purpose": "payment-file"})
	a.Press(`form.act button[type=submit]`)
	a.Until(`document.querySelector("tbody")?.textContent.includes("finance-approver") === true`)
	a.Look("readings")
	a.Go("/tranches/new", "下达资金")
	a.Look("money to issue")
}

// Sort takes a statement with entries that are no payments, and says of both at once what they are.
func (n Network) Sort(t testing.TB, account, day string) {
	t.Helper()
	d := n.SignIn(t, "finance-preparer", width, height)
	defer d.Close()
	d.Go("/bank", "银行")
	statement := paybank.New("workplace-fees", 901, account, day, 100_00)
	for _, fee := range []relief.Balance{-12_34, -23_45} {
		statement.Book("无名费用", fee)
	}
	d.Drop("fees.xml", statement.Document())
	d.Until(`[...document.querySelectorAll(".tell.good")].some((e) => e.textContent.includes("处理完毕"))`)
	for _, amount := range []string{"12.34", "23.45"} {
		row := fmt.Sprintf(`[...document.querySelectorAll("[data-part=exceptions] tbody tr")].find((e) => [...e.cells].some((c) => c.textContent === %q))`, amount)
		d.Until(row + ` !== undefined`)
		d.run(row + `.querySelector("input").click()`)
	}
	d.Look("what did not match")
	d.Picture("workplace-exceptions")
	d.Act("exceptions.resolve", map[string]string{"many-action": "classify", "many-as": "fee", "reason": "账户费用"}, "已处理 2 项，0 项未能处理")
}
