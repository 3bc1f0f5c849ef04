package seal

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

const sampleChange = `{"programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","account":"6230 5966 9999 9999 993","bank":"农业银行",` +
	`"evidence_sha256":"00"}`

// A new payee takes the place of the present one, with what the office leaves out as it was.
func TestPayeeChangesAreSealed(t *testing.T) {
	key := samplePersonsKey(t)
	change, of, err := ReadPayeeChange([]byte(sampleChange))
	require.NoError(t, err)
	sealed, err := key.SealPayeeChange(&change, &of, inventedPerson, roll.Payee{}, true)
	require.NoError(t, err)
	again, err := key.SealPayeeChange(&change, &of, inventedPerson, roll.Payee{}, true)
	require.NoError(t, err)
	require.Equal(t, sealed, again, "a file that is sent again changes nothing")
	random, err := key.SealPayeeChange(&change, &of, inventedPerson, roll.Payee{}, false)
	require.NoError(t, err)
	require.NotEqual(t, sealed, random)
	person, err := key.Opener().Person(sealed, of.Subject, of.Programme)
	require.NoError(t, err)
	want := inventedPerson
	want.Account, want.Bank = "6230596699999999993", "农业银行"
	require.Equal(t, want, person)
	tags, err := key.Tagger().Payee(&want)
	require.NoError(t, err)
	require.Equal(t, tags, of.Payee)
}

// Each detail is corrected alone, and the ledger is told which has no tag; an empty text takes it away.
func TestEachDetailIsCorrectedAlone(t *testing.T) {
	key := samplePersonsKey(t)
	before, err := key.Tagger().Payee(&inventedPerson)
	require.NoError(t, err)
	for _, c := range []struct {
		body     string
		corrects roll.Corrects
		moves    relief.LineCode
		want     func(*Person)
	}{
		{`"phone":" 13900000000 "`, roll.Corrects{Phone: true}, "", func(p *Person) { p.Phone = "13900000000" }},
		{`"phone":""`, roll.Corrects{Phone: true}, "", func(p *Person) { p.Phone = "" }},
		{`"household_no":"H-77"`, roll.Corrects{HouseholdNo: true}, "", func(p *Person) { p.HouseholdNo = "H-77" }},
		{`"bank":"农业银行二支行"`, roll.Corrects{Bank: true}, "", func(p *Person) { p.Bank = "农业银行二支行" }},
		{`"name":"孟骅"`, roll.Corrects{}, relief.LineNameDiffers, func(p *Person) { p.Name = "孟骅" }},
		{`"account":"6230596699999999993"`, roll.Corrects{Bank: true}, relief.LineAccountDiffers, func(p *Person) { p.Account, p.Bank = "6230596699999999993", "" }},
		{`"reason":"x"`, roll.Corrects{}, "", func(*Person) {}},
	} {
		change, of, err := ReadPayeeChange([]byte(`{"programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","evidence_sha256":"00",` + c.body + `}`))
		require.NoError(t, err, c.body)
		sealed, err := key.SealPayeeChange(&change, &of, inventedPerson, roll.Payee{}, false)
		require.NoError(t, err, c.body)
		person, err := key.Opener().Person(sealed, of.Subject, of.Programme)
		require.NoError(t, err)
		want := inventedPerson
		c.want(&want)
		require.Equal(t, want, person, c.body)
		require.Equal(t, c.corrects, of.Corrects, c.body)
		require.Equal(t, c.moves, before.Differs(of.Payee), c.body)
	}
}

func FuzzPayeeChange(f *testing.F) {
	f.Add([]byte(sampleChange))
	f.Add([]byte(`{"account":"6.23E+18","name":"\u200b"}`))
	key := samplePersonsKey(f)
	f.Fuzz(func(t *testing.T, document []byte) {
		change, of, err := ReadPayeeChange(document)
		if err == nil {
			_, err = key.SealPayeeChange(&change, &of, inventedPerson, roll.Payee{}, true)
		}
		var refused *relief.Error
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("a refusal without a code: %v", err)
		}
	})
}
