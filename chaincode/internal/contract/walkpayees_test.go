// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// What comes of an attempt to change where the money of a payment goes.
const (
	paidAsApproved = "paid as approved" // nothing has changed, and the payment goes on its way
	stopped        = "stopped"          // the payee has changed, and no further step is done
	renewed        = "renewed"          // the payee has changed after the money came back: it is paid again to nobody else
)

// payeeWalk is a way to change name, account or terms of somebody who is being paid.
type payeeWalk struct {
	name string
	try  func(*walker)
	want map[string]string // by stage; paidAsApproved where it is not there
}

// walker tries acts and keeps which functions it has called.
type walker struct {
	*world
	inFiles bool
	called  map[string]bool
}

func (w *walker) act(by *fakeledger.Identity, function string, input any, tr transient) bool {
	w.t.Helper()
	done, called := w.attempt(w.inFiles, by, function, input, tr)
	w.called[function], w.called[called] = true, true
	return done
}

// change proposes a change of a person's entry and has another official confirm it.
func (w *walker) change(n int, function string, terms obj, tr transient) {
	w.propose(n, function, terms, tr)
	if c := w.openChange(n); c != nil {
		w.act(chief, "roll:ConfirmChange", agreed(c), nil)
	}
}

func (w *walker) propose(n int, function string, terms obj, tr transient) {
	in := obj{"programme": "dibao", "subject": ref(n).String()}
	maps.Copy(in, terms)
	w.act(civilPreparer, function, in, tr)
}

// openChange is the change of a person's entry that is not decided, nil for none.
func (w *walker) openChange(n int) obj {
	w.t.Helper()
	items, _ := at(w.ask(auditReader, "roll:ListChanges", obj{"state": "proposed"}), "items").([]any)
	for _, c := range items {
		if at(c, "subject") == ref(n).String() {
			return c.(obj)
		}
	}
	return nil
}

func (w *walker) exit(n int) {
	w.change(n, "roll:Exit", obj{"reason": "moved", "last_period": period}, nil)
}

// cardOf110 is a change of person 10 to the card of person 110, with the sealed details.
func cardOf110() (obj, transient) {
	return obj{
		"name_tag": payeeOf(10).Name, "account_tag": payeeOf(110).Account, "evidence_sha256": digest("card"), "reason": "换卡",
	}, transient{wire.TransientPersons: cardChanged(10)[wire.TransientPersons]}
}

// importAgain proposes an import of one chunk, confirms it and carries it out.
func (w *walker) importAgain(in obj, chunk transient) {
	terms := importTerms(fmt.Sprint("again-", w.Height()), in, chunk)
	w.act(provincePreparer, "roll:ProposeImport", terms, nil)
	w.act(provinceApprover, "roll:ConfirmImport", obj{"id": terms.ID, "digest": terms.Digest(), "agree": true}, nil)
	w.act(provinceApprover, "roll:Import", obj{"import": terms.ID, "segments": in["segments"]}, chunk)
}

// importCard imports person 10 again, with the card of person 110.
func (w *walker) importCard(from string, as roll.Seen) {
	in := rollInput("dibao", 0)
	in["from"] = from
	w.importAgain(in, seen(as, cardChanged(10)))
}

// grant takes an application of person 10, with the details of person 110, to its grant.
func (w *walker) grant(preparer, approver *fakeledger.Identity, region string) {
	h := household("c9", 10)
	h["region"] = region
	h["name_tag"], h["account_tag"] = payeeOf(110).Name, payeeOf(110).Account
	w.act(preparer, "case:Apply", h, facts(110))
	seen := visit("c9")
	seen["region"] = region
	w.act(preparer, "case:Attach", seen, nil)
	for _, n := range []int{10, 1010} {
		w.act(preparer, "case:Match", obj{"case": "c9", "statement": statement(n, "clear", w.Now())}, nil)
	}
	w.act(preparer, "case:Notice", noticeOf("c9"), nil)
	w.inAWhile(noticeOver)
	w.act(approver, "case:Decide", grantOf("c9"), nil)
}

func (w *walker) erase(n int) {
	w.act(provincePreparer, "person:ProposeErasure", eraseInput(n), nil)
	in := w.naming(obj{"subject": ref(n).String(), "agree": true}, relief.ErasureKey(ref(n)), "sha256")
	w.act(provinceApprover, "person:ConfirmErasure", in, w.pages(n))
}

// reseal has the details of the first segment's people sealed again: a page as it comes of the one on the ledger, its
// people in another order, so that its hash is another one.
func (w *walker) reseal() {
	const page = "page/dibao/530181-0000001"
	held := w.sealedOf(page)
	if len(held) == 0 {
		return
	}
	people, err := roll.ParseDetailPage(held[0].Document)
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Reverse(people)
	after := roll.AppendDetailPage(nil, people)
	in := obj{"county": county, "epoch": 2, "documents": []obj{
		{"name": page, "before_sha256": digest(string(held[0].Document)), "after_sha256": digest(string(after))},
	}}
	w.act(civilPreparer, "person:ProposeReseal", in, nil)
	w.act(chief, "person:ConfirmReseal", w.firstReseal(), transient{wire.TransientSealed: roll.AppendDetails(nil, [][]byte{after})})
}

// payeeWalks are the ways. Each function that writes rolls, payees or private details is in one of them.
var payeeWalks = []payeeWalk{
	{name: "an import with another card", try: func(w *walker) {
		w.importCard("2026-01", roll.SeenChanged)
	}, want: map[string]string{"returned": renewed, "closed": renewed}},
	{name: "an exit, and an import with another card", try: func(w *walker) {
		w.exit(10)
		w.importCard("2026-12", roll.SeenNew)
	}, want: map[string]string{"returned": renewed, "closed": renewed}},
	{name: "an exit, and an import by another county", try: func(w *walker) {
		w.exit(10)
		in := rollInput("dibao", 0)
		in["county"], in["from"] = "530129", "2026-12"
		moved := rollIn("530129001", 10)
		moved[wire.TransientPersons] = cardChanged(10)[wire.TransientPersons]
		w.importAgain(in, moved)
	}, want: map[string]string{"returned": stopped, "closed": stopped}},
	{name: "an application of somebody on the roll", try: func(w *walker) { w.grant(civilPreparer, chief, homeRegion) }},
	{name: "an exit, an application and its grant", try: func(w *walker) {
		w.exit(10)
		w.grant(civilPreparer, chief, homeRegion) // in another region, under another number
	}, want: map[string]string{"returned": stopped, "closed": stopped}},
	{name: "an exit, an application in another county and its grant", try: func(w *walker) {
		w.exit(10)
		w.grant(civilElsewhere, approverAway, "530129001001")
	}, want: map[string]string{"returned": stopped, "closed": stopped}},
	{name: "a grant by a township, to another card", try: func(w *walker) {
		h := asking("e9", "jinan", 10, obj{"amount": "100.00", "name_tag": payeeOf(110).Name, "account_tag": payeeOf(110).Account})
		w.act(township, "case:Apply", h, facts(110))
		w.act(secondTownship, "case:DecideTownship", granting("e9", "100.00"), nil)
	}},
	{name: "a re-check with other facts", try: func(w *walker) {
		w.act(civilPreparer, "case:Review", obj{
			"case": "c1", "finding": "keep",
		}, transient{wire.TransientFacts: facts(101)[wire.TransientFacts]})
		w.act(chief, "case:Confirm", obj{"case": "c1", "agree": true}, nil)
	}},
	{name: "an exit that an appeal reverses", try: func(w *walker) {
		w.exit(1)
		w.act(civilPreparer, "case:Appeal", obj{"case": "c1", "sha256": digest("appeal")}, nil)
		w.act(chief, "case:DecideAppeal", obj{"case": "c1", "upheld": false, "sha256": digest("reasons")}, nil)
	}},
	{name: "a suspension and its end", try: func(w *walker) {
		w.change(1, "roll:Suspend", obj{"from": "2026-12", "reason": "核查"}, nil)
		w.change(1, "roll:Resume", obj{"from": "2026-12"}, nil)
	}},
	{name: "other terms from a past month", try: func(w *walker) {
		w.change(1, "roll:SetTerms", obj{"class": "A", "persons": 1, "amount": "660.00", "from": "2026-11", "reason": "class", "document": "2026-12"}, nil)
	}},
	{name: "another residence from a past month", try: func(w *walker) {
		w.change(1, "roll:SetResidence", obj{"residence": "urban", "from": "2026-11", "document": "2026-13"}, nil)
	}},
	{name: "a re-rate of the roll", try: func(w *walker) {
		raised := caseProgrammeInput("dibao")
		raised["version"], raised["class_amounts"] = 2, obj{"A": "900.00", "B": "900.00", "C": "900.00"}
		w.act(provincePreparer, "programme:Draft", raised, nil)
		w.act(provinceFinance, "programme:Enact", obj{"id": "dibao", "version": 2}, nil)
		w.act(civilPreparer, "roll:ProposeRerate", w.rerated("raise"), nil)
		in := w.naming(obj{"id": "raise", "agree": true}, relief.RerateKey("raise"), "digest")
		w.act(chief, "roll:ConfirmRerate", in, nil)
		w.act(chief, "roll:Rerate", obj{"id": "raise", "segments": []int{0}}, nil)
	}},
	{name: "a change of card by two", try: func(w *walker) {
		terms, details := cardOf110()
		w.change(10, "roll:ChangePayee", terms, details)
	}, want: map[string]string{"returned": renewed, "closed": renewed}},
	{name: "a change of card that is withdrawn", try: func(w *walker) {
		terms, details := cardOf110()
		w.propose(10, "roll:ChangePayee", terms, details)
		if c := w.openChange(10); c != nil {
			w.act(civilPreparer, "roll:WithdrawChange", obj{"change": c["id"]}, nil)
		}
	}},
	{name: "a telephone that is corrected by two", try: func(w *walker) {
		w.change(10, "roll:ChangePayee", samePayee(10, "phone"), card(10))
	}},
	{name: "another head from December on", try: func(w *walker) {
		w.change(1, "roll:ReplaceHead", obj{
			"new_head": ref(1001).String(), "from": "2026-12", "class": "C", "persons": 1, "amount": "330.00",
			"name_tag": payeeOf(1001).Name, "account_tag": payeeOf(1001).Account, "evidence_sha256": digest("certificate"),
		}, card(1001))
	}},
	{name: "a move within the county, and another card", try: func(w *walker) {
		w.change(10, "roll:Move", obj{"region": county + "002"}, nil)
		terms, details := cardOf110()
		w.change(10, "roll:ChangePayee", terms, details)
	}, want: map[string]string{"returned": renewed, "closed": renewed}},
	{name: "a move to another county with another card", try: func(w *walker) {
		w.change(10, "roll:MoveOut", obj{"to_county": "530129", "to_programme": "dibao", "last_period": period}, nil)
		terms, details := cardOf110()
		maps.Copy(terms, obj{
			"change": firstChange, "programme": "dibao", "subject": ref(10).String(), "region": "530129001",
			"class": "A", "persons": 1, "amount": "620.00",
		})
		w.act(civilElsewhere, "roll:MoveIn", terms, details)
		if c := w.openChange(10); c != nil {
			w.act(approverAway, "roll:ConfirmChange", agreed(c), nil)
		}
	}, want: map[string]string{"returned": renewed, "closed": renewed}},
	{name: "a corrected identity number", try: func(w *walker) {
		w.act(civilPreparer, "person:ProposeLink", corrected(10, 310), card(310))
		in := w.naming(obj{"subject": ref(10).String(), "agree": true}, relief.LinkKey(ref(10)), "sha256")
		w.act(chief, "person:ConfirmLink", in, nil)
	}},
	{name: "a corrected identity number that is withdrawn", try: func(w *walker) {
		w.act(civilPreparer, "person:ProposeLink", corrected(10, 310), card(310))
		w.act(civilPreparer, "person:WithdrawLink", obj{"subject": ref(10).String()}, nil)
	}},
	{name: "details that are sealed again", try: func(w *walker) { w.reseal() }},
	{name: "an exit, an erasure, and an import", try: func(w *walker) {
		w.exit(10)
		w.erase(10)
		w.importCard("2026-12", roll.SeenNew)
	}, want: map[string]string{"returned": renewed, "closed": renewed}},
}

// TestNobodyIsPaidAtAnotherAccount tries every way to change a payee on a payment in every stage. Whatever is done, a payment
// goes where it was listed for, or it does not go; money that came back goes where the roll says then.
func TestNobodyIsPaidAtAnotherAccount(t *testing.T) {
	called := map[string]bool{}
	for _, stage := range walkStages {
		before := walkWorld(t)
		before.walkTo(stage)
		for _, way := range payeeWalks {
			for _, inFiles := range []bool{false, true} {
				name := stage + "/" + way.name
				if inFiles {
					name += ", in files"
				}
				t.Run(name, func(t *testing.T) {
					w := &walker{before.fork(t), inFiles, called}
					want := way.want[stage]
					if want == "" {
						want = paidAsApproved
					}
					if got := w.outcome(way, stage); got != want {
						t.Errorf("%s, want %s", got, want)
					}
				})
			}
		}
	}
	for _, function := range touching {
		if !called[function] {
			t.Errorf("%s writes rolls, payees or private details, and no way tries it", function)
		}
	}
}

// outcome goes a way and then takes the payment on.
func (w *walker) outcome(way payeeWalk, stage string) string {
	w.t.Helper()
	approved := w.whom()
	way.try(w)
	changed := w.whom() != approved
	batch, again := "b1", stage == "returned" || stage == "closed"
	if again {
		if batch = "b2"; !w.listAgain(batch) {
			if !changed {
				return "not paid again, though nothing has changed"
			}
			return renewed
		}
		stage = "listed"
	}
	instructed := w.goOn(batch, stage)
	switch now := w.whom(); {
	case instructed && now != approved:
		return "paid to another than was listed"
	case instructed:
		return paidAsApproved
	case changed:
		return stopped
	}
	return "not paid, though nothing has changed"
}

// listAgain lists the payment of person 10 again, for the payee that the roll had first, and reports whether it was taken.
func (w *walker) listAgain(batch string) bool {
	w.t.Helper()
	in := batchInput(batch, "dibao", "t1", 2, 96000+62000)
	in["purpose"] = "pay_again"
	w.do(civilPreparer, "payment:Open", in)
	lines, _ := walkLines(2)
	return at(w.do(civilPreparer, "payment:AddLines", obj{"batch": batch}, linesOf(lines...)), "accepted") == float64(2)
}

// goOn does the further steps of a batch until one is refused, and reports whether the bank was instructed.
func (w *walker) goOn(batch, stage string) bool {
	w.t.Helper()
	id := obj{"id": batch}
	control := at(w.ask(financePreparer, "payment:Get", id), "control")
	count := int(at(control, "count").(float64))
	steps := []struct {
		to       string
		by       *fakeledger.Identity
		function string
		input    obj
	}{
		{"listed", nil, "", nil},
		{"sealed", civilPreparer, "payment:Seal", id},
		{"approved", civilApprover, "payment:Approve", id},
		{"filed", financePreparer, "payment:MakeFile", fileInput(batch, at(control, "count"), at(control, "sum"))},
		{"authorised", financeApprover, "payment:Authorise", obj{"id": batch, "file_sha256": fileHash}},
		{"instructed", financePreparer, "payment:Instruct", id},
	}
	reached := false
	for _, s := range steps {
		if reached && s.to == "filed" && !w.fits(count) {
			return false
		}
		if reached {
			if done, _ := w.attempt(false, s.by, s.function, s.input, nil); !done {
				return false
			}
		}
		reached = reached || s.to == stage
	}
	return true
}

// Guards against a typing error in the table.
func TestPayeeWalksNameStages(t *testing.T) {
	for _, way := range payeeWalks {
		for stage := range maps.Keys(way.want) {
			if !slices.Contains(walkStages, stage) {
				t.Errorf("%s: there is no stage %s", way.name, stage)
			}
		}
	}
}
