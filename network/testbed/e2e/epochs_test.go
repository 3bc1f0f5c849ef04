package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
	"relieftrail/network/testbed/restclient"
)

// testKeysTurn: the shared keys turn, with payments before, while and after. Everybody is paid once a month, under one reference; who
// comes afterwards has a reference of the later key.
func testKeysTurn(t *testing.T) {
	paidMonth(t)
	b := newBudget(t, "keysturn", nil)
	people := homes(20850, 4)
	known, newcomer := people[:3], people[3]
	b.enrol("2026-01", known...)
	before := lookup(t, known[0].id)
	b.paidOnce("2026-01", known)
	applied := homes(20860, 1)[0]
	b.applies("keysturn-1", applied)
	b.newPhone(known[2]) // details of before the turn stay on their page

	turnedBy(t, "keys", "add")
	b.paidOnce("2026-02", known)
	change := turnedBy(t, "keys", "use")
	b.paidOnce("2026-03", known) // details and tags of before, the receipts' salts of the later key

	p := straight(t)
	var section map[string]any
	line, _, _ := strings.Cut(change[strings.Index(change, "{"):], "\n")
	require.NoError(t, json.Unmarshal([]byte(line), &section))
	p.changeRegistry("keysturn", section)
	require.Equal(t, before, lookup(t, known[0].id), "who is known keeps their reference")
	again := b.propose("keysturn-again", "2026-01", people...)
	require.Equal(t, 1, again.New, "the others are the people who are on the roll")
	require.Zero(t, again.Changed)
	require.Equal(t, 1, b.confirm(again).Result.Accepted)
	require.Regexp(t, `^2-`, lookup(t, newcomer.id))

	for _, h := range known {
		b.sealAgain(h)
	}
	require.Positive(t, sealedUnder(t, 1), "what is on pages, and of cases")
	for _, c := range []struct{ county, preparer, approver string }{
		{monthCounty, "civil-preparer", "civil-approver"}, {"530129", "civil-other-county", "civil-other-approver"},
	} {
		b.sealAllAgain(c.county, c.preparer, c.approver)
	}
	require.Zero(t, sealedUnder(t, 1))
	turnedBy(t, "keys", "retire")
	require.Contains(t, b.facts("keysturn-1"), applied.account, "facts of before are opened without the earlier key")
	require.Zero(t, sealedUnder(t, 1))
	b.paidOnce("2026-04", people)
	twice := listOf("2026-04", people...)
	b.open("keysturn-twice", "2026-04", twice, nil)
	for _, code := range codes(b.upload("keysturn-twice", twice)) {
		require.Equal(t, string(relief.LineAlreadyPaid), code)
	}
	for _, month := range []string{"01", "04"} {
		path := "/v1/payments/" + b.lines("keysturn-2026-" + month)[2].ID + "/receipt?format=json"
		require.Eventually(t, func() bool {
			var made struct{ Valid bool }
			return as(t, "finance-preparer").Get(t.Context(), path, &made) == nil && made.Valid
		}, time.Minute, time.Second, "a receipt is made with the key of its day")
	}
}

// turnedBy has the operator change the keys and start the gateways with them. It gives what the command wrote.
func turnedBy(t *testing.T, command ...string) string {
	t.Helper()
	out, err := reliefnet(command...)
	require.NoError(t, err, out)
	up, err := reliefnet("up")
	require.NoError(t, err, up)
	return out
}

// paidOnce pays a month's list: the bank's file has each household's account once.
func (b *budget) paidOnce(month string, list []home) {
	b.t.Helper()
	batch := b.programme + "-" + month
	b.list(batch, month, listOf(month, list...), nil)
	b.approve(batch)
	file, document := b.send(batch)
	require.Len(b.t, file.Payments, len(list))
	for _, h := range list {
		require.Equal(b.t, 1, strings.Count(string(document), h.account))
	}
	b.pay([]*paybank.File{file})
	b.close(batch)
}

// sealAgain has a household's details sealed and tagged again by two officials.
func (b *budget) sealAgain(h home) {
	b.t.Helper()
	var change struct{ ID, SHA256 string }
	b.post("civil-preparer", "/v1/changes", obj{
		"kind": "payee", "programme": b.programme, "subject": lookup(b.t, h.id), "renew": true, "evidence_sha256": zeros,
	}, &change)
	path, agree := "/v1/changes/"+change.ID+"/confirm", obj{"sha256": change.SHA256, "agree": true}
	b.refused(http.StatusForbidden, "civil-preparer", path, agree)
	b.post("civil-approver", path, agree, nil)
}

// applies has a household apply in the programme.
func (b *budget) applies(id string, h home) {
	b.t.Helper()
	b.post("civil-township", "/v1/cases", obj{
		"id": id, "programme": b.programme, "region": village, "settlement": "rural", "account": h.account, "income": "900.00", "reason": "因病致贫",
		"members": []obj{{"name": h.name, "id_number": h.id}},
	}, nil)
}

// facts are what a household said about itself.
func (b *budget) facts(id string) string {
	b.t.Helper()
	answer, err := as(b.t, "civil-preparer").Do(b.t.Context(), restclient.Request{Method: http.MethodGet, Path: "/v1/cases/" + id + "/facts"})
	require.NoError(b.t, err)
	return string(answer.Body)
}

// newPhone has two officials change a household's telephone number, and so its details.
func (b *budget) newPhone(h home) {
	b.t.Helper()
	var change struct{ ID, SHA256 string }
	b.post("civil-preparer", "/v1/changes", obj{
		"kind": "payee", "programme": b.programme, "subject": lookup(b.t, h.id), "phone": "13900000000", "evidence_sha256": zeros,
	}, &change)
	b.post("civil-approver", "/v1/changes/"+change.ID+"/confirm", obj{"sha256": change.SHA256, "agree": true}, nil)
}

// sealedUnder counts the sealed documents under the key of an epoch, in all counties.
func sealedUnder(t *testing.T, epoch int) (documents int) {
	t.Helper()
	var counts struct {
		Items []struct {
			Epoch     int
			Documents *int
		}
	}
	require.NoError(t, as(t, "finance-preparer").Get(t.Context(), "/v1/key-epochs", &counts))
	for _, e := range counts.Items {
		require.NotNil(t, e.Documents, "finance counts what is sealed")
		if e.Epoch == epoch {
			documents += *e.Documents
		}
	}
	return documents
}

// sealAllAgain has everything that is sealed of a county sealed again by two officials.
func (b *budget) sealAllAgain(county, preparer, approver string) {
	b.t.Helper()
	done := b.job(preparer, "/v1/reseals", obj{"county": county})
	require.Zero(b.t, done.Reseal.Outdated, "nothing is left out, but what random acts brought that no key opens")
	var waiting struct {
		Proposals, Documents int
		SHA256               string
	}
	require.NoError(b.t, as(b.t, approver).Get(b.t.Context(), "/v1/reseals/waiting?county="+county, &waiting))
	require.Equal(b.t, done.Reseal.Proposed, waiting.Documents)
	again := b.job(preparer, "/v1/reseals", obj{"county": county})
	require.Zero(b.t, again.Reseal.Proposed, "it waits already")
	if waiting.Proposals == 0 {
		return
	}
	decision := obj{"county": county, "sha256": waiting.SHA256, "agree": true}
	b.refused(http.StatusForbidden, preparer, "/v1/reseal-confirmations", decision)
	b.refused(http.StatusConflict, approver, "/v1/reseal-confirmations", obj{"county": county, "sha256": zeros, "agree": true})
	require.Equal(b.t, waiting.Documents, b.job(approver, "/v1/reseal-confirmations", decision).Reseal.Current)
}

// job begins a job and waits for its end.
func (b *budget) job(by, path string, in any) restclient.Job {
	b.t.Helper()
	b.writes++
	client := as(b.t, by)
	answer, err := client.Post(b.t.Context(), path, fmt.Sprint(b.programme, "-", b.writes), in, nil)
	require.NoError(b.t, err)
	job, err := client.WaitJob(b.t.Context(), answer.Location, nil)
	require.NoError(b.t, err)
	return job
}
