package roll

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/wire"
)

func importer1() relief.Actor { return importActor("preparer", "530181") }

func importActor(name string, region relief.Region) relief.Actor {
	return relief.Actor{By: relief.Official{Agency: "CivilAffairsMSP", ID: name, Name: name, Region: region}, At: time.Date(2026, 10, 20, 2, 0, 0, 0, time.UTC), Tx: "tx"}
}

func importVersion() *programme.Version {
	v := &programme.Version{ID: "dibao", Version: 1, Region: "53", Cycle: programme.CycleMonthly}
	v.ImportUntil = "2026-12-31"
	return v
}

func importTerms() ImportTerms {
	return ImportTerms{
		ID: "i1", Programme: "dibao", County: "530181", From: monthOf(2026, 1),
		Chunks: []ImportChunk{
			{SHA256: strings.Repeat("a", 64), Count: 4000, Sum: 100, New: 4000}, {SHA256: strings.Repeat("b", 64), Count: 3, Sum: 50, New: 1, Changed: 1},
		},
		ImportDiffers: ImportDiffers{New: 4001, Changed: 1, Same: 2, Missing: 7, Refused: 3},
	}
}

// An import is proposed by one official and confirmed by another, who names the digest.
func TestImportByTwo(t *testing.T) {
	v, terms := importVersion(), importTerms()
	p, changed, err := ProposeImport(terms, v, nil, importer1())
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, []any{ImportProposed, 4003, relief.Fen(150), 2}, []any{p.State, p.Count, p.Sum, p.Chunks})
	again, changed, err := ProposeImport(terms, v, &p, importer1())
	require.NoError(t, err)
	require.False(t, changed)
	require.Equal(t, p, again)
	_, _, err = ProposeImport(terms, v, &p, importActor("another", "530181"))
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeConflict})
	require.ErrorIs(t, p.MayCarry(v, importer1()), &relief.Error{Code: relief.CodeWrongState})

	agree := ImportDecision{Digest: p.Digest, Agree: true}
	other := importActor("approver", "530181")
	for code, try := range map[relief.Code]struct {
		d  ImportDecision
		by relief.Actor
	}{
		relief.CodeSamePerson: {agree, importer1()}, relief.CodeRegion: {agree, importActor("approver", "530129")},
		relief.CodeConflict: {ImportDecision{Digest: strings.Repeat("0", 64), Agree: true}, other},
		relief.CodeInvalid:  {ImportDecision{Digest: p.Digest}, other},
	} {
		_, _, err := ConfirmImport(p, v, try.d, try.by)
		require.ErrorIs(t, err, &relief.Error{Code: code})
	}
	confirmed, changed, err := ConfirmImport(p, v, agree, other)
	require.NoError(t, err)
	require.True(t, changed)
	require.NoError(t, confirmed.MayCarry(v, other))
	_, changed, err = ConfirmImport(confirmed, v, agree, other)
	require.NoError(t, err)
	require.False(t, changed)

	withdrawn, _, err := WithdrawImport(confirmed, importer1())
	require.NoError(t, err)
	require.ErrorIs(t, withdrawn.MayCarry(v, other), &relief.Error{Code: relief.CodeWrongState})
	_, changed, err = WithdrawImport(withdrawn, importer1())
	require.NoError(t, err)
	require.False(t, changed)

	refused, _, err := ConfirmImport(p, v, ImportDecision{Digest: p.Digest, Reason: "the card of line 2"}, other)
	require.NoError(t, err)
	require.Equal(t, ImportRefused, refused.State)
	_, _, err = ConfirmImport(refused, v, agree, other)
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeWrongState})
}

func TestImportTermsAreChecked(t *testing.T) {
	for field, change := range map[string]func(*ImportTerms, *programme.Version){
		"chunks":  func(t *ImportTerms, _ *programme.Version) { t.New++ },
		"sha256":  func(t *ImportTerms, _ *programme.Version) { t.Chunks[0].SHA256 = strings.Repeat("A", 64) },
		"count":   func(t *ImportTerms, _ *programme.Version) { t.Chunks[0].Count = wire.MaxChunkLines + 1 },
		"new":     func(t *ImportTerms, _ *programme.Version) { t.Chunks[1].Changed = 3 },
		"sum":     func(t *ImportTerms, _ *programme.Version) { t.Chunks[0].Sum = relief.MaxFen },
		"missing": func(t *ImportTerms, _ *programme.Version) { t.Missing = -1 },
		"from":    func(t *ImportTerms, _ *programme.Version) { t.From = relief.QuarterOf(2026 * 12) },
		"county":  func(t *ImportTerms, _ *programme.Version) { t.County = "5301" },
		"import":  func(t *ImportTerms, _ *programme.Version) { t.ID = "Import" },
	} {
		v, terms := importVersion(), importTerms()
		change(&terms, v)
		_, _, err := ProposeImport(terms, v, nil, importer1())
		refused := relief.ParseError(err.Error())
		require.Equal(t, []any{relief.CodeInvalid, field}, []any{refused.Code, refused.Field}, "%v", err)
	}
	v := importVersion()
	for day, code := range map[relief.Day]relief.Code{"": relief.CodeWrongState, "2026-10-19": relief.CodeLate} {
		v.ImportUntil = day
		_, _, err := ProposeImport(importTerms(), v, nil, importer1())
		require.ErrorIs(t, err, &relief.Error{Code: code})
	}
	many := importTerms()
	many.Chunks = make([]ImportChunk, MaxImportChunks+1)
	_, _, err := ProposeImport(many, importVersion(), nil, importer1())
	require.ErrorIs(t, err, &relief.Error{Code: relief.CodeInvalid})
}

// The digest changes with everything that the one who confirms sees.
func TestImportDigest(t *testing.T) {
	terms := importTerms()
	digest := terms.Digest()
	for _, change := range []func(*ImportTerms){
		func(t *ImportTerms) { t.ID = "i2" }, func(t *ImportTerms) { t.Programme = "tekun" }, func(t *ImportTerms) { t.County = "530129" },
		func(t *ImportTerms) { t.From = monthOf(2026, 2) }, func(t *ImportTerms) { t.Missing++ }, func(t *ImportTerms) { t.Refused++ },
		func(t *ImportTerms) { t.Same++ }, func(t *ImportTerms) { t.Chunks[1].Sum++ }, func(t *ImportTerms) { t.Chunks = t.Chunks[:1] },
	} {
		other := importTerms()
		change(&other)
		require.NotEqual(t, digest, other.Digest())
	}
}

// A chunk's name covers where its lines end and its details begin.
func TestChunkSHA256(t *testing.T) {
	require.NotEqual(t, ChunkSHA256([]byte("ab"), []byte("c")), ChunkSHA256([]byte("a"), []byte("bc")))
	entries := []Input{one(), one()}
	entries[1].Seen = SeenChanged
	c := ChunkOf(entries, []byte("a"), []byte("b"))
	require.Equal(t, ImportChunk{SHA256: ChunkSHA256([]byte("a"), []byte("b")), Count: 2, Sum: 192000, New: 1, Changed: 1}, c)
	require.NoError(t, c.CheckLines(entries))
	require.ErrorIs(t, c.CheckLines(entries[:1]), &relief.Error{Code: relief.CodeTotals})
}
