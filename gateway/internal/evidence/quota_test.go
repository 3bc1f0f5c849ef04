package evidence

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUnrecordedFilesAreBounded(t *testing.T) {
	p := newPlace(t)
	p.options.Quota = Quota{Files: 3, Bytes: 100}
	upload := func(principal, key, content string) (string, error) {
		f, err := p.Put(t.Context(), "c1", Request{principal, key}, strings.NewReader(content), func(File) error { return nil })
		return f.SHA256, err
	}
	p.ledger.cases["c1"] = caseWith("c1")
	var hashes []string
	for i := range 3 {
		hash, err := upload("one", fmt.Sprint(i), "a paper")
		require.NoError(t, err)
		hashes = append(hashes, hash)
	}
	_, err := upload("one", "4", "a paper")
	require.ErrorIs(t, err, ErrQuota)
	_, err = upload("another", "1", "a paper")
	require.NoError(t, err, "each principal has their own")
	_, err = upload("another", "2", strings.Repeat("x", 94))
	require.ErrorIs(t, err, ErrQuota, "so many bytes")
	_, err = upload("another", "2", strings.Repeat("x", 93))
	require.NoError(t, err)

	p.ledger.cases["c1"] = caseWith("c1", hashes[0])
	_, err = upload("one", "4", "a paper")
	require.NoError(t, err, "what an act has recorded takes no room")
	require.True(t, p.has(t, hashes[0]), "and stays")
	_, err = upload("one", "5", "a paper")
	require.ErrorIs(t, err, ErrQuota)
}

// The last upload, sent again, is not one more.
func TestARepeatedUploadCountsOnce(t *testing.T) {
	p := newPlace(t)
	p.options.Quota = Quota{Files: 2, Bytes: 100}
	p.ledger.cases["c1"] = caseWith("c1")
	one := p.put(t, "c1", "k1", "a paper")
	for range 3 {
		require.Equal(t, one, p.put(t, "c1", "k1", "a paper"))
	}
	p.put(t, "c1", "k2", "a paper")
}
