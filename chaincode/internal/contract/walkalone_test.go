// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/founding"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/stored"
)

// human is one person with two roles of an agency, each with a certificate of its own.
type human struct {
	agency string
	roles  [2]string
	ids    [2]*fakeledger.Identity
}

// spellings are the names in the two certificates of a human being: one name in two spellings, or two names that are registered
// with one staff number.
var spellings = [][2]string{{"alone", "Ａlone"}, {"alone", "alone-too"}}

// aloneID is the staff number of all these names.
const aloneID = "no-alone"

// registerAlone registers the names of the spellings with each agency.
func (w *world) registerAlone() {
	w.t.Helper()
	for _, agency := range []string{fakeledger.CivilAffairs, fakeledger.Finance, fakeledger.Audit} {
		for _, name := range []string{"alone", "alone-too"} {
			if err := w.Register(fakeledger.Official(agency, name, "preparer", "53"), aloneID); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// dutiesAtFounding are the duties of the founding document.
var dutiesAtFounding = sync.OnceValue(func() []relief.Duty {
	var document struct{ Duties []relief.Duty }
	if err := json.Unmarshal(founding.Dev, &document); err != nil {
		panic(err)
	}
	return document.Duties
})

// humans are all pairs of roles in each agency, with the names of a spelling.
func humans(names [2]string) (all []human) {
	roles := map[string][]string{}
	for _, d := range dutiesAtFounding() {
		for _, role := range d.Roles {
			if !slices.Contains(roles[d.Agency], role) {
				roles[d.Agency] = append(roles[d.Agency], role)
			}
		}
	}
	for _, agency := range []string{fakeledger.CivilAffairs, fakeledger.Finance, fakeledger.Audit} {
		for i, one := range roles[agency] {
			for _, other := range roles[agency][i+1:] {
				h := human{agency: agency, roles: [2]string{one, other}}
				for n, role := range h.roles {
					h.ids[n] = fakeledger.Official(agency, names[n], role, "53")
				}
				all = append(all, h)
			}
		}
	}
	return all
}

// may gives the human's certificates that hold an act's duty; both for a function without a duty.
func (h *human) may(act relief.Act) (ids []*fakeledger.Identity) {
	for n, role := range h.roles {
		holds := slices.ContainsFunc(dutiesAtFounding(), func(d relief.Duty) bool {
			return d.Act == act && d.Agency == h.agency && slices.Contains(d.Roles, role)
		})
		if holds || act == "" {
			ids = append(ids, h.ids[n])
		}
	}
	return ids
}

// gates are what two people do: who did one of the first acts never does the last. A record's history shows who did.
var gates = []struct {
	kind  string
	first []relief.Act
	last  relief.Act
}{
	{
		relief.KindBatch,
		[]relief.Act{relief.ActPaymentOpen, relief.ActPaymentRemove, relief.ActPaymentSetControl, relief.ActPaymentSeal}, relief.ActPaymentApprove,
	},
	{relief.KindBatch, []relief.Act{relief.ActPaymentMakeFile}, relief.ActPaymentAuthorise},
	{relief.KindBatch, []relief.Act{relief.ActPaymentTakeBack}, relief.ActPaymentConfirmTakeBack},
	{
		relief.KindCase,
		[]relief.Act{relief.ActCaseApply, relief.ActCaseAttach, relief.ActCaseAsk, relief.ActCaseMatch, relief.ActCaseAnswerMatch, relief.ActCaseNotice,
			relief.ActCaseAnswer},
		relief.ActCaseDecide,
	},
	{relief.KindCase, []relief.Act{relief.ActCaseReview}, relief.ActCaseConfirm},
	{relief.KindCase, []relief.Act{casework.ActConfirmClaim, casework.ActContestClaim}, relief.ActCaseDecide},
	{relief.KindCase, []relief.Act{relief.ActCaseDecide, relief.ActRollConfirmChange}, relief.ActCaseDecideAppeal},
	{
		relief.KindChange,
		[]relief.Act{
			relief.ActRollChangePayee, relief.ActRollExit, relief.ActRollSuspend, relief.ActRollResume, relief.ActRollReplaceHead,
			relief.ActRollMove, relief.ActRollMoveOut, relief.ActRollMoveIn, relief.ActRollSetTerms, relief.ActRollSetResidence,
		},
		relief.ActRollConfirmChange,
	},
	{relief.KindPublication, []relief.Act{relief.ActOversightProposeList, relief.ActOversightTakeDownList}, relief.ActOversightDecideList},
	{relief.KindLink, []relief.Act{relief.ActPersonProposeLink}, relief.ActPersonConfirmLink},
	{relief.KindImport, []relief.Act{relief.ActRollProposeImport}, relief.ActRollConfirmImport},
	{relief.KindRate, []relief.Act{relief.ActProgrammeProposeRate}, relief.ActProgrammeConfirmRate},
	{relief.KindRerate, []relief.Act{relief.ActRollProposeRerate}, relief.ActRollConfirmRerate},
	{relief.KindAccount, []relief.Act{relief.ActRollDeclareAccount}, relief.ActRollConfirmAccount},
	{relief.KindErasure, []relief.Act{relief.ActPersonProposeErasure}, relief.ActPersonConfirmErasure},
	{relief.KindReseal, []relief.Act{relief.ActPersonProposeReseal}, relief.ActPersonConfirmReseal},
	{relief.KindOverpayment, []relief.Act{relief.ActOverpaymentRecover}, relief.ActOverpaymentConfirmRecovery},
	{relief.KindOverpayment, []relief.Act{relief.ActOverpaymentDeduct}, relief.ActOverpaymentConfirmDeduction},
	{relief.KindOverpayment, []relief.Act{relief.ActOverpaymentWriteOff}, relief.ActOverpaymentConfirmWriteOff},
	{relief.KindStatement, []relief.Act{relief.ActStatementRecord}, relief.ActStatementConfirm},
	{relief.KindVisit, []relief.Act{relief.ActOversightVisit}, relief.ActOversightConfirmVisit},
	{relief.KindStatement, []relief.Act{relief.ActStatementWithdraw}, relief.ActStatementConfirmWithdrawal},
	{relief.KindReversal, []relief.Act{relief.ActReversalPropose}, relief.ActReversalConfirm},
	{relief.KindHold, []relief.Act{relief.ActPersonHold}, relief.ActPersonLiftHold},
	{
		relief.KindTranche,
		[]relief.Act{relief.ActFundTopUp, relief.ActFundTakeBack, relief.ActFundCarryOver, relief.ActFundRefund}, relief.ActFundConfirm,
	},
}

// requireGates fails the test when the human passed a gate alone, by the history of every record on the ledger.
func (w *world) requireGates(h *human, path string) {
	w.t.Helper()
	for _, gate := range gates {
		w.Scan("\x00"+gate.kind+"\x00", func(key string, value []byte) bool {
			var record struct{ Acts []relief.HistoryEntry }
			document, err := stored.Document(gate.kind, value)
			if err == nil {
				err = json.Unmarshal(document, &record)
			}
			if err != nil {
				w.t.Fatal(err)
			}
			began := false
			for _, e := range record.Acts {
				if e.By.ID != aloneID || e.By.Agency != h.agency {
					continue
				}
				began = began || slices.Contains(gate.first, e.Act)
				if began && e.Act == gate.last {
					w.t.Errorf("%v alone: %s: %q by the official who did one of %v", h.roles, path, gate.last, gate.first)
				}
			}
			return true
		})
	}
}

// entitled is who is entitled to what, and who is paid where, in all counties: the rolls and the payees, without what was
// paid so far.
func (w *world) entitled() string {
	w.t.Helper()
	var all strings.Builder
	w.Scan("\x00"+relief.KindRoll+"\x00", func(key string, value []byte) bool {
		seg, err := roll.ParseSegment(value)
		if err != nil {
			w.t.Fatal(err)
		}
		at := roll.SegmentAddr{Programme: "dibao", County: county, Size: 100}
		for i := range seg.Len() {
			e := seg.Entry(i, at)
			e.PaidTill = relief.Period{}
			fmt.Fprintf(&all, "%q %d %+v\n", key, i, e)
		}
		return true
	})
	w.Scan("\x00"+relief.KindPayees+"\x00", func(key string, value []byte) bool {
		fmt.Fprintf(&all, "%q %x\n", key, value)
		return true
	})
	return all.String() + w.whom()
}

// aloneMayChange are the functions by which one person alone changes who is entitled to what, and why that is right.
var aloneMayChange = map[string]string{}

// furthest is how far one more person alone takes a batch that others have brought to a stage. An approver may take an open batch
// over, but then only prepares it. Who has a file authorised that
// another made for a list that two others sealed and approved is the fourth; to tell the bank needs nobody new.
var furthest = map[string]string{
	"": "", "listed": "sealed", "sealed": "approved", "approved": "filed", "filed": "instructed", "authorised": "instructed",
	"instructed": "instructed", "returned": "instructed", "closed": "instructed",
}

// solo is one person's walk from a stage.
type solo struct {
	human
	t     testing.TB
	stage string
	acts  []act
	tried map[string]bool
	seen  map[string]bool // sets of acts that were done: their order rarely matters, and the walk is long enough
	paths int
}

// apart reports whether a function touches neither rolls nor cases nor batches: it is tried in every stage, and nothing after it.
func apart(function string) bool {
	contract, _, _ := strings.Cut(function, ":")
	return slices.Contains([]string{"registry", "official", "programme", "fund", "need", "overpayment", "statement"}, contract) || function == "case:Note" || function == "case:Object"
}

// explore does every act that the person may do, and after each every other one, up to a depth.
func (s *solo) explore(w *world, entitled string, path []int, depth int) {
	if n := len(path); n > 0 && apart(s.acts[path[n-1]].function) {
		return
	}
	for i, a := range s.acts {
		row, ok := api.Lookup(a.function)
		if !ok {
			s.t.Fatalf("there is no function %s", a.function)
		}
		set := slices.Sorted(slices.Values(append(slices.Clone(path), i)))
		key := fmt.Sprint(set)
		if slices.Contains(path, i) || s.seen[key] {
			continue
		}
		for _, by := range s.may(row.Act) {
			next := s.do(w, by, a)
			if next == nil {
				continue
			}
			s.seen[key] = true
			s.paths++
			now := s.check(next, entitled, set)
			if depth > 1 {
				s.explore(next, now, append(slices.Clone(path), i), depth-1)
			}
			break
		}
	}
}

// do does an act in a world of its own, nil when it is refused or changes nothing.
func (s *solo) do(w *world, by *fakeledger.Identity, a act) *world {
	s.tried[a.function] = true
	switch a.function {
	case "person:ConfirmErasure":
		a.input, a.tr = w.naming(a.input.(obj), relief.ErasureKey(ref(10)), "sha256"), w.pages(10)
	case "fund:Confirm":
		a.input = w.agreesTo("t1", 1)
	case "person:ConfirmLink":
		a.input = w.naming(a.input.(obj), relief.LinkKey(ref(10)), "sha256")
	case "statement:Confirm":
		a.input = w.naming(a.input.(obj), relief.StatementKey(relief.StatementID(statementID())), "proposed")
		if proposed, ok := a.input.(obj)["proposed"].(map[string]any); ok {
			a.input.(obj)["sha256"] = proposed["sha256"]
		}
		delete(a.input.(obj), "proposed")
	case "reversal:Confirm", "reversal:Withdraw":
		a.input = w.firstReversal(a.function == "reversal:Confirm")
	case "person:ConfirmReseal":
		a.input = w.firstReseal()
	case "registry:Agree":
		a.input = w.naming(a.input.(obj), relief.ProposalKey("solo"), "digest")
	case "roll:ConfirmChange":
		a.input = w.naming(a.input.(obj), relief.ChangeKey(firstChange), "sha256")
	case "roll:ConfirmAccount":
		a.input = w.naming(a.input.(obj), relief.AccountKey("solo"), "sha256")
	case "programme:ConfirmRate":
		a.input = w.naming(a.input.(obj), relief.RateKey("wujia", monthOf(2026, 12)), "digest")
	}
	at := w.Now()
	p, err := w.Endorse(by, a.function, args(a.input), a.tr)
	w.SetTime(at)
	if err != nil {
		if e := relief.ParseError(err.Error()); e == nil || e.Code == relief.CodeCorrupt {
			s.t.Fatalf("%s: %v", a.function, err)
		}
		return nil
	}
	tx := p.Tx()
	writes := len(tx.Writes)
	for _, c := range tx.Private {
		writes += len(c.Writes)
	}
	if writes == 0 {
		return nil
	}
	next := w.fork(s.t)
	if _, err := next.try(by, a.function, a.input, a.tr); err != nil {
		s.t.Fatalf("%s after it was endorsed: %v", a.function, err)
	}
	return next
}

// firstReversal is an argument that names the first reversal on the ledger, and agrees to it.
func (w *world) firstReversal(agree bool) (in obj) {
	in = obj{"id": strings.Repeat("ab", 16)}
	w.Scan("\x00"+relief.KindReversal+"\x00", func(_ string, value []byte) bool {
		in["id"] = w.object(value)["id"]
		if agree {
			in = agreesToReversal(w.object(value))
		}
		return false
	})
	return in
}

// firstReseal is an argument that agrees to the first resealing on the ledger.
func (w *world) firstReseal() obj {
	in := obj{"id": strings.Repeat("ab", 16), "sha256": digest("nothing"), "agree": true}
	w.Scan("\x00"+relief.KindReseal+"\x00", func(_ string, value []byte) bool {
		in = agreesToReseal(w.object(value))
		return false
	})
	return in
}

// firstChange is the first change of person 10's entry.
var firstChange = relief.NewChangeID("dibao", county, 1, 1)

// naming is an argument that names the digest of the record which is confirmed.
func (w *world) naming(in obj, record relief.Key, field string) obj {
	in = maps.Clone(in)
	if value := w.Get(record.String()); value != nil {
		in[field] = w.object(value)[field]
	}
	return in
}

// check looks what the person has come to, and gives who is entitled to what now.
func (s *solo) check(w *world, entitled string, path []int) string {
	var names []string
	allowed := false
	for _, i := range path {
		names = append(names, s.acts[i].function)
		_, may := aloneMayChange[s.acts[i].function]
		allowed = allowed || may
	}
	done := strings.Join(names, ", ")
	now := w.entitled()
	if now != entitled && !allowed {
		s.t.Errorf("%v alone changed who is entitled or who is paid where: %s", s.roles, done)
	}
	w.requireGates(&s.human, done)
	for batch, most := range map[string]string{"b1": furthest[s.stage], "solo": "sealed"} {
		if reached := w.reached(batch); slices.Index(progress, reached) > slices.Index(progress, most) {
			s.t.Errorf("%v alone took batch %s from %q to %s: %s", s.roles, batch, s.stage, reached, done)
		}
	}
	return now
}

// progress is how far a batch has come.
var progress = []string{"", "cancelled", "open", "listed", "sealed", "approved", "filed", "authorised", "instructed"}

// reached is how far a batch has come, "" when there is none.
func (w *world) reached(batch string) string {
	w.t.Helper()
	value := w.Get(relief.BatchKey(relief.BatchID(batch)).String())
	if value == nil {
		return ""
	}
	var b payment.Batch
	if err := json.Unmarshal(value, &b); err != nil {
		w.t.Fatal(err)
	}
	switch {
	case b.State == payment.BatchOpen:
		return "listed"
	case b.State == payment.BatchApproved && b.File != nil:
		return "filed"
	case b.State == payment.BatchClosed:
		return "instructed"
	}
	return string(b.State)
}

// TestNobodyChangesAnythingAlone has one person with any two roles of an agency do everything that they have a duty for,
// one act after another, from every stage of a batch that others have prepared. The person changes nothing of who is paid
// how much and where, and takes no batch further than one more person should.
func TestNobodyChangesAnythingAlone(t *testing.T) {
	everybody := humans(spellings[1])
	tried := map[string]bool{}
	paths := 0
	early := []string{"", "listed", "sealed", "approved", "filed"}
	for _, stage := range append([]string{""}, walkStages...) {
		w := walkWorld(t)
		if stage != "" {
			w.walkTo(stage)
		}
		for _, h := range everybody {
			depth := 2
			if slices.Contains(h.roles[:], "preparer") && slices.Contains(h.roles[:], "approver") && slices.Contains(early, stage) {
				depth = 3
			}
			t.Run(fmt.Sprintf("%s/%s %s and %s", stage, h.agency, h.roles[0], h.roles[1]), func(t *testing.T) {
				s := &solo{human: h, t: t, stage: stage, acts: alone(), tried: tried, seen: map[string]bool{}}
				from := w.fork(t)
				s.explore(from, from.entitled(), nil, depth)
				paths += s.paths
			})
		}
	}
	t.Logf("%d sets of acts", paths)
	for _, row := range api.Rows() {
		if !row.ReadOnly && row.Act != "" && !tried[row.Name] {
			t.Errorf("%s: nobody tries it alone", row.Name)
		}
	}
}
