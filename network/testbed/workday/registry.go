package workday

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

// Govern has the registrars of three agencies change the calendar: one proposes a holiday, the others compare old and new and agree. Another proposal is
// withdrawn. Then an official is registered, loses a certificate and leaves. day is a holiday that the calendar lacks, suffix tells this run's names apart.
func (n Network) Govern(t testing.TB, day, suffix string) {
	t.Helper()
	finance := n.SignIn(t, "finance-registrar", width, height)
	finance.Go("/registry", "登记册")
	finance.Until(`document.querySelector("[data-part=duties] tbody tr") !== null && document.querySelector("[data-part=epochs]") !== null`)
	finance.Look("the registry")
	proposal := finance.propose(day, "holiday-"+suffix)
	require.Equal(t, 0, browser.Eval[int](finance.Page, `document.querySelectorAll("[data-act='registry.agree']").length`), "whose agency proposed it has agreed")

	for _, registrar := range []string{"civil-registrar", "audit-registrar"} {
		d := n.SignIn(t, registrar, width, height)
		d.waiting("proposals", proposal, proposal)
		d.Until(fmt.Sprintf(`document.querySelector("[data-part=calendar] tbody")?.textContent.includes(%q) === true`, day))
		d.Act("registry.agree", nil, "已同意")
		d.Close()
	}
	finance.Until(`document.querySelector("h1 .badge").textContent === "已生效" && document.querySelector("main").textContent.includes("audit-registrar 刚刚办理了")`)
	finance.Look("a proposal in effect")

	finance.propose("2099-12-30", "never-"+suffix)
	finance.Act("registry.withdraw", nil, "已撤回")
	finance.Until(`document.querySelector("h1 .badge").textContent === "已撤回"`)
	finance.Close()
	n.people(t, "clerk-"+suffix)
}

// Ends has a registrar find the official whose certificate ends soon, on the home page and on the officials' page.
func (n Network) Ends(t testing.TB, official string) {
	t.Helper()
	d := n.SignIn(t, "civil-registrar", width, height)
	defer d.Close()
	d.Until(fmt.Sprintf(`[...document.querySelectorAll("[data-list=certificates] tbody a")].map((a) => a.textContent).join() === %q`, official))
	d.Go("/officials", "工作人员")
	d.Until(`document.querySelector("[data-part=certificates] h2 .badge.amber") !== null`)
	row := `document.querySelector("[data-part=certificates] tbody tr")` // the first end first
	require.Equal(t, official, browser.Eval[string](d.Page, row+`.querySelector("th").textContent`))
	require.Contains(t, browser.Eval[string](d.Page, row+`.textContent`), "即将到期")
	d.Look("certificates that end")
	d.Go("/", "待我办理")
	d.waiting("certificates", official, official)
	d.Until(`document.querySelectorAll("[data-part=certificates] tbody tr").length === 1`)
}

// propose proposes a holiday and gives the proposal's number.
func (d *Desk) propose(day, id string) string {
	d.t.Helper()
	d.Go("/registry/new", "提议变更")
	d.Until(`document.querySelector("[data-row=add]") !== null`)
	d.Press(`[data-row=add]`)
	d.Until(`document.querySelector("[data-column=day]") !== null`)
	d.run(fmt.Sprintf(`const f = document.querySelector("[data-column=day]"); f.value = %q; f.dispatchEvent(new Event("input", { bubbles: true }))`, day))
	d.Fill(map[string]string{"id": id})
	d.Until(fmt.Sprintf(`[...document.querySelectorAll(".badge.green")].some((e) => e.closest("tr")?.textContent.includes(%q))`, day))
	d.Look("a proposal to make")
	d.Press(`form.act button[type=submit]`)
	d.Heading(id)
	d.Until(`document.querySelector(".tell.good") !== null && document.querySelector("[data-act='registry.withdraw']") !== null`)
	d.Look("a proposal that was made")
	return id
}

// people registers an official, revokes a certificate of theirs and retires them.
func (n Network) people(t testing.TB, name string) {
	t.Helper()
	d := n.SignIn(t, "civil-registrar", width, height)
	defer d.Close()
	d.Go("/officials", "工作人员")
	d.Until(`document.querySelectorAll("tbody tr").length > 3`)
	d.Look("officials")
	d.Act("official.register", map[string]string{"new-name": name, "new-id": "gh-" + name}, "已登记")
	d.Fill(map[string]string{"agency": "CivilAffairsMSP"})
	d.Until(fmt.Sprintf(`[...document.querySelectorAll("tbody a")].some((a) => a.textContent === %q)`, name))
	d.Follow(name)
	d.Heading(name)
	d.Act("official.revoke", map[string]string{"serials": "5f0c3a9be1", "reason": "私钥遗失"}, "证书已吊销")
	d.Until(`document.querySelector("dl.facts .late")?.textContent.includes("5f0c3a9be1") === true`)
	d.Act("official.retire", map[string]string{"reason": "调离"}, "已停用")
	d.Until(`document.querySelector("h1 .badge").textContent === "已停用"`)
	d.Look("an official who has left")
	d.Go("/officials/CivilAffairsMSP/civil-registrar", "civil-registrar")
	d.Until(`document.querySelector("main").textContent.includes("不能停用自己的名称")`)
}
