package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/payment"
	"relieftrail/chaincode/relief/roll"
)

// A batch that is sealed pays several people to an account while its declaration is in force, and not otherwise.
func TestUndeclaredAccountsAreFound(t *testing.T) {
	l := newTestLedger(t)
	period := relief.MonthPeriod(2026*12 + 10)
	b := &payment.Batch{ID: "b1", Programme: "dibao", Region: "530181", Period: period, SegmentSize: 1000, Segments: []uint32{0}}
	l.Segments[relief.LinesKey("dibao", "530181", period, 0).String()] = linesOf(t, 2)
	declared := relief.DeclaredKey(relief.Tag{1, 7}).String()
	found := func(act relief.Act, accounts ...byte) []Problem {
		l.Segments[relief.PayeesKey("dibao", "530181", 0).String()] = payeesOf(t, 1, accounts...)
		e := &txChanges{State: l.State}
		e.sharedAccounts("batch b1", b, act)
		return e.found
	}
	require.Empty(t, found(relief.ActPaymentSeal, 7, 8))
	require.Len(t, found(relief.ActPaymentSeal, 7, 7), 1)
	require.Empty(t, found(relief.ActPaymentAuthorise, 7, 7), "a declaration may end after the seal")
	l.Segments[declared] = []byte(text(t, roll.DeclaredAccount{ID: "home", Kind: roll.AccountInstitution, County: "530181", Account: relief.Tag{1, 7}}))
	require.Empty(t, found(relief.ActPaymentSeal, 7, 7))
}

// A declaration is proposed and confirmed by two officials, and its account is declared while it is in force.
func TestForgedDeclarationsAreFound(t *testing.T) {
	one := relief.Official{Agency: "CivilAffairsMSP", ID: "one", Name: "one"}
	two := relief.Official{Agency: "CivilAffairsMSP", ID: "two", Name: "two"}
	terms := roll.AccountTerms{ID: "home", Kind: roll.AccountGuardian, County: "530181", Account: relief.Tag{1, 7}}
	account := func(by relief.Official, state roll.AccountState) roll.SharedAccount {
		return roll.SharedAccount{AccountTerms: terms, State: state, Acts: []relief.HistoryEntry{
			{Act: relief.ActRollDeclareAccount, By: one}, {Act: relief.ActRollConfirmAccount, By: by},
		}}
	}
	for name, test := range map[string]struct {
		account roll.SharedAccount
		want    string
	}{
		"two officials":      {account(two, roll.AccountDeclared), ""},
		"one official":       {account(one, roll.AccountDeclared), "confirms what the same official proposed"},
		"not in force":       {account(two, roll.AccountEnded), "declared by no declaration in force"},
		"of another account": {roll.SharedAccount{AccountTerms: roll.AccountTerms{ID: "home", County: "530181"}, State: roll.AccountDeclared, Acts: account(two, "").Acts}, "declared by no declaration in force"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newTestLedger(t)
			e := &txChanges{State: l.State, tx: &Tx{}}
			declared := relief.DeclaredKey(terms.Account)
			e.account(Record{relief.AccountKey("home"), relief.AccountKey("home").String(), []byte(text(t, test.account))})
			inForce := account(two, roll.AccountDeclared)
			e.declared(Record{declared, declared.String(), []byte(text(t, inForce.Declared()))})
			var found []string
			for _, p := range e.found {
				if !strings.Contains(p.Detail, "is in the name of") { // the signer is not this test's matter
					found = append(found, p.Detail)
				}
			}
			if test.want == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Contains(t, found[0], test.want)
			e.declared(Record{declared, declared.String(), nil})
			require.NotContains(t, l.Segments, declared.String())
		})
	}
}
