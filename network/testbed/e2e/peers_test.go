package e2e

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/registry"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/topology"
)

type obj = map[string]any

// peers calls the contracts past every gateway: a principal signs the call, and it goes to the peers of all agencies.
type peers struct {
	t *testing.T
	*admin.Network
}

func straight(t *testing.T) peers {
	t.Helper()
	offset := portOffset
	network, err := topology.Load(topology.Options{State: state, PortOffset: &offset})
	require.NoError(t, err)
	admin.Quiet()
	n, err := admin.Connect(network)
	require.NoError(t, err)
	t.Cleanup(n.Close)
	return peers{t, n}
}

// on gives the same peers for a subtest.
func (p peers) on(t *testing.T) peers { return peers{t, p.Network} }

func (p peers) agency(principal string) *topology.Organisation {
	p.t.Helper()
	word, _, _ := strings.Cut(principal, "-")
	o, err := p.Topology.Organisation(map[string]string{"civil": "civil-affairs", "finance": "finance", "audit": "audit"}[word])
	require.NoError(p.t, err)
	return o
}

func (p peers) send(principal, function string, input any, transient map[string][]byte) ([]byte, error) {
	p.t.Helper()
	argument, err := json.Marshal(input)
	require.NoError(p.t, err)
	p.together()
	return p.SubmitPrivate(p.t.Context(), p.agency(principal), principal, transient, function, string(argument))
}

// together waits until the peers of all agencies have the same blocks. Otherwise their endorsements could differ.
func (p peers) together() {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		var heights []uint64
		for _, n := range p.Topology.NodesOf(topology.KindPeer) {
			h, err := p.Height(p.t.Context(), n)
			if err != nil {
				return false
			}
			heights = append(heights, h)
		}
		return slices.Min(heights) == slices.Max(heights)
	}, 20*time.Second, 10*time.Millisecond)
}

func (p peers) do(principal, function string, input any) {
	p.t.Helper()
	_, err := p.send(principal, function, input, nil)
	require.NoError(p.t, err)
}

// change has a change of a roll entry proposed by one official and confirmed by another.
func (p peers) change(function string, input any) {
	p.t.Helper()
	b, err := p.send("civil-preparer", function, input, nil)
	require.NoError(p.t, err)
	var c roll.Change
	require.NoError(p.t, json.Unmarshal(b, &c))
	p.do("civil-approver", "roll:ConfirmChange", obj{"change": c.ID, "sha256": c.SHA256, "agree": true})
}

func (p peers) refused(code, principal, function string, input any) {
	p.t.Helper()
	_, err := p.send(principal, function, input, nil)
	require.True(p.t, admin.Refused(err, code), "%s by %s should be refused as %s: %v", function, principal, code, err)
}

// changeRegistry changes the registry with the agreement of all three agencies.
func (p peers) changeRegistry(id string, change obj) {
	p.t.Helper()
	answer, err := p.send("civil-registrar", "registry:Propose", obj{"id": id, "change": change}, nil)
	require.NoError(p.t, err)
	var proposed registry.Proposal
	require.NoError(p.t, json.Unmarshal(answer, &proposed))
	agree := obj{"id": id, "digest": proposed.Digest}
	p.refused("CONFLICT", "finance-registrar", "registry:Agree", obj{"id": id, "digest": strings.Repeat("0", 64)})
	p.do("finance-registrar", "registry:Agree", agree)
	p.do("audit-registrar", "registry:Agree", agree)
}

func (p peers) registry() registry.Registry {
	p.t.Helper()
	b, err := p.Evaluate(p.t.Context(), p.agency("civil"), "civil-registrar", "registry:Get")
	require.NoError(p.t, err)
	var r registry.Registry
	require.NoError(p.t, json.Unmarshal(b, &r))
	return r
}

// department is a department whose signing key the test has.
type department struct {
	id  relief.DepartmentID
	key ed25519.PrivateKey
}

// newDepartment adds a department to the registry by a change that all agencies agree to.
func (p peers) newDepartment(id string) department {
	p.t.Helper()
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(p.t, err)
	d := department{relief.DepartmentID(id), key}
	sources := append(p.registry().Sources, registry.Department{
		ID: d.id, Name: "试点部门 " + id, NameEn: "Department " + id, Keys: []string{base64.StdEncoding.EncodeToString(public)},
	})
	p.changeRegistry("sources-"+id, obj{"sources": sources})
	return d
}

func (d department) says(subject relief.SubjectRef, code string) registry.MatchStatement {
	s := registry.MatchStatement{
		Source: d.id, Subject: subject, QueriedAt: time.Now().UTC().Truncate(time.Second), Code: code, Adverse: code != "clear", ResultSHA256: zeros,
	}
	s.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(d.key, s.SignedBytes()))
	return s
}

// village is the village of the households in these tests.
const village = "530181001001"

// caseProgramme puts a programme in force whose cases need a home visit and a department's statement.
func (p peers) caseProgramme(id string, noticeDays int, d department) {
	p.t.Helper()
	p.do("civil-preparer", "programme:Draft", caseProgramme(id, 1, noticeDays, d))
	p.do("finance-approver", "programme:Enact", obj{"id": id, "version": 1})
}

func caseProgramme(id string, version, noticeDays int, d department) obj {
	return obj{
		"id": id, "version": version, "name": "规则", "region": "530181", "unit": "household", "cycle": "monthly", "min_amount": "100.00",
		"max_amount": "2000.00", "starts": "2026-01", "notice_days": noticeDays, "required_evidence": []string{"home-visit"},
		"required_matches": []relief.DepartmentID{d.id}, "class_amounts": obj{"A": "620.00", "B": "480.00", "C": "330.00"},
		"recheck_months": obj{"A": 12, "B": 6, "C": 6}, "entitled_from": "same_period", "pay_by_day": 10, "appeal_guide": "向民政局申请复核",
		"budget": obj{"functional": "2081901", "economic": "30305"}, "segment_size": 100,
	}
}

// someone is a reference that belongs to no person: the n-th of a programme.
func someone(programme string, n byte) relief.SubjectRef {
	var ref relief.SubjectRef
	copy(ref[1:], programme)
	ref[0], ref[16] = 1, n
	return ref
}

func (p peers) apply(by, id, programme string, head relief.SubjectRef) {
	p.t.Helper()
	sealed := roll.AppendDetails(nil, [][]byte{[]byte("{}")})
	_, err := p.send(by, "case:Apply", obj{
		"id": id, "programme": programme, "region": village, "settlement": "rural", "members": []relief.SubjectRef{head},
		"name_tag": payeeOf(head).Name, "account_tag": payeeOf(head).Account,
	}, map[string][]byte{wire.TransientFacts: sealed, wire.TransientPersons: sealed})
	require.NoError(p.t, err)
}

// payeeOf is whom a household's money is paid to, by invented tags.
func payeeOf(head relief.SubjectRef) roll.Payee {
	return roll.Payee{Name: relief.Tag(head), Account: relief.Tag(head)}
}

func homeVisit(id string) obj {
	return obj{
		"case": id, "kind": "home-visit", "taken_at": "2026-11-01T02:00:00Z", "region": village, "sha256": zeros, "media_type": "image/jpeg",
	}
}

func onNotice(id string) obj { return obj{"case": id, "class": "B", "persons": 1, "amount": "480.00"} }

func grantOf(id string) obj { return obj{"case": id, "outcome": "granted", "segment": 0} }

// line lists one payment and returns the code of its refusal, "" when it was accepted.
func (p peers) line(batch string, number uint32, head relief.SubjectRef, amount relief.Fen) relief.LineCode {
	p.t.Helper()
	payee := payeeOf(head)
	chunk := payment.AppendLines(nil, []payment.LineInput{{Seq: 1, Number: number, Ref: head, Region: village, Amount: amount, Payee: payee.Check()}})
	answer, err := p.send("civil-preparer", "payment:AddLines", obj{"batch": batch}, map[string][]byte{wire.TransientLines: chunk})
	require.NoError(p.t, err)
	var result wire.ChunkResult
	require.NoError(p.t, json.Unmarshal(answer, &result))
	if result.Accepted == 1 {
		return ""
	}
	require.Len(p.t, result.Refused, 1)
	return result.Refused[0].Code
}

// batch opens a batch of one payment for a month, counted from this one.
func (p peers) batch(id, programme string, months int) string {
	p.t.Helper()
	p.do("civil-preparer", "payment:Open", obj{
		"id": id, "programme": programme, "region": "530181", "period": monthFromNow(months), "tranche": trancheOf(programme, months), "count": 1, "sum": "480.00",
	})
	return id
}

// monthFromNow is a month of China's calendar, counted from this one.
func monthFromNow(n int) relief.Period {
	now := time.Now().In(time.FixedZone("", 8*3600))
	return relief.MonthPeriod(now.Year()*12 + int(now.Month()) - 1 + n)
}

// issue issues a programme's money of the years of the month before, this month and the next one.
func (p peers) issue(programme string) {
	p.t.Helper()
	issued := map[string]bool{}
	for n := -1; n <= 1; n++ {
		if id := trancheOf(programme, n); !issued[id] {
			issued[id] = true
			in := money(programme)
			in["id"], in["fiscal_year"] = id, monthFromNow(n).FirstMonth()/12
			p.do("finance-approver", "fund:Issue", in)
		}
	}
}

// trancheOf is the tranche that issue makes for a month, counted from this one.
func trancheOf(programme string, months int) string {
	return fmt.Sprintf("%s-money-%d", programme, monthFromNow(months).FirstMonth()/12)
}

func money(programme string) obj {
	return obj{
		"id": programme + "-money", "programme": programme, "region": "530181", "amount": "100000.00", "source": "云财社〔2026〕99号",
		"account": fmt.Sprintf("530181019900%04d", len(programme)), "fiscal_year": 2026,
		"targets": obj{"coverage": "98.00", "timeliness": "100.00", "accuracy": "99.50", "satisfaction": "95.00"},
	}
}
