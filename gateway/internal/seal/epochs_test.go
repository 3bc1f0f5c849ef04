package seal

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
	"relieftrail/gateway/internal/payee"
)

// turnedKey seals with epoch 2 and tags with epoch 2, and has the keys of epoch 1 that samplePersonsKey has.
func turnedKey(t testing.TB) *Key {
	earlier, err := payee.NewKey(1, bytes.Repeat([]byte{9}, payee.KeyBytes))
	require.NoError(t, err)
	tags, err := payee.NewKey(2, bytes.Repeat([]byte{19}, payee.KeyBytes))
	require.NoError(t, err)
	key, err := NewKey(2, bytes.Repeat([]byte{17}, 32), tags.With(earlier))
	require.NoError(t, err)
	require.NoError(t, key.Also(1, bytes.Repeat([]byte{7}, 32)))
	return key
}

// What an earlier key has sealed is opened, what is new is sealed with the key in use, and a gateway that does not have it yet says so.
func TestEveryEpochIsOpenedAndTheKeyInUseSeals(t *testing.T) {
	before, after, ref := samplePersonsKey(t), turnedKey(t), relief.SubjectRef{1}
	old, err := before.Seal(&inventedPerson, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, uint8(1), SealedEpoch(old))
	person, err := after.Opener().Person(old, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, inventedPerson, person)

	sealed, err := after.Seal(&person, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, uint8(2), SealedEpoch(sealed))
	person, err = after.Opener().Person(sealed, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, inventedPerson, person)
	_, err = before.Opener().Person(sealed, ref, "dibao")
	require.ErrorContains(t, err, "epoch 2, which this gateway does not have")
	require.Zero(t, SealedEpoch([]byte("nothing")))

	facts, err := before.SealFacts([]byte("{}"), ref, "dibao")
	require.NoError(t, err)
	clear, err := after.Opener().Facts(facts, ref, "dibao")
	require.NoError(t, err)
	require.Equal(t, "{}", string(clear))
}

// Tags of an earlier epoch are compared under its key; what stays the same keeps its tag.
func TestTagsOfEveryEpochAreCompared(t *testing.T) {
	before, after := samplePersonsKey(t).Tagger(), turnedKey(t).Tagger()
	was, err := before.Payee(&inventedPerson)
	require.NoError(t, err)
	is, err := after.Payee(&inventedPerson)
	require.NoError(t, err)
	require.NotEmpty(t, was.Differs(is), "tags of two epochs cannot be compared")
	like, err := after.Like(&inventedPerson, was)
	require.NoError(t, err)
	require.Equal(t, was, like)
	unknown, err := before.Like(&inventedPerson, is)
	require.NoError(t, err)
	require.Equal(t, relief.LineNameDiffers, is.Differs(unknown), "a key that is not here makes no tag")

	name, account, err := texts(&inventedPerson)
	require.NoError(t, err)
	require.Equal(t, []roll.Payee{is, was}, after.All(name, account))
	require.Equal(t, was, after.Keeping(name, account, was))
	other, err := payee.ParseAccount("account", "6230596699999999993")
	require.NoError(t, err)
	changed := after.Keeping(name, other, was)
	require.Equal(t, was.Name, changed.Name)
	require.Equal(t, uint8(2), changed.Account.Epoch())
}

// A phone number that changes leaves the tags of an earlier epoch as they are: nobody else is paid.
func TestAChangeOfOtherDetailsKeepsTheTags(t *testing.T) {
	was, err := samplePersonsKey(t).Tagger().Payee(&inventedPerson)
	require.NoError(t, err)
	key, phone := turnedKey(t), "13900000000"
	_, of, err := ReadPayeeChange([]byte(sampleChange))
	require.NoError(t, err)
	_, err = key.SealPayeeChange(&PayeeChange{Phone: &phone}, &of, inventedPerson, was, false)
	require.NoError(t, err)
	require.Equal(t, was, of.Payee)
	require.True(t, of.Corrects.Phone)
}

// A bill has a tag under each key, so that one that was granted before the key turned is not granted again.
func TestABillHasATagOfEveryEpoch(t *testing.T) {
	before, err := samplePersonsKey(t).BillTags("某某医院", "0012345")
	require.NoError(t, err)
	after, err := turnedKey(t).BillTags("某某医院", "0012345")
	require.NoError(t, err)
	require.Len(t, before, 1)
	require.Len(t, after, 2)
	require.Equal(t, uint8(2), after[0].Epoch())
	require.Equal(t, before[0], after[1])
}
