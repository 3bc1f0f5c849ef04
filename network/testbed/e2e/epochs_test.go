package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/network/testbed/paybank"
)

// testKeysTurn: the shared keys turn, with payments before, while and after. Everybody is paid once a month, under one reference; who
// comes afterwards has a reference of the later key.
func testKeysTurn(t *testing.T) {
	b := newBudget(t, "keysturn", nil)
	people := homes(20850, 4)
	known, newcomer := people[:3], people[3]
	b.enrol("2026-01", known...)
	before := lookup(t, known[0].id)
	b.paidOnce("2026-01", known)

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
