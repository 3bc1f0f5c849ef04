// SPDX-License-Identifier: Apache-2.0

package randomacts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"relieftrail/chaincode/fakeledger"
	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/chaincode/relief/wire"
)

const people = 40

func ref(n int) relief.SubjectRef {
	return relief.NewSubjectRef(1, []byte("a key of the tests"), relief.IDNumber(fmt.Sprint("person ", n)))
}

func payee(n int) roll.Payee {
	return roll.Payee{Name: relief.Tag{1, 'n', byte(n)}, Account: relief.Tag{1, 'a', byte(n)}} //nolint:gosec // below 256
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func (a *Acts) draft(id string, version int) act {
	return act{province, "programme:Draft", object{
		"id": id, "version": version, "name": "最低生活保障", "region": "53", "unit": "household", "cycle": "monthly",
		"min_amount": "1.00", "max_amount": "5000.00", "starts": "2026-01", "import_until": "2199-12-31", "notice_days": 7, "pay_by_day": 10,
		"budget": object{"functional": "2081902", "economic": "30306"}, "segment_size": 4, "class_amounts": object{"A": "620.00", "B": "480.00"},
		"recheck_months": object{"A": 12, "B": 6}, "appeal_guide": "可申请复核",
	}, nil}
}

func (a *Acts) issue(id string) act {
	full := object{"coverage": "98.00", "timeliness": "98.00", "accuracy": "98.00", "satisfaction": "98.00"}
	return act{financeApprover, "fund:Issue", object{
		"id": id, "programme": "dibao", "region": County, "amount": "900000.00", "source": "省财政", "account": "5301000000000001",
		"fiscal_year": a.now.Year(), "targets": full,
	}, nil}
}

// choose is what is done next: an act that the state of the records allows, more or less.
func (a *Acts) choose() []act {
	switch n := a.rand.IntN(24); {
	case n < 2:
		return a.imports()
	case n < 6:
		return []act{a.onEntry()}
	case n < 12:
		return []act{a.onCase()}
	case n < 20:
		return []act{a.onBatch()}
	case n == 20:
		return a.onFunds()
	case n == 21:
		version := 2 + a.rand.IntN(3)
		return []act{a.draft("dibao", version), {financeApprover, "programme:Enact", object{"id": "dibao", "version": version}, nil}}
	case n == 22:
		return a.onRegistry()
	}
	return a.onAccount()
}

// imports puts one to three people on the roll, or changes them, with values at the bounds now and then.
func (a *Acts) imports() []act {
	entries := make([]roll.Input, 1+a.rand.IntN(3))
	sealed := make([][]byte, len(entries))
	first := a.rand.IntN(people)
	for i := range entries {
		n := (first + i) % people
		entries[i] = roll.Input{
			Seq: uint32(i + 2), Ref: ref(n), Region: County + "001", Persons: 1, Class: 'A', Amount: 62000, Payee: payee(n),
		}
		sealed[i] = []byte("\x83sealed")
		if a.rand.IntN(4) == 0 {
			a.spoilEntry(&entries[i])
		}
	}
	tr := transient{wire.TransientRoll: roll.AppendRoll(nil, entries), wire.TransientPersons: roll.AppendDetails(nil, sealed)}
	in := fakeledger.Import{
		ID: relief.ImportID(a.next("i")), Programme: "dibao", County: County, From: relief.MonthPeriod(2026*12 + a.rand.IntN(11)),
		Segments: []uint32{0, 1, 2, 3}, // the size of a segment is 4: the first with room
	}
	terms, err := in.Terms(tr)
	if err != nil { // what cannot be decoded is sent all the same
		return []act{{civilApprover, "roll:Import", object{"import": a.one(a.ids(relief.KindImport)), "segments": []int{0}}, tr}}
	}
	segment := a.rand.IntN(people / 4)
	return []act{
		{civilPreparer, "roll:ProposeImport", object{
			"id": terms.ID, "programme": "dibao", "county": County, "from": terms.From, "chunks": terms.Chunks,
			"new": terms.New, "changed": terms.Changed, "same": terms.Same, "missing": 0, "refused": 0,
		}, nil},
		{civilApprover, "roll:ConfirmImport", object{"id": terms.ID, "digest": terms.Digest(), "agree": true}, nil},
		{civilApprover, "roll:Import", object{"import": terms.ID, "segments": []int{segment, segment + 1}}, tr},
	}
}

// spoilEntry puts values into a line that the wire can carry and a roll perhaps not hold.
func (a *Acts) spoilEntry(e *roll.Input) {
	edge := relief.MonthPeriod([]int{2000 * 12, 2026*12 + 9, 2199*12 + 11}[a.rand.IntN(3)])
	switch a.rand.IntN(9) {
	case 0:
		e.Ref[0] = 0
	case 1:
		e.Region = []relief.Region{"53", "5301", "530100", "530100001", County, "530182", ""}[a.rand.IntN(7)]
	case 2:
		e.Persons = []uint8{0, 99, 100, 255}[a.rand.IntN(4)]
	case 3:
		e.Class = []byte{0, 'Z', 'a', 't', 0xff}[a.rand.IntN(5)]
	case 4:
		e.Amount = []relief.Fen{0, 1, relief.MaxFen, relief.MaxFen + 1, 1 << 48}[a.rand.IntN(5)]
	case 5:
		e.Payee.Account = relief.Tag{0, 1}
	case 6:
		e.Told = roll.Told{PaidThrough: edge, PaidSum: relief.MaxFen}
	case 7:
		e.Members = []relief.SubjectRef{ref(a.rand.IntN(people)), {}}
	default:
		e.Seen, e.Was = roll.SeenChanged, roll.Was{Version: uint16(a.rand.IntN(3)), Persons: 1, Class: 'A', Amount: 62000} //nolint:gosec // small
		e.Amount = 48000
	}
}

// onEntry changes the entry of somebody, or decides the last change.
func (a *Acts) onEntry() act {
	subject := ref(a.rand.IntN(people)).String()
	month := relief.MonthPeriod(a.now.Year()*12 + int(a.now.Month()) - 1 + a.rand.IntN(3)).String()
	of := func(more object) object {
		more["programme"], more["subject"] = "dibao", subject
		return more
	}
	switch a.rand.IntN(9) {
	case 6:
		return act{civilPreparer, "roll:Move", of(object{"region": County + fmt.Sprintf("%03d", 1+a.rand.IntN(2))}), nil}
	case 7:
		return a.anotherHead(of, month)
	case 8:
		return a.link(subject)
	case 0:
		return act{civilPreparer, "roll:Exit", of(object{"reason": "death", "died_on": a.now.Add(-48 * time.Hour).Format(time.DateOnly)}), nil}
	case 1:
		return act{civilPreparer, "roll:Exit", of(object{"reason": "moved", "last_period": month}), nil}
	case 2:
		return act{civilPreparer, "roll:Suspend", of(object{"from": month, "reason": "核查"}), nil}
	case 3:
		return act{civilPreparer, "roll:Resume", of(object{"from": month}), nil}
	}
	id := a.one(a.ids(relief.KindChange))
	c := a.object(relief.ChangeKey(relief.ChangeID(id)))
	return act{civilApprover, "roll:ConfirmChange", object{"change": id, "sha256": c["sha256"], "agree": true}, nil}
}

// anotherHead has somebody lead the household of a person.
func (a *Acts) anotherHead(of func(object) object, from string) act {
	n := a.rand.IntN(people) + 1000*a.rand.IntN(2)
	return act{civilPreparer, "roll:ReplaceHead", of(object{
		"new_head": ref(n).String(), "from": from, "class": "B", "persons": 1, "amount": "480.00", "name_tag": payee(n).Name,
		"account_tag": payee(n).Account, "evidence_sha256": digest(fmt.Sprint("paper ", a.rand.Uint64())),
	}), transient{wire.TransientPersons: roll.AppendDetails(nil, [][]byte{[]byte("\x83sealed")})}}
}

// link proposes a corrected identity number of a person, or decides the last proposal of that.
func (a *Acts) link(subject string) act {
	ids := a.ids(relief.KindLink)
	if len(ids) > 0 && a.rand.IntN(2) == 0 {
		id := a.one(ids)
		from, err := relief.ParseSubjectRef(id)
		if err == nil {
			l := a.object(relief.LinkKey(from))
			return act{civilApprover, "person:ConfirmLink", object{"subject": id, "sha256": l["sha256"], "agree": true}, nil}
		}
	}
	return act{civilPreparer, "person:ProposeLink", object{
		"earlier": subject, "later": ref(2000 + a.rand.IntN(people)).String(), "reason": "number",
		"evidence_sha256": digest(fmt.Sprint("card ", a.rand.Uint64())),
	}, transient{wire.TransientPersons: roll.AppendDetails(nil, [][]byte{[]byte("\x83sealed")})}}
}

// onCase brings a case a step further, or opens one.
func (a *Acts) onCase() act {
	id := a.one(a.ids(relief.KindCase))
	c := a.object(relief.CaseKey(relief.CaseID(id)))
	on := object{"case": id, "sha256": digest(fmt.Sprint(a.rand.Uint64()))}
	with := func(more object) object {
		for name, value := range on {
			if name == "case" || more["outcome"] == nil {
				more[name] = value
			}
		}
		return more
	}
	sealed := func(n int) transient {
		return transient{
			wire.TransientFacts:   roll.AppendDetails(nil, [][]byte{fmt.Appendf(nil, "\x83 %d", n)}),
			wire.TransientPersons: roll.AppendDetails(nil, [][]byte{[]byte("\x83sealed")}),
		}
	}
	if c == nil || a.rand.IntN(5) == 0 {
		n := a.rand.IntN(people)
		return act{township, "case:Apply", object{
			"id": a.next("c"), "programme": "dibao", "region": County + "001", "settlement": "rural", "members": []string{ref(n).String(), ref(n + 1000).String()},
			"name_tag": payee(n).Name, "account_tag": payee(n).Account,
		}, sealed(n)}
	}
	switch c["state"] {
	case "applied":
		return act{civilPreparer, "case:Notice", object{"case": id, "class": "A", "persons": 2, "amount": "1240.00"}, nil}
	case "noticed", "answered":
		a.now = a.now.Add(8 * 24 * time.Hour)
		a.ledger.SetTime(a.now)
		if a.rand.IntN(4) == 0 {
			return act{civilApprover, "case:Decide", object{"case": id, "outcome": "refused", "reason": "income"}, nil}
		}
		return act{civilApprover, "case:Decide", object{"case": id, "outcome": "granted", "segment": a.rand.IntN(people / 4)}, nil}
	case "objected":
		return act{township, "case:Answer", with(object{"objection": 0, "founded": false}), nil}
	case "in_force":
		return act{civilPreparer, "case:Review", object{"case": id, "finding": "change", "terms": object{"class": "B", "persons": 1, "amount": "480.00"}}, nil}
	case "reviewed":
		return act{civilApprover, "case:Confirm", object{"case": id, "agree": true}, nil}
	case "refused", "exited":
		return act{township, "case:Appeal", on, nil}
	}
	return act{civilChief, "case:DecideAppeal", with(object{"upheld": false}), nil}
}

// onBatch brings a batch a step further, or opens one.
func (a *Acts) onBatch() act {
	id := a.one(a.ids(relief.KindBatch))
	b := a.object(relief.BatchKey(relief.BatchID(id)))
	is := func(more object) object {
		more["id"] = id
		return more
	}
	if b == nil || a.rand.IntN(8) == 0 {
		month := relief.MonthPeriod(a.now.Year()*12 + int(a.now.Month()) - 1 + a.rand.IntN(2))
		return act{civilPreparer, "payment:Open", object{
			"id": a.next("b"), "programme": "dibao", "region": County, "period": month, "tranche": a.one(a.ids(relief.KindTranche)),
			"count": 1, "sum": "620.00",
		}, nil}
	}
	if a.rand.IntN(15) == 0 {
		return act{civilApprover, "payment:Cancel", is(object{"reason": "改期"}), nil}
	}
	switch b["state"] {
	case "open":
		if n := a.rand.IntN(4); n == 0 {
			return act{civilPreparer, "payment:Seal", is(object{}), nil}
		} else if n == 1 {
			return act{civilPreparer, "payment:RemoveLines", object{"batch": id, "subjects": []string{ref(a.rand.IntN(people)).String()}}, nil}
		}
		return act{civilPreparer, "payment:AddLines", object{"batch": id}, a.line()}
	case "sealed":
		return act{civilApprover, "payment:Approve", is(object{}), nil}
	case "approved":
		if b["file_sha256"] == nil {
			return act{financePreparer, "payment:MakeFile", is(object{
				"file_sha256": digest(id), "message_id": "m", "execute_on": a.now.Add(99 * time.Hour).Format(time.DateOnly), "count": 1, "sum": "620.00",
			}), nil}
		}
		return act{financeApprover, "payment:Authorise", is(object{"file_sha256": b["file_sha256"]}), nil}
	case "authorised":
		return act{financePreparer, "payment:Instruct", is(object{}), nil}
	case "instructed":
		switch a.rand.IntN(4) {
		case 0:
			return act{financePreparer, "payment:Tally", is(object{}), nil}
		case 1:
			return act{financePreparer, "payment:Close", is(object{}), nil}
		}
	}
	return act{financePreparer, "payment:Settle", object{"batch": id}, a.answer()}
}

// someEntry is a random entry of the roll; an empty one while there is none.
func (a *Acts) someEntry() (e roll.Entry) {
	a.ledger.Scan("\x00"+relief.KindRoll+"\x00", func(key string, value []byte) bool {
		k, _ := relief.ParseKey(key)
		segment, err := relief.ParseSegment(k.Attrs[2])
		seg, err2 := roll.ParseSegment(value)
		if err != nil || err2 != nil || seg.Len() == 0 || !e.Subject.IsZero() && a.rand.IntN(3) > 0 {
			return true
		}
		e = seg.Entry(a.rand.IntN(seg.Len()), roll.SegmentAddr{Programme: "dibao", County: County, Segment: segment, Size: 4})
		return true
	})
	return e
}

func (a *Acts) line() transient {
	e := a.someEntry()
	check := roll.PayeeCheck{}
	for n := range people {
		if ref(n) == e.Subject {
			p := payee(n)
			check = p.Check()
		}
	}
	l := payment.LineInput{Seq: 2, Number: e.Number, Ref: e.Subject, Region: e.Region, Amount: e.Amount, Payee: check}
	if a.rand.IntN(6) == 0 {
		l.Seq, l.Number = 1<<32-1, []uint32{0, e.Number + 1, relief.MaxRollNumber, 1<<32 - 1}[a.rand.IntN(4)]
	}
	return transient{wire.TransientLines: payment.AppendLines(nil, []payment.LineInput{l})}
}

func (a *Acts) answer() transient {
	in := payment.AnswerInput{
		Seq: 2, Number: uint32(a.rand.IntN(people)), Attempt: 1, Outcome: payment.OutcomeCredited, Amount: 62000, Day: 20773, //nolint:gosec // small
		BankRef: relief.BankRefHash{1}, Salt: [16]byte{1},
	}
	if e := a.someEntry(); a.rand.IntN(4) > 0 {
		in.Number, in.Amount = e.Number, e.Amount
	}
	switch a.rand.IntN(8) {
	case 0, 1:
		in.Outcome, in.Reason = payment.OutcomeReturned, [4]byte{'A', 'C', '0', '4'}
	case 2:
		in.Day = []uint32{0, 1, relief.MaxDay, relief.MaxDay + 1, 1<<32 - 1}[a.rand.IntN(5)]
	case 3:
		in.Outcome, in.Reason = payment.OutcomeReturned, [4]byte(bytes.Repeat([]byte{byte(a.rand.IntN(256))}, 4)) //nolint:gosec // below 256
	case 4:
		in.Attempt = []uint8{0, 2, 255}[a.rand.IntN(3)]
	}
	return transient{wire.TransientSettlements: payment.AppendAnswers(nil, []payment.AnswerInput{in})}
}

// onRegistry has one agency propose a change and the others agree.
func (a *Acts) onRegistry() []act {
	id := a.next("p")
	change := []object{
		{"thresholds": object{"x": a.rand.IntN(100)}},
		{"calendar": object{"holidays": []string{"2027-01-01"}, "workdays": []string{}, "utc_offset": 480}},
	}[a.rand.IntN(2)]
	proposal := act{fakeledger.Registrar(fakeledger.CivilAffairs), "registry:Propose", object{"id": id, "change": change}, nil}
	if done, err := a.submit(&proposal); err != nil || !done {
		return []act{proposal}
	}
	p := a.object(relief.ProposalKey(relief.ProposalID(id)))
	agree := object{"id": id, "digest": p["digest"]}
	return []act{
		{fakeledger.Registrar(fakeledger.Finance), "registry:Agree", agree, nil},
		{fakeledger.Registrar(fakeledger.Audit), "registry:Agree", agree, nil},
	}
}

// onAccount declares a shared account, decides on one, or finds a need.
func (a *Acts) onAccount() []act {
	if a.rand.IntN(2) == 0 {
		id := a.next("n")
		return []act{
			{civilPreparer, "need:Find", object{
				"id": id, "subject": ref(a.rand.IntN(people)).String(), "region": County + "001", "programme": "dibao", "source": "civil-registry", "sha256": digest(id),
			}, nil},
			{township, "need:Dismiss", object{"need": id, "reason": "不符"}, nil},
		}
	}
	id := a.next("a")
	declare := act{civilPreparer, "roll:DeclareAccount", object{
		"id": id, "kind": "guardian", "county": County, "account_tag": payee(a.rand.IntN(people)).Account, "evidence_sha256": digest(id),
	}, nil}
	if done, err := a.submit(&declare); err != nil || !done {
		return []act{declare}
	}
	record := a.object(relief.AccountKey(relief.AccountID(id)))
	return []act{
		{civilApprover, "roll:ConfirmAccount", object{"id": id, "sha256": record["sha256"], "agree": true}, nil},
		{civilApprover, "roll:EndAccount", object{"id": id, "reason": "期满"}, nil},
	}
}
