// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/draw"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

// soloPage is the detail page of the imported people, in some order.
func soloPage(people ...int) []byte {
	var entries []roll.DetailPageEntry
	for _, n := range people {
		entries = append(entries, roll.DetailPageEntry{Ref: ref(n), Details: person(n)})
	}
	return roll.AppendDetailPage(nil, entries)
}

// soloNonce is the nonce of one person's own draw.
var soloNonce = draw.Hash{1}

// alone is what one person tries: an argument for every function that writes. b1 is the batch that others have brought to
// the stage, c1 the case of somebody on the roll; "solo" and "c9" are a batch and a case of the person's own.
func alone() []act {
	own := batchInput("solo", "dibao", "t1", 1, 62000)
	own["period"] = "2026-12"
	application := household("c9", 60)
	later := caseProgrammeInput("dibao")
	later["version"], later["max_amount"] = 2, "9000.00"
	duties := []obj{{"act": "payment.approve", "agency": fakeledger.CivilAffairs, "roles": []string{"preparer"}}}
	child := obj{"parent": "t1", "id": "t9", "region": county + "001", "amount": "1.00", "account": "5301000000000002", "targets": trancheInput("", "", "", "")["targets"]}
	raised := obj{"case": "c1", "finding": "change", "terms": obj{"class": "A", "persons": 2, "amount": "1240.00"}}
	exit := obj{"programme": "dibao", "subject": ref(10).String(), "reason": "moved", "last_period": period}
	newcomer := importTerms("solo", rollInput("dibao", 0), rollChunk(50, 1))
	renewal := importTerms("solo-2", rollInput("dibao", 0), seen(roll.SeenChanged, cardChanged(10)))
	card := obj{
		"programme": "dibao", "subject": ref(10).String(), "name_tag": payeeOf(10).Name, "account_tag": payeeOf(110).Account,
		"evidence_sha256": digest("card"), "reason": "换卡",
	}
	shared := obj{
		"id": "solo", "kind": "guardian", "county": county, "account_tag": payeeOf(110).Account, "evidence_sha256": digest("papers"),
	}
	lines, sum := walkLines(3)
	answers := make([]payment.AnswerInput, len(lines))
	for i, l := range lines {
		answers[i] = settlement(i, 1, payment.OutcomeCredited, l.Amount)
	}
	acts := []act{
		{function: "registry:Propose", input: obj{"id": "solo", "change": obj{"duties": duties}}},
		{function: "registry:Agree", input: obj{"id": "solo"}},
		{function: "registry:Withdraw", input: obj{"id": "solo"}},
		{function: "programme:Draft", input: later},
		{function: "reading:Anchor", input: obj{"day": "2026-11-01", "count": 1, "head": digest("readings")}},
		{function: "programme:Enact", input: obj{"id": "dibao", "version": 2}},
		{function: "programme:ProposeRate", input: rateInput("2026-12", "36.00")},
		{function: "programme:ConfirmRate", input: obj{"programme": "wujia", "period": "2026-12", "digest": digest("rate"), "agree": true}},
		{function: "programme:WithdrawRate", input: obj{"programme": "wujia", "period": "2026-12"}},
		{function: "programme:End", input: obj{"id": "dibao"}},
		{function: "fund:Issue", input: trancheInput("t8", "dibao", county, "5.00")},
		{function: "fund:Allocate", input: child},
		{function: "fund:TopUp", input: obj{"id": "t1", "amount": "1.00", "document": "1", "reason": "more"}},
		{function: "fund:TakeBack", input: obj{"id": "t9", "amount": "1.00", "reason": "left over"}},
		{function: "fund:CarryOver", input: obj{"id": "t1", "to": "t9", "amount": "1.00", "reason": "left over"}},
		{function: "fund:Refund", input: obj{"id": "t1", "amount": "1.00", "reason": "left over"}},
		{function: "fund:Confirm", input: obj{"id": "t1", "adjustment": 1, "agree": true}},
		{function: "fund:Withdraw", input: obj{"id": "t1", "adjustment": 1}},
		{function: "fund:SignYearEnd", input: obj{"id": "2026-530181", "sha256": digest("list")}},
		{function: "fund:Close", input: obj{"id": "t1"}},
		{function: "oversight:CloseMonth", input: closing("2026-10")},
		{function: "oversight:ProposeList", input: closing("2026-10")},
		{function: "oversight:TakeDownList", input: listOf("2026-10", obj{"reason": "privacy"})},
		{function: "oversight:DecideList", input: listOf("2026-10", obj{"sha256": digest("list"), "agree": true})},
		{function: "oversight:Plan", input: planInput("solo", "2026-10", nil)},
		{function: "oversight:Commit", input: obj{"plan": "solo", "commitment": draw.Commitment(fakeledger.Audit, "solo", soloNonce)}},
		{function: "oversight:Frame", input: obj{"plan": "solo"}},
		{function: "oversight:Reveal", input: obj{"plan": "solo", "nonce": soloNonce}},
		{function: "oversight:Default", input: obj{"plan": "solo"}},
		{function: "oversight:Draw", input: obj{"plan": "solo"}},
		{function: "oversight:Visit", input: visitInput("solo", 0, financeApprover, nil)},
		{function: "oversight:ConfirmVisit", input: obj{"plan": "solo", "place": 0, "sha256": digest("visit"), "agree": true}},
		{function: "oversight:Finish", input: obj{"plan": "solo"}},
		{function: "roll:ProposeImport", input: newcomer},
		{function: "roll:ProposeImport", input: renewal},
		{function: "roll:ConfirmImport", input: obj{"id": "solo", "digest": newcomer.Digest(), "agree": true}},
		{function: "roll:ConfirmImport", input: obj{"id": "solo-2", "digest": renewal.Digest(), "agree": true}},
		{function: "roll:Import", input: obj{"import": "solo", "segments": []int{0}}, tr: rollChunk(50, 1)},
		{function: "roll:Import", input: obj{"import": "solo-2", "segments": []int{0}}, tr: seen(roll.SeenChanged, cardChanged(10))},
		{function: "roll:WithdrawImport", input: obj{"id": "solo"}},
		{function: "roll:ProposeRerate", input: obj{
			"id": "solo", "programme": "dibao", "county": county, "version": 2, "from": "2026-06", "document": "2026-12",
			"segments": []obj{{"segment": 0, "sha256": digest("people"), "changed": 1, "behind": 0, "more": "1.00"}},
		}},
		{function: "roll:ConfirmRerate", input: obj{"id": "solo", "digest": digest("people"), "agree": true}},
		{function: "roll:Rerate", input: obj{"id": "solo", "segments": []int{0}}},
		{function: "roll:WithdrawRerate", input: obj{"id": "solo"}},
		{function: "roll:ChangePayee", input: card, tr: transient{wire.TransientPersons: cardChanged(10)[wire.TransientPersons]}},
		{function: "roll:Exit", input: exit},
		{function: "roll:Suspend", input: obj{"programme": "dibao", "subject": ref(10).String(), "from": "2026-12", "reason": "核查"}},
		{function: "roll:Resume", input: obj{"programme": "dibao", "subject": ref(10).String(), "from": "2026-12"}},
		{function: "roll:SetTerms", input: obj{
			"programme": "dibao", "subject": ref(10).String(), "class": "A", "persons": 1, "amount": "660.00", "from": "2026-06", "reason": "class", "document": "2026-12",
		}},
		{function: "roll:SetResidence", input: obj{
			"programme": "dibao", "subject": ref(10).String(), "residence": "urban", "from": "2026-06", "document": "2026-13",
		}},
		{function: "roll:ReplaceHead", input: obj{
			"programme": "dibao", "subject": ref(1).String(), "new_head": ref(1001).String(), "from": "2026-12", "class": "C", "persons": 1,
			"amount": "330.00", "name_tag": payeeOf(1001).Name, "account_tag": payeeOf(1001).Account, "evidence_sha256": digest("certificate"),
		}, tr: cardOf(1001)},
		{function: "roll:Move", input: obj{"programme": "dibao", "subject": ref(10).String(), "region": county + "002"}},
		{function: "roll:MoveOut", input: obj{
			"programme": "dibao", "subject": ref(10).String(), "to_county": "530129", "to_programme": "dibao", "last_period": period,
		}},
		{function: "roll:MoveIn", input: obj{
			"change": firstChange, "programme": "dibao", "subject": ref(10).String(), "region": "530129001", "class": "A", "persons": 1,
			"amount": "620.00", "name_tag": payeeOf(110).Name, "account_tag": payeeOf(110).Account, "evidence_sha256": digest("passbook"),
		}, tr: cardOf(110)},
		{function: "person:ProposeLink", input: corrected(10, 310), tr: cardOf(310)},
		{function: "person:ConfirmLink", input: obj{"subject": ref(10).String(), "agree": true}},
		{function: "person:WithdrawLink", input: obj{"subject": ref(10).String()}},
		{function: "roll:ConfirmChange", input: obj{"change": firstChange, "agree": true}},
		{function: "roll:WithdrawChange", input: obj{"change": firstChange}},
		{function: "roll:DeclareAccount", input: shared},
		{function: "roll:ConfirmAccount", input: obj{"id": "solo", "agree": true}},
		{function: "roll:EndAccount", input: obj{"id": "solo", "reason": "closed"}},
		{function: "overpayment:Recover", input: obj{"id": firstOverpayment, "amount": "1.00", "entry": entry(1, "1.00")}},
		{function: "overpayment:ConfirmRecovery", input: obj{"id": firstOverpayment, "measure": 1, "agree": true}},
		{function: "overpayment:Deduct", input: obj{"id": firstOverpayment, "amount": "1.00", "from": "2026-12"}},
		{function: "overpayment:ConfirmDeduction", input: obj{"id": firstOverpayment, "measure": 1, "agree": true}},
		{function: "overpayment:WriteOff", input: obj{"id": firstOverpayment, "amount": "1.00", "document": "1"}},
		{function: "overpayment:ConfirmWriteOff", input: obj{"id": firstOverpayment, "measure": 1, "agree": true}},
		{function: "overpayment:Withdraw", input: obj{"id": firstOverpayment, "measure": 1}},
		{function: "statement:Record", input: bankStatement("t1", "38.21")},
		{function: "statement:Confirm", input: obj{"id": statementID(), "agree": true}},
		{function: "statement:Withdraw", input: obj{"id": statementID(), "reason": "wrong"}},
		{function: "statement:ConfirmWithdrawal", input: obj{"id": statementID(), "sha256": digest("statement"), "agree": true}},
		{function: "reversal:Propose", input: obj{"batch": "b1", "items": []obj{
			item("dibao-530181-0000000-202611-1", "credited", string(relief.NewStatementID(dedicated, "W1", 1, "2026-11-16"))),
		}}},
		{function: "reversal:Confirm", input: obj{}, tr: settlements(settlement(0, 0, payment.OutcomeCredited, 96000))},
		{function: "reversal:Withdraw", input: obj{}},
		{function: "person:ProposeErasure", input: eraseInput(10)},
		{function: "person:ConfirmErasure", input: obj{"subject": ref(10).String(), "agree": true}},
		{function: "person:WithdrawErasure", input: obj{"subject": ref(10).String()}},
		{function: "person:ProposeReseal", input: obj{"county": county, "epoch": 2, "documents": []obj{{
			"name": "page/dibao/530181-0000001", "before_sha256": digest(string(soloPage(10, 11, 12))), "after_sha256": digest(string(soloPage(12, 11, 10))),
		}}}},
		{function: "person:ConfirmReseal", input: obj{}, tr: transient{wire.TransientSealed: roll.AppendDetails(nil, [][]byte{soloPage(12, 11, 10)})}},
		{function: "person:Hold", input: holdInput(10)},
		{function: "person:LiftHold", input: obj{"id": relief.NewSubjectHoldID(ref(10))}},
		{function: "case:Apply", input: application, tr: facts(60)},
		{function: "case:Adopt", input: obj{"programme": "dibao", "subject": ref(11).String()}},
		{function: "case:Apply", input: asking("e9", "jinan", 61, obj{"amount": "100.00"}), tr: facts(61)},
		{function: "case:DecideTownship", input: granting("e9", "100.00")},
		{function: "case:ConfirmTownship", input: obj{"case": "e9", "agree": true}},
		{function: "case:Attach", input: visit("c9")},
		{function: "case:Ask", input: obj{"case": "c9", "source": "civil-registry"}},
		{function: "case:Match", input: obj{"case": "c9", "statement": statement(60, "clear", caseStart)}},
		{function: "case:AnswerMatch", input: obj{"case": "c9", "match": 0, "outcome": "cleared", "sha256": digest("x")}},
		{function: "case:Notice", input: noticeOf("c9")},
		{function: "case:Object", input: obj{"case": "c9", "channel": "letter", "sha256": digest("no")}},
		{function: "case:Answer", input: answerOf("c9", 0)},
		{function: "case:Decide", input: grantOf("c9")},
		{function: "case:Withdraw", input: obj{"case": "c9"}},
		{function: "case:Review", input: raised, tr: facts(101)},
		{function: "case:Confirm", input: obj{"case": "c1", "agree": true}},
		{function: "case:Appeal", input: obj{"case": "c1", "sha256": digest("appeal")}},
		{function: "case:DecideAppeal", input: obj{"case": "c1", "upheld": false, "sha256": digest("r")}},
		{function: "case:ConfirmClaim", input: answerTo("c1", 10, "530129")},
		{function: "case:ContestClaim", input: answerTo("c1", 10, "530129")},
		{function: "case:Note", input: obj{"case": "c1", "sha256": digest("note")}},
		{function: "case:File", input: obj{"act": relief.ActRollExit, "items": []obj{exit}}},
		{function: "need:Find", input: obj{
			"id": "n9", "subject": ref(60).String(), "region": homeRegion, "programme": "dibao", "source": "civil-registry", "sha256": digest("n"),
		}},
		{function: "need:Dismiss", input: obj{"need": "n9", "reason": "refused"}},
		{function: "payment:Open", input: own},
		{function: "payment:AddLines", input: obj{"batch": "solo"}, tr: linesChunk(1, 10, 1, 62000)},
		{function: "payment:AddLines", input: obj{"batch": "b1"}, tr: linesChunk(3, 12, 1, 62000)},
		{function: "payment:AddDue", input: obj{"batch": "solo", "segments": []int{0}}},
		{function: "payment:AddDue", input: obj{"batch": "b1", "segments": []int{0}}},
	}
	for _, agency := range []string{fakeledger.CivilAffairs, fakeledger.Finance, fakeledger.Audit} {
		acts = append(acts,
			act{function: "official:Register", input: obj{"agency": agency, "name": "alone-again", "id": aloneID}},
			act{function: "official:Retire", input: obj{"agency": agency, "name": "civil-second-approver", "reason": "gone"}},
			act{function: "official:Revoke", input: obj{"agency": agency, "name": "registrar", "reason": "lost", "serials": []string{"1"}}},
		)
	}
	acts = append(acts,
		act{function: "payment:RemoveLines", input: obj{"batch": "b1", "subjects": []string{ref(11).String()}}},
		act{function: "payment:SetControl", input: obj{"id": "b1", "count": 2, "sum": (sum - 62000).String()}},
		act{function: "payment:SendBack", input: obj{"id": "b1", "reason": "for a test"}},
		act{function: "payment:HandOver", input: obj{"id": "b1", "to": "alone"}},
	)
	for _, batch := range []string{"b1", "solo"} {
		id := obj{"id": batch}
		file := fileInput(batch, 3, sum)
		if batch == "solo" {
			file = fileInput(batch, 1, "620.00")
		}
		acts = append(acts,
			act{function: "payment:Seal", input: id},
			act{function: "payment:Approve", input: id},
			act{function: "payment:MakeFile", input: file},
			act{function: "payment:Authorise", input: obj{"id": batch, "file_sha256": fileHash}},
			act{function: "payment:Instruct", input: id},
			act{function: "payment:TakeBack", input: obj{"id": batch, "reason": "rejected"}},
			act{function: "payment:ConfirmTakeBack", input: id},
			act{function: "payment:Settle", input: obj{"batch": batch}, tr: settlements(answers...)},
			act{function: "payment:Tally", input: id},
			act{function: "payment:Cancel", input: obj{"id": batch, "reason": "for a test"}},
			act{function: "payment:Close", input: id},
		)
	}
	return acts
}
