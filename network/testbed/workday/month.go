package workday

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
	"relieftrail/network/testbed/paybank"
)

// List is a list of payments that officials pay in their browsers.
type List struct {
	Batch, Programme, Region, Period, Tranche string
	Lines                                     []byte // a CSV file, with a header
	Count                                     int
	Sum                                       string
	Day                                       string // on which the bank books it
}

const width, height = 1280, 900

// Pay pays a list, from its upload to the end of its batch, by two officials of civil affairs and two of finance. Nobody uses anything but the workplace.
func (n Network) Pay(t testing.TB, l List) {
	t.Helper()
	preparer := n.SignIn(t, "civil-preparer", width, height)
	defer preparer.Close()
	preparer.open(l)
	preparer.upload(l)
	preparer.takeOut(l)
	preparer.sealWithoutNetwork()
	preparer.Look("a sealed list")
	preparer.Picture("workplace-sealed")

	approver := n.SignIn(t, "civil-approver", width, height)
	defer approver.Close()
	approver.waiting("approve", l.Batch, l.Batch)
	approver.Press(`[data-check=payees]`)
	approver.Until(fmt.Sprintf(`document.querySelector("main").textContent.includes("核对 %[1]d 笔：一致 %[1]d")`, l.Count))
	approver.Picture("workplace-approve")
	approver.Act("payment.approve", nil, "民政审批已完成")
	// The preparer still looks at the list, and learns of it.
	preparer.Until(`document.querySelector("main").textContent.includes("civil-approver 刚刚办理了") && document.querySelector("h1").textContent.includes("民政已审批")`)

	cashier := n.SignIn(t, "finance-preparer", width, height)
	defer cashier.Close()
	cashier.waiting("makeFile", l.Batch, l.Batch)
	cashier.Act("payment.make_file", nil, "支付文件已制作")
	authoriser := n.SignIn(t, "finance-approver", width, height)
	defer authoriser.Close()
	authoriser.waiting("authorise", l.Batch, l.Batch)
	authoriser.Press(`[data-look=file]`)
	authoriser.Until(`document.querySelector(".tell.good")?.textContent.includes("与账本上的一致") === true`)
	authoriser.Look("a payment file")
	authoriser.Act("payment.authorise", nil, "已授权")

	cashier.Until(`document.querySelector("h1").textContent.includes("财政已授权")`)
	cashier.Act("payment.instruct", nil, "支付指令已下达")
	cashier.Drop("statement.xml", cashier.bankAnswers(t, l))
	cashier.Until(`[...document.querySelectorAll(".tell.good")].some((e) => e.textContent.includes("处理完毕"))`)
	cashier.Look("the bank's answers")
	cashier.Picture("workplace-settled")
	cashier.receipts(l)
	cashier.Act("payment.close", nil, "批次已关闭")
	cashier.Until(`document.querySelector("h1").textContent.includes("已关闭")`)
}

// open opens the batch by the keyboard alone, after the page was left once: what was typed is still there.
func (d *Desk) open(l List) {
	d.t.Helper()
	d.Look("what waits")
	d.Follow("新建名单")
	d.Heading("新建名单")
	d.Fill(map[string]string{"programme": l.Programme, "region": l.Region, "period": l.Period, "count": fmt.Sprint(l.Count), "sum": l.Sum, "id": l.Batch})
	d.Until(fmt.Sprintf(`[...document.querySelectorAll("#tranche option")].some((e) => e.value === %q)`, l.Tranche))
	d.Fill(map[string]string{"tranche": l.Tranche})
	d.Look("a new list")
	d.Go("/batches", "支付名单")
	d.Look("lists of payments")
	d.Go("/batches/new", "新建名单")
	d.Until(fmt.Sprintf(`document.querySelector("#sum").value === %q && document.querySelector("#tranche").value === %q`, l.Sum, l.Tranche))
	d.run(`document.querySelector("#sum").focus()`)
	d.Do(chromedp.KeyEvent(kb.Enter))
	d.Heading(l.Batch)
	d.Until(`document.querySelector(".tell.good")?.textContent.includes("已建立") === true && document.activeElement.tagName === "H1"`)
}

// upload sends the list with a wrong amount in its last line, and then the file to correct that the page makes of it, corrected.
func (d *Desk) upload(l List) {
	d.t.Helper()
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(l.Lines), "\r\n", "\n")), "\n")
	fields := strings.Split(lines[len(lines)-1], ",")
	right := fields[7]
	fields[7] = "1.01"
	wrong := append(lines[:len(lines)-1:len(lines)-1], strings.Join(fields, ","))
	saved := d.Saved()
	d.Drop("list.csv", []byte(strings.Join(wrong, "\n")+"\n"))
	d.Until(fmt.Sprintf(`document.querySelector(".drop").textContent.includes("列入 %d 行，已在册 0 行，未列入 1 行")`, l.Count-1))
	d.Until(`document.querySelectorAll(".refused tbody tr").length === 1`)
	require.Contains(d.t, d.Text(".refused tbody"), fields[2], "the reason stands beside the line")
	d.Look("refused lines")
	d.Picture("workplace-refused")
	d.Press(`[data-save=correct]`)
	d.Until(`saved.length === 1`)
	correct := strings.TrimPrefix(saved()[0], "\uFEFF")
	require.Equal(d.t, 2, strings.Count(correct, "\n"), correct)
	d.Drop("corrected.csv", []byte(strings.Replace(correct, ",1.01,", ","+right+",", 1)))
	d.Until(`document.querySelector(".drop").textContent.includes("列入 1 行，已在册 0 行，未列入 0 行")`)
	d.Until(fmt.Sprintf(`document.querySelector("dd.done")?.textContent.includes("%d · ") === true`, l.Count))
}

// takeOut takes one line out, after which the list cannot be sealed, and uploads the list once more.
func (d *Desk) takeOut(l List) {
	d.t.Helper()
	d.Press(`td input[type=checkbox]`)
	d.Act("payment.remove", nil, "已移出 1 人")
	d.Until(fmt.Sprintf(`document.querySelector("dd.late")?.textContent.includes("%d · ") === true`, l.Count-1))
	d.Press(`[data-act="payment.seal"]`)
	d.Until(`document.querySelector("dialog button[type=submit]")?.disabled === true`)
	d.Do(chromedp.KeyEvent(kb.Escape))
	d.Until(`document.querySelector("dialog") === null && document.activeElement.dataset.act === "payment.seal"`)
	d.Drop("list.csv", l.Lines)
	d.Until(fmt.Sprintf(`document.querySelector(".drop").textContent.includes("列入 1 行，已在册 %d 行，未列入 0 行")`, l.Count-1))
	d.Until(`document.querySelector("dd.done") !== null`)
}

// sealWithoutNetwork seals a list while the connection is away: the page does not know whether it was done, and the same act sent again is.
func (d *Desk) sealWithoutNetwork() {
	d.t.Helper()
	d.Press(`[data-act="payment.seal"]`)
	d.Until(`document.querySelector("dialog button[type=submit]")?.disabled === false`)
	d.Offline(true)
	d.Press(`dialog button[type=submit]`)
	d.Until(`document.querySelector("dialog .tell.bad")?.textContent.includes("再试一次不会重复办理") === true`)
	d.Offline(false)
	d.Look("an act whose end is not known")
	d.Press(`dialog button[type=submit]`)
	d.Until(`document.querySelector("dialog") === null && [...document.querySelectorAll(".tell.good")].some((e) => e.textContent.includes("名单已封存"))`)
}

// waiting finds something in a work list and opens its page.
func (d *Desk) waiting(list, item, heading string) {
	d.t.Helper()
	d.Until(fmt.Sprintf(`[...document.querySelectorAll("[data-list=%s] tbody a")].some((a) => a.textContent === %q)`, list, item))
	d.Look("what waits for " + list)
	d.Follow(item)
	d.Heading(heading)
	d.Until(`document.querySelector("dl.facts dd") !== null && document.querySelector("[data-act]") !== null`)
	d.Look("the page of " + heading)
}

// receipts has the receipts of the whole list put on pages in large print, and saves them.
func (d *Desk) receipts(l List) {
	d.t.Helper()
	const ended = `document.querySelector("[data-part=receipts] .buttons button:nth-of-type(2)") !== null`
	const wrong = `document.querySelector("[data-part=receipts] .wrong")`
	for tries := 0; ; tries++ {
		d.Press(`[data-act="receipts.print"]`)
		d.Until(`document.querySelectorAll("#receipts-region option").length > 1`)
		d.Look("receipts to print")
		d.Fill(map[string]string{"receipts-region": l.Region, "receipts-print": "large"})
		d.Until(`document.querySelector("dialog button[type=submit]").disabled === false`)
		d.Press(`dialog button[type=submit]`)
		d.Until(ended + ` || ` + wrong + ` !== null`)
		if browser.Eval[bool](d.Page, ended) {
			break
		}
		said := d.Text("[data-part=receipts] .wrong")
		if strings.Contains(said, "fonts-wqy-microhei") {
			d.t.Log("no Chinese font is installed: the pages were not made")
			return
		}
		require.Contains(d.t, said, "尚待各部门共同签名")
		require.Less(d.t, tries, 20, "the agencies cosign within seconds")
	}
	d.Look("receipts that were printed")
	saved := d.Saved()
	d.Press(`[data-part=receipts] .buttons button:nth-of-type(2)`)
	d.Until(`saved.length === 1`)
	require.True(d.t, strings.HasPrefix(saved()[0], "%PDF-"))
}

// bankAnswers looks at the payment file and gives the statement of a bank that has paid everybody in it.
func (d *Desk) bankAnswers(t testing.TB, l List) []byte {
	t.Helper()
	saved := d.Saved()
	d.Press(`[data-look=file]`)
	d.Press(`[data-save=file]`)
	d.Until(`saved.length === 1`)
	file, err := paybank.Read([]byte(saved()[0]))
	require.NoError(t, err)
	require.Len(t, file.Payments, l.Count)
	statement := paybank.New("workplace-"+l.Batch, 900, file.Account, l.Day, file.Sum)
	for _, p := range file.Payments {
		statement.Pay(p.EndToEndID, p.Amount)
	}
	return bytes.Clone(statement.Document())
}

// Audit follows the money: an auditor goes from a search to a payment, to the person and to the money that it came from.
func (n Network) Audit(t testing.TB, l List) {
	t.Helper()
	d := n.SignIn(t, "audit-reader", width, height)
	defer d.Close()
	d.Look("what waits for an auditor")
	d.Go("/payments?batch="+l.Batch, "支付查询")
	d.Until(fmt.Sprintf(`document.querySelectorAll("main table")[0].querySelectorAll("tbody tr").length === %d && document.querySelector("tfoot") !== null`, min(l.Count, 50)))
	d.Look("a search")
	d.Picture("workplace-search")
	d.Fill(map[string]string{"seed": "dice: 4 1 6", "size": "5"})
	d.Press(`[data-part=sample] button`)
	d.Until(fmt.Sprintf(`document.querySelectorAll("[data-part=sample] tbody tr").length === 5 && document.querySelector("[data-part=sample]").textContent.includes("从 %d 笔中抽取 5 笔")`, l.Count))
	d.Press(`main tbody th a`)
	d.Heading("支付 " + l.Programme)
	d.Until(`document.querySelectorAll(".timeline li").length > 5`)
	d.run(`document.querySelectorAll(".timeline details").forEach((e) => (e.open = true))`)
	d.Look("a payment's trail")
	d.Picture("workplace-trail")
	require.Contains(t, browser.Eval[string](d.Page, `document.querySelector(".timeline").textContent`), "背书")
	d.Press(`.timeline details a`)
	d.Heading("交易")
	d.Until(`document.querySelector("main").textContent.includes("已生效")`)
	d.Look("a transaction")
	d.Do(chromedp.NavigateBack())
	d.Heading("支付 " + l.Programme)
	d.Press(`[data-check=leaf]`)
	d.Until(`document.querySelector("[data-part=verify] .tell.good")?.textContent.includes("一致") === true`)
	d.Look("a payment that was verified")
	d.Press(`a[href*="/people/"]`)
	d.Heading("对象 ")
	d.Until(`document.querySelector(".timeline li") !== null && document.querySelectorAll("tbody tr").length >= 2`)
	d.Look("a person")
	d.Go("/tranches", "资金")
	d.Look("tranches")
	d.Follow(l.Tranche)
	d.roundTrip(l)
	d.Until(`document.querySelector(".chart svg path") !== null`)
	d.Look("a tranche")
	d.Picture("workplace-tranche")
	d.Fill(map[string]string{"search": l.Batch})
	d.Press(`form.search button`)
	d.Until(fmt.Sprintf(`document.querySelector("h1").textContent.startsWith(%q)`, l.Batch))
	d.Go("/transactions?from="+l.Period[:4]+"-01-01", "操作查询")
	d.Until(`document.querySelectorAll("main table")[0].querySelectorAll("tbody tr").length > 5 && document.querySelectorAll("main table")[1].querySelectorAll("tbody tr").length > 5 && document.querySelectorAll("#act option").length > 5`)
	d.Look("who did what")
	d.Go("/readings", "查阅记录")
	d.Look("who read personal data")
	d.year(l.Region)
	d.Go("/acts", "我的办理记录")
	d.Look("what I have done")
	d.Go("/search?q=nobody", "查找")
	d.Until(`document.querySelector("main").textContent.includes("没有找到")`)
	d.Look("nothing found")
	d.Go("/nowhere/at/all", "没有这个页面")
	d.Look("no page")
}

// roundTrip goes from a list's tranche to a payment of it, to the person, to their payment of that list, and back to the tranche that paid it.
func (d *Desk) roundTrip(l List) {
	d.t.Helper()
	d.Heading(l.Tranche)
	d.Press(`a[href*="/payments?tranche="]`)
	d.Heading("支付查询")
	d.Press(`main tbody a[href*="/people/"]`)
	d.Heading("对象 ")
	payment := fmt.Sprintf(`[...document.querySelectorAll("main tbody tr")].find((e) => e.textContent.includes(%q))?.querySelector('th a[href*="/payments/"]')`, l.Batch)
	d.Until(payment + ` !== undefined`)
	d.run(payment + `.click()`)
	d.Heading("支付 ")
	d.Follow(l.Tranche)
	d.Heading(l.Tranche)
}

// Double finds, in three presses, an act that two officials did at once: the ledger took one, and the home page names the other.
func (n Network) Double(t testing.TB, official, record string) {
	t.Helper()
	d := n.SignIn(t, "audit-reader", width, height)
	defer d.Close()
	d.Until(`document.querySelector("[data-list=withoutEffect] tbody a") !== null`)
	d.Look("what waits for an auditor, with an act without effect")
	d.Press(`[data-list=withoutEffect] tbody a`) // first
	d.Heading("交易")
	d.Until(fmt.Sprintf(`document.querySelector("main .lead")?.textContent.includes("未生效") === true && document.querySelector("dl.facts").textContent.includes(%q)`, official))
	d.Look("a transaction without effect")
	d.Press(`main a[href*="/` + record + `"]`) // second: the record that both were about
	d.Until(`document.querySelector(".timeline li summary") !== null`)
	d.run(`[...document.querySelectorAll(".timeline li summary")].at(-1).click()`) // third: the act that took effect, with its transaction and endorsers
	d.Until(`[...document.querySelectorAll(".timeline details[open]")].some((e) => e.textContent.includes("背书"))`)
	d.Picture("workplace-double")
	d.Go("/log", "透明日志")
	d.Until(`document.querySelector("[data-part=checkpoints] tbody td")?.textContent !== "—" && document.querySelector("[data-part=alerts]") !== null`)
	d.Look("the transparency log")
}

// year asks for a county's year, waits until its archive is made and saves it.
func (d *Desk) year(county string) {
	d.t.Helper()
	d.Go("/exports", "年度导出")
	d.Act("export.year", map[string]string{"county": county}, "")
	d.Until(`document.querySelector("tbody")?.textContent.includes("可下载") === true`)
	d.Look("a year's archive")
	saved := d.Saved()
	d.Press(`tbody button`)
	d.Until(`saved.length === 1`)
	require.True(d.t, strings.HasPrefix(saved()[0], "PK"), "a zip file")
}
