package workday

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/browser"
)

// Roll proposes the import of a roll's file and has another official decide it, who looks at the new lines first; then the other one decides a change
// of an entry that was proposed. With agree both are confirmed, otherwise refused.
func (n Network) Roll(t testing.TB, programme string, file []byte, change string, agree bool) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	defer d.Close()
	d.Go("/rolls", "名册导入与变更")
	d.Fill(map[string]string{"programme": programme})
	d.Look("imports and changes")
	d.Drop("roll.csv", file)
	d.Until(`document.querySelector("h1 .badge")?.textContent === "待确认"`)
	id := browser.Eval[string](d.Page, `location.pathname.split("/").at(-1)`)
	require.Equal(t, 0, browser.Eval[int](d.Page, `document.querySelectorAll("[data-act='roll.confirm_import']").length`), "who proposed it is not offered its confirmation")
	d.Look("an import")

	a := n.SignIn(t, "civil-approver", width, height)
	defer a.Close()
	a.waiting("imports", id, id)
	a.Press(`[data-kind=new]`)
	name := strings.Split(strings.Split(string(file), "\n")[1], ",")[2]
	a.Until(fmt.Sprintf(`document.querySelector("[data-part=lines] tbody")?.textContent.includes(%q) === true`, name))
	a.Look("new lines of an import")
	a.Picture("workplace-import")
	a.decide("roll.confirm_import", agree)

	a.Go("/", "待我办理")
	a.waiting("changes", change, change)
	a.Picture("workplace-change")
	a.decide("roll.confirm_change", agree)
}

// decide confirms or refuses what is shown.
func (d *Desk) decide(act string, agree bool) {
	d.t.Helper()
	state := "已拒绝"
	if agree {
		state = "已确认"
		d.Act(act, nil, "已确认")
	} else {
		d.Act(act+".refuse", map[string]string{"reason": "依据不足"}, "已拒绝")
	}
	d.Until(fmt.Sprintf(`document.querySelector("h1 .badge")?.textContent === %q`, state))
}
