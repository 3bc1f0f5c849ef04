package rollimport

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"relieftrail/chaincode/relief"
	"relieftrail/chaincode/relief/roll"
)

// ErrNone is returned when nothing is kept of an import: it was decided and carried out, or proposed at another gateway.
var ErrNone = errors.New("nothing is kept of this import")

// ErrDamaged is returned when what is kept of an import is not what was proposed.
var ErrDamaged = errors.New("the stored chunks of this import are damaged")

// Import is what is kept of a proposed import beside the sealed details: it says nothing about a person.
type Import struct {
	ID        relief.ImportID    `json:"id"`
	Job       string             `json:"job"`       // that proposed it
	Principal string             `json:"principal"` // whose job it was
	Programme relief.ProgrammeID `json:"programme"`
	County    relief.Region      `json:"county"`
	From      relief.Period      `json:"from"`
	Rate      string             `json:"rate,omitempty"` // the digest of the month's, of a programme that takes its people from other rolls
	// SegmentSize is the programme's.
	SegmentSize uint32  `json:"segment_size"`
	Chunks      []Chunk `json:"chunks"`
	Summary
}

// Terms is what is proposed on the ledger.
func (d *Import) Terms() roll.ImportTerms {
	t := roll.ImportTerms{ID: d.ID, Programme: d.Programme, County: d.County, From: d.From, Rate: d.Rate, ImportDiffers: roll.ImportDiffers{
		New: d.New.Count, Changed: d.Changed.Count, Same: d.Unchanged.Count, Missing: d.Missing.Count, Refused: d.Refused.Count,
	}}
	for i := range d.Chunks {
		t.Chunks = append(t.Chunks, d.Chunks[i].ImportChunk)
	}
	return t
}

// The files of an import's folder, mode 0600. The document is written last: a folder without it is unfinished.
const (
	documentFile = "import.json"
	chunksFile   = "chunks"
	personsFile  = "persons"
)

func rowsFile(kind Kind) string { return string(kind) + ".ndjson" }

// Folders are the folders of all imports that are kept at this gateway.
type Folders struct{ Dir string }

// path is an import's folder. An id has no separator and does not begin with a dot.
func (f Folders) path(id string) string { return filepath.Join(f.Dir, filepath.Base(id)) }

// List gives the imports of which something is kept, also unfinished ones.
func (f Folders) List() ([]string, error) {
	entries, err := os.ReadDir(f.Dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.Name()
	}
	return ids, err
}

// Remove deletes what is kept of an import.
func (f Folders) Remove(id string) error { return os.RemoveAll(f.path(id)) }

// Load reads what is kept of an import; ErrNone when nothing is.
func (f Folders) Load(id string) (Import, error) {
	var doc Import
	b, err := os.ReadFile(filepath.Join(f.path(id), documentFile))
	if errors.Is(err, os.ErrNotExist) {
		return doc, ErrNone
	}
	if err != nil {
		return doc, err
	}
	if json.Unmarshal(b, &doc) != nil || string(doc.ID) != id {
		return doc, ErrDamaged
	}
	return doc, nil
}

// OfJob finds the import that a job has planned already; ErrNone when it has none.
func (f Folders) OfJob(job string) (Import, error) {
	ids, err := f.List()
	if err != nil {
		return Import{}, err
	}
	for _, id := range ids {
		doc, err := f.Load(id)
		if err == nil && doc.Job == job {
			return doc, nil
		}
	}
	return Import{}, ErrNone
}

// ReadChunk reads the bytes of a chunk: the roll's and the sealed details. ErrDamaged when they are not those whose hash
// was proposed.
func (f Folders) ReadChunk(id string, c *Chunk) (rollBytes, persons []byte, err error) {
	file, err := os.Open(filepath.Join(f.path(id), chunksFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, ErrNone
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	b := make([]byte, c.Roll+c.Persons)
	if _, err := file.ReadAt(b, c.Offset); errors.Is(err, io.EOF) {
		return nil, nil, ErrDamaged
	} else if err != nil {
		return nil, nil, err
	}
	rollBytes, persons = b[:c.Roll:c.Roll], b[c.Roll:]
	if roll.ChunkSHA256(rollBytes, persons) != c.SHA256 {
		return nil, nil, ErrDamaged
	}
	return rollBytes, persons, nil
}

// Check reads all chunks of an import, as ReadChunk does.
func (f Folders) Check(doc *Import) error {
	for i := range doc.Chunks {
		if _, _, err := f.ReadChunk(string(doc.ID), &doc.Chunks[i]); err != nil {
			return err
		}
	}
	return nil
}

// Rows reads at most limit lines of a kind from a place in their file on, 0 at first. next is where the following ones
// begin, 0 after the last.
func (f Folders) Rows(id string, kind Kind, from int64, limit int) (rows []Row, next int64, err error) {
	if !slices.Contains(Kinds, kind) {
		return nil, 0, fmt.Errorf("no lines of kind %q are kept", kind)
	}
	file, err := os.Open(filepath.Join(f.path(id), rowsFile(kind)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, ErrNone
	}
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = file.Close() }()
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return nil, 0, err
	}
	d := json.NewDecoder(bufio.NewReader(file))
	for len(rows) < limit {
		var r Row
		if err := d.Decode(&r); errors.Is(err, io.EOF) {
			return rows, 0, nil
		} else if err != nil {
			return nil, 0, ErrDamaged // or a place that no page gave
		}
		rows = append(rows, r)
	}
	if !d.More() {
		return rows, 0, nil
	}
	return rows, from + d.InputOffset(), nil
}

// Details reads the sealed details of lines, in the order of the spans; nil for those without any.
func (f Folders) Details(id string, spans []*Span) ([][]byte, error) {
	file, err := os.Open(filepath.Join(f.path(id), personsFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	details := make([][]byte, len(spans))
	for i, s := range spans {
		if s == nil {
			continue
		}
		details[i] = make([]byte, s.Length)
		if _, err := file.ReadAt(details[i], s.Offset); err != nil {
			return nil, err
		}
	}
	return details, nil
}
