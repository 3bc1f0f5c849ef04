package workday

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

// CloseMonth closes a month and proposes its list; another official publishes it and proposes to take it down, which a third one refuses.
func (n Network) CloseMonth(t testing.TB, programme, county, period string) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	d.Go("/months", "月度结账与公开")
	d.Look("closed months")
	d.Fill(map[string]string{"programme": programme, "county": county, "period": period})
	d.Press(`[data-look=month]`)
	d.Until(`document.querySelector("h1 .badge")?.textContent === "未结账"`)
	d.Look("a month that is not closed")
	d.Act("oversight.close_month", nil, "已结账")
	d.Until(`document.querySelector("[data-part=month]") !== null`)
	d.Look("a closed month")
	d.Picture("workplace-month")
	d.Act("oversight.propose_list", nil, "已提请")

	a := n.SignIn(t, "civil-approver", width, height)
	a.waiting("published", programme+" "+period, period)
	a.Until(`document.querySelector("[data-part=publication] .badge")?.textContent === "待审定"`)
	a.Look("a list to publish")
	a.Act("oversight.decide_list", nil, "已确认")
	a.Until(`document.querySelector("[data-part=publication] .badge")?.textContent === "公开中"`)
	d.Until(`document.querySelector("[data-part=publication] .badge")?.textContent === "公开中"`)
	a.sheet()
	a.Act("oversight.take_down_list", map[string]string{"down-reason": "wrong"}, "已提请")
	a.Until(`document.querySelector("[data-part=publication]").textContent.includes("您经办过此事")`)
	require.Equal(t, 0, browser.Eval[int](a.Page, `document.querySelectorAll("[data-act^='oversight.decide_list']").length`), "who proposed it is not offered its decision")

	other := n.SignIn(t, "civil-second-approver", width, height)
	other.waiting("published", programme+" "+period, period)
	other.Act("oversight.decide_list.refuse", nil, "已拒绝")
	other.Until(`document.querySelector("[data-part=publication] .badge")?.textContent === "公开中"`)
	other.Look("a published list")
}

// sheet prints the list of a village for its board.
func (d *Desk) sheet() {
	d.t.Helper()
	const button = `main tbody td button`
	d.Until(`document.querySelector("` + button + `") !== null`)
	d.Look("lists of villages to print")
	saved := d.Saved()
	d.Press(button)
	d.Until(`saved.length === 1 || document.querySelector("main .tell.bad") !== null`)
	if browser.Eval[bool](d.Page, `document.querySelector("main .tell.bad")?.textContent.includes("字体") === true`) {
		return // this machine has no Chinese font
	}
	require.True(d.t, strings.HasPrefix(saved()[0], "%PDF"), "a sheet to print")
}

// Declare declares a shared account; another official confirms it by its number and ends it.
func (n Network) Declare(t testing.TB, id, number string) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	defer d.Close()
	d.Go("/accounts", "共用账户")
	d.opened("roll.declare_account", map[string]string{"account-id": id, "account-kind": "institution", "account-number": number}, "account-evidence")
	d.Fill(map[string]string{"account-holder": "安宁市某敬老院"})
	d.sent(id)
	require.Equal(t, 0, browser.Eval[int](d.Page, `document.querySelectorAll("[data-act^='roll.confirm_account']").length`), "who proposed it is not offered its confirmation")

	a := n.SignIn(t, "civil-approver", width, height)
	defer a.Close()
	a.waiting("accounts", id, id)
	a.Fill(map[string]string{"compare": number})
	a.Act("roll.confirm_account", nil, "已确认")
	a.Act("roll.end_account", map[string]string{"reason": "机构已撤销"}, "已终止")
	a.Until(`document.querySelector("h1 .badge")?.textContent === "已终止"`)
	a.Go("/accounts", "共用账户")
	a.Until(`document.querySelector("main tbody a") !== null`)
	a.Look("shared accounts")
}

// Link proposes that a person's identity number was wrong; another official confirms it.
func (n Network) Link(t testing.TB, earlier, number string) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	defer d.Close()
	d.Go("/links", "证号更正")
	d.opened("person.propose_link", map[string]string{"link-earlier": earlier, "link-number": number}, "link-evidence")
	d.sent("对象编号关联")
	require.NotContains(t, browser.Eval[string](d.Page, `location.href + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)`), number)

	a := n.SignIn(t, "civil-approver", width, height)
	defer a.Close()
	a.waiting("links", earlier, "对象编号关联")
	a.Act("person.confirm_link", nil, "已确认")
	a.Until(`document.querySelector("h1 .badge")?.textContent === "已关联"`)
	a.Look("a link")
	a.Go("/links", "证号更正")
	a.Until(`document.querySelector("main tbody a") !== null`)
	a.Look("links")
}

// opened opens an act whose form takes a file, fills it and chooses the file.
func (d *Desk) opened(act string, fields map[string]string, file string) {
	d.t.Helper()
	d.Press(`[data-act="` + act + `"]`)
	d.Until(`document.querySelector("dialog[open]") !== null`)
	d.Look(act)
	d.Fill(fields)
	d.Choose(file, "paper.pdf", []byte("a paper"))
	d.Until(`document.querySelector("dialog button[type=submit]").disabled === false`)
}

// sent sends the form that is open, and waits for the page that it leads to.
func (d *Desk) sent(heading string) {
	d.t.Helper()
	d.Press(`dialog button[type=submit]`)
	d.Until(`document.querySelector("dialog") === null`)
	d.Heading(heading)
	d.Until(`document.querySelector(".tell.good") !== null && document.querySelector("dl.facts dd") !== null`)
	d.Look("the page of " + heading)
}

// Subsidy drafts a new programme that takes its people from another one's roll, has finance put it in force and agree to the rate of a month, and takes
// the month's people, which another official confirms.
func (n Network) Subsidy(t testing.TB, id, from, month string) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	d.Go("/programmes/new", "新项目")
	d.Fill(map[string]string{
		"programme-id": id, "version-name": "价格临时补贴", "version-name_en": "Price subsidy", "version-unit": "person", "version-cycle": "monthly", "version-starts": month, "version-pay_by_day": "20",
		"version-min_amount": "1.00", "version-max_amount": "5000.00", "version-budget-functional": "2081901", "version-budget-economic": "50901", "version-notice_days": "7", "version-from_programmes": from, "version-rate_by": "person",
	})
	d.Look("a new programme")
	d.Press(`form.act button[type=submit]`)
	d.Until(`document.querySelector(".tell.good")?.textContent.includes("第 1 版已起草") === true`)

	f := n.SignIn(t, "finance-approver", width, height)
	f.Until(fmt.Sprintf(`[...document.querySelectorAll("[data-list=drafts] tbody a")].some((a) => a.textContent === %q)`, id+" 1"))
	f.Follow(id + " 1")
	f.Act("programme.enact", nil, "第 1 版已生效")
	d.Act("programme.propose_rate", map[string]string{"rate-period": month, "rate-amount": "50.00", "rate-document": "云发改价格〔2026〕88号"}, "已提出")
	require.Equal(t, 0, browser.Eval[int](d.Page, `document.querySelectorAll("[data-act='programme.confirm_rate']").length`), "who proposed it is not offered its confirmation")
	f.Go("/", "待我办理")
	f.Until(fmt.Sprintf(`[...document.querySelectorAll("[data-list=rates] tbody a")].some((a) => a.textContent === %q)`, id+" "+month))
	f.Follow(id + " " + month)
	f.Until(`document.querySelector("[data-part=rates] [data-act]") !== null`)
	f.Look("a rate to confirm")
	f.Act("programme.confirm_rate", nil, "已确认")

	d.Act("roll.take", map[string]string{"take-period": month}, "")
	d.Until(`document.querySelector("h1 .badge")?.textContent === "待确认" && location.pathname.includes("/imports/")`)
	d.Look("a taking")
	taken := browser.Eval[string](d.Page, `location.pathname.split("/").at(-1)`)
	a := n.SignIn(t, "civil-approver", width, height)
	a.waiting("imports", taken, taken)
	a.decide("roll.confirm_import", true)
}
