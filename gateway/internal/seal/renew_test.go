package seal

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// Details that are sealed again are the same details, under the keys in use.
func TestDetailsAreSealedAgainAsTheyAre(t *testing.T) {
	key := turnedKey(t)
	was, err := samplePersonsKey(t).Tagger().Payee(&inventedPerson)
	require.NoError(t, err)
	_, of, err := ReadPayeeChange([]byte(sampleChange))
	require.NoError(t, err)
	sealed, err := key.SealPayeeChange(&PayeeChange{Renew: true}, &of, inventedPerson, was, true)
	require.NoError(t, err)
	require.Equal(t, uint8(2), SealedEpoch(sealed))
	require.Equal(t, roll.Corrects{Seal: true}, of.Corrects)
	require.Equal(t, uint8(2), of.Payee.Name.Epoch())
	require.Equal(t, uint8(2), of.Payee.Account.Epoch())
	person, err := key.Opener().Person(sealed, of.Subject, of.Programme)
	require.NoError(t, err)
	require.Equal(t, inventedPerson, person)

	phone := "13900000000"
	_, err = key.SealPayeeChange(&PayeeChange{Renew: true, Phone: &phone}, &of, inventedPerson, was, true)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
}
