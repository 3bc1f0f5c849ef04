package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// testStraightToThePeers sends acts on a case that the regulation forbids straight to the peers, which refuse each.
func testStraightToThePeers(t *testing.T) {
	p := straight(t)
	d := p.newDepartment("straight-registry")
	p.caseProgramme("week", 7, d)
	p.caseProgramme("now", 0, d)
	p.issue("now")
	for _, part := range []struct {
		name string
		run  func(peers, department)
	}{
		{"no evidence or match is missing, no adverse finding unanswered", incompleteCases},
		{"no notice is shortened", shortenedNotices},
		{"nobody grants what they took or visited", selfApprovals},
		{"no decision out of region, or without the duty", decisionsElsewhere},
		{"nothing is paid but what was granted", paymentsOutsideTheGrant},
		{"a death refuses later periods, and nothing is done on an exited case", actsAfterDeath},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(p.on(t), d) }) {
			return
		}
	}
}

func incompleteCases(p peers, d department) {
	head := someone("now", 1)
	p.apply("civil-township", "straight-1", "now", head)
	p.do("civil-preparer", "case:Match", obj{"case": "straight-1", "statement": d.says(head, "clear")})
	p.refused("EVIDENCE", "civil-preparer", "case:Notice", onNotice("straight-1"))
	p.refused("WRONG_STATE", "civil-approver", "case:Decide", grantOf("straight-1"))

	p.apply("civil-township", "straight-2", "now", someone("now", 2))
	p.do("civil-village", "case:Attach", homeVisit("straight-2"))
	p.refused("MATCH", "civil-preparer", "case:Notice", onNotice("straight-2"))
	forged := d.says(someone("now", 2), "deceased")
	forged.Code, forged.Adverse = "clear", false
	p.refused("INVALID", "civil-preparer", "case:Match", obj{"case": "straight-2", "statement": forged})
	p.refused("INVALID", "civil-preparer", "case:Match", obj{"case": "straight-2", "statement": d.says(head, "clear")})
	p.do("civil-preparer", "case:Match", obj{"case": "straight-2", "statement": d.says(someone("now", 2), "deceased")})
	p.refused("MATCH", "civil-preparer", "case:Notice", onNotice("straight-2"))
	p.refused("MATCH", "civil-approver", "case:Decide", obj{"case": "straight-2", "outcome": "refused", "reason": "other"})
	p.do("civil-preparer", "case:AnswerMatch", obj{"case": "straight-2", "match": 0, "outcome": "confirmed", "sha256": zeros})
	p.refused("MATCH", "civil-preparer", "case:Notice", onNotice("straight-2"))
}

// at endorses an act with another time. The client states the time of a transaction.
func (p peers) at(days int, principal, function string, input obj) error {
	argument := string(must(json.Marshal(input)))
	p.together()
	_, err := p.EndorseAt(p.t.Context(), p.agency(principal), principal, time.Now().AddDate(0, 0, days), function, argument)
	return err
}

func shortenedNotices(p peers, d department) {
	const id = "straight-week"
	head := someone("week", 1)
	p.apply("civil-township", id, "week", head)
	p.do("civil-village", "case:Attach", homeVisit(id))
	p.do("civil-preparer", "case:Match", obj{"case": id, "statement": d.says(head, "clear")})
	const window = "incorrect timestamp" // the peers refuse it before the contract, which would refuse it, too
	require.ErrorContains(p.t, p.at(-8, "civil-preparer", "case:Notice", onNotice(id)), window, "a notice that began last week")
	require.NoError(p.t, p.at(0, "civil-preparer", "case:Notice", onNotice(id)), "the same act now")
	p.do("civil-preparer", "case:Notice", onNotice(id))
	p.refused("NOTICE", "civil-approver", "case:Decide", grantOf(id))
	require.ErrorContains(p.t, p.at(8, "civil-approver", "case:Decide", grantOf(id)), window, "a decision of next week")
	// A later version without a notice does not shorten one that runs, and no second notice takes its place.
	p.do("civil-preparer", "programme:Draft", caseProgramme("week", 2, 0, d))
	p.do("finance-approver", "programme:Enact", obj{"id": "week", "version": 2})
	p.refused("NOTICE", "civil-approver", "case:Decide", grantOf(id))
	p.refused("WRONG_STATE", "civil-preparer", "case:Notice", obj{"case": id, "class": "A", "persons": 1, "amount": "620.00"})
	for _, days := range []int{0, 7} { // the founding's alone
		p.refused("INVALID[parameters]", "civil-registrar", "registry:Propose", obj{"id": "shorter", "change": obj{"parameters": obj{"min_notice_days": days}}})
	}
}

// selfApprovals gives approvers every duty, by a change that all agencies sign. Even then nobody may decide on their
// own work.
func selfApprovals(p peers, d department) {
	before := p.registry().Duties
	wider := slices.Clone(before)
	for i := range wider {
		if w := &wider[i]; w.Agency == "CivilAffairsMSP" && strings.HasPrefix(string(w.Act), "case.") && !slices.Contains(w.Roles, "approver") {
			w.Roles = append(slices.Clone(w.Roles), "approver")
		}
	}
	p.refused("FORBIDDEN", "civil-approver", "case:Attach", homeVisit("straight-1"))
	p.changeRegistry("duties-wider", obj{"duties": wider})
	const id = "straight-own"
	head := someone("now", 3)
	p.apply("civil-approver", id, "now", head)
	p.do("civil-second-approver", "case:Attach", homeVisit(id))
	p.do("civil-preparer", "case:Match", obj{"case": id, "statement": d.says(head, "clear")})
	p.do("civil-preparer", "case:Notice", onNotice(id))
	p.refused("SAME_PERSON", "civil-approver", "case:Decide", grantOf(id))
	p.refused("SAME_PERSON", "civil-second-approver", "case:Decide", grantOf(id))
	p.changeRegistry("duties-back", obj{"duties": before})
	p.refused("FORBIDDEN", "civil-approver", "case:Attach", homeVisit("straight-1"))
}

func decisionsElsewhere(p peers, d department) {
	const id = "straight-3"
	head := someone("now", 4)
	p.apply("civil-township", id, "now", head)
	p.do("civil-village", "case:Attach", homeVisit(id))
	p.do("civil-preparer", "case:Match", obj{"case": id, "statement": d.says(head, "clear")})
	p.do("civil-preparer", "case:Notice", onNotice(id))
	p.refused("REGION", "civil-other-approver", "case:Decide", grantOf(id))
	for _, who := range []string{"civil-preparer", "civil-township", "civil-village", "finance-approver", "audit-reader", "civil-registrar"} {
		p.refused("FORBIDDEN", who, "case:Decide", grantOf(id))
	}
}

func paymentsOutsideTheGrant(p peers, _ department) {
	const id = "straight-3"
	head := someone("now", 4)
	this, earlier, later := p.batch("now-this", "now", 0), p.batch("now-earlier", "now", -1), p.batch("now-later", "now", 1)
	require.Equal(p.t, relief.LineNotOnRoll, p.line(this, 0, head, 48000), "before the decision")
	p.do("civil-approver", "case:Decide", grantOf(id))
	require.Equal(p.t, relief.LineAmountNotGranted, p.line(this, 0, head, 48001))
	require.Equal(p.t, relief.LineAmountNotGranted, p.line(this, 0, head, 62000))
	require.Equal(p.t, relief.LineBeforeEntry, p.line(earlier, 0, head, 48000))
	require.Equal(p.t, relief.LineNotOnRoll, p.line(this, 0, someone("now", 3), 48000), "somebody else's number")
	require.Equal(p.t, relief.LineNotOnRoll, p.line(this, 1, head, 48000), "another number")
	p.change("roll:Suspend", obj{"programme": "now", "subject": head, "from": monthFromNow(1), "reason": "核查"})
	require.Equal(p.t, relief.LineSuspended, p.line(later, 0, head, 48000))
	p.change("roll:Resume", obj{"programme": "now", "subject": head, "from": monthFromNow(1)})
	require.Empty(p.t, p.line(this, 0, head, 48000))
	require.Equal(p.t, relief.LineAlreadyListed, p.line(p.batch("now-twice", "now", 0), 0, head, 48000))
}

func actsAfterDeath(p peers, d department) {
	const id = "straight-3"
	head := someone("now", 4)
	died := relief.DefaultCalendar.Day(time.Now())
	p.change("roll:Exit", obj{"programme": "now", "subject": head, "reason": "death", "died_on": died})
	require.Equal(p.t, relief.LineExited, p.line("now-later", 0, head, 48000), "a later period")
	late := homeVisit(id)
	late["kind"] = "document"
	for function, input := range map[string]obj{
		"case:Attach": late, "case:Match": {"case": id, "statement": d.says(head, "married")}, "case:Notice": onNotice(id),
		"case:Object": {"case": id, "channel": "letter", "sha256": zeros}, "case:Review": {"case": id, "finding": "keep"}, "case:Withdraw": {"case": id},
		"roll:Suspend": {"programme": "now", "subject": head, "from": monthFromNow(1), "reason": "核查"},
		"roll:Resume":  {"programme": "now", "subject": head, "from": monthFromNow(0)},
	} {
		p.refused("WRONG_STATE", "civil-preparer", function, input)
	}
	for function, input := range map[string]obj{
		"case:Decide": grantOf(id), "case:Confirm": {"case": id, "agree": true}, "case:DecideAppeal": {"case": id, "upheld": false, "sha256": zeros},
	} {
		p.refused("WRONG_STATE", "civil-second-approver", function, input)
	}
}
