// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/api"
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
)

// What an official of another county gets of a read.
const (
	theSame = "the same"                // what has no region
	nothing = "nothing of the county's" // an answer without what concerns the county
)

// reads lists every function that only reads: about what, and what an official of another county gets of it.
var reads = []struct {
	function  string
	input     any
	elsewhere string
}{
	{"registry:Ping", nil, theSame},
	{"registry:Get", nil, theSame},
	{"registry:GetProposal", obj{"id": "p1"}, theSame},
	{"programme:Get", obj{"id": "dibao"}, theSame},
	{"programme:List", obj{}, theSame},
	{"programme:Rates", obj{"id": "wujia"}, theSame},
	{"reading:Get", obj{"agency": fakeledger.CivilAffairs}, theSame},
	{"official:Get", obj{"agency": fakeledger.CivilAffairs, "name": "civil-preparer"}, theSame},
	{"person:GetErasure", obj{"subject": ref(1).String()}, "REGION"},
	{"person:ListErasures", obj{}, nothing},
	{"person:ListErasures", obj{"region": county}, "REGION"},
	{"person:Due", obj{"subjects": []string{ref(1).String()}}, nothing},
	{"person:GetReseal", oneReseal, "REGION"},
	{"person:ListReseals", obj{}, nothing},
	{"person:ListReseals", obj{"region": county}, "REGION"},
	{"person:SealedNames", obj{"programme": "dibao", "county": county, "segment": 0}, "REGION"},
	{"person:Sealed", obj{"county": county, "names": []string{"facts/c-1"}}, "REGION"},
	{"person:GetHold", obj{"id": "subject-" + ref(4).String()}, "REGION"},
	{"person:ListHolds", obj{}, nothing},
	{"person:GetLink", obj{"subject": ref(3).String()}, "REGION"},
	{"person:ListLinks", obj{}, nothing},
	{"person:ListLinks", obj{"region": county}, "REGION"},
	{"fund:Get", obj{"id": "t1"}, "REGION"},
	{"fund:List", obj{}, nothing},
	{"fund:YearEnd", obj{"id": "2026-530181"}, "REGION"},
	{"roll:Status", obj{"programme": "dibao", "county": county}, "REGION"},
	{"roll:Segment", obj{"programme": "dibao", "county": county, "segment": 0}, "REGION"},
	{"roll:Refs", obj{"programme": "dibao", "county": county, "segment": 0}, "REGION"},
	{"roll:Standing", obj{"programme": "dibao", "county": county, "segment": 0}, "REGION"},
	{"roll:Entry", obj{"programme": "dibao", "subject": ref(0).String()}, "NOT_FOUND"},
	{"roll:Entries", obj{"subject": ref(0).String()}, nothing},
	{"roll:Details", obj{"programme": "dibao", "subject": ref(0).String()}, "REGION"},
	{"roll:SegmentDetails", obj{"programme": "dibao", "county": county, "segment": 0}, "REGION"},
	{"roll:DetailPages", obj{"subject": ref(0).String()}, "FORBIDDEN"}, // the duty of approvers: TestRegions has them
	{"roll:RerateSegment", obj{"programme": "raised", "county": county, "segment": 0, "version": 1, "from": "2026-01"}, "REGION"},
	{"roll:TakeSegment", obj{"programme": "wujia", "period": "2026-08", "from_programme": "dibao", "county": county, "segment": 0}, "REGION"},
	{"roll:GetRerate", obj{"id": "raise"}, "REGION"},
	{"roll:GetImport", obj{"id": "i-confirmed"}, "REGION"},
	{"roll:ListImports", obj{}, nothing},
	{"roll:SharedAccounts", obj{"tags": []relief.Tag{homeAccount}}, nothing},
	{"roll:GetChange", openChange, "REGION"},
	{"roll:ListChanges", obj{}, nothing},
	{"roll:ListChanges", obj{"region": county}, "REGION"},
	{"roll:ListChanges", obj{"region": "53"}, "REGION"},
	{"roll:ChangeDetails", anotherCard, "REGION"},
	{"case:Get", obj{"case": "c-1"}, "REGION"},
	{"case:List", obj{}, nothing},
	{"case:List", obj{"region": county}, "REGION"},
	{"case:GrantSegments", obj{"cases": []string{"c-1"}}, nothing},
	{"case:Claims", obj{"subject": ref(8).String()}, nothing},
	{"case:Duties", obj{"case": "c-1"}, "REGION"},
	{"case:Facts", obj{"case": "c-1"}, "REGION"},
	{"need:Get", obj{"need": "n-1"}, "REGION"},
	{"need:List", obj{}, nothing},
	{"need:List", obj{"region": county}, "REGION"},
	{"reversal:Get", oneReversal, "REGION"},
	{"reversal:List", obj{}, nothing},
	{"statement:Get", obj{"id": statementID()}, "REGION"},
	{"statement:List", obj{}, nothing},
	{"statement:Account", obj{"id": "t1"}, "REGION"},
	{"overpayment:Get", obj{"id": firstOverpayment}, "REGION"},
	{"overpayment:List", obj{}, nothing},
	{"overpayment:List", obj{"region": county}, "REGION"},
	{"payment:Get", obj{"id": "b-open"}, "REGION"},
	{"payment:List", obj{}, nothing},
	{"payment:Lines", obj{"batch": "b-open", "segment": 0}, "REGION"},
	{"payment:Slots", obj{"programme": "dibao", "county": county, "period": "2026-01", "segment": 0}, "REGION"},
	{"payment:Payment", obj{"id": onePayment}, "REGION"},
	{"oversight:Month", closing("2026-08"), "REGION"},
	{"oversight:Publication", closing("2026-08"), "REGION"},
	{"oversight:GetPlan", obj{"plan": "visits"}, "REGION"},
	{"oversight:Drawn", obj{"plan": "visits"}, "REGION"},
	{"oversight:Foresee", obj{"plan": "sealed", "nonce": nonceOf(auditApprover)}, "REGION"},
	{"oversight:GetVisit", obj{"plan": "visits", "place": 0}, "REGION"},
	{"oversight:Rows", obj{"programme": "dibao", "county": county, "period": "2026-08", "village": county + "001"}, "REGION"},
}

// anotherCard is a change of a payee that countyStages leaves open.
var anotherCard = obj{"change": fmt.Sprintf("dibao-%s-%07d-c1", county, first+4)}

var onePayment = fmt.Sprintf("dibao-%s-%07d-202601-1", county, first)

// oneReversal is the reversal that countyStages leaves open.
var oneReversal = obj{}

// oneReseal is the resealing that countyStages leaves open.
var oneReseal = obj{}

// countyStages is stages with a case, a need, and somebody who was paid too much.
func countyStages(t *testing.T) *world {
	t.Helper()
	w := stages(t)
	w.do(civilRegistrar, "reading:Anchor", obj{"day": "2026-10-20", "count": 1, "head": digest("r")})
	w.do(financePreparer, "statement:Record", bankStatement("t1", "38.21"))
	back := []obj{item(fmt.Sprintf("dibao-%s-%07d-202608-1", county, first), "returned", w.booked("t1", "620.00"))}
	oneReversal["id"] = w.do(financePreparer, "reversal:Propose", obj{"batch": "b-settled", "items": back})["id"]
	w.do(civilPreparer, "case:Apply", household("c-1", 8), facts(8))
	facts, _ := w.resealing("facts/c-1")
	oneReseal["id"] = w.do(civilPreparer, "person:ProposeReseal", facts)["id"]
	w.do(civilPreparer, "roll:ChangePayee", newCard(4), card(104))
	standards := programmeInput("raised", 1, 4)
	standards["class_amounts"] = obj{"A": "650.00"}
	w.do(provincePreparer, "programme:Draft", standards)
	w.do(provinceFinance, "programme:Enact", obj{"id": "raised", "version": 1})
	w.do(civilPreparer, "roll:ProposeRerate", obj{
		"id": "raise", "programme": "raised", "county": county, "version": 1, "from": "2026-01", "document": "2026-12",
		"segments": []obj{{"segment": 0, "sha256": digest("nobody"), "changed": 1, "behind": 0, "more": "1.00"}},
	})
	w.subsidy()
	w.rate("2026-08", "35.00")
	w.exits(civilPreparer, obj{"programme": "dibao", "subject": ref(0).String(), "reason": "moved", "last_period": "2026-07"})
	w.do(civilPreparer, "person:ProposeLink", corrected(3, 303), card(303))
	w.do(civilPreparer, "need:Find", obj{"id": "n-1", "subject": ref(9).String(), "programme": "dibao", "region": homeRegion, "source": "civil-registry", "sha256": digest("n")})
	w.do(civilPreparer, "oversight:CloseMonth", closing("2026-08"))
	w.do(civilPreparer, "oversight:ProposeList", closing("2026-08"))
	w.sealedDraw("sealed", "2026-08")
	w.drawn("visits", "2026-08")
	w.do(auditPreparer, "oversight:Visit", visitInput("visits", 0, financePreparer, obj{"made_on": relief.DefaultCalendar.Day(w.Now())}))
	return w
}

// TestReadsHoldTheRegion asks every function that only reads, past the gateway, as an official of the county, of another
// county, and of audit's with the duty read.all.
func TestReadsHoldTheRegion(t *testing.T) {
	w := countyStages(t)
	asked := map[string]bool{}
	for _, r := range reads {
		asked[r.function] = true
		ask := func(by *fakeledger.Identity) (string, *relief.Error) {
			answer, err := w.Evaluate(by.MSPID(), by, r.function, args(r.input), nil)
			if err == nil {
				return string(answer), nil
			}
			e := relief.ParseError(err.Error())
			require.NotNil(t, e, "%s: %v", r.function, err)
			return "", e
		}
		own, refusal := ask(civilPreparer)
		if refusal != nil && refusal.Code == relief.CodeForbidden {
			own, refusal = ask(civilApprover)
		}
		wide := strings.Contains(fmt.Sprint(r.input), "region:53]")
		require.Equal(t, wide, refusal != nil, "%s in the county: %v", r.function, refusal)

		answer, refusal := ask(civilElsewhere)
		switch r.elsewhere {
		case theSame:
			require.Equal(t, own, answer, r.function)
		case nothing:
			require.Nil(t, refusal, "%s: %v", r.function, refusal)
			require.NotContains(t, answer, county, r.function)
			require.NotEqual(t, own, answer, r.function)
		default:
			require.NotNil(t, refusal, "%s gives %s", r.function, answer)
			require.Equal(t, relief.Code(r.elsewhere), refusal.Code, "%s: %v", r.function, refusal)
		}

		row, _ := api.Lookup(r.function)
		audited, refusal := ask(fakeledger.Official(fakeledger.Audit, "audit-reader", "reader", "44"))
		if row.Act == relief.ActReadPerson || row.Act == relief.ActPersonConfirmErasure {
			require.Equal(t, relief.CodeForbidden, refusal.Code, "%s: read.all is no duty for private data", r.function)
			continue
		}
		require.Nil(t, refusal, "%s: %v", r.function, refusal)
		if !wide {
			require.Equal(t, own, audited, r.function)
		}
	}
	for _, r := range api.Rows() {
		require.Equal(t, r.ReadOnly, asked[r.Name], "%s: a read has a line in reads", r.Name)
	}
}

// Inside a county a smaller region reads the county's sums, and of its people those who live in the region.
func TestReadsOfASmallerRegion(t *testing.T) {
	w := countyStages(t)
	here := township
	beside := fakeledger.Official(fakeledger.CivilAffairs, "civil-other-township", "township", county+"002")
	people := func(by *fakeledger.Identity, function string, input obj, list string) int {
		items, _ := at(w.ask(by, function, input), list).([]any)
		return len(items)
	}
	segment := obj{"programme": "dibao", "county": county, "segment": 0}
	lines, slots := obj{"batch": "b-open", "segment": 0}, obj{"programme": "dibao", "county": county, "period": "2026-01", "segment": 0}
	for _, c := range []struct {
		by        *fakeledger.Identity
		roll, one int
	}{{here, 4, 1}, {beside, 0, 0}} {
		require.Equal(t, c.roll, people(c.by, "roll:Segment", segment, "entries"), c.by.Name())
		require.Equal(t, c.one, people(c.by, "payment:Lines", lines, "lines"), c.by.Name())
		require.Equal(t, c.one, people(c.by, "payment:Slots", slots, "slots"), c.by.Name())
		require.Equal(t, "b-open", w.ask(c.by, "payment:Get", obj{"id": "b-open"})["id"])
		require.Equal(t, "t1", w.ask(c.by, "fund:Get", obj{"id": "t1"})["id"])
	}
	var refs api.SegmentRefs
	for by, known := range map[*fakeledger.Identity]bool{here: true, beside: false} {
		payload, err := w.Evaluate(by.MSPID(), by, "roll:Refs", args(segment), nil)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(payload, &refs))
		require.Len(t, refs.Refs, 4*len(relief.SubjectRef{}), "numbers stay")
		require.Equal(t, known, !relief.SubjectRef(refs.Refs[:17]).IsZero())
	}
	_, err := w.Evaluate(beside.MSPID(), beside, "payment:Payment", args(obj{"id": onePayment}), nil)
	require.ErrorContains(t, err, "REGION")
	_, err = w.Evaluate(here.MSPID(), here, "payment:Payment", args(obj{"id": onePayment}), nil)
	require.NoError(t, err)
}
