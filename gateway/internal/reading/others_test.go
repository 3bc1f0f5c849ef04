package reading

import (
	"crypto/ed25519"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestACopyOfAnotherRecord(t *testing.T) {
	civil, audit := newWorld(t, filepath.Join(t.TempDir(), "readings.db")), newWorld(t, filepath.Join(t.TempDir(), "readings.db"))
	for n := range byte(5) {
		_, err := civil.Read(access, person(n))
		require.NoError(t, err)
	}
	head, err := civil.Head()
	require.NoError(t, err)
	_, _, err = audit.ListOf("CivilAffairsMSP", Query{}, 0, 10)
	require.ErrorIs(t, err, ErrNoCopy)
	for {
		at, err := audit.CopyHead("CivilAffairsMSP")
		require.NoError(t, err)
		stored, err := civil.Stored(at.Count+1, 2)
		require.NoError(t, err)
		if len(stored) == 0 {
			require.Equal(t, head, at)
			break
		}
		require.NoError(t, audit.Copy("CivilAffairsMSP", stored))
	}
	require.NoError(t, audit.CheckCopy("CivilAffairsMSP", map[uint64]string{5: head.Hash}))
	page, _, err := audit.ListOf("CivilAffairsMSP", Query{Subject: person(3).String()}, 0, 10)
	require.NoError(t, err)
	require.Len(t, page, 1)
	require.Empty(t, audit.Alerts())

	rewritten := newWorld(t, filepath.Join(t.TempDir(), "readings.db"))
	for n := range byte(6) {
		_, err := rewritten.Read(access, person(n+1))
		require.NoError(t, err)
	}
	stored, err := rewritten.Stored(6, 10)
	require.NoError(t, err)
	require.ErrorIs(t, audit.Copy("CivilAffairsMSP", stored), ErrBroken)
	require.Len(t, audit.Alerts(), 1)
	require.NoError(t, audit.Copy("CivilAffairsMSP", nil))
	require.Empty(t, audit.Alerts())
	require.ErrorIs(t, audit.CheckCopy("CivilAffairsMSP", map[uint64]string{5: noHash}), ErrBroken)
	require.ErrorIs(t, audit.CheckCopy("CivilAffairsMSP", map[uint64]string{7: head.Hash}), ErrBroken)
	require.Error(t, audit.Copy("../x", nil))
}

func TestARecordIsForWhoSigns(t *testing.T) {
	public, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	now := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	request := func() *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://civil.example"+StoredPath+"?from=7", http.NoBody)
		require.NoError(t, err)
		Sign(r, "CivilAffairsMSP", "AuditMSP", 7, now, key)
		return r
	}
	keys := []ed25519.PublicKey{nil, public}
	require.Equal(t, "AuditMSP", Asker(request()))
	require.NoError(t, Verify(request(), "CivilAffairsMSP", 7, now.Add(time.Minute), keys))
	for name, err := range map[string]error{
		"of another agency": Verify(request(), "FinanceMSP", 7, now, keys),
		"from elsewhere":    Verify(request(), "CivilAffairsMSP", 8, now, keys),
		"old":               Verify(request(), "CivilAffairsMSP", 7, now.Add(time.Hour), keys),
		"other keys":        Verify(request(), "CivilAffairsMSP", 7, now, keys[:1]),
	} {
		require.ErrorIs(t, err, ErrUnsigned, name)
	}
	r := request()
	r.Header.Set(headerSignature, "?")
	require.ErrorIs(t, Verify(r, "CivilAffairsMSP", 7, now, keys), ErrUnsigned)
	require.ErrorIs(t, Verify(&http.Request{}, "CivilAffairsMSP", 7, now, keys), ErrUnsigned)
}
