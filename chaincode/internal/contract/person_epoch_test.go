// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// laterKey is the key of references of epoch 2.
var laterKey = []byte("a later key of the tests")

// laterRef is the reference of the nth person with the later key.
func laterRef(n int) relief.SubjectRef {
	return relief.NewSubjectRef(2, laterKey, relief.IDNumber(fmt.Sprintf("person %d", n)))
}

func referenceKey(epoch int, key []byte) obj {
	return obj{"reference_key": obj{"epoch": epoch, "check": relief.CheckOfKey(key)}}
}

// under is a chunk of a roll with references of a person's choice.
func under(refs ...relief.SubjectRef) transient {
	var entries []roll.Input
	var persons [][]byte
	for i, ref := range refs {
		entries = append(entries, roll.Input{
			Seq: uint32(i + 1), Ref: ref, Region: county + "001", Persons: 1, Class: 'A', Amount: 62000, Payee: payeeOf(i),
		})
		persons = append(persons, person(i))
	}
	return transient{wire.TransientRoll: roll.AppendRoll(nil, entries), wire.TransientPersons: roll.AppendDetails(nil, persons)}
}

// TestNobodyNewHasAReferenceOfBefore: once the key of references has turned, people whom the ledger knows go on under their
// references, and somebody new under an earlier one is refused: the same human being may be there under the later one.
func TestNobodyNewHasAReferenceOfBefore(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.do(township, "case:Apply", household("c1", 1), facts(1))
	w.changeRegistry("turn", referenceKey(2, laterKey))
	w.want(w.ask(auditReader, "registry:Get", nil), "2", "reference_key", "epoch")

	e := w.refused(relief.CodeInvalid, township, "case:Apply", household("c2", 2), facts(2))
	require.Equal(t, "members", e.Field)
	known := household("c3", 1)
	w.refused(relief.CodeDuplicate, township, "case:Apply", known, facts(1))
	fresh := household("c4", 2)
	fresh["members"] = []string{laterRef(2).String()}
	w.want(w.do(township, "case:Apply", fresh, facts(2)), "applied", "state")
	mixed := household("c5", 3)
	mixed["members"] = []string{laterRef(3).String(), ref(1003).String()}
	w.refused(relief.CodeInvalid, township, "case:Apply", mixed, facts(3))

	// An epoch never comes back, and the key of an epoch is one.
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "back", "change": referenceKey(1, []byte("k"))})
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "other", "change": referenceKey(2, []byte("k"))})
	w.refused(relief.CodeInvalid, civilRegistrar, "registry:Propose", obj{"id": "none", "change": obj{"reference_key": obj{"epoch": 3, "check": "x"}}})
}

// TestARollIsImportedAcrossTheTurn: people on a roll of whatever programme are imported under the references that they have; of the
// others only those under the key in use.
func TestARollIsImportedAcrossTheTurn(t *testing.T) {
	w := newWorld(t, fakeledger.Endorsers(1))
	w.programme("dibao", 4)
	w.programme("tekun", 4)
	w.chunk(w.imports(rollInput("dibao", 0), under(ref(1), ref(2))), 2, 0)
	w.changeRegistry("turn", referenceKey(2, laterKey))

	r := w.imports(rollInput("tekun", 0), under(ref(1), ref(7), laterRef(8)))
	w.want(r, "2", "accepted")
	w.want(r, string(relief.LineReferenceEpoch), "refused", 0, "code")
	w.want(r, "2", "refused", 0, "seq")
}

// TestDetailsAreSealedAgainByTwo: details under another key are a change that one official proposes and another confirms. Its tags
// are of another epoch, or the same: those of one epoch are compared.
func TestDetailsAreSealedAgainByTwo(t *testing.T) {
	w := newWorld(t, fakeledger.Endorsers(1))
	w.programme("dibao", 4)
	w.imports(rollInput("dibao", 0), rollChunk(1, 1))
	again := newCard(1)
	again["corrects"] = obj{"seal": true}
	w.refused(relief.CodeInvalid, civilPreparer, "roll:ChangePayee", again, card(101)) // another account of the same epoch
	turned := payeeOf(1)
	turned.Name[0], turned.Account[0] = 2, 2
	again["name_tag"], again["account_tag"] = turned.Name, turned.Account
	also := obj{"seal": true, "phone": true}
	again["corrects"] = also
	w.refused(relief.CodeInvalid, civilPreparer, "roll:ChangePayee", again, card(101))
	again["corrects"] = obj{"seal": true}
	c := w.do(civilPreparer, "roll:ChangePayee", again, card(101))
	w.refused(relief.CodeForbidden, civilPreparer, "roll:ConfirmChange", agreed(c))
	w.want(w.do(civilApprover, "roll:ConfirmChange", agreed(c)), "confirmed", "state")
	held := w.ask(civilPreparer, "roll:Details", obj{"programme": "dibao", "subject": ref(1).String()})
	w.want(held, turned.Account.String(), "account_tag")
	w.want(held, "2", "version")
}

// TestABillIsGrantedOnceAcrossTheTurn: the tags of a bill under all keys are compared with what was granted.
func TestABillIsGrantedOnceAcrossTheTurn(t *testing.T) {
	w := newCaseWorld(t, fakeledger.Endorsers(1))
	w.caseProgramme(medical())
	w.on("2026-10-20")
	w.do(township, "case:Apply", asking("m0", "yiliao", 1, obj{"amount": "100.00", "bill_tag": bill(1)}), facts(1))
	w.do(village, "case:Attach", visit("m0"))
	w.do(civilPreparer, "case:Notice", obj{"case": "m0", "class": "A", "persons": 1, "amount": "100.00"})
	again := asking("m1", "yiliao", 2, obj{"bill_tag": relief.Tag{2, 9}.String(), "bill_tags_before": []string{bill(1)}})
	w.do(township, "case:Apply", again, facts(2)) // nobody was granted it yet
	w.do(village, "case:Attach", visit("m1"))
	w.do(civilPreparer, "case:Notice", obj{"case": "m1", "class": "A", "persons": 1, "amount": "1.00"})
	w.on("2026-10-28")
	w.want(w.do(civilApprover, "case:Decide", grantOf("m0")), "granted", "state")
	w.refused(relief.CodeDuplicate, civilApprover, "case:Decide", grantOf("m1"))
	again["id"] = "m2"
	e := w.refused(relief.CodeDuplicate, township, "case:Apply", again, facts(2))
	require.Equal(t, "bill", e.Field)
}
