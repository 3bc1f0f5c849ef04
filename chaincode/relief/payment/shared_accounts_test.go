package payment

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

func account(n byte) relief.Tag { return relief.Tag{1, n} }

// accountsOf are the accounts of people with the roll numbers from 0 on.
func accountsOf(of ...byte) Accounts {
	var a Accounts
	for number, n := range of {
		a.uses = append(a.uses, accountUse{account(n), uint32(number)})
	}
	return a
}

func TestSharedAccountsComeInTheOrderOfNumbers(t *testing.T) {
	a := accountsOf(9, 4, 7, 4, 9, 9, 1)
	a.uses = append(a.uses, a.uses[len(a.uses)-1]) // the same number twice is one person
	require.Equal(t, []SharedAccount{{account(9), []uint32{0, 4, 5}}, {account(4), []uint32{1, 3}}}, a.Shared())
	a = accountsOf(1, 2, 3)
	require.Empty(t, a.Shared())
}

func TestARefusalNamesTenNumbers(t *testing.T) {
	b := &Batch{Region: "530181001"}
	of := make([]byte, 26)
	for i := range of {
		of[i] = byte(i % 2)
	}
	a := accountsOf(of...)
	shared := a.Shared()
	require.NoError(t, RequireDeclared(b, shared, []*roll.DeclaredAccount{
		{ID: "a", Kind: roll.AccountInstitution, County: "530181"}, {ID: "b", Kind: roll.AccountInstitution, County: "530181"},
	}))
	err := RequireDeclared(b, shared, []*roll.DeclaredAccount{nil, {ID: "aunt", Kind: roll.AccountGuardian, County: "530181"}})
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeSharedAccount})
	require.Contains(t, err.Error(), "0000018 share an account that is not declared; and 16 more (2 accounts)")
	require.Equal(t, 2*maxNamed, strings.Count(err.Error(), "00000"), "in each language")
	err = RequireDeclared(b, shared[1:], []*roll.DeclaredAccount{{ID: "aunt", Kind: roll.AccountGuardian, County: "530129"}})
	require.ErrorContains(t, err, "share the guardian's account aunt, which may have at most 10; and 3 more (1 accounts)")
}

// A batch of 26,600 people is looked through in a few milliseconds.
func BenchmarkSharedAccounts(b *testing.B) {
	uses := make([]accountUse, 26_600)
	for i := range uses {
		uses[i] = accountUse{relief.Tag{1, byte(i * 7), byte(i >> 8), byte(i)}, uint32(i)}
	}
	for b.Loop() {
		a := Accounts{uses: append([]accountUse(nil), uses...)}
		if len(a.Shared()) != 0 {
			b.Fatal("shared")
		}
	}
}
