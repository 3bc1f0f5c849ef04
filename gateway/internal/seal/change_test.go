package seal

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

const sampleChange = `{"programme":"dibao","subject":"1-aaaaaaaaaaaaaaaaaaaaaaaaaa","account":"6230 5966 9999 9999 993","bank":"农业银行",` +
	`"evidence_sha256":"00"}`

// A new payee takes the place of the present one, with what the office leaves out as it was.
func TestPayeeChangesAreSealed(t *testing.T) {
	key := samplePersonsKey(t)
	change, of, err := ReadPayeeChange([]byte(sampleChange))
	require.NoError(t, err)
	sealed, err := key.SealPayeeChange(&change, &of, inventedPerson, true)
	require.NoError(t, err)
	again, err := key.SealPayeeChange(&change, &of, inventedPerson, true)
	require.NoError(t, err)
	require.Equal(t, sealed, again, "a file that is sent again changes nothing")
	random, err := key.SealPayeeChange(&change, &of, inventedPerson, false)
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

func FuzzPayeeChange(f *testing.F) {
	f.Add([]byte(sampleChange))
	f.Add([]byte(`{"account":"6.23E+18","name":"\u200b"}`))
	key := samplePersonsKey(f)
	f.Fuzz(func(t *testing.T, document []byte) {
		change, of, err := ReadPayeeChange(document)
		if err == nil {
			_, err = key.SealPayeeChange(&change, &of, inventedPerson, true)
		}
		var refused *relief.Error
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("a refusal without a code: %v", err)
		}
	})
}
