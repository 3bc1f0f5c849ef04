package roll

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/internal/form"
	"relieftrail/chaincode/relief/programme"
	"relieftrail/chaincode/relief/wire"
)

// ImportState is the state of a proposed import.
type ImportState string

// The states of a proposed import.
const (
	ImportProposed  ImportState = "proposed"
	ImportConfirmed ImportState = "confirmed"
	ImportRefused   ImportState = "refused"
	ImportWithdrawn ImportState = "withdrawn"
)

// actRefuseImport is the confirmer's refusal in the transition table.
const actRefuseImport relief.Act = relief.ActRollConfirmImport + " (refuse)"

// ImportTransitions is the life cycle of a proposed import: two officials put people on the roll, never one.
var ImportTransitions = []relief.Transition[ImportState]{
	{From: ImportProposed, Act: relief.ActRollConfirmImport, To: ImportConfirmed, Why: "another official has seen what is new, changed and missing"},
	{From: ImportProposed, Act: actRefuseImport, To: ImportRefused, Why: "another official does not agree"},
	{From: ImportProposed, Act: relief.ActRollWithdrawImport, To: ImportWithdrawn, Why: "the file was wrong"},
	{From: ImportConfirmed, Act: relief.ActRollImport, To: ImportConfirmed, Why: "a chunk of the confirmed import is carried out, once"},
	{From: ImportConfirmed, Act: relief.ActRollWithdrawImport, To: ImportWithdrawn, Why: "the chunks that were not carried out yet stay out"},
}

// MaxImportChunks bounds the chunks of one import.
const MaxImportChunks = 1000

// ImportChunk is one chunk of a proposed import, by the SHA-256 of what travels in the transient map.
type ImportChunk struct {
	SHA256  string     `json:"sha256"` // of ChunkSHA256
	Count   int        `json:"count"`  // lines
	Sum     relief.Fen `json:"sum"`    // the monthly amounts of all lines
	New     int        `json:"new"`    // lines whose person was not in force on the roll
	Changed int        `json:"changed"`
}

// ImportChunkRecord is a chunk on the ledger. Result is there once the chunk was carried out.
type ImportChunkRecord struct {
	ImportChunk
	Result *wire.ChunkResult `json:"result,omitempty"`
	Tx     string            `json:"tx,omitempty"` // that carried it out
}

// ImportDiffers counts what the proposer saw when the file was compared with the roll. Missing are people in force on
// the roll who are not in the file; an import leaves them there. Refused are lines of the file that the chunks do not
// have.
type ImportDiffers struct {
	New     int `json:"new"`
	Changed int `json:"changed"`
	Same    int `json:"same"`
	Missing int `json:"missing"`
	Refused int `json:"refused"`
}

// ImportTerms is what is proposed.
type ImportTerms struct {
	ID        relief.ImportID    `json:"id"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	From      relief.Period      `json:"from"` // the first period of entitlement of new people, and of changed terms
	Chunks    []ImportChunk      `json:"chunks"`
	// Rate is the digest of the rate by which a programme that takes its people from other rolls pays the month From.
	Rate string `json:"rate,omitempty"`
	ImportDiffers
}

// ImportProposal is a proposed import. Its chunks have records of their own.
type ImportProposal struct {
	ID        relief.ImportID    `json:"id"`
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	From      relief.Period      `json:"from"`
	Chunks    int                `json:"chunks"`
	Count     int                `json:"count"` // lines of all chunks
	Sum       relief.Fen         `json:"sum"`   // the monthly amounts of all lines
	Rate      string             `json:"rate,omitempty"`
	ImportDiffers
	Digest string                `json:"digest"` // of ImportTerms
	State  ImportState           `json:"state"`
	Reason string                `json:"reason,omitempty"` // of a refusal
	Acts   []relief.HistoryEntry `json:"acts"`
}

// ImportDecision is the word of the one who confirms: on which proposal, by its digest.
type ImportDecision struct {
	Digest string `json:"digest"`
	Agree  bool   `json:"agree"`
	Reason string `json:"reason,omitempty"` // of a refusal
}

// ChunkSHA256 names a chunk: SHA-256 over a text of the format, and the lines and the private details as they are in
// the transient map, each after its length (8 bytes, big-endian).
func ChunkSHA256(lines, details []byte) string {
	h := sha256.New()
	h.Write([]byte("relieftrail/import-chunk/v1\x00"))
	var length [8]byte
	for _, b := range [][]byte{lines, details} {
		binary.BigEndian.PutUint64(length[:], uint64(len(b)))
		h.Write(length[:])
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Digest is what the one who confirms names: SHA-256 over the terms and all chunks.
func (t *ImportTerms) Digest() string {
	b := []byte("relieftrail/import/v1\x00")
	for _, text := range []string{string(t.ID), string(t.Programme), string(t.County), t.From.String(), t.Rate} {
		b = append(append(b, text...), 0)
	}
	number := func(n int) { b = binary.BigEndian.AppendUint64(b, uint64(n)) } //nolint:gosec // never negative: check
	for _, n := range []int{t.New, t.Changed, t.Same, t.Missing, t.Refused, len(t.Chunks)} {
		number(n)
	}
	for i := range t.Chunks {
		c := &t.Chunks[i]
		b = append(b, c.SHA256...)
		for _, n := range []int{c.Count, int(c.Sum), c.New, c.Changed} {
			number(n)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// ChunkOf states a chunk of an import from its lines and their private details, as AppendRoll and AppendDetails encode
// them.
func ChunkOf(entries []Input, lines, details []byte) ImportChunk {
	c := countChunk(entries)
	c.SHA256 = ChunkSHA256(lines, details)
	return c
}

func countChunk(entries []Input) (c ImportChunk) {
	for i := range entries {
		c.Count++
		c.Sum += entries[i].Amount
		switch entries[i].Seen {
		case SeenNew:
			c.New++
		case SeenChanged:
			c.Changed++
		case SeenSame:
		}
	}
	return c
}

// CheckLines refuses, with TOTALS, lines that are not as many, or not of the sum, as the proposal said of the chunk.
func (c *ImportChunk) CheckLines(entries []Input) error {
	counted := countChunk(entries)
	if counted.SHA256 = c.SHA256; counted != *c {
		return relief.Errorf(relief.CodeTotals,
			"the chunk has %d lines of %s, %d new and %d changed, and was proposed with %d of %s, %d and %d",
			counted.Count, counted.Sum, counted.New, counted.Changed, c.Count, c.Sum, c.New, c.Changed)
	}
	return nil
}

// MayImport refuses an import into a county's roll that the programme's version does not allow at the actor's time, or
// that lies outside the actor's region.
func MayImport(v *programme.Version, county relief.Region, from relief.Period, actor relief.Actor) error {
	switch {
	case county.County() != county || county == "":
		return relief.FieldErrorf("county", "a county has six digits")
	case !v.Region.Covers(county):
		return &relief.Error{Code: relief.CodeRegion, Field: "county",
			Detail: "the county lies outside the programme's region " + string(v.Region)}
	case v.FromRolls():
		if from.Before(v.Starts) {
			return relief.FieldErrorf("from", "the programme's version starts with %s", v.Starts)
		}
	case v.ImportUntil == "":
		return &relief.Error{Code: relief.CodeWrongState, Field: "import_until",
			Detail: "the programme names no last day for imports: only a decision puts a household on its roll, unless a new version names the day"}
	case relief.DefaultCalendar.Day(actor.At) > v.ImportUntil:
		return &relief.Error{Code: relief.CodeLate, Field: "import_until",
			Detail: "rolls could be imported until " + string(v.ImportUntil) + "; since then only a decision puts a household on the roll"}
	}
	if err := checkMonth("from", from); err != nil {
		return err
	}
	return relief.RequireRegion(actor.By, county)
}

// ProposeImport states an import. existing is the record with the id, nil for none. Another official confirms it
// before any chunk is carried out. changed is false when the same official has proposed the same already.
func ProposeImport(
	t ImportTerms, v *programme.Version, existing *ImportProposal, actor relief.Actor,
) (p ImportProposal, changed bool, err error) {
	count, sum, err := t.check()
	if err != nil {
		return p, false, err
	}
	digest := t.Digest()
	if existing != nil {
		by, _ := relief.LastBy(existing.Acts, relief.ActRollProposeImport)
		if relief.SameOfficial(by, actor.By) && existing.Digest == digest {
			return *existing, false, nil
		}
		return p, false, relief.Errorf(relief.CodeConflict, "import %s exists with other content", t.ID)
	}
	if err := MayImport(v, t.County, t.From, actor); err != nil {
		return p, false, err
	}
	return ImportProposal{
		ID: t.ID, Programme: t.Programme, County: t.County, From: t.From, Chunks: len(t.Chunks), Count: count, Sum: sum,
		Rate: t.Rate, ImportDiffers: t.ImportDiffers, Digest: digest, State: ImportProposed,
		Acts: []relief.HistoryEntry{actor.Entry(relief.ActRollProposeImport)},
	}, true, nil
}

// check refuses terms whose chunks and counts do not agree, and gives the lines and the sum of all chunks.
func (t *ImportTerms) check() (count int, sum relief.Fen, err error) {
	if _, err := relief.ParseImportID(string(t.ID)); err != nil {
		return 0, 0, err
	}
	if len(t.Chunks) < 1 || len(t.Chunks) > MaxImportChunks {
		return 0, 0, relief.FieldErrorf("chunks", "an import has 1 to %d chunks", MaxImportChunks)
	}
	var fresh, changed int
	names := make([]string, len(t.Chunks))
	for i := range t.Chunks {
		c := &t.Chunks[i]
		if err := c.check(); err != nil {
			return 0, 0, err
		}
		names[i] = c.SHA256
		count, fresh, changed = count+c.Count, fresh+c.New, changed+c.Changed
		if sum += c.Sum; sum > relief.MaxFen {
			return 0, 0, relief.FieldErrorf("sum", "the sum of an import is at most %s", relief.MaxFen)
		}
	}
	switch {
	case form.HasDuplicate(names):
		return 0, 0, relief.FieldErrorf("chunks", "a chunk is named twice")
	case t.New != fresh || t.Changed != changed || t.Same < count-fresh-changed:
		return 0, 0, relief.FieldErrorf("chunks",
			"the chunks have %d new lines, %d changed and %d the same", fresh, changed, count-fresh-changed)
	case !inBounds(t.Same) || !inBounds(t.Missing) || !inBounds(t.Refused):
		return 0, 0, relief.FieldErrorf("missing", "the counts of an import are 0 to %d", relief.MaxRollNumber)
	}
	return count, sum, nil
}

func inBounds(n int) bool { return n >= 0 && n <= relief.MaxRollNumber }

func (c *ImportChunk) check() error {
	switch {
	case !form.IsSHA256(c.SHA256):
		return relief.FieldErrorf("sha256", "a SHA-256 has 64 hexadecimal digits in small letters")
	case c.Count < 1 || c.Count > wire.MaxChunkLines:
		return relief.FieldErrorf("count", "a chunk has 1 to %d lines", wire.MaxChunkLines)
	case c.New < 0 || c.Changed < 0 || c.New+c.Changed > c.Count:
		return relief.FieldErrorf("new", "a chunk has no more new and changed lines than lines")
	case c.Sum < 0 || c.Sum > relief.MaxFen:
		return relief.FieldErrorf("sum", "a sum is 0.00 to %s", relief.MaxFen)
	}
	return nil
}

// ConfirmImport agrees to an import or refuses it, by another official than the one who proposed it. The official
// names the digest: what was seen is then what is imported.
func ConfirmImport(p ImportProposal, v *programme.Version, d ImportDecision, actor relief.Actor) (ImportProposal, bool, error) {
	act, done := relief.ActRollConfirmImport, ImportConfirmed
	if !d.Agree {
		act, done = actRefuseImport, ImportRefused
		if err := relief.CheckText("reason", d.Reason, 1, 200); err != nil {
			return p, false, err
		}
	} else if d.Reason != "" {
		return p, false, relief.FieldErrorf("reason", "only a refusal has a reason")
	}
	if err := relief.RequireRegion(actor.By, p.County); err != nil {
		return p, false, err
	}
	if d.Digest != p.Digest {
		return p, false, &relief.Error{Code: relief.CodeConflict, Field: "digest",
			Detail: "the import has another digest than the one that is confirmed: read it again"}
	}
	if p.State == done && p.Reason == d.Reason && actor.Repeats(p.Acts, relief.ActRollConfirmImport) {
		return p, false, nil
	}
	next, err := relief.Next(ImportTransitions, p.State, act)
	if err != nil {
		return p, false, err
	}
	if by, _ := relief.LastBy(p.Acts, relief.ActRollProposeImport); relief.SameOfficial(by, actor.By) {
		return p, false, relief.Errorf(relief.CodeSamePerson, "%s proposed the import: another official confirms it", by.Name)
	}
	if err := actor.Follows(p.Acts); err != nil {
		return p, false, err
	}
	if d.Agree {
		if err := MayImport(v, p.County, p.From, actor); err != nil {
			return p, false, err
		}
	}
	p.State, p.Reason = next, d.Reason
	p.Acts = append(p.Acts[:len(p.Acts):len(p.Acts)], actor.Entry(relief.ActRollConfirmImport))
	return p, true, nil
}

// WithdrawImport ends an import. Chunks that were carried out stay on the roll.
func WithdrawImport(p ImportProposal, actor relief.Actor) (ImportProposal, bool, error) {
	if err := relief.RequireRegion(actor.By, p.County); err != nil {
		return p, false, err
	}
	if p.State == ImportWithdrawn && actor.Repeats(p.Acts, relief.ActRollWithdrawImport) {
		return p, false, nil
	}
	next, err := relief.Next(ImportTransitions, p.State, relief.ActRollWithdrawImport)
	if err != nil {
		return p, false, err
	}
	if err := actor.Follows(p.Acts); err != nil {
		return p, false, err
	}
	p.State = next
	p.Acts = append(p.Acts[:len(p.Acts):len(p.Acts)], actor.Entry(relief.ActRollWithdrawImport))
	return p, true, nil
}

// MayCarry refuses a chunk of an import that was not confirmed, or that the actor or the programme does not allow any
// more.
func (p *ImportProposal) MayCarry(v *programme.Version, actor relief.Actor) error {
	if p.State != ImportConfirmed {
		return relief.Errorf(relief.CodeWrongState,
			"import %s is %s: another official confirms it before its chunks are carried out", p.ID, p.State)
	}
	return MayImport(v, p.County, p.From, actor)
}

// Again is the result of a chunk that was carried out before: nothing is written twice.
func (c *ImportChunkRecord) Again() wire.ChunkResult {
	return wire.ChunkResult{Unchanged: c.Result.Accepted + c.Result.Unchanged, Refused: c.Result.Refused}
}
