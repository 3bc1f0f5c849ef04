package rules

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// CaseState is what is kept of a case: its history as a hash, and who is in the household while it is on a roll.
type CaseState struct {
	State     casework.CaseState  `json:"state"`
	Acts      int                 `json:"acts"`
	SHA256    []byte              `json:"sha256"`
	Programme relief.ProgrammeID  `json:"programme"`
	Members   []relief.SubjectRef `json:"members,omitempty"` // while the household is on a roll
	Officials []relief.Official   `json:"officials"`         // who did its acts: agency and staff number, each once
}

// caseRecord checks a case: its history only grows, by acts in the name of the transaction's signer; nobody decides what they
// prepared; nobody is in two households of one programme, or of programmes that exclude each other.
func (e *txChanges) caseRecord(r Record) {
	c, ok := unpack[casework.Case](e, r)
	if !ok {
		return
	}
	name := "case " + string(c.ID)
	if relief.CaseKey(c.ID).String() != r.Name || len(c.Acts) == 0 || len(c.Members) == 0 {
		e.report(BadRecord, "%s is not what its key says", KeyName(r.Name))
		return
	}
	before := e.Cases[c.ID]
	if before == nil {
		before = &CaseState{SHA256: historySHA256(nil)}
	}
	if len(c.Acts) < before.Acts || !slices.Equal(historySHA256(c.Acts[:before.Acts]), before.SHA256) {
		e.report(BadRecord, "the earlier history of %s is changed", name)
		return
	}
	for i := before.Acts; i < len(c.Acts); i++ {
		if !e.proposedWith(&c.Acts[i]) {
			e.signed(name, &c.Acts[i])
		}
		e.decided(name, c.Acts[:i], &c.Acts[i])
	}
	now := &CaseState{State: c.State, Acts: len(c.Acts), SHA256: historySHA256(c.Acts), Programme: c.Programme}
	if c.State == casework.CaseInForce || c.State == casework.CaseReviewed || c.State == casework.CaseSuspended {
		now.Members = c.Members
	}
	for i := range c.Acts {
		by := relief.Official{Agency: c.Acts[i].By.Agency, ID: c.Acts[i].By.ID}
		if !slices.Contains(now.Officials, by) {
			now.Officials = append(now.Officials, by)
		}
	}
	e.members(c.ID, before, now)
	e.Cases[c.ID] = now
	e.cases = append(e.cases, c)
	e.bill(name, c)
}

func historySHA256(acts []relief.HistoryEntry) []byte {
	b, err := json.Marshal(acts)
	if len(acts) == 0 || err != nil {
		b = nil
	}
	sum := sha256.Sum256(b)
	return sum[:]
}

// proposedWith reports whether an act in a case's history is one of a change of the roll entry that the transaction confirmed.
func (e *txChanges) proposedWith(act *relief.HistoryEntry) bool {
	return slices.ContainsFunc(e.confirmed, func(c *roll.Change) bool { return slices.Contains(c.Acts, *act) })
}

// preparing are the acts after which somebody does not decide a case.
var preparing = []relief.Act{
	relief.ActCaseApply, relief.ActCaseAttach, relief.ActCaseAsk, relief.ActCaseMatch, relief.ActCaseAnswerMatch, relief.ActCaseNotice,
	relief.ActCaseAnswer, relief.ActCaseReview, casework.ActConfirmClaim, casework.ActContestClaim,
}

// decided checks that an official who decides did not prepare the case, that the county does not confirm its own decision for a
// township, and that an appeal is not decided by who decided before. A township whose decisions the county confirms may have one
// official for both.
func (e *txChanges) decided(name string, earlier []relief.HistoryEntry, act *relief.HistoryEntry) {
	not := preparing
	switch act.Act {
	case relief.ActCaseDecide, relief.ActCaseConfirm:
	case relief.ActCaseConfirmTownship:
		not = append(slices.Clone(preparing), relief.ActCaseDecideTownship)
	case relief.ActCaseDecideAppeal:
		not = append(slices.Clone(preparing), relief.ActCaseDecide, relief.ActCaseDecideTownship, relief.ActCaseConfirm, relief.ActRollExit, relief.ActRollConfirmChange)
	default:
		return
	}
	for i := range earlier {
		if a := &earlier[i]; slices.Contains(not, a.Act) && relief.SameOfficial(a.By, act.By) {
			e.report(BadRecord, "%s: %s by %s of %s, who did %s", name, act.Act, act.By.Name, act.By.Agency, a.Act)
			return
		}
	}
}

// members keeps who is in a household on a roll, and finds people who are in another one as well.
func (e *txChanges) members(id relief.CaseID, before, now *CaseState) {
	for _, m := range before.Members {
		e.Households[m] = slices.DeleteFunc(e.Households[m], func(other relief.CaseID) bool { return other == id })
		if len(e.Households[m]) == 0 {
			delete(e.Households, m)
		}
	}
	for _, m := range now.Members {
		for _, r := range e.referencesOf(m) {
			for _, other := range e.Households[r] {
				if of := e.Cases[other].Programme; of == now.Programme || e.exclude(of, now.Programme) {
					e.report(PaidTwice, "subject %s is in the households of the cases %s and %s", m, id, other)
				}
			}
		}
	}
	for _, m := range now.Members {
		e.Households[m] = append(e.Households[m], id)
	}
}

// bill finds a bill that two cases were granted.
func (e *txChanges) bill(name string, c *casework.Case) {
	switch other := e.Bills[c.Bill]; {
	case c.Bill == relief.Tag{} || c.Grant == nil:
	case c.State == casework.CaseRevoked:
		if other == c.ID {
			delete(e.Bills, c.Bill)
		}
	case other != "" && other != c.ID:
		e.report(PaidTwice, "%s is granted the bill that case %s was granted", name, other)
	default:
		e.Bills[c.Bill] = c.ID
	}
}

// grantedPayment is a payment that was granted, or that is granted no more.
type grantedPayment struct {
	id     relief.PaymentID
	amount relief.Fen
	taken  bool
}

// grantsIn notes what a value of further payments has of granted payments that no batch holds yet, and had.
func (e *txChanges) grantsIn(p place, before, after payment.Payments) {
	was, ok := before.(*payment.Further)
	now, ok2 := after.(*payment.Further)
	if !ok || !ok2 {
		return
	}
	note := func(l *payment.Line, taken bool) {
		number := p.at.First() + uint32(l.Position) //nolint:gosec // < 1000
		e.grants = append(e.grants, grantedPayment{
			relief.PaymentID{Programme: p.at.Programme, County: p.at.County, Number: number, Period: p.Period, Attempt: l.Attempt}, l.Amount, taken,
		})
	}
	for _, c := range now.Changes(was) {
		if c.Before.Attempt == 0 && c.After.State == payment.LineGranted {
			note(&c.After, false)
		}
	}
	for _, c := range was.Changes(now) {
		if c.Before.Attempt == 0 && c.After.State == payment.LineGranted {
			note(&c.After, true)
		}
	}
}

// decisions checks that each payment that was granted, or is granted no more, is what a case of the transaction says.
func (e *txChanges) decisions() {
	for _, g := range e.grants {
		if !slices.ContainsFunc(e.cases, func(c *casework.Case) bool {
			return c.Grant != nil && c.Grant.Payment == g.id && c.Terms.Amount == g.amount && (c.State == casework.CaseRevoked) == g.taken
		}) {
			e.report(Money, "payment %s of %s is granted or taken back, and no case says so", g.id, g.amount)
		}
	}
}
