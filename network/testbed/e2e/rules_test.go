package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

// call sends an act straight to the peers, past every gateway, and returns the result.
func call(principal, function string, input any, transient ...string) (string, error) {
	argument, err := json.Marshal(input)
	if err != nil {
		return "", err
	}
	args := []string{"call", "--as", principal, function, string(argument)}
	for _, t := range transient {
		args = append(args, "--transient", t)
	}
	return reliefnet(args...)
}

// refusedPast expects a refusal with a code.
func refusedPast(t *testing.T, code, principal, function string, input any, transient ...string) {
	t.Helper()
	out, err := call(principal, function, input, transient...)
	require.Error(t, err, "%s by %s", function, principal)
	require.Contains(t, out, code+":", "%s by %s: %s", function, principal, out)
}

// testRulesPastTheGateway sends what the regulation forbids straight to the peers.
func testRulesPastTheGateway(t *testing.T) {
	t.Helper()
	do := func(principal, function string, input any, transient ...string) string {
		t.Helper()
		out, err := call(principal, function, input, transient...)
		require.NoError(t, err, out)
		return out
	}
	id := "rules"
	programme := fmt.Sprintf(`{"id":"%s","version":1,"name":"规则","region":"530181","unit":"household","cycle":"monthly","min_amount":"100.00",
		"max_amount":"900.00","starts":"2026-01","notice_days":7,"required_evidence":["home-visit"],"pay_by_day":10,
		"budget":{"functional":"2081901","economic":"30305"},"segment_size":100,"appeal_guide":"向民政局申请复核"}`, id)
	do("civil-preparer", "programme:Draft", json.RawMessage(programme))
	refusedPast(t, "FORBIDDEN", "civil-approver", "programme:Enact", map[string]any{"id": id, "version": 1})
	do("finance-approver", "programme:Enact", map[string]any{"id": id, "version": 1})
	short := strings.Replace(strings.Replace(programme, `"notice_days":7`, `"notice_days":-1`, 1), `"version":1`, `"version":2`, 1)
	refusedPast(t, "INVALID[notice_days]", "civil-preparer", "programme:Draft", json.RawMessage(short))

	application := map[string]any{
		"id": "rules-1", "programme": id, "region": "530181001001", "settlement": "rural", "members": []string{"1-aaaaaaaaaaaaaaaaaaaaaaaaaa"},
		"name_tag": "1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "account_tag": "1-aaaaaaaaaaaaaaaaaaaaaaaaaa",
	}
	sealed := []string{"facts=[\"e30=\"]", "persons=[\"e30=\"]"}
	do("civil-preparer", "case:Apply", application, sealed...)
	other := map[string]any{
		"id": "rules-2", "programme": id, "region": "530181002001", "settlement": "rural", "members": []string{"1-aaaaaaaaaaaaaaaaaaaaaaaaaa"},
		"name_tag": "1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "account_tag": "1-aaaaaaaaaaaaaaaaaaaaaaaaaa",
	}
	refusedPast(t, "DUPLICATE[members]", "civil-preparer", "case:Apply", other, sealed...)
	notice := map[string]any{"case": "rules-1", "class": "A", "persons": 1, "amount": "620.00"}
	refusedPast(t, "EVIDENCE", "civil-preparer", "case:Notice", notice)
	do("civil-preparer", "case:Attach", map[string]any{
		"case": "rules-1", "kind": "home-visit", "taken_at": "2026-11-01T02:00:00Z", "region": "530181001001", "sha256": zeros, "media_type": "image/jpeg",
	})
	grant := map[string]any{"case": "rules-1", "outcome": "granted", "segment": 0}
	refusedPast(t, "WRONG_STATE", "civil-approver", "case:Decide", grant)
	do("civil-preparer", "case:Notice", notice)
	refusedPast(t, "NOTICE", "civil-approver", "case:Decide", grant)
	refusedPast(t, "FORBIDDEN", "civil-preparer", "case:Decide", grant)
	refusedPast(t, "REGION", "civil-other-approver", "case:Decide", grant)
	refusedPast(t, "NOT_FOUND", "civil-preparer", "roll:Exit", map[string]any{
		"programme": id, "subject": "1-aaaaaaaaaaaaaaaaaaaaaaaaaa", "reason": "moved", "last_period": "2026-12",
	})
	do("civil-approver", "case:Decide", map[string]any{"case": "rules-1", "outcome": "refused", "reason": "income"})
	refusedPast(t, "WRONG_STATE", "civil-preparer", "case:Notice", notice)
	refusedPast(t, "WRONG_STATE", "civil-approver", "case:Decide", grant)
	do("civil-preparer", "case:Appeal", map[string]any{"case": "rules-1", "sha256": zeros})
	refusedPast(t, "SAME_PERSON", "civil-approver", "case:DecideAppeal", map[string]any{"case": "rules-1", "upheld": true, "sha256": zeros})
	refusedPast(t, "INVALID[parameters]", "civil-registrar", "registry:Propose", map[string]any{
		"id": "shorter", "change": map[string]any{"parameters": map[string]any{"min_notice_days": 0}},
	})
}
