// SPDX-License-Identifier: Apache-2.0

package fakestub

import (
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/hyperledger/fabric-chaincode-go/v2/shim"
	"github.com/hyperledger/fabric-protos-go-apiv2/peer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var persons = Collection{Name: "persons", Members: []string{civil, finance}, MemberOnlyRead: true, MemberOnlyWrite: true}

var carol = NewIdentity(audit, "carol", map[string]string{"role": "auditor"})

func putPrivate(collection, key, value string) act {
	return func(s shim.ChaincodeStubInterface) ([]byte, error) {
		return nil, s.PutPrivateData(collection, key, []byte(value))
	}
}

func getPrivate(collection, key string) act {
	return func(s shim.ChaincodeStubInterface) ([]byte, error) { return s.GetPrivateData(collection, key) }
}

func TestPrivateIsolation(t *testing.T) {
	l := newLedger(Collections(persons))
	l.commit(t, putPrivate("persons", "p", "secret"))
	want := sha256.Sum256([]byte("secret"))
	key := sha256.Sum256([]byte("p"))

	assert.Equal(t, "secret", string(l.GetPrivate(civil, "persons", "p")))
	assert.Equal(t, "secret", string(l.GetPrivate(finance, "persons", "p")))
	assert.Nil(t, l.GetPrivate(audit, "persons", "p"))
	assert.Empty(t, l.PrivateHistory(audit, "persons", "p"))
	assert.Nil(t, l.GetPrivate("NobodyMSP", "persons", "p"))
	assert.Equal(t, want[:], l.GetPrivateHash("persons", "p"))
	block, _ := l.Block(1)
	assert.Equal(t, []CollectionHashes{{Collection: "persons", Writes: []HashWrite{{key[:], want[:], false, false}}}}, block.Txs[0].Private)

	get, absent := l.name(getPrivate("persons", "p")), l.name(getPrivate("persons", "absent"))
	hash := l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) { return s.GetPrivateDataHash("persons", "p") })
	list := l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
		keys, err := readKeys(s.GetPrivateDataByRange("persons", "", ""))
		return []byte(fmtKeys(keys)), err
	})
	many := l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
		values, err := s.GetMultiplePrivateData("persons", "p", "absent")
		if err != nil {
			return nil, err
		}
		return values[0], nil
	})
	cases := map[string]struct {
		org      string
		id       *Identity
		function string
		want     string
		err      string
	}{
		"member's peer and client":           {civil, alice, get, "secret", ""},
		"another member's peer":              {finance, alice, get, "secret", ""},
		"outsider's peer":                    {audit, alice, get, "", "private data matching public hash version is not available. Public hash version = {BlockNum: 1, TxNum: 0}, Private data version = <nil>"},
		"outsider's peer, no such key":       {audit, alice, absent, "", ""},
		"outsider as client":                 {civil, carol, get, "", "tx creator does not have read access permission on privatedata"},
		"hash on an outsider's peer":         {audit, carol, hash, string(want[:]), ""},
		"range on a member's peer":           {civil, alice, list, "p", ""},
		"range on an outsider's peer":        {audit, alice, list, "", ""},
		"range by an outsider":               {civil, carol, list, "", "tx creator does not have read access"},
		"several keys on a member's peer":    {civil, alice, many, "secret", ""},
		"several keys on an outsider's peer": {audit, alice, many, "", ""},
		"several keys by an outsider":        {civil, carol, many, "", "tx creator does not have read access"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := l.Evaluate(c.org, c.id, c.function, nil, nil)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, string(got))
		})
	}
	_, _, err := l.Submit(alice, get, nil, nil)
	var me *MismatchError
	require.ErrorAs(t, err, &me, "three endorsers, one of them outside, cannot all read it")
	_, err = l.try(carol, putPrivate("persons", "p", "x"))
	require.ErrorContains(t, err, "tx creator does not have write access permission on privatedata")
}

func fmtKeys(keys []string) string {
	out := ""
	for _, k := range keys {
		out += k
	}
	return out
}

func TestOpenCollectionsAndImplicitOnes(t *testing.T) {
	l := newLedger(Collections(Collection{Name: "open", Members: []string{civil}}))
	require.NoError(t, l.Commit(mustEndorse(t, l, carol, putPrivate("open", "k", "1")))[0].Err(), "anyone may write without MemberOnlyWrite")
	_, err := l.Evaluate(civil, carol, l.name(getPrivate("open", "k")), nil, nil)
	require.NoError(t, err, "anyone may read on a member's peer without MemberOnlyRead")
	l.commit(t, putPrivate("_implicit_org_AuditMSP", "k", "1"))
	assert.Equal(t, "1", string(l.GetPrivate(audit, "_implicit_org_AuditMSP", "k")))
	assert.Nil(t, l.GetPrivate(civil, "_implicit_org_AuditMSP", "k"))
}

func mustEndorse(t *testing.T, l *ledger, id *Identity, f act) *Proposal {
	t.Helper()
	p, err := l.try(id, f)
	require.NoError(t, err)
	return p
}

func TestUnknownCollection(t *testing.T) {
	l := newLedger()
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		_, get := s.GetPrivateData("none", "k")
		_, many := s.GetMultiplePrivateData("none", "k")
		_, byRange := s.GetPrivateDataByRange("none", "", "")
		_, byPrefix := s.GetPrivateDataByPartialCompositeKey("none", "c", nil)
		_, policy := s.GetPrivateDataValidationParameter("none", "k")
		for _, err := range []error{
			get, many, byRange, byPrefix, policy, s.PutPrivateData("none", "k", []byte("1")), s.DelPrivateData("none", "k"), s.PurgePrivateData("none", "k"),
		} {
			require.ErrorContains(t, err, "collection relief/relief/none could not be found")
		}
		_, err := s.GetPrivateDataHash("none", "k")
		require.ErrorContains(t, err, "collection [none] not defined")
		_, get = s.GetPrivateData("", "k")
		_, many = s.GetMultiplePrivateData("", "k")
		_, byRange = s.GetPrivateDataByRange("", "", "")
		_, byPrefix = s.GetPrivateDataByPartialCompositeKey("", "c", nil)
		_, hash := s.GetPrivateDataHash("", "k")
		_, rich := s.GetPrivateDataQueryResult("", "k")
		for _, err := range []error{
			get, many, byRange, byPrefix, hash, rich, s.PutPrivateData("", "k", []byte("1")), s.DelPrivateData("", "k"), s.PurgePrivateData("", "k"),
		} {
			require.EqualError(t, err, "collection must not be an empty string")
		}
		return nil, nil
	})
}

func TestPrivateDeleteAndPurge(t *testing.T) {
	l := newLedger(Collections(persons))
	for _, v := range []string{"one", "two"} {
		l.commit(t, putPrivate("persons", "p", v))
	}
	l.commit(t, putPrivate("persons", "q", "stays"))
	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) { return nil, s.DelPrivateData("persons", "p") })
	assert.Nil(t, l.GetPrivate(civil, "persons", "p"))
	assert.Nil(t, l.GetPrivateHash("persons", "p"))
	assert.Len(t, l.PrivateHistory(civil, "persons", "p"), 3, "a delete leaves the history")

	l.commit(t, func(s shim.ChaincodeStubInterface) ([]byte, error) { return nil, s.PurgePrivateData("persons", "p") })
	for _, org := range l.Orgs() {
		assert.Nil(t, l.GetPrivate(org, "persons", "p"))
		assert.Empty(t, l.PrivateHistory(org, "persons", "p"))
	}
	block, _ := l.Block(l.Height() - 1)
	w := block.Txs[0].Private[0].Writes[0]
	assert.True(t, w.IsPurge && w.IsDelete && w.ValueHash == nil)
	first, _ := l.Block(1)
	one := sha256.Sum256([]byte("one"))
	assert.Equal(t, one[:], first.Txs[0].Private[0].Writes[0].ValueHash, "the hash in the old block stays")
	assert.Equal(t, "stays", string(l.GetPrivate(finance, "persons", "q")))

	value, err := l.Evaluate(civil, alice, l.name(getPrivate("persons", "p")), nil, nil)
	require.NoError(t, err)
	assert.Nil(t, value)
	l.commit(t, putPrivate("persons", "p", "again"))
	assert.Len(t, l.PrivateHistory(civil, "persons", "p"), 1)
}

func TestPrivateConflicts(t *testing.T) {
	l := newLedger(Collections(persons))
	readHash := func(written string) act {
		return func(s shim.ChaincodeStubInterface) ([]byte, error) {
			_, err := s.GetPrivateDataHash("persons", "p")
			return nil, errors.Join(err, s.PutPrivateData("persons", written, []byte("1")))
		}
	}
	a, b, c := l.endorse(t, readHash("p")), l.endorse(t, readHash("p")), l.endorse(t, readHash("q"))
	assert.Equal(t, []peer.TxValidationCode{valid, mvcc, mvcc}, codes(l.Commit(a, b, c)))
	d := l.endorse(t, readHash("q"))
	l.commit(t, putPrivate("persons", "p", "2"))
	assert.Equal(t, []peer.TxValidationCode{mvcc}, codes(l.Commit(d)))
	assert.Nil(t, l.GetPrivate(civil, "persons", "q"))
}

func TestPrivateQueriesExcludeWrites(t *testing.T) {
	l := newLedger(Collections(persons))
	composite := "\x00card\x001\x00"
	l.commit(t, putPrivate("persons", composite, "1"))
	_, err := l.try(alice, func(s shim.ChaincodeStubInterface) ([]byte, error) {
		require.NoError(t, s.PutState("a", []byte("1")))
		_, err := s.GetPrivateDataByRange("persons", "", "")
		return nil, err
	})
	require.ErrorContains(t, err, "Queries on pvt data is supported only in a read-only transaction")
	_, err = l.Evaluate(civil, alice, l.name(func(s shim.ChaincodeStubInterface) ([]byte, error) {
		keys, err := readKeys(s.GetPrivateDataByPartialCompositeKey("persons", "card", nil))
		require.NoError(t, err)
		assert.Equal(t, []string{composite}, keys)
		keys, err = readKeys(s.GetPrivateDataByRange("persons", "", ""))
		require.NoError(t, err)
		assert.Empty(t, keys)
		_, err = s.GetPrivateDataByRange("persons", "\x00card", "")
		require.ErrorContains(t, err, "null character")
		return nil, s.PutState("a", []byte("1"))
	}), nil, nil)
	require.ErrorContains(t, err, "Transaction has already performed queries on pvt data. Writes are not allowed")
}
