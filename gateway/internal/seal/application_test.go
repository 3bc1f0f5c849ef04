package seal

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/reference"
)

const sampleApplication = `{"id":"c1","programme":"dibao","region":"530181001001","settlement":"rural","account":"6222021234567890123","income":"1200.00",` +
	`"reason":"因病致贫","members":[{"name":"张三","id_number":"11010519491231002X","health":"慢性病"}]}`

func sampleHouseholds(t testing.TB) *Households {
	return &Households{References: reference.New(nil, reference.Key{Epoch: 1, Secret: bytes.Repeat([]byte{8}, 32)}).Maker(t.Context()), Persons: samplePersonsKey(t), Today: "2026-11-29"}
}

// A file seals the same application to the same bytes, another one to others; either way only the key opens them.
func TestTheSameApplicationIsSealedAlike(t *testing.T) {
	h := sampleHouseholds(t)
	seal := func(document string) SealedApplication {
		a, err := ReadApplication([]byte(document))
		require.NoError(t, err)
		s, err := h.Seal(&a)
		require.NoError(t, err)
		facts, err := h.Persons.Opener().Facts(s.Facts, s.Argument.Members[0], "dibao")
		require.NoError(t, err)
		require.Contains(t, string(facts), "慢性病")
		person, err := h.Persons.Opener().Person(s.Person, s.Argument.Members[0], "dibao")
		require.NoError(t, err)
		require.Equal(t, "张三", person.Name.Reveal())
		for _, personal := range []string{"张三", "11010519491231002X", "慢性病", "1200.00"} {
			require.NotContains(t, string(s.Facts)+string(s.Person), personal)
		}
		return s
	}
	once := seal(sampleApplication)
	require.NotEqual(t, once, seal(sampleApplication), "single applications have random nonces")
	h.Same = true
	first := seal(sampleApplication)
	require.Equal(t, first, seal(sampleApplication))
	other := seal(strings.Replace(sampleApplication, "1200.00", "1200.01", 1))
	require.NotEqual(t, first.Facts[:16], other.Facts[:16], "another nonce")
}

func TestBadApplications(t *testing.T) {
	h := sampleHouseholds(t)
	for _, c := range []struct{ from, to, field string }{
		{`"dibao"`, `"Dibao"`, "programme"}, {`"1200.00"`, `"1200"`, "income"}, {`"1200.00"`, `""`, "income"}, {`"1200.00"`, `"-1.00"`, "income"},
		{`"因病致贫"`, `""`, "reason"}, {`"因病致贫"`, `"` + strings.Repeat("苦", 501) + `"`, "reason"}, {`"6222021234567890123"`, `""`, "account"},
		{`"6222021234567890123"`, `"农行 6228 4800 1234"`, "account"}, {`"6222021234567890123"`, `"62222021234567890123622021234567890123"`, "account"},
		{`"6222021234567890123"`, `"6217900000000000000"`, "account"}, {`"income"`, `"bank":"` + strings.Repeat("行", 141) + `","income"`, "bank"},
		{`"张三"`, `"张\u200b三"`, "members.name"}, {`11010519491231002X`, `110105204912310026`, "members.id_number"},
		{`"张三"`, `""`, "members.name"}, {`11010519491231002X`, `110105194912310021`, "members.id_number"}, {`11010519491231002X`, `x`, "members.id_number"},
		{`[{"name":"张三","id_number":"11010519491231002X","health":"慢性病"}]`, `[]`, "members"},
		{`[{"name":"张三","id_number":"11010519491231002X","health":"慢性病"}]`, `[` + strings.Repeat(`{"name":"张"},`, 20) + `{}]`, "members"},
		{`"reason"`, `"cause"`, ""}, {`"id":"c1"`, `"id":7`, ""}, {`"members":[`, `"members":"张三","x":[`, ""}, {`}]}`, `}]}{}`, ""},
	} {
		document := strings.Replace(sampleApplication, c.from, c.to, 1)
		require.NotEqual(t, sampleApplication, document)
		a, err := ReadApplication([]byte(document))
		if err == nil {
			_, err = h.Seal(&a)
		}
		var refused *relief.Error
		require.ErrorAs(t, err, &refused, c.to)
		require.Equal(t, c.field, refused.Field, c.to)
		for _, personal := range []string{"张三", "11010519491231002", "因病"} {
			require.NotContains(t, err.Error(), personal)
		}
	}
}

// What is sealed of a payee is the form that the tags are made of.
func TestNamesAndAccountsAreSealedInOneForm(t *testing.T) {
	h := sampleHouseholds(t)
	a, err := ReadApplication([]byte(strings.NewReplacer("张三", "张　三", "6222021234567890123", "6222 0212 3456 7890 123").Replace(sampleApplication)))
	require.NoError(t, err)
	s, err := h.Seal(&a)
	require.NoError(t, err)
	person, err := h.Persons.Opener().Person(s.Person, s.Argument.Members[0], "dibao")
	require.NoError(t, err)
	require.Equal(t, "张三", person.Name.Reveal())
	require.Equal(t, "6222021234567890123", person.Account.Reveal())
	facts, err := h.Persons.Opener().Facts(s.Facts, s.Argument.Members[0], "dibao")
	require.NoError(t, err)
	require.Contains(t, string(facts), `"name":"张三"`)
	require.Contains(t, string(facts), `"account":"6222021234567890123"`)
}

func FuzzApplication(f *testing.F) {
	f.Add([]byte(sampleApplication))
	f.Add([]byte(`{"members":[{}],"income":"1.00"}`))
	h := sampleHouseholds(f)
	h.Same = true
	f.Fuzz(func(t *testing.T, document []byte) {
		a, err := ReadApplication(document)
		if err == nil {
			_, err = h.Seal(&a)
		}
		var refused *relief.Error
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("a refusal without a code: %v", err)
		}
	})
}

// A file of acts has as many acts and refusals as lines that are not blank.
