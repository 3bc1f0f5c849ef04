package e2e

import (
	"errors"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// redTeam holds one key and token of each role and a paid household, a second one being on its way to the bank.
type redTeam struct {
	*testing.T
	*budget
	peers
	people []home
	ref    string // the first household's head
}

// testRedTeam tries, one after another, what keys once could do that was not their right: each attempt fails in the right way, and
// the payments are what they were. Ports and the rights of nodes are the part "keys do what they are for", stolen keys "a stolen key".
func testRedTeam(t *testing.T) {
	paidMonth(t) // look-ups are for an application to its programme
	b := newBudget(t, "redteam", nil)
	r := &redTeam{b.t, b, straight(t), homes(20900, 2), ""}
	b.enrol("2026-01", r.people...)
	list := listOf("2026-10", r.people...)
	b.list("redteam-10", "2026-10", list, nil)
	b.approve("redteam-10")
	r.ref = lookup(t, r.people[0].id)
	for _, a := range []struct {
		name string
		try  func(*redTeam)
	}{
		{"a clerk sends an approved payment to another account", (*redTeam).redirect},
		{"a death in 1900 makes a segment unreadable", (*redTeam).poison},
		{"finance's preparer names a file of their own", (*redTeam).anotherFile},
		{"officials read people of another county", (*redTeam).readElsewhere},
		{"officials turn identity numbers into references", (*redTeam).lookUps},
		{"one official erases a person, and one who is paid", (*redTeam).erase},
		{"another county names a member of a household", (*redTeam).claim},
		{"any token reads jobs and statements of others", (*redTeam).others},
		{"a sealed document is asked for at other agencies' peers", (*redTeam).details},
		{"an official has another key certified", (*redTeam).certify},
	} {
		t.Run(a.name, func(t *testing.T) {
			here := *b
			here.t = t
			a.try(&redTeam{t, &here, r.on(t), r.people, r.ref})
			b.writes = here.writes
		})
	}
	file, document := b.send("redteam-10")
	require.Contains(t, string(document), r.people[0].account, "the account that was approved")
	b.pay([]*paybank.File{file})
	b.close("redteam-10")
	b.books.credit("2026-10", list)
	b.compare("2026-10")
}

// status is the HTTP status of an answer.
func (r *redTeam) status(err error) int {
	r.Helper()
	var refused *restclient.Problem
	if errors.As(err, &refused) {
		return refused.Status
	}
	require.NoError(r, err)
	return http.StatusOK
}

func (r *redTeam) redirect() {
	var change struct{ ID, SHA256 string }
	r.post("civil-preparer", "/v1/changes", obj{
		"kind": "payee", "programme": r.programme, "subject": r.ref, "name": r.people[0].name, "account": invent.Household(20998).Account(),
		"evidence_sha256": zeros, "reason": "换卡",
	}, &change)
	agree := obj{"sha256": change.SHA256, "agree": true}
	r.budget.refused(http.StatusForbidden, "civil-preparer", "/v1/changes/"+change.ID+"/confirm", agree)
	r.budget.refused(http.StatusConflict, "civil-approver", "/v1/changes/"+change.ID+"/confirm", agree) // the bank has not answered yet
	r.post("civil-preparer", "/v1/changes/"+change.ID+"/withdraw", obj{}, nil)

	evil := r.people[0]
	evil.account = invent.Household(20999).Account()
	proposed := r.propose("redteam-evil", "2026-01", evil)
	r.budget.refused(http.StatusForbidden, "civil-preparer", "/v1/imports/redteam-evil/confirm", obj{"digest": proposed.Digest, "agree": true})
}

func (r *redTeam) poison() {
	head := obj{"programme": r.programme, "subject": r.ref, "reason": "death"}
	for _, died := range []string{"1900-01-01", "2300-01-01", "2099-12-31"} {
		head["died_on"] = died
		r.peers.refused("INVALID", "civil-preparer", "roll:Exit", head)
	}
	require.NotZero(r, r.onRoll(r.programme, r.people[0]).Version, "the segment is read as before")
}

func (r *redTeam) anotherFile() {
	r.peers.refused("FORBIDDEN", "finance-preparer", "payment:Authorise", obj{"id": "redteam-10", "file_sha256": zeros})
	r.peers.refused("PENDING", "finance-approver", "payment:Authorise", obj{"id": "redteam-10", "file_sha256": zeros})
	r.peers.refused("WRONG_STATE", "finance-preparer", "payment:Instruct", obj{"id": "redteam-10"})
}

func (r *redTeam) readElsewhere() {
	elsewhere := as(r.T, "civil-other-county")
	for _, path := range []string{"/v1/batches/redteam-10", "/v1/batches/redteam-10/lines", "/v1/payments?programme=" + r.programme + "&region=530181"} {
		require.Equal(r, http.StatusForbidden, r.status(elsewhere.Get(r.Context(), path, nil)), path)
	}
	for _, who := range []string{"civil-village", "civil-township"} {
		require.Equal(r, http.StatusForbidden, r.status(as(r.T, who).Get(r.Context(), "/v1/payments?region=53", nil)), who)
	}
}

func (r *redTeam) lookUps() {
	for who, want := range map[string]int{"civil-other-county": 404, "civil-village": 403, "audit-reader": 403, "finance-preparer": 403} {
		_, err := as(r.T, who).Do(r.Context(), jsonPost("/v1/subjects/lookup", `{"id_number":"`+r.people[0].id+`"}`))
		require.Equal(r, want, r.status(err), who)
	}
}

func (r *redTeam) erase() {
	in := obj{"subject": r.ref, "reason": "request"}
	for _, who := range []string{"civil-approver", "finance-approver", "civil-village"} {
		r.budget.refused(http.StatusForbidden, who, "/v1/erasures", in)
	}
	require.Contains(r, r.budget.refused(http.StatusConflict, "civil-preparer", "/v1/erasures", in).Type, "pending", "on the roll, and a payment waits")
}

// claim: another county's clerk names the head of a paid household as a member of theirs. It waits, and the household is paid.
func (r *redTeam) claim() {
	r.inOtherCounty("redteamb", nil)
	head, err := relief.ParseSubjectRef(r.ref)
	require.NoError(r, err)
	sealed := roll.AppendDetails(nil, [][]byte{[]byte("{}")})
	applicant := someone("redt", 1)
	_, err = r.peers.send("civil-other-county", "case:Apply", obj{
		"id": "redteam-claim", "programme": "redteamb", "region": "530129001200", "settlement": "rural",
		"members": []relief.SubjectRef{applicant, head}, "name_tag": payeeOf(applicant).Name, "account_tag": payeeOf(applicant).Account,
	}, map[string][]byte{wire.TransientFacts: sealed, wire.TransientPersons: sealed})
	require.NoError(r, err)
	require.NotZero(r, r.onRoll(r.programme, r.people[0]).Version)
	r.peers.refused("REGION", "civil-other-approver", "case:ConfirmClaim", obj{"case": "redteam-claim", "subject": r.ref, "county": "530181"})
}

func (r *redTeam) others() {
	r.open("redteam-09", "2026-09", listOf("2026-09", r.people...), nil)
	job := r.upload("redteam-09", listOf("2026-09", r.people...))
	require.NotEmpty(r, job.ID)
	for _, who := range []string{"civil-village", "finance-preparer"} {
		require.Contains(r, []int{http.StatusForbidden, http.StatusNotFound}, r.status(as(r.T, who).Get(r.Context(), "/v1/jobs/"+job.ID, nil)), who)
	}
	for _, path := range []string{"/v1/statements", "/v1/exceptions"} {
		require.Equal(r, http.StatusForbidden, r.status(as(r.T, "finance-registrar").Get(r.Context(), path, nil)), path)
	}
}

func (r *redTeam) details() {
	for _, who := range []string{"finance-preparer", "audit-reader", "civil-other-county"} {
		r.peers.refused("FORBIDDEN", who, "roll:Details", obj{"programme": r.programme, "subject": r.ref})
	}
}

func (r *redTeam) certify() { officialAtTheAuthority(r.T, r.agency("civil"), "civil-village") }
