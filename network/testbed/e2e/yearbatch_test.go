package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/network/testbed/paybank"
)

// testThreeSources: one payment of 1,000.01 from three tranches, 60 to 25 to 15. It comes back, and each tranche has its
// share again.
func testThreeSources(t *testing.T) {
	b := newBudget(t, "yearsource", nil)
	people := homes(20800, 1)
	people[0].fen = 100_001
	b.enrol("2026-01", people...)
	shares := []struct {
		tranche, share string
		weight         int
	}{{"yearsource-central", "600.01", 60}, {"yearsource-city", "250.00", 25}, {"yearsource-county", "150.00", 15}}
	var sources []obj
	for _, s := range shares {
		b.issue(s.tranche, "5000.00", 2026)
		sources = append(sources, obj{"tranche": s.tranche, "weight": s.weight})
	}
	list := listOf("2026-10", people...)
	p := straight(t)
	both := b.batch("yearsource-both", "2026-10", list, obj{"sources": sources})
	both["tranche"] = b.tranche
	twice := b.batch("yearsource-twice", "2026-10", list, obj{"sources": append(sources[:2:2], sources[0])})
	for _, in := range []obj{both, twice} {
		b.refused(http.StatusUnprocessableEntity, "civil-preparer", "/v1/batches", in)
		p.refused("INVALID", "civil-preparer", "payment:Open", in)
	}
	each := func(part string, of bool) {
		t.Helper()
		for _, s := range shares {
			want := "0.00"
			if of {
				want = s.share
			}
			money := moneyOf(t, s.tranche)
			require.Equal(t, want, yuan(money[part]), "%s %s", s.tranche, part)
			require.Equal(t, 500_000, money["reserved"]+money["paid"]+money["in_return"]+money["available"])
		}
	}
	b.list("yearsource-1", "2026-10", list, obj{"sources": sources})
	b.approve("yearsource-1")
	each("reserved", true)
	file, _ := b.send("yearsource-1")
	b.pay([]*paybank.File{file}, b.lines("yearsource-1")[2].ID)
	each("in_return", true)
	each("reserved", false)
	each("paid", false)
	b.close("yearsource-1")
	each("in_return", false)
	for _, s := range shares {
		require.Equal(t, "5000.00", yuan(moneyOf(t, s.tranche)["available"]))
	}
	require.Zero(t, b.credited("2026-10"))
}

// testOnLeave: the preparer of an open batch of 490 lines is on leave. One line is wrong, and the control totals are off by
// one. The batch is handed over, the line replaced, the totals corrected, and it is sealed under its id.
func testOnLeave(t *testing.T) {
	const batch, path = "yearleave-1", "/v1/batches/yearleave-1"
	b := newBudget(t, "yearleave", nil)
	people := homes(21500, 491)
	for i := range people {
		people[i].persons, people[i].fen = 1, 33000
	}
	b.enrol("2026-01", people...)
	wrong, right := listOf("2026-08", people[1:]...), listOf("2026-08", people[:490]...)
	count, sum := reckon(right)
	require.Equal(t, 490, count)
	b.list(batch, "2026-08", wrong, obj{"count": 491, "sum": yuan(sum + 33000)})
	b.refused(http.StatusConflict, "civil-preparer", path+"/seal", obj{})

	p := straight(t)
	remove := obj{"subjects": []string{lookup(t, people[490].id)}}
	control := obj{"count": count, "sum": yuan(sum)}
	for step, body := range map[string]obj{"/lines/remove": remove, "/control": control, "/seal": {}} {
		b.refused(http.StatusForbidden, "civil-second-preparer", path+step, body)
	}
	p.refused("FORBIDDEN", "civil-second-preparer", "payment:SetControl", obj{"id": batch, "count": count, "sum": yuan(sum)})
	p.refused("FORBIDDEN", "civil-township", "payment:HandOver", obj{"id": batch, "to": "civil-township"})
	b.post("civil-approver", path+"/hand-over", obj{"to": "civil-second-preparer"}, nil)
	b.refused(http.StatusForbidden, "civil-preparer", path+"/control", control)
	b.post("civil-second-preparer", path+"/lines/remove", remove, nil)
	job := b.uploadBy("civil-second-preparer", batch, listOf("2026-08", people[0]))
	require.Equal(t, 1, job.Result.Accepted, "%+v", job.Result.Refusals)
	b.post("civil-second-preparer", path+"/control", control, nil)
	b.post("civil-second-preparer", path+"/seal", obj{}, nil)
	b.post("civil-approver", path+"/approve", obj{}, nil)
	file, _ := b.send(batch)
	require.Len(t, file.Payments, 490)
	b.pay([]*paybank.File{file})
	b.close(batch)
	b.books.credit("2026-08", right)
	b.compare("2026-08")
}
