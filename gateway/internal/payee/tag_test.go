package payee_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/gateway/internal/payee"
)

func testKey(t testing.TB, epoch uint8, fill byte) payee.Key {
	k, err := payee.NewKey(epoch, bytes.Repeat([]byte{fill}, payee.KeyBytes))
	require.NoError(t, err)
	return k
}

func TestTagsAreMadeOfTheOneForm(t *testing.T) {
	k := testKey(t, 1, 7)
	name := func(s string) payee.Tag {
		n, err := payee.ParseName("name", s)
		require.NoError(t, err)
		return k.NameTag(n)
	}
	account := func(s string) payee.Tag {
		a, err := payee.ParseAccount("account", s)
		require.NoError(t, err)
		return k.AccountTag(a)
	}
	require.True(t, name("买买提·阿卜杜").Equal(name("买买提 ・ 阿卜杜")))
	require.True(t, name("张三").Equal(name("张　三")))
	require.False(t, name("张三").Equal(name("张叁")))
	require.True(t, account("6230599083016613184").Equal(account("６２３０ 5990-83016613184")))
	require.False(t, account("6230599083016613184").Equal(account("6230599083016613183")))

	mac := hmac.New(sha256.New, bytes.Repeat([]byte{7}, 32))
	mac.Write([]byte("relieftrail/account-tag/v1\x006230599083016613184"))
	tag := account("6230599083016613184")
	require.Equal(t, mac.Sum(nil)[:relief.TagBytes], tag[1:])
	require.Equal(t, uint8(1), tag.Epoch())
	mac.Reset()
	mac.Write([]byte("relieftrail/name-tag/v1\x00张三"))
	named := name("张三")
	require.Equal(t, mac.Sum(nil)[:relief.TagBytes], named[1:])
}

// What is on the ledger stays: these tags were written once and must never change.
func TestTagsStay(t *testing.T) {
	k := testKey(t, 3, 9)
	a, err := payee.ParseAccount("account", "6230599083016613184")
	require.NoError(t, err)
	n, err := payee.ParseName("name", "张三")
	require.NoError(t, err)
	require.Equal(t, goldenAccountTag, k.AccountTag(a).String())
	require.Equal(t, goldenNameTag, k.NameTag(n).String())
	many := k.Tagger()
	for range 2 {
		require.Equal(t, goldenAccountTag, many.AccountTag(a).String())
		require.Equal(t, goldenNameTag, many.NameTag(n).String())
	}
}

func TestTagsOfOtherKeysAndEpochsDiffer(t *testing.T) {
	a, err := payee.ParseAccount("account", "6230599083016613184")
	require.NoError(t, err)
	one := testKey(t, 1, 7).AccountTag(a)
	require.False(t, one.Equal(testKey(t, 2, 7).AccountTag(a)))
	require.False(t, one.Equal(testKey(t, 1, 8).AccountTag(a)))
	require.True(t, one.Equal(testKey(t, 1, 7).AccountTag(a)))
	none := testKey(t, 1, 7).AccountTag(payee.Account{})
	require.True(t, none.IsZero())
	require.False(t, none.Equal(payee.Tag{}), "nothing is not the same as nothing")
	require.True(t, testKey(t, 1, 7).NameTag(payee.Name{}).IsZero())
}

func TestKeysAreWholeAndDoNotPrint(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33} {
		_, err := payee.NewKey(1, make([]byte, n))
		require.Error(t, err)
	}
	_, err := payee.NewKey(0, make([]byte, 32))
	require.Error(t, err)
	k := testKey(t, 1, 7)
	require.Equal(t, uint8(1), k.Epoch())
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "key", k)
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %d %x", k, k, &k, k, k), logged.String()} {
		require.NotContains(t, s, "7, 7")
		require.NotContains(t, s, "7 7")
		require.NotContains(t, s, "0707")
	}
}

// Computed by another program (Python's hmac and base64) under a key of 32 bytes 09.
const (
	goldenAccountTag = "3-rkgoe5lhspdojayyur7v2hvp7i"
	goldenNameTag    = "3-jsoktlns4fkoundiws4u4kixfy"
)
