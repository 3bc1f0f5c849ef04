package seal

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
)

// A document is sealed again to the same bytes at every gateway, under the key in use, and says what it said before.
func TestDocumentsAreSealedAgain(t *testing.T) {
	before, ref := samplePersonsKey(t), relief.SubjectRef{1}
	person, err := before.Seal(&inventedPerson, ref, "dibao")
	require.NoError(t, err)
	facts, err := before.SealFacts([]byte(`{"income":"1.00"}`), ref, "dibao")
	require.NoError(t, err)

	one, other := turnedKey(t).Opener(), turnedKey(t).Opener()
	again, err := one.PersonAgain(person, ref, "dibao")
	require.NoError(t, err)
	twice, err := other.PersonAgain(person, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, again, twice)
	require.Equal(t, uint8(2), SealedEpoch(again))
	read, err := one.Person(again, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, inventedPerson, read)

	again, err = one.FactsAgain(facts, ref, "dibao")
	require.NoError(t, err)
	twice, err = other.FactsAgain(facts, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, again, twice)
	clear, err := one.Facts(again, ref, "dibao")
	require.NoError(t, err)
	require.JSONEq(t, `{"income":"1.00"}`, string(clear))

	for _, bad := range [][]byte{nil, []byte("x"), facts, person[:20]} {
		_, err = one.PersonAgain(bad, ref, "dibao")
		require.Error(t, err)
	}
	_, err = one.PersonAgain(person, relief.SubjectRef{2}, "dibao")
	require.Error(t, err, "somebody else's")
	_, err = one.FactsAgain(facts, ref, "tekun")
	require.Error(t, err, "of another programme")
	_, err = before.Opener().PersonAgain(twice, ref, "dibao")
	require.Error(t, err, "no key")
}
