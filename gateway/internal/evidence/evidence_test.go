package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/casework"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/gateway/internal/index"
	"relieftrail/gateway/internal/objectstore"
)

// ledger answers in the place of the index.
type ledger struct {
	cases  map[string]casework.Case
	height uint64
}

func (l *ledger) Record(_ context.Context, kind, name string) (json.RawMessage, error) {
	c, ok := l.cases[name]
	if !ok {
		return nil, relief.Errorf(relief.CodeNotFound, "no %s", kind)
	}
	return json.Marshal(c)
}

func (l *ledger) Height() uint64 { return l.height }

type place struct {
	*Desk
	ledger *ledger
	store  *objectstore.Folder
	dir    string
	path   string
	now    time.Time
	peer   uint64
}

func newPlace(t testing.TB) *place {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(key.String()), 0o600))
	p := &place{
		ledger: &ledger{cases: map[string]casework.Case{}, height: 5}, dir: t.TempDir(), path: filepath.Join(t.TempDir(), "evidence.db"),
		now: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC), peer: 5,
	}
	p.store, err = objectstore.OpenFolder(p.dir, file)
	require.NoError(t, err)
	p.open(t)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func (p *place) open(t testing.TB) {
	t.Helper()
	var err error
	p.Desk, err = Open(Options{
		Objects: p.store, Index: p.ledger, Height: func(context.Context) (uint64, error) { return p.peer, nil }, Key: bytes.Repeat([]byte{7}, 32),
		Path: p.path, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return p.now },
	})
	require.NoError(t, err)
}

func (p *place) put(t *testing.T, id relief.CaseID, key, content string) string {
	t.Helper()
	f, err := p.Put(t.Context(), id, Request{"official", key}, strings.NewReader(content), func(File) error { return nil })
	require.NoError(t, err)
	require.Equal(t, int64(len(content)), f.Bytes)
	return f.SHA256
}

func (p *place) has(t *testing.T, hash string) bool {
	t.Helper()
	_, err := p.store.Stat(t.Context(), hash)
	if errors.Is(err, objectstore.ErrNotFound) {
		return false
	}
	require.NoError(t, err)
	return true
}

func caseWith(id relief.CaseID, hashes ...string) casework.Case {
	c := casework.Case{ID: id, Programme: "dibao", Region: "530181", Members: []relief.SubjectRef{{1}}}
	for _, h := range hashes {
		c.Evidence = append(c.Evidence, casework.Evidence{EvidenceTerms: casework.EvidenceTerms{Kind: programme.EvidenceDocument, Region: "530181", SHA256: h}})
	}
	return c
}

func TestFilesOfACase(t *testing.T) {
	p := newPlace(t)
	one := p.put(t, "c1", "k1", "a paper")
	require.Equal(t, one, p.put(t, "c1", "k1", "a paper"), "the same request")
	require.NotEqual(t, one, p.put(t, "c1", "k2", "a paper"))
	require.NotEqual(t, one, p.put(t, "c2", "k1", "a paper"))
	r, err := p.Open(t.Context(), "c1", one)
	require.NoError(t, err)
	var got strings.Builder
	n, err := r.WriteTo(&got)
	require.NoError(t, err)
	require.Equal(t, "a paper", got.String())
	require.Equal(t, r.Bytes, n)
	require.NoError(t, r.Close())
	_, err = p.Open(t.Context(), "c2", one)
	require.ErrorIs(t, err, ErrOfAnotherCase)
	other, err := p.store.Put(t.Context(), strings.NewReader("short"), nil)
	require.NoError(t, err)
	_, err = p.Open(t.Context(), "c1", other.Hash)
	require.ErrorIs(t, err, ErrOfAnotherCase, "not a file of evidence at all")

	refused := errors.New("the key was used")
	_, err = p.Put(t.Context(), "c1", Request{Key: "k3"}, strings.NewReader("x"), func(File) error { return refused })
	require.ErrorIs(t, err, refused)
	rows, err := p.uploads(func(*uploaded) bool { return true })
	require.NoError(t, err)
	require.Len(t, rows, 3, "what was refused left nothing")
}

// What changes between the two readings is not given whole.
func TestChangedWhileItIsSent(t *testing.T) {
	p := newPlace(t)
	content := strings.Repeat("an invented film ", 20_000)
	hash := p.put(t, "c1", "k1", content)
	path := filepath.Join(p.dir, hash[:2], hash+".age")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, change := range map[string]func() error{
		"cut":         func() error { return os.Truncate(path, int64(len(good)-5)) },
		"middle":      func() error { return flip(path, len(good)/2) },
		"last byte":   func() error { return flip(path, len(good)-1) },
		"another one": func() error { return p.another(t.Context(), path, content) },
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(path, good, 0o600))
			r, err := p.Open(t.Context(), "c1", hash)
			require.NoError(t, err)
			require.NoError(t, change())
			if name == "another one" { // by its name, after it was checked
				require.NoError(t, r.Close())
				r.r, err = p.unsalted(t.Context(), "c1", hash)
				require.NoError(t, err)
			}
			var got bytes.Buffer
			_, err = r.WriteTo(&got)
			require.ErrorIs(t, err, objectstore.ErrChanged)
			require.Less(t, int64(got.Len()), r.Bytes)
			require.NoError(t, r.Close())
		})
	}
}

// another puts an object with the right salt, length and key, and another last byte, in the place of a file.
func (p *place) another(ctx context.Context, path, content string) error {
	salt := p.salt("c1", []string{"official", "k1"})
	info, err := p.store.Put(ctx, io.MultiReader(bytes.NewReader(salt), strings.NewReader(content[:len(content)-1]+"!")), nil)
	if err != nil {
		return err
	}
	return os.Rename(filepath.Join(p.dir, info.Hash[:2], info.Hash+".age"), path)
}

func flip(path string, at int) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[at] ^= 1
	return os.WriteFile(path, b, 0o600)
}

func TestErasedFilesGo(t *testing.T) {
	p := newPlace(t)
	recorded, waiting := p.put(t, "c1", "k1", "one"), p.put(t, "c1", "k2", "two")
	changed, strange := p.put(t, "c1", "k3", "three"), p.put(t, "c2", "k1", "of somebody else")
	require.NoError(t, os.WriteFile(filepath.Join(p.dir, changed[:2], changed+".age"), []byte("not an object"), 0o600))
	never := fmt.Sprintf("%064d", 1)
	erasure := index.Erasure{TxPos: 10, Cases: []casework.Case{caseWith("c1", recorded, changed, strange, never)}}

	require.NoError(t, p.Erase(t.Context(), &erasure))
	for _, hash := range []string{recorded, waiting, changed} {
		require.False(t, p.has(t, hash))
	}
	require.True(t, p.has(t, strange), "its hash is in the erased case, and it was uploaded for another one")
	rows, err := p.uploads(func(*uploaded) bool { return true })
	require.NoError(t, err)
	require.NotContains(t, rows, waiting)

	require.NoError(t, p.Erase(t.Context(), &erasure), "done again without harm")
}

func TestUploadsThatNobodyRecordsGo(t *testing.T) {
	p := newPlace(t)
	recorded, forgotten := p.put(t, "c1", "k1", "one"), p.put(t, "c1", "k2", "two")
	unknown := p.put(t, "c9", "k1", "three")
	p.ledger.cases["c1"] = caseWith("c1", recorded)
	all := func() []string {
		rows, err := p.uploads(func(*uploaded) bool { return true })
		require.NoError(t, err)
		var hashes []string
		for h := range rows {
			hashes = append(hashes, h)
		}
		return hashes
	}
	require.NoError(t, p.Sweep(t.Context()))
	require.Len(t, all(), 3, "not yet")
	p.now = p.now.Add(8 * 24 * time.Hour)
	p.peer = 6
	require.NoError(t, p.Sweep(t.Context()))
	require.Len(t, all(), 3, "the index is behind the peer: what is recorded is not known")
	p.ledger.height = 6
	require.NoError(t, p.Sweep(t.Context()))
	require.True(t, p.has(t, recorded))
	require.False(t, p.has(t, forgotten))
	require.True(t, p.has(t, unknown), "the index does not have its case yet")
	require.Equal(t, []string{unknown}, all())
}
