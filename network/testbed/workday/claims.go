package workday

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/paybank"
)

// Entry is a person on a roll.
type Entry struct{ Programme, County, Subject string }

func (e Entry) path() string { return "/roll/" + e.Programme + "/" + e.County + "/" + e.Subject }

// Change finds a person on the roll, and proposes other details of the payee; another official looks at both and confirms them.
func (n Network) Change(t testing.TB, e Entry) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	d.Go("/roll?programme="+e.Programme+"&county="+e.County, "名册")
	d.Until(`document.querySelectorAll("main tbody tr").length > 5`)
	d.Look("a roll")
	d.Press(`[data-look=names]`)
	d.Until(`document.querySelector(".personal tbody td")?.textContent.length > 1`)
	d.Look("a roll with names")
	d.Picture("workplace-roll")
	saved := d.Saved()
	d.Press(`[data-part=save] button`)
	d.Until(`saved.length === 1`)
	require.True(t, strings.HasPrefix(saved()[0], "PK"), "a workbook")

	d.Go(e.path(), "名册序号")
	d.Until(`document.querySelectorAll(".timeline li").length > 0 && document.querySelectorAll("[data-act]").length > 5`)
	d.Look("an entry")
	d.Act("roll.change_payee", map[string]string{"change-bank": "安宁农商银行", "reason": "核对存折"}, "已提请变更")
	saved = d.Saved()
	d.Press(`[data-save=proof]`)
	d.Until(`saved.length === 1`)
	require.Contains(t, saved()[0], "核对存折")
	d.Until(`document.querySelector("main a[href*='/changes/']") !== null`)
	require.Equal(t, 0, browser.Eval[int](d.Page, `document.querySelectorAll("[data-act='roll.exit']").length`), "one change of an entry is open at a time")
	d.Look("an entry with an open change")

	change := browser.Eval[string](d.Page, `document.querySelector("main a[href*='/changes/']").textContent`)
	a := n.SignIn(t, "civil-approver", width, height)
	a.waiting("changes", change, change)
	a.Press(`[data-look=payee]`)
	a.Until(`document.querySelector(".personal tbody")?.textContent.includes("安宁农商银行") === true`)
	a.decide("roll.confirm_change", true)
}

// Overpay corrects the terms of a person who was paid already. What was paid too much is deducted from later payments by two officials of civil
// affairs, recovered by two of finance, and written off by one of each.
func (n Network) Overpay(t testing.TB, e Entry, month, less, day, account string) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	d.Go(e.path(), "名册序号")
	d.Act("roll.set_terms", map[string]string{"change-from": month, "change-amount": less, "change-reason": "correction", "change-document": "安民〔2026〕7号"}, "已提请变更")
	d.Until(`document.querySelector("main a[href*='/changes/']") !== null`)
	change := browser.Eval[string](d.Page, `document.querySelector("main a[href*='/changes/']").textContent`)
	a := n.SignIn(t, "civil-approver", width, height)
	a.waiting("changes", change, change)
	a.decide("roll.confirm_change", true)

	d.Until(`document.querySelector("main a[href*='/overpayments/']") !== null`) // the entry's page learns of it
	d.Press(`main a[href*='/overpayments/']`)
	d.Heading(e.Programme + "-" + e.County)
	d.Until(`document.querySelector("dl.facts dd") !== null`)
	id := browser.Eval[string](d.Page, `location.pathname.split("/").at(-1)`)
	d.Look("an overpayment")
	d.Act("overpayment.deduct", map[string]string{"deduction-amount": "50.00", "deduct-from": month}, "已提请")
	d.Act("overpayment.write_off", map[string]string{"write_off-amount": "10.00", "write-off-document": "安民〔2026〕8号"}, "已提请")
	require.Equal(t, 0, browser.Eval[int](d.Page, `document.querySelectorAll("[data-act^='overpayment.confirm']").length`), "who proposed a measure is not offered its confirmation")

	a.Go("/", "待我办理")
	a.waiting("measures", id+" 1", id)
	require.Contains(t, a.Text("[data-part=measures]"), "核销由另一部门的工作人员确认")
	a.Act("overpayment.confirm_deduction", nil, "已确认")

	f := n.SignIn(t, "finance-approver", width, height)
	f.waiting("measures", id+" 2", id)
	f.Act("overpayment.confirm_write_off", nil, "已确认")
	f.Until(`document.querySelector("[data-part=measures]").textContent.includes("已生效")`)

	p := n.SignIn(t, "finance-preparer", width, height)
	p.Go("/overpayments", "多发款")
	p.Until(`document.querySelector("main tbody a") !== null`)
	p.Look("overpayments")
	p.Follow(id)
	p.Heading(id)
	p.Act("overpayment.recover", map[string]string{"recovery-amount": "20.00", "bank-ref": "WD-1", "booked-on": day}, "已提请")
	f.Go("/", "待我办理")
	f.waiting("measures", id+" 3", id)
	f.Act("overpayment.confirm_recovery", nil, "已确认")
	f.Until(`[...document.querySelectorAll("dl.facts div")].some((e) => e.textContent.includes("已追回") && e.textContent.includes("20.00"))`)
	f.Picture("workplace-overpayment")

	// Somebody pays a part back without saying for what: the entry that did not match is proposed as what it is.
	statement := paybank.New("workplace-paid-back", 904, account, day, 100_00)
	statement.Book("退回多发款", 12_34)
	p.Go("/bank", "银行")
	p.Drop("paid-back.xml", statement.Document())
	p.Until(`[...document.querySelectorAll(".tell.good")].some((e) => e.textContent.includes("处理完毕"))`)
	const row = `[...document.querySelectorAll("[data-part=exceptions] tbody tr")].find((e) => [...e.cells].some((c) => c.textContent === "12.34"))`
	p.Until(row + ` !== undefined`)
	p.run(row + `.querySelector("input").click()`)
	p.Act("exceptions.recover", map[string]string{"recover-overpayment": id}, "已提请")
	f.Go("/", "待我办理")
	f.waiting("measures", id+" 4", id)
	f.Act("overpayment.confirm_recovery", nil, "已确认")
	f.Until(`[...document.querySelectorAll("dl.facts div")].some((e) => e.textContent.includes("已追回") && e.textContent.includes("32.34"))`)
}

// Rerate drafts the next version of a programme with other standards, has finance put it in force, and gives it to a whole roll: one official proposes,
// another looks at who changes by how much and confirms.
func (n Network) Rerate(t testing.TB, programme, county, starts, amounts string, version int) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	d.Go("/programmes", "项目与标准")
	d.Look("programmes")
	d.Go("/programmes/"+programme+"/draft", fmt.Sprintf("第 %d 版", version))
	d.Until(`document.querySelector("#version-notice_days").value !== ""`)
	d.Fill(map[string]string{"version-class_amounts": amounts, "version-starts": starts})
	d.Until(`document.querySelector("tbody")?.textContent.includes("各类标准") === true`)
	d.Look("a version")
	d.Press(`form.act button[type=submit]`)
	d.Until(`document.querySelector(".tell.good")?.textContent.includes("已起草") === true`)
	d.Look("a drafted version")

	f := n.SignIn(t, "finance-approver", width, height)
	item := fmt.Sprintf("%s %d", programme, version)
	f.Until(fmt.Sprintf(`[...document.querySelectorAll("[data-list=drafts] tbody a")].some((a) => a.textContent === %q)`, item))
	f.Follow(item)
	f.Until(fmt.Sprintf(`document.querySelector('[data-version="%d"] tbody')?.textContent.includes("各类标准") === true`, version))
	f.Look("a version to put in force")
	f.Picture("workplace-version")
	f.Act("programme.enact", nil, fmt.Sprintf("第 %d 版已生效", version))

	d.Until(fmt.Sprintf(`document.querySelector("h1 .badge")?.textContent === "第 %d 版"`, version))
	d.Act("roll.propose_rerate", map[string]string{"rerate-county": county, "rerate-from": starts}, "")
	d.Heading("整册提标")
	d.Until(`document.querySelector("h1 .badge")?.textContent === "待确认" && document.querySelectorAll("[data-part=people] tbody tr").length > 5`)
	d.Look("a re-rate")
	id := browser.Eval[string](d.Page, `location.pathname.split("/").at(-1)`)

	a := n.SignIn(t, "civil-approver", width, height)
	a.waiting("rerates", id, id)
	a.Until(`document.querySelectorAll("[data-part=people] tbody tr").length > 5`)
	a.Picture("workplace-rerate")
	a.Press(`[data-kind=behind]`)
	a.Until(`document.querySelector("[data-part=people] thead").textContent.includes("未提标原因")`)
	a.Look("who is left behind")
	a.Act("roll.confirm_rerate", nil, "已确认")
	a.Until(`document.querySelector("h1 .badge")?.textContent === "已确认" && document.querySelector("progress[value='1']") !== null`)
}
