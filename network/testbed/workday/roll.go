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

// Person is somebody as papers name them.
type Person struct{ Name, ID, Account string }

// Moves say what comes to pass on a roll from a month on.
type Moves struct {
	Month                       string
	Suspended, Headless, Moving Entry
	Head, Mover                 Person // who follows the head; who moves
	Village                     string // to which the household moves first
	Away                        Entry  // the roll to which it moves then; Subject is its village there
}

// Entries suspends a household and resumes it, replaces the head of another one, and moves a third one, at last to another county, whose official
// takes it in.
func (n Network) Entries(t testing.TB, m *Moves) {
	t.Helper()
	d := n.SignIn(t, "civil-preparer", width, height)
	a := n.SignIn(t, "civil-approver", width, height)
	change := func(of Entry, act string, fields map[string]string) string {
		t.Helper()
		d.Go("/acts", "我的办理记录") // the pages of two entries have one heading
		d.Go(of.path(), "名册序号")
		d.Act(act, fields, "已提请变更")
		d.Until(`document.querySelector("main a[href*='/changes/']") !== null`)
		id := browser.Eval[string](d.Page, `document.querySelector("main a[href*='/changes/']").textContent`)
		a.Go("/", "待我办理")
		a.waiting("changes", id, id)
		a.decide("roll.confirm_change", true)
		return id
	}
	change(m.Suspended, "roll.suspend", map[string]string{"change-from": m.Month, "reason": "待核查"})
	change(m.Suspended, "roll.resume", map[string]string{"change-from": m.Month, "reason": "已核查"})
	change(m.Headless, "roll.replace_head", map[string]string{
		"change-name": m.Head.Name, "change-id_number": m.Head.ID, "change-account": m.Head.Account, "change-persons": "1", "change-from": m.Month, "reason": "户口簿",
	})
	change(m.Moving, "roll.move", map[string]string{"change-region": m.Village})
	out := change(m.Moving, "roll.move_out", map[string]string{
		"change-to_county": m.Away.County, "change-to_programme": m.Away.Programme, "change-last_period": m.Month,
	})

	o := n.SignIn(t, "civil-other-county", width, height)
	o.Go("/roll?programme="+m.Away.Programme+"&county="+m.Away.County, "名册")
	o.Act("roll.move_in", map[string]string{
		"change-change": out, "change-region": m.Away.Subject, "change-id_number": m.Mover.ID, "change-name": m.Mover.Name, "change-account": m.Mover.Account,
		"change-class": "B", "change-persons": "1", "change-amount": "480.00", "reason": "迁移证",
	}, "已提请变更")
	o.Look("somebody who moves in")
}
