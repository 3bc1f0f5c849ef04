package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
	"relieftrail/network/fabric/admin"
	"relieftrail/network/testbed/invent"
	"relieftrail/network/testbed/paybank"
)

// testNewCard: May's payment comes back because the account is closed (AC04). Two officials change the card, and the payment is
// paid again to the new card, once. The old card gets nothing; a late booking of the first transfer is an exception. Two of three
// households live in the country, by the roll's file and by two officials: their money has another budget code.
func testNewCard(t *testing.T) {
	paidMonth(t) // people are looked up for its programme
	b := newBudget(t, "yearcard", obj{"budget": obj{"functional": "2081901", "functional_rural": "2081902", "economic": "30305"}})
	people := homes(20500, 3)
	people[0].residence = "农村"
	old := people[0]
	b.enrol("2026-01", people...)
	p := straight(t)
	b.livesIn(people[1], "rural", "2026-05")
	may := listOf("2026-05", people...)
	b.list("yearcard-05", "2026-05", may, nil)
	b.livesIn(people[1], "urban", "2026-04") // May's list is booked by now
	require.Equal(t, map[string]string{"2081901": "990.00", "2081902": "990.00"}, b.booked("yearcard-05"))
	b.approve("yearcard-05")
	file, _ := b.send("yearcard-05")
	first := b.lines("yearcard-05")[2]
	b.pay([]*paybank.File{file}, first.ID)
	b.close("yearcard-05")
	b.books.credit("2026-05", may, old)

	before := p.onRoll("yearcard", old)
	people[0].account = invent.Household(20599).Account()
	again := listOf("2026-05", people[0])
	b.open("yearcard-again", "2026-05", again, obj{"purpose": "pay_again"})
	require.Equal(t, map[int]string{2: string(relief.LineAccountDiffers)}, codes(b.upload("yearcard-again", again)), "before two have changed the card")
	b.changeCard(p, people[0])
	require.Equal(t, map[int]string{2: string(relief.LineAccountDiffers)}, codes(b.upload("yearcard-again", listOf("2026-05", old))))
	require.Equal(t, relief.LineAccountDiffers, p.lineAs("yearcard-again", before, old))
	require.Empty(t, codes(b.upload("yearcard-again", again)))
	b.approve("yearcard-again")
	second, document := b.send("yearcard-again")
	require.Len(t, second.Payments, 1)
	require.Contains(t, string(document), people[0].account)
	require.NotContains(t, string(document), old.account)
	b.pay([]*paybank.File{second})
	b.close("yearcard-again")
	b.books.creditAgain("2026-05", again)
	b.compare("2026-05")
	require.Equal(t, map[string]string{"2081902": "330.00"}, b.booked("yearcard-again"))

	b.open("yearcard-twice", "2026-05", again, obj{"purpose": "pay_again"})
	require.Equal(t, map[int]string{2: string(relief.LineAlreadyPaid)}, codes(b.upload("yearcard-twice", again)), "once")
	require.Equal(t, relief.LineAlreadyPaid, p.lineAs("yearcard-twice", p.onRoll("yearcard", people[0]), people[0]))

	s := b.statement(file.Account)
	s.Pay(first.ID, relief.Fen(old.fen))
	got := b.book(s)
	require.Zero(t, got.Counts.Settled)
	require.Equal(t, 1, got.Counts.Exceptions, "a late booking of the first transfer")
	require.Equal(t, "returned", b.state(first.ID))
	require.Equal(t, "credited", b.state(second.Payments[0].EndToEndID))
	s = b.statement(file.Account)
	s.Return(first.ID, relief.Fen(old.fen), "AC04")
	require.Zero(t, b.book(s).Counts.Settled)
	b.compare("2026-05")
}

// state is a payment's state.
func (b *budget) state(id string) string {
	b.t.Helper()
	var p struct{ State string }
	require.NoError(b.t, as(b.t, "audit-reader").Get(b.t.Context(), "/v1/payments/"+id, &p))
	return p.State
}

// livesIn has two officials say that a household lives in an urban or rural place from a month on.
func (b *budget) livesIn(h home, residence, from string) {
	b.t.Helper()
	var change struct{ ID, SHA256, State string }
	b.post("civil-preparer", "/v1/changes", obj{
		"kind": "residence", "programme": b.programme, "subject": lookup(b.t, h.id), "residence": residence, "from": from, "document": "安民〔2026〕7号",
	}, &change)
	path, agree := "/v1/changes/"+change.ID+"/confirm", obj{"sha256": change.SHA256, "agree": true}
	b.refused(http.StatusForbidden, "civil-preparer", path, agree)
	b.post("civil-approver", path, agree, &change)
	require.Equal(b.t, "confirmed", change.State)
}

// booked is what a batch transfers by functional budget code.
func (b *budget) booked(batch string) map[string]string {
	b.t.Helper()
	var out struct {
		Items []struct {
			Codes []struct{ Functional, Amount string }
		}
	}
	require.NoError(b.t, as(b.t, "finance-approver").Get(b.t.Context(), "/v1/batches/"+batch+"/budget", &out))
	sums := map[string]string{}
	for _, item := range out.Items {
		require.Len(b.t, item.Codes, 1)
		sums[item.Codes[0].Functional] = item.Codes[0].Amount
	}
	return sums
}

// changeCard has two officials change the card of a household, and shows that one cannot.
func (b *budget) changeCard(p peers, h home) {
	b.t.Helper()
	var change struct{ ID, SHA256, State string }
	b.post("civil-preparer", "/v1/changes", obj{
		"kind": "payee", "programme": b.programme, "subject": lookup(b.t, h.id), "name": h.name, "account": h.account,
		"evidence_sha256": zeros, "reason": "原卡已销户",
	}, &change)
	require.Equal(b.t, "proposed", change.State)
	path, agree := "/v1/changes/"+change.ID+"/confirm", obj{"sha256": change.SHA256, "agree": true}
	b.refused(http.StatusForbidden, "civil-preparer", path, agree)
	p.refused("FORBIDDEN", "civil-preparer", "roll:ConfirmChange", obj{"change": change.ID, "sha256": change.SHA256, "agree": true})
	p.refused("CONFLICT", "civil-approver", "roll:ConfirmChange", obj{"change": change.ID, "sha256": zeros, "agree": true})
	var whom struct {
		New struct{ Name, Account string }
	}
	require.NoError(b.t, as(b.t, "civil-approver").Get(b.t.Context(), "/v1/changes/"+change.ID+"/payee", &whom))
	require.Equal(b.t, h.account, whom.New.Account, "who confirms sees it")
	b.post("civil-approver", path, agree, &change)
	require.Equal(b.t, "confirmed", change.State)
}

// testSharedAccounts: fifteen residents of a home are paid to its account, which two officials have declared. Three people
// on one passbook that nobody has declared are neither imported nor paid, and are named.
func testSharedAccounts(t *testing.T) {
	b := newBudget(t, "yearhome", nil)
	people := homes(20600, 18)
	residents, others := people[:15], people[15:]
	b.enrol("2026-01", others...)
	account, passbook := invent.Household(20698).Account(), invent.Household(20699).Account()
	for i := range residents {
		residents[i].account = account
	}
	for i := range others {
		others[i].account = passbook
	}
	p := straight(t)
	b.declareHome(p, account, residents)
	list := listOf("2026-02", residents...)
	b.list("yearhome-residents", "2026-02", list, nil)
	b.approve("yearhome-residents")
	file, _ := b.send("yearhome-residents")
	require.Len(t, file.Payments, 15)
	b.pay([]*paybank.File{file})
	b.close("yearhome-residents")
	b.books.credit("2026-02", list)
	b.compare("2026-02")

	b.sharedRefused("2026-02", others...)
	for _, h := range others { // one by one they may change to the passbook
		b.changeCard(p, h)
	}
	b.list("yearhome-others", "2026-02", listOf("2026-02", others...), nil)
	refusal := b.refused(http.StatusConflict, "civil-preparer", "/v1/batches/yearhome-others/seal", obj{})
	for _, h := range others {
		require.Contains(t, refusal.Detail, fmt.Sprintf("%07d", p.onRoll("yearhome", h).Number), "the refusal names the numbers on the roll")
	}
	p.refused("SHARED_ACCOUNT", "civil-preparer", "payment:Seal", obj{"id": "yearhome-others"})
	b.compare("2026-02")
}

// declareHome has two officials declare a home's account and import its residents, who are refused before.
func (b *budget) declareHome(p peers, account string, residents []home) {
	b.t.Helper()
	b.sharedRefused("2026-01", residents...)
	var declared struct{ ID, SHA256, State string }
	b.post("civil-preparer", "/v1/accounts", obj{
		"id": "yearhome-1", "kind": "institution", "holder": "安宁市试点敬老院", "county": "530181", "account": account, "evidence_sha256": zeros,
	}, &declared)
	agree := obj{"sha256": declared.SHA256, "agree": true}
	b.refused(http.StatusForbidden, "civil-preparer", "/v1/accounts/yearhome-1/confirm", agree)
	p.refused("FORBIDDEN", "civil-preparer", "roll:ConfirmAccount", obj{"id": "yearhome-1", "sha256": declared.SHA256, "agree": true})
	b.sharedRefused("2026-01", residents...)
	b.post("civil-approver", "/v1/accounts/yearhome-1/confirm", agree, &declared)
	require.Equal(b.t, "declared", declared.State)
	b.enrol("2026-01", residents...)
}

// sharedRefused sends a roll every line of which is refused, because the people share an account.
func (b *budget) sharedRefused(from string, list ...home) {
	b.t.Helper()
	b.writes++
	job, err := as(b.t, b.preparer).Upload(b.t.Context(), http.MethodPost, "/v1/programmes/"+b.programme+"/roll?from="+from,
		fmt.Sprint(b.programme, "-shared-", b.writes), bytes.NewReader(gb18030(rollOf(list...))), nil)
	require.NoError(b.t, err)
	require.Equal(b.t, len(list), job.Result.Refused)
	for _, r := range job.Result.Refusals {
		require.Equal(b.t, "shared-account", r.Code)
		require.NotEmpty(b.t, r.Note, "the others are named")
	}
}

// testTwoCounties: somebody in force in one county is refused in another, by import and by application, where one programme
// names the other and where both are in one group. After an exit in the one, the other takes the person from the next period.
func testTwoCounties(t *testing.T) {
	for name, terms := range map[string][2]obj{
		"named": {nil, {"overlap_refused": []string{"ytwonamed"}}},
		"group": {{"exclusion_groups": []string{"yeartwo"}}, {"exclusion_groups": []string{"yeartwo"}}},
	} {
		t.Run(name, func(t *testing.T) {
			here := newBudget(t, "ytwo"+name, terms[0])
			people := homes(20700, 2)
			if name == "group" {
				people = homes(20710, 2)
			}
			here.enrol("2026-01", people...)
			there := here.inOtherCounty("ytwo"+name+"b", terms[1])
			moved := slices.Clone(people)
			for i := range moved {
				moved[i].village = "530129001200"
			}
			there.refusedImport("2026-11", here.programme, moved...)
			there.refusedApplication(straight(t), here.programme, moved[0])
			here.leave("2026-11", people...)
			there.refusedImport("2026-11", here.programme, moved...)
			there.enrol("2026-12", moved...)
		})
	}
}

// refusedImport proposes and confirms an import of people whom another programme excludes: each line is refused, and names
// that programme.
func (b *budget) refusedImport(from, other string, list ...home) {
	b.t.Helper()
	b.writes++
	job := b.confirm(b.propose(fmt.Sprint(b.programme, "-roll-", b.writes), from, list...))
	require.Zero(b.t, job.Result.Accepted)
	require.Equal(b.t, len(list), job.Result.Refused)
	for _, r := range job.Result.Refusals {
		require.Equal(b.t, string(relief.CodeDuplicate.OfLine()), r.Code)
		require.Contains(b.t, r.Note, other)
	}
}

// refusedApplication has somebody apply whom another programme excludes, at the gateway and at the peers.
func (b *budget) refusedApplication(p peers, other string, h home) {
	b.t.Helper()
	refusal := b.refused(http.StatusConflict, b.preparer, "/v1/cases", obj{
		"id": b.programme + "-1", "programme": b.programme, "region": h.village, "settlement": "rural", "account": h.account, "income": "900.00",
		"reason": "因病致贫", "members": []obj{{"name": h.name, "id_number": h.id}},
	})
	require.Contains(b.t, refusal.Detail, other)
	sealed := roll.AppendDetails(nil, [][]byte{[]byte("{}")})
	ref, err := relief.ParseSubjectRef(lookup(b.t, h.id))
	require.NoError(b.t, err)
	_, err = p.send(b.preparer, "case:Apply", obj{
		"id": b.programme + "-2", "programme": b.programme, "region": h.village, "settlement": "rural", "members": []relief.SubjectRef{ref},
		"name_tag": payeeOf(ref).Name, "account_tag": payeeOf(ref).Account,
	}, map[string][]byte{wire.TransientFacts: sealed, wire.TransientPersons: sealed})
	require.True(b.t, admin.Refused(err, "DUPLICATE"), "%v", err)
}

// testImportByTwo: 490 households are imported, one of whom has another's card. Who is to confirm the import sees it and
// refuses; nothing is payable before the corrected import is confirmed.
func testImportByTwo(t *testing.T) {
	b := newBudget(t, "yearimport", nil)
	people := homes(22000, 490)
	own := people[489].account
	people[489].account = people[17].account
	first := b.propose("yearimport-1", "2026-01", people...)
	sum := 0
	for _, h := range people {
		sum += h.fen
	}
	sum -= people[17].fen + people[489].fen
	require.Equal(t, imported{ID: "yearimport-1", State: "proposed", Digest: first.Digest, Sum: yuan(sum), Count: 488, New: 488, Refused: 2}, first)
	b.notPayable("yearimport-before", people[:3])

	path, p := "/v1/imports/yearimport-1/confirm", straight(t)
	head, err := relief.ParseSubjectRef(lookup(t, people[0].id))
	require.NoError(t, err)
	require.Equal(t, relief.LineNotOnRoll, p.line("yearimport-before", 0, head, relief.Fen(people[0].fen)), "at the peers neither")
	agree := obj{"digest": first.Digest, "agree": true}
	b.refused(http.StatusForbidden, b.preparer, path, agree)
	p.refused("FORBIDDEN", b.preparer, "roll:ConfirmImport", obj{"id": "yearimport-1", "digest": first.Digest, "agree": true})
	seen := b.importLines("yearimport-1", "refused")
	require.Len(t, seen, 2)
	for i, line := range []int{19, 491} { // the header is line 1
		require.Equal(t, line, seen[i].Line)
		require.Equal(t, people[17].account, seen[i].Account)
		require.Equal(t, "shared-account", seen[i].Code)
	}
	b.post(b.approver, path, obj{"digest": first.Digest, "agree": false, "reason": "第491行的卡号是他人的"}, nil)
	b.refused(http.StatusConflict, b.approver, path, agree)
	p.refused("WRONG_STATE", b.approver, "roll:ConfirmImport", obj{"id": "yearimport-1", "digest": first.Digest, "agree": true})
	b.notPayable("yearimport-refused", people[:3])

	people[489].account = own
	second := b.propose("yearimport-2", "2026-01", people...)
	b.notPayable("yearimport-proposed", people[:3])
	require.Empty(t, b.importLines("yearimport-2", "refused"))
	require.Len(t, b.importLines("yearimport-2", "new"), 490)
	require.Equal(t, 490, b.confirm(second).Result.Accepted)
	b.list("yearimport-after", "2026-02", listOf("2026-02", people[:3]...), nil)
}

// importLine is a line of an import as the official sees it who is to confirm.
type importLine struct {
	Line                int
	Name, Account, Code string
}

func (b *budget) importLines(id, kind string) []importLine {
	b.t.Helper()
	var page struct{ Items []importLine }
	require.NoError(b.t, as(b.t, b.approver).Get(b.t.Context(), "/v1/imports/"+id+"/lines?limit=1000&kind="+kind, &page))
	return page.Items
}

// notPayable lists people who are not on the roll yet, at the gateway.
func (b *budget) notPayable(batch string, people []home) {
	b.t.Helper()
	list := listOf("2026-02", people...)
	b.open(batch, "2026-02", list, nil)
	job := b.upload(batch, list)
	require.Equal(b.t, len(people), job.Result.Refused)
	for _, r := range job.Result.Refusals {
		require.Equal(b.t, string(relief.LineNotOnRoll), r.Code)
	}
}
